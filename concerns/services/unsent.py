"""D1: a report that somebody began and did not send. A reminder to them, then word to the champions; each once. When
they leave before they have sent it, the leads hear of that.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.urls import reverse

from concerns import notifications
from concerns.limits import Code
from concerns.selectors.drafts import leads_to_tell, people_to_tell, unsent_drafts
from concerns.selectors.limits import limits_in_force
from safeguarding.kit.outbox import queue
from safeguarding.kit.working_time import end_of_working_day

# A message has a reference; a draft has none that anybody but its owner may know.
REFERENCE = "not sent yet"


def remind_of_drafts(*, at: datetime) -> int:
    """Handle every unsent draft that is due at `at`; how many messages were queued for the first time."""
    limit = timedelta(hours=limits_in_force().value(Code.DRAFT))
    done = 0
    quiet = unsent_drafts().filter(reminded_at__isnull=True, saved_at__lte=at - limit, owner__is_active=True)
    for draft_id in quiet.values_list("pk", flat=True):
        done += _remind_owner(draft_id, at=at)
    # No working day ends sooner than the draft began, so only those are looked at whose day may be over.
    begun = unsent_drafts().filter(champions_told_at__isnull=True)
    for draft_id, started_at in begun.values_list("pk", "started_at"):
        if end_of_working_day(started_at) <= at:
            done += _tell_champions(draft_id, at=at)
    return done


@transaction.atomic
def _remind_owner(draft_id: int, *, at: datetime) -> int:
    draft = unsent_drafts().select_for_update(of=("self",)).filter(pk=draft_id, reminded_at__isnull=True).first()
    if draft is None:
        return 0
    draft.reminded_at = at
    draft.save(update_fields=["reminded_at"])
    queue(
        notifications.DRAFT_WAITS, to=draft.owner_id, about=draft.pk, reference=REFERENCE,
        path=reverse("concerns:carry-on-draft", args=[draft.key]), key=f"draft:{draft.pk}", at=at,
    )  # fmt: skip
    return 1


@transaction.atomic
def _tell_champions(draft_id: int, *, at: datetime) -> int:
    """Whoever is to be told hears that it exists: see `people_to_tell`."""
    draft = unsent_drafts().select_for_update(of=("self",)).filter(pk=draft_id, champions_told_at__isnull=True).first()
    if draft is None:
        return 0
    draft.champions_told_at = at
    draft.save(update_fields=["champions_told_at"])
    people = people_to_tell(draft)
    for person in people:
        queue(
            notifications.DRAFT_UNSENT, to=person.pk, about=draft.pk, reference=REFERENCE,
            path=reverse("concerns:list-late"), key=f"draft-unsent:{draft.pk}:{person.pk}", at=at,
        )  # fmt: skip
    return len(people)


def tell_of_left_drafts(person_id: int, *, at: datetime) -> None:
    """Nobody but `person_id`, who has just left, can send what they began: the leads hear that it exists, and it stays
    on their list (D1, R42). In the caller's transaction.
    """
    for draft in unsent_drafts().select_for_update(of=("self",)).filter(owner=person_id).order_by("pk"):
        if draft.champions_told_at is None:
            draft.champions_told_at = at
            draft.save(update_fields=["champions_told_at"])
        for person in leads_to_tell(draft):
            queue(
                notifications.DRAFT_LEFT, to=person.pk, about=draft.pk, reference=REFERENCE,
                path=reverse("concerns:list-late"), key=f"draft-left:{draft.pk}:{person.pk}:{at.isoformat()}", at=at,
            )  # fmt: skip
