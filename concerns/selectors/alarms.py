"""What is so grave that it stands on top of the first pages of those who can act (I16, domain.md 2.3)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from accounts.models import User
from accounts.selectors import standing
from concerns.models import Alarm, Conflict
from concerns.permissions import LEAD_LEVEL
from concerns.vocabulary import AlarmKind


@dataclass(frozen=True)
class Banner:
    """One line of the banner. `href` is "" for a reader who may know of the concern but not read it."""

    text: str
    ref: str = ""
    href: str = ""


_WORDS = {
    AlarmKind.NO_LEAD: (
        "Nobody at lead level is at work: no safeguarding lead, no deputy, no operational lead. Until somebody is, "
        "nobody can decide what only a lead decides. Ask somebody to step in now."
    ),
    AlarmKind.NO_LEAD_HERE: (
        "Nobody at lead level who is at work may act on this concern. Ask somebody without a part in it to step in."
    ),
    AlarmKind.EXHAUSTED: (
        "Nobody else on the ladder was free to take this concern. Make sure that whoever holds it is at work on it."
    ),
}


def banners_for(reader: User) -> tuple[Banner, ...]:
    """Every alarm that is on, for a reader at lead level or above; nothing about a concern that is closed to them.

    One statement, whatever there is; none for everybody else.
    """
    who = standing(reader)
    if not who.has(*LEAD_LEVEL):
        return ()
    denied = Conflict.objects.filter(concern=OuterRef("concern"), staff=reader, lifted_at__isnull=True)
    alarms = Alarm.objects.filter(~Exists(denied), ended_at__isnull=True).select_related("concern")
    reads = who.is_lead or who.is_operational_lead
    return tuple(_banner(alarm, reader, reads=reads) for alarm in alarms)


def _banner(alarm: Alarm, reader: User, *, reads: bool) -> Banner:
    words, concern = _WORDS[AlarmKind(alarm.kind)], alarm.concern
    if concern is None:
        return Banner(words)
    may_read = reads or concern.responsible_id == reader.pk
    return Banner(words, concern.ref, concern.get_absolute_url() if may_read else "")
