"""Every write to the ledger."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Model

from audit import canonical, events, kept, seals, settling
from audit.models import Event, Seal
from audit.selectors import is_surely_forged, may_be_built_on, newest_seal
from audit.vocabulary import EventKind, all_kinds
from safeguarding.kit.errors import NotAllowed, Unsound

logger = logging.getLogger(__name__)

# Long enough for any code, label or digest; too short for a narrative.
_LONGEST_LABEL = 200


def record(
    kind: EventKind,
    *,
    by: Model | None,
    at: datetime,
    subject: Model | None = None,
    concern_id: int | None = None,
    ref: str = "",
    reason: str = "",
    keeps: Sequence[Model] = (),
    **data: str | int | bool | None,
) -> Event:
    """Write one event in the caller's transaction, so that the change and its event stand or fall together.

    `by` is the account that acts (None: the system), `at` an aware moment, `subject` the row it is about.
    Of `reason` only the SHA-256 digest is kept: the words belong to the record itself. So it is with `keeps`, rows that
    were written with it and never change (audit.kept): `verify_ledger` names the event when they do.
    Raises RuntimeError outside a transaction, Unsound when the kind needs a reason and has none, ValueError for an
    unregistered kind, for details that the kind does not name, and for anything too long to be a label.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An event is recorded in the transaction of the change that it tells of.")
    if all_kinds().get(kind.code) != kind:
        raise ValueError(f"The event kind {kind.code} is not registered.")
    if kind.needs_reason and not reason.strip():
        raise Unsound("Give a reason.", {"reason": ["Give a reason."]})
    return _write(
        at=at,
        code=kind.code,
        actor_id=by.pk if by is not None else None,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        concern_id=concern_id,
        ref=ref,
        reason_digest=canonical.digest_of_text(reason.strip()),
        data={**_labels(kind, data), **kept.vouch_for(keeps)},
    )


def record_about_each(
    kind: EventKind,
    *,
    by: Model | None,
    at: datetime,
    subject_type: str,
    concerns: Sequence[tuple[int, str]],
    opened: EventKind | None = None,
) -> None:
    """Write one event of `kind` for each concern (id, reference), all in one statement; as `record` otherwise.

    For what touches many at once, such as a search that shows fifty: each must stand on that concern's own report.
    Before them one of the kind `opened`, about none of them: that the list was opened which showed them.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An event is recorded in the transaction of the change that it tells of.")
    for each in filter(None, (opened, kind)):
        if all_kinds().get(each.code) != each or each.needs_reason:
            raise ValueError(f"The event kind {each.code} is not registered, or needs a reason.")
    actor_id = by.pk if by is not None else None
    rows = [] if opened is None else [Event(at=at, code=opened.code, actor_id=actor_id)]
    rows += [
        Event(
            at=at,
            code=kind.code,
            actor_id=actor_id,
            subject_type=subject_type,
            subject_id=concern_id,
            concern_id=concern_id,
            ref=ref,
        )
        for concern_id, ref in concerns
    ]
    for row in rows:
        row.digest = row.content_digest()
    if rows:
        settling.hold_open()
        Event.objects.bulk_create(rows)


def record_refusal(
    *,
    by: Model | None,
    at: datetime,
    act: str,
    why: str = NotAllowed.code,
    subject_type: str = "",
    subject_id: int | None = None,
    concern_id: int | None = None,
    ref: str = "",
) -> Event:
    """Write down that somebody was refused `act` (a code such as "concerns.close"), and what kind of refusal it was.

    In a transaction of its own, after the refused one has been rolled back: raises RuntimeError inside another.
    """
    with transaction.atomic(durable=True):
        return _write(
            at=at,
            code=events.ACT_REFUSED.code,
            actor_id=by.pk if by is not None else None,
            subject_type=subject_type,
            subject_id=subject_id,
            concern_id=concern_id,
            ref=ref,
            reason_digest="",
            data=_labels(events.ACT_REFUSED, {"act": act, "why": why}),
        )


def seal(*, at: datetime) -> int:
    """Seal every settled event that is not sealed yet; how many were sealed.

    0 also when a long transaction is still recording: the next run finds the events. Safe to run twice and in parallel.
    Nothing is built on a newest seal that is forged for sure or is of a time to come, and no event is sealed under an
    id that the database never gave out (what is recorded is sealed as ever): the log names it, `is_sealing_late` tells
    whoever watches, and what is taken out meanwhile says that it waits for its seal.
    """
    ids = settling.highest_ids()
    if ids.there > ids.drawn:
        logger.error("Event %d is forged, and is never sealed. Run manage.py verify_ledger.", ids.there)
    through = settling.settled_through()
    sealed = 0
    while through is not None and (count := _seal_next(through, at)):
        sealed += count
    return sealed


def _seal_next(through: int, at: datetime) -> int:
    with transaction.atomic():
        settling.wait_for_other_sealers()
        last = newest_seal()
        drawn = settling.highest_ids().drawn
        if last is not None and not may_be_built_on(last, at=at, drawn=drawn):
            ahead = f"of {last.at:%d %B %Y, %H:%M} UTC: forged, or a clock was wrong"
            why = "forged" if is_surely_forged(last, drawn=drawn) else ahead
            words = "Seal %d is %s. Nothing is sealed after it. Run manage.py verify_ledger."
            logger.error(words, last.number, why)
            return 0
        events_left = Event.objects.filter(id__gt=last.through_id if last else 0, id__lte=through).order_by("id")
        rows = events_left.values_list("id", "digest")[: seals.MOST_PER_SEAL]
        leaves = [seals.Leaf(*row) for row in rows]
        if not leaves:
            return 0
        new = Seal(
            number=last.number + 1 if last else 1,
            at=at,
            through_id=leaves[-1].event_id,
            leaves=[[leaf.event_id, leaf.digest] for leaf in leaves],
            root=seals.merkle_root(leaves),
            previous_digest=last.digest if last else seals.GENESIS,
        )
        new.digest = new.content_digest()
        new.save(force_insert=True)
        return len(leaves)


def _labels(kind: EventKind, data: dict[str, str | int | bool | None]) -> dict[str, str | int | bool | None]:
    """`data` as plain JSON values, once it is sure that it holds nothing but what the kind names."""
    unknown = sorted(data.keys() - kind.data)
    if unknown:
        raise ValueError(f"{kind.code} may not hold {', '.join(unknown)}.")
    plain: dict[str, str | int | bool | None] = {}
    for name, value in data.items():
        if isinstance(value, str):
            if len(value) > _LONGEST_LABEL:
                raise ValueError(f"{name} of {kind.code} is too long for a label.")
            plain[name] = str(value)  # a TextChoices member becomes its code
        elif value is None or isinstance(value, int):
            plain[name] = value
        else:
            raise ValueError(f"{name} of {kind.code} is neither text nor a whole number.")
    return plain


def _write(
    *,
    at: datetime,
    code: str,
    actor_id: int | None,
    subject_type: str,
    subject_id: int | None,
    concern_id: int | None,
    ref: str,
    reason_digest: str,
    data: Mapping[str, str | int | bool | None],
) -> Event:
    event = Event(
        at=at,
        code=code,
        actor_id=actor_id,
        subject_type=subject_type,
        subject_id=subject_id,
        concern_id=concern_id,
        ref=ref,
        reason_digest=reason_digest,
        data=dict(data),
    )
    event.digest = event.content_digest()
    settling.hold_open()
    event.save(force_insert=True)
    return event
