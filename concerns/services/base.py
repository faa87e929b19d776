"""What every service of this app does first and last."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.urls import reverse

from accounts.models import User
from audit.services import record
from audit.vocabulary import EventKind
from concerns.models import Concern, Note
from concerns.selectors.two_people import survivor_of
from concerns.vocabulary import NoteKind, State
from safeguarding.kit import outbox
from safeguarding.kit.errors import ChangedMeanwhile

Row = TypeVar("Row", bound=Model)

# So often is a concern locked anew that is joined or taken apart each time while we wait.
_MOST_TRIES = 5


def lock(concern_id: int, *, seen_version: int | None = None) -> Concern:
    """The concern, locked until the end of the transaction.

    With `seen_version`, raises ChangedMeanwhile when somebody changed it after that version was read.
    """
    concern = Concern.objects.select_for_update(of=("self",)).get(pk=concern_id)
    check_seen(concern, seen_version)
    return concern


def check_seen(concern: Concern, seen_version: int | None) -> None:
    """Raises ChangedMeanwhile when somebody changed the locked concern after `seen_version` of it was read."""
    if seen_version is not None and concern.version != seen_version:
        raise ChangedMeanwhile(
            "Somebody else changed this concern after you opened the page: it now says "
            f"“{State(concern.state).label.lower()}”. Your words are still here. Read what is new, then send again."
        )


def lock_with_survivor(concern_id: int) -> tuple[Concern, Concern]:
    """The concern and the one that holds its duties (itself, or where it ended by being joined), both locked.

    Always in the same order: no two who need both can block each other. When it was joined or taken apart while we
    waited, what was locked is let go and locked anew. Raises ChangedMeanwhile when that happens again and again.
    """
    for _ in range(_MOST_TRIES):
        before = transaction.savepoint()
        survivor = survivor_of(Concern.objects.get(pk=concern_id))
        locked = {pk: lock(pk) for pk in sorted({concern_id, survivor.pk})}
        survivor = survivor_of(locked[concern_id])
        if survivor.pk in locked:
            transaction.savepoint_commit(before)
            return locked[concern_id], locked[survivor.pk]
        transaction.savepoint_rollback(before)
    raise ChangedMeanwhile(
        "Somebody joined this concern to another while you sent this. Your words are still here. Send them again."
    )


def key_of(form_key: str, **said: object) -> str:
    """Names what one form makes, by the key that it carries and by what it says; "" for what no form sent.

    So a form that is sent twice makes one row, and one that is sent again with other words, after Back for instance,
    makes another: nobody's words are lost (R147).
    """
    if not form_key:
        return ""
    words = json.dumps([form_key, said], sort_keys=True, default=str)
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def sent_before(own: QuerySet[Row], concern: Concern, key: str) -> Row | None:
    """What the same form made when it was sent before, by its `key_of`; `own` are the rows of whoever sends it, on
    whatever concern.

    Called with the concern locked, so that a form sent twice at once finds what it made the first time.
    """
    return own.filter(concern=concern, form_key=key).first() if key else None


def save(concern: Concern, *fields: str) -> None:
    """Write `fields` and count the change."""
    concern.version += 1
    concern.save(update_fields=[*fields, "version"])


def log(
    kind: EventKind,
    concern: Concern,
    *,
    by: User | None,
    at: datetime,
    reason: str = "",
    keeps: Sequence[Model] = (),
    **data: str | int | bool | None,
) -> None:
    """Write one event about `concern` into the ledger; `keeps` are rows that were written with it once and for all."""
    record(
        kind,
        by=by,
        at=at,
        subject=concern,
        concern_id=concern.pk,
        ref=concern.ref,
        reason=reason,
        keeps=keeps,
        **data,
    )


def tell(
    kind: outbox.MessageKind,
    concern: Concern,
    *,
    to: int,
    key: str,
    at: datetime,
    about: int | None = None,
    is_reporter: bool = False,
) -> None:
    """Queue one message about `concern`; the reporter's link leads to their receipt, everybody else's to the case."""
    path = reverse(
        "concerns:show-receipt" if is_reporter else "concerns:show-concern",
        args=[concern.ref],
    )
    outbox.queue(
        kind,
        to=to,
        about=about or concern.pk,
        reference=concern.ref,
        path=path,
        key=key,
        at=at,
    )


def keep_reason(concern: Concern, what: str, words: str, *, by: User, at: datetime) -> Note:
    """The reason that `by` gave stands on the concern for the next person; the ledger has its digest only."""
    return Note.objects.create(
        concern=concern, kind=NoteKind.REASON, text=f"{what}: {words}", author=by, author_title=by.job_title,
        written_at=at,
    )  # fmt: skip
