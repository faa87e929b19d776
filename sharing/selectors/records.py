"""What was decided, shared and corrected, as lists and as the panel on a concern."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from accounts.selectors import holders_of, standing
from audit import kept
from audit.models import Event
from concerns.models import Concern
from concerns.models import Person as PersonRow
from concerns.models.joined import with_joined
from concerns.permissions import LEAD_LEVEL
from concerns.selectors.names import protected_reporters
from concerns.vocabulary import UNBORN_CHILD
from sharing import events
from sharing.content import statements
from sharing.models import (
    Correction,
    Decision,
    Disclosure,
    Export,
    FollowUp,
    Referral,
    SignedRecord,
    SignedRecordQuerySet,
)
from sharing.no_names import squeezed
from sharing.reading import Around
from sharing.record import digest
from sharing.selectors.finding import LIVE
from sharing.vocabulary import (
    Choice,
)

PAGE = 25


def decisions_of(concern: Concern) -> QuerySet[Decision]:
    """Live decisions of a concern, newest first."""
    return (
        Decision.objects.filter(LIVE, concern=concern)
        .select_related("signed", "signed__second_view", "signed__signed_by", "author")
        .order_by("-opened_at", "-pk")
    )


def signing_of(signed: SignedRecord) -> Event | None:
    """The event that tells of the signing of `signed`; None when it is gone."""
    return Event.objects.filter(
        concern_id=signed.concern_id,
        code=events.DECISION_SIGNED.code,
        subject_type=signed._meta.label_lower,
        subject_id=signed.pk,
    ).first()


def is_as_signed(signed: SignedRecord, signing: Event | None) -> bool:
    """Whether `signed`, as it was read and as it stands in the database, is what this event of its signing tells of,
    and the event fits its own digest."""
    if signing is None or not isinstance(signing.data, dict) or signing.content_digest() != signing.digest:
        return False
    is_read_well = digest(signed.canonical.encode()) == signed.digest == signing.data.get("record_digest")
    return is_read_well and not kept.altered([signing])


def versions_of(record: SignedRecord) -> QuerySet[SignedRecord]:
    """All signed versions of one decision, oldest first."""
    return (
        SignedRecord.objects.filter(ref=record.ref)
        .select_related("signed_by", "superseded", "second_view")
        .order_by("version")
    )


@dataclass(frozen=True)
class ConcernSharing:
    """What the concern page shows of sharing."""

    decisions: tuple[Decision, ...]
    referrals: tuple[Referral, ...]
    follow_ups: tuple[FollowUp, ...]


def sharing_of(concern: Concern) -> ConcernSharing:
    """Decisions, referrals and promised steps of a concern; for whoever may read it. Three statements."""
    return ConcernSharing(
        decisions=tuple(decisions_of(concern)),
        referrals=tuple(Referral.objects.filter(concern=concern).select_related("agency", "record")),
        follow_ups=tuple(FollowUp.objects.open().filter(record__concern=concern).select_related("record")),
    )


def around(record: SignedRecord) -> Around:
    """What is to be hidden when `record` is read out on paper: looked for in its words, never shown.

    Names of everybody in the concern whom the record does not name as at risk, and of a protected reporter; how to
    reach whoever has a caution about contact. Whoever a concern that was joined to it knows is hidden too.
    """
    return around_people(record.concern, record.document["record"]["people"])


def around_people(concern: Concern, listed: Iterable[Mapping[str, Any]]) -> Around:
    """The same for a record of `concern` that lists these people, signed or not."""
    at_risk = {each["key"] for each in listed if each["is_at_risk"]}
    ids = with_joined(concern.pk)
    people = PersonRow.objects.filter(involvements__concern__in=ids).distinct()
    # Not who has no name yet: every "child" in the record would be hidden with them.
    others = [person.name for person in people if person.ref not in at_risk and person.name not in ("", UNBORN_CHILD)]
    others += User.objects.filter(pk__in=protected_reporters(concern)).values_list("full_name", flat=True)
    # One report may hold the caution, another of the same person the number.
    cautioned = {
        (squeezed(person.name) or person.ref) for person in people if person.safe_contact or person.unsafe_contact
    }
    contacts = [
        words
        for person in people
        if (squeezed(person.name) or person.ref) in cautioned
        # An address is one way on however many lines: its town alone leads to nobody.
        for words in (person.safe_contact, person.unsafe_contact, person.phone, ", ".join(person.address.splitlines()))
        if words.strip()
    ]
    return Around(tuple(others), tuple(contacts))


def waiting_for_view_of(user: User, *, limit: int = 25) -> list[SignedRecord]:
    """Signed decisions that wait for a second view, in concerns that `user` reads, works above and did not report;
    oldest first. One statement; the page of each asks the whole permission again.
    """
    who = standing(user)
    if not (who.is_lead or who.is_operational_lead or who.is_champion or who.is_senior_manager):
        return []
    waiting = SignedRecord.objects.waiting_for_view().filter(concern__in=Concern.objects.visible_to(user))
    waiting = waiting.exclude(Q(signed_by=user) | Q(concern__responsible=user) | Q(concern__reporter=user))
    if not who.is_lead:
        waiting = waiting.exclude(second_is_lead=True)
    if not who.has(*LEAD_LEVEL):
        # t8: not what somebody of a higher rank decided not to share.
        above = holders_of(*LEAD_LEVEL).values("pk")
        waiting = waiting.exclude(choice=Choice.NOT_SHARE, signed_by__in=above)
    return list(waiting.select_related("concern").defer("canonical").order_by("signed_at", "pk")[:limit])


@dataclass(frozen=True)
class RecordPage:
    """One page of the list, newest first; `previous` and `next` name the places to go on from, "" at an end.

    A place is the record that stands there, by its own name ("SD-ABCD-EFGH/v1"); never by its number in the database,
    which would tell how many there are.
    """

    rows: tuple[SignedRecord, ...]
    previous: str
    next: str


def record_page(records: SignedRecordQuerySet, *, after: str, before: str) -> RecordPage:
    """A page of `records` by keyset: the work does not grow with the place in the list. Two statements at most.

    A place that is none, or none of `records`, shows the first page.
    """
    listed = records.select_related("concern", "decision", "signed_by", "service_area").defer("canonical")
    following, preceding = _at_place(records, after), _at_place(records, before)
    if preceding is not None:
        newer = Q(signed_at__gt=preceding[0]) | Q(signed_at=preceding[0], pk__gt=preceding[1])
        found = list(listed.filter(newer).order_by("signed_at", "pk")[: PAGE + 1])
        has_newer, has_older = len(found) > PAGE, True
        rows = tuple(reversed(found[:PAGE]))
    else:
        older = listed
        if following is not None:
            older = listed.filter(Q(signed_at__lt=following[0]) | Q(signed_at=following[0], pk__lt=following[1]))
        found = list(older.order_by("-signed_at", "-pk")[: PAGE + 1])
        has_newer, has_older = following is not None, len(found) > PAGE
        rows = tuple(found[:PAGE])
    if not rows:
        return RecordPage((), "", "")
    return RecordPage(rows, _place(rows[0]) if has_newer else "", _place(rows[-1]) if has_older else "")


def _place(record: SignedRecord) -> str:
    return f"{record.ref}/v{record.version}"


def _at_place(records: SignedRecordQuerySet, words: str) -> tuple[datetime, int] | None:
    ref, _, version = words.rpartition("/v")
    if not (ref and version.isascii() and version.isdigit() and len(version) < 6):
        return None
    return records.filter(ref=ref, version=int(version)).values_list("signed_at", "pk").first()


def exports_of(user: User) -> QuerySet[Export]:
    return Export.objects.filter(requested_by=user).order_by("-requested_at")


def not_made_for(export: Export) -> SignedRecordQuerySet:
    """Records that were asked for, that whoever asked may take out, and of which no PDF could be made."""
    asked_for = SignedRecord.objects.takeable_by(export.requested_by).filter(pk__in=export.record_ids)
    return asked_for.exclude(pk__in=export.copies.values("record")).order_by("ref", "version")


@dataclass(frozen=True)
class SharedItem:
    """Something that went out, in the words in which it went, and the referrals with which it went."""

    key: str
    words: str
    referrals: tuple[Referral, ...]

    @property
    def shortened(self) -> str:
        return self.words if len(self.words) <= 300 else f"{self.words[:300]}…"

    @property
    def recipients(self) -> str:
        return ", ".join(dict.fromkeys(referral.agency_name for referral in self.referrals))


def shared_items(concern: Concern) -> tuple[SharedItem, ...]:
    """All that went out about `concern`, read from the frozen copies: each statement once, with everybody who got it.

    What somebody said to an agency directly is one of them.
    """
    found: dict[str, dict[int, Referral]] = {}
    for disclosure in Disclosure.objects.filter(referral__concern=concern).select_related("referral"):
        for each in statements(json.loads(disclosure.content)):
            found.setdefault(each, {})[disclosure.referral_id] = disclosure.referral
    return tuple(
        SharedItem(hashlib.sha256(words.encode()).hexdigest()[:16], words, tuple(referrals.values()))
        for words, referrals in found.items()
    )


def corrections_of(concern: Concern) -> QuerySet[Correction]:
    """Corrections of what was shared about `concern`, each with the number of agencies still to be told."""
    still_to_tell = Count("notices", filter=Q(notices__told_at=None))
    return Correction.objects.filter(concern=concern).annotate(open_notices=still_to_tell)
