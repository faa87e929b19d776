"""Reads for somebody who is raising a concern: their own drafts, and the staff whom they may have to name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import User
from accounts.selectors import service_area_of, standing
from concerns.models import Draft
from concerns.references import folded
from concerns.vocabulary import Implicated

MOST_FOUND = 20
MOST_UNSENT = 50


def drafts_of(user: User) -> QuerySet[Draft]:
    """The drafts that `user` has neither sent nor thrown away, the last touched first. Nobody else sees them."""
    return Draft.objects.filter(owner=user, sent_as__isnull=True, discarded_at__isnull=True).order_by("-saved_at")


def find_draft(key: str, user: User) -> Draft:
    """The draft of `user` under `key`, sent or not. Raises Draft.DoesNotExist, also for a stranger's."""
    return Draft.objects.select_related("sent_as").get(key=key, owner=user, discarded_at__isnull=True)


@dataclass(frozen=True)
class StaffMember:
    """A person who works for or with us, as shown to somebody who must name them: `label` has job and team."""

    id: int
    name: str
    label: str


def find_staff(words: str, *, chosen: Collection[int], user: User) -> tuple[StaffMember, ...]:
    """The `chosen` first, then up to MOST_FOUND active people whose name, job, firm or team holds all `words`.

    `user` is never among them. Case and accents make no difference. Empty `words` find nobody.
    """
    wanted = folded(words).split()
    picked, found = [], []
    for person in User.objects.filter(is_active=True).exclude(pk=user.pk).select_related("service_area"):
        team = person.service_area.name if person.service_area else ""
        parts = [person.full_name, person.job_title, person.firm, team]
        member = StaffMember(person.pk, person.full_name, ", ".join(part for part in parts if part))
        text = folded(member.label)
        if person.pk in chosen:
            picked.append(member)
        elif wanted and all(word in text for word in wanted):
            found.append(member)
    return (*picked, *found[:MOST_FOUND])


def unsent_drafts() -> QuerySet[Draft]:
    """Drafts with at least one answered page that were neither sent nor thrown away, of people who are here."""
    rows = Draft.objects.filter(sent_as__isnull=True, discarded_at__isnull=True, owner__is_active=True)
    return rows.exclude(answers={}).select_related("owner__service_area", "owner__line_manager__service_area")


def named_in(draft: Draft) -> frozenset[int] | None:
    """Ids of the staff whom the draft names so far; None when it may be about staff and nobody is named yet.

    Its words are never read: only the answers to the questions about staff, so that nobody named is told of it.
    """
    ids: set[int] = set()
    may_be_staff = False
    for page in draft.answers.values():
        # Answers are kept as they came, also what no form would take.
        ids |= {int(value) for value in page.get("staff_ids", []) if str(value).isdecimal() and len(value) < 19}
        if Implicated.MANAGER in page.get("implicated", []) and draft.owner.line_manager_id is not None:
            ids.add(draft.owner.line_manager_id)
        may_be_staff = may_be_staff or any(value != Implicated.NO for value in page.get("implicated", []))
    return None if may_be_staff and not ids else frozenset(ids)


@dataclass(frozen=True)
class UnsentDraft:
    """That somebody began a report and has not sent it: who and when, and nothing of what it says (D1)."""

    owner: str
    started_at: datetime


def unsent_drafts_for(reader: User) -> tuple[UnsentDraft, ...]:
    """The unsent drafts that `reader` was told of as a champion of the owner's area, or as a lead."""
    who = standing(reader)
    found = []
    if not (who.is_lead or who.champion_area_ids):
        return ()
    for draft in unsent_drafts().filter(champions_told_at__isnull=False).order_by("started_at", "pk").iterator():
        named, area = named_in(draft), service_area_of(draft.owner)
        is_for_champion = named is not None and not named and area is not None and area.pk in who.champion_area_ids
        if draft.owner_id != reader.pk and reader.pk not in (named or ()) and (who.is_lead or is_for_champion):
            found.append(UnsentDraft(draft.owner.full_name, draft.started_at))
        # Counted here, so that one which is kept from them takes no place among those they see.
        if len(found) == MOST_UNSENT:
            break
    return tuple(found)
