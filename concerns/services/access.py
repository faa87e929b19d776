"""Reading the ledger is itself in the ledger; and each day its newest seal leaves the house (R144)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.selectors import holders_of
from accounts.vocabulary import Role
from audit.selectors import is_sealing_late, seal_to_keep
from audit.services import record
from concerns import events, permissions
from concerns.notifications import LEDGER_NOT_SEALED, LEDGER_SEALED
from concerns.selectors.access import Wanted
from safeguarding.kit import outbox
from safeguarding.kit.errors import Unsound


@transaction.atomic
def record_access_view(*, wanted: Wanted, by: User, at: datetime) -> None:
    """`by` looked at who came near `wanted`; with a concern, it stands on that concern's own report too."""
    concern = wanted.concern
    record(
        events.ACCESS_VIEWED,
        by=by,
        at=at,
        subject=concern,
        concern_id=concern.pk if concern else None,
        ref=concern.ref if concern else "",
        **wanted.labels(),
    )


@transaction.atomic
def export_access(*, wanted: Wanted, reason: str, by: User, at: datetime) -> int:
    """`by` takes the report out as a file. The number of the event that tells of it: the file holds what stands before.

    Raises NotAllowed, and Unsound without a reason.
    """
    permissions.check_can_export_ledger(by)
    if not reason.strip():
        raise Unsound("Say what the file is for.", {"reason": ["Say what the file is for"]})
    concern = wanted.concern
    event = record(
        events.ACCESS_EXPORTED,
        by=by,
        at=at,
        subject=concern,
        concern_id=concern.pk if concern else None,
        ref=concern.ref if concern else "",
        reason=reason,
        **wanted.labels(),
    )
    return event.pk


@transaction.atomic
def mail_newest_seal(*, at: datetime) -> None:
    """Each auditor has today's mail with the newest seal, once a day whenever this runs (London's days).

    Whoever keeps these mails can show that nobody rewrote the ledger up to there, not even with the database's
    password. Before the first seal there is nothing to send, and none is sent that nothing may be built on: whoever
    keeps it would take what somebody forged for the end of the chain.
    """
    seal = seal_to_keep(at=at)
    if seal is None:
        return
    for auditor in holders_of(Role.AUDITOR):
        outbox.queue(
            LEDGER_SEALED,
            to=auditor.pk,
            about=seal.number,
            reference=f"Seal {seal.number}",
            path=reverse("concerns:list-access"),
            key=f"ledger.sealed:{timezone.localdate(at).isoformat()}:{auditor.pk}",
            at=at,
        )


@transaction.atomic
def tell_sealing_is_late(*, at: datetime) -> None:
    """Whoever watches the ledger hears, once a day, that it is not being sealed; nothing while it is.

    Where the worker itself has stopped no mail goes out: that shows at `/healthz/ledger` and on their first page.
    """
    if not is_sealing_late(at=at):
        return
    for person in holders_of(Role.AUDITOR, Role.IG_LEAD, Role.ADMINISTRATOR):
        outbox.queue(
            LEDGER_NOT_SEALED,
            to=person.pk,
            about=person.pk,
            reference="Ledger",
            path=reverse("concerns:show-home"),
            key=f"ledger.not_sealed:{timezone.localdate(at).isoformat()}:{person.pk}",
            at=at,
        )
