"""What every service of this app does first and last."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Model
from django.urls import reverse

from accounts.models import User
from audit.services import record as record_event
from audit.vocabulary import EventKind
from concerns.models import Concern
from safeguarding.kit import outbox


def log(
    kind: EventKind,
    concern: Concern,
    *,
    by: User | None,
    at: datetime,
    subject: Model,
    ref: str,
    reason: str = "",
    keeps: Sequence[Model] = (),
    **data: str | int | bool | None,
) -> None:
    """Write one event of this app into the ledger, on the timeline of `concern`. It vouches for the rows in `keeps`,
    which were written with it (`sharing.written_once`)."""
    record_event(
        kind, by=by, at=at, subject=subject, concern_id=concern.pk, ref=ref, reason=reason, keeps=keeps, **data
    )


def tell(kind: outbox.MessageKind, *, to: int, about: int, reference: str, path: str, key: str, at: datetime) -> None:
    """Queue one message: a reference and a link."""
    outbox.queue(kind, to=to, about=about, reference=reference, path=path, key=key, at=at)


def path_of_concern(concern: Concern) -> str:
    return reverse("concerns:show-concern", args=[concern.ref])
