"""Reads for somebody who is raising a concern: their own drafts, and the staff whom they may have to name."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, Q, QuerySet, When

from accounts.models import User
from accounts.selectors import LEADS, champions_of, holders_of, service_area_of, standing
from accounts.vocabulary import Role
from concerns.models import Draft
from concerns.references import folded
from concerns.selectors.receipts import reported_by
from concerns.vocabulary import Implicated

MOST_FOUND = 20
MOST_UNSENT = 50
# Who hears of an unsent report when no lead may (D1).
LAST_TO_HEAR = (Role.DESIGNATED_SENIOR_MANAGER, Role.CHIEF_EXECUTIVE)


def drafts_of(user: User) -> QuerySet[Draft]:
    """The drafts that `user` has neither sent nor thrown away, the last touched first. Nobody else sees them."""
    return Draft.objects.filter(owner=user, sent_as__isnull=True, discarded_at__isnull=True).order_by("-saved_at")


def find_draft(key: str, user: User) -> Draft:
    """The draft of `user` under `key`, sent or not. Raises Draft.DoesNotExist, also for a stranger's, and for one that
    was sent as a concern in which they were named since (I3).
    """
    drafts = Draft.objects.select_related("sent_as").filter(owner=user, discarded_at__isnull=True)
    return drafts.get(Q(sent_as__isnull=True) | Q(sent_as__in=reported_by(user)), key=key)


@dataclass(frozen=True)
class StaffMember:
    """A person who works or worked for or with us, as shown to somebody who must name them: `label` has job and team.
    It does not say whose account is closed: that may be for an inquiry, which is nobody's business here.
    """

    id: int
    name: str
    label: str


def find_staff(words: str, *, chosen: Collection[int], user: User) -> tuple[StaffMember, ...]:
    """The `chosen` first, then up to MOST_FOUND people whose name, job, firm or team holds all `words`, those who have
    left after all the others.

    It is for naming whom something is about, never for choosing who acts: somebody suspended or gone is named as well,
    and the bar waits for them should they come back (R41, I3). `user` is never among them. Case and accents make no
    difference. Empty `words` find nobody.
    """
    wanted = folded(words).split()
    picked, found = [], []
    people = User.objects.exclude(pk=user.pk).select_related("service_area")
    for person in people.order_by("-is_active", "full_name", "pk"):
        team = person.service_area.name if person.service_area else ""
        label = ", ".join(part for part in (person.full_name, person.job_title, person.firm, team) if part)
        text = folded(label)
        member = StaffMember(person.pk, person.full_name, label)
        if person.pk in chosen:
            picked.append(member)
        elif wanted and all(word in text for word in wanted):
            found.append(member)
    return (*picked, *found[:MOST_FOUND])


def unsent_drafts() -> QuerySet[Draft]:
    """Drafts with at least one answered page that were neither sent nor thrown away, also of people who have left."""
    rows = Draft.objects.filter(sent_as__isnull=True, discarded_at__isnull=True)
    return rows.exclude(answers={}).select_related("owner__service_area", "owner__line_manager__service_area")


def named_in(draft: Draft) -> frozenset[int] | None:
    """Ids of the staff whom the draft names so far; None when nobody is named yet and it may be about staff, as it may
    be until its writer says that it is not.

    Its words are never read: only the answers to the questions about staff, so that nobody named is told of it.
    """
    ids: set[int] = set()
    answers: list[str] = []
    for page in draft.answers.values():
        # Answers are kept as they came, also what no form would take.
        ids |= {int(value) for value in page.get("staff_ids", []) if str(value).isdecimal() and len(value) < 19}
        if Implicated.MANAGER in page.get("implicated", []) and draft.owner.line_manager_id is not None:
            ids.add(draft.owner.line_manager_id)
        answers += page.get("implicated", [])
    is_about_no_staff = bool(answers) and all(value == Implicated.NO for value in answers)
    return frozenset(ids) if ids or is_about_no_staff else None


def people_to_tell(draft: Draft) -> list[User]:
    """Who is told that the draft exists (D1): the champions of its writer's area; where none of them may hear of it, or
    it may be about staff, the leads.
    """
    area = service_area_of(draft.owner)
    champions = champions_of(area) if area is not None and _is_for_champions(draft) else ()
    return _but_kept_out(champions, draft) or leads_to_tell(draft)


def leads_to_tell(draft: Draft) -> list[User]:
    """The leads who may hear of it; where there is none, who stands above them, so that always somebody knows."""
    return _but_kept_out(holders_of(*LEADS), draft) or _but_kept_out(holders_of(*LAST_TO_HEAR), draft)


def _but_kept_out(people: Iterable[User], draft: Draft) -> list[User]:
    out = _kept_out_of(draft)
    return [person for person in people if person.pk not in out]


def lead_ids() -> frozenset[int]:
    return frozenset(holders_of(*LEADS).values_list("pk", flat=True))


def may_know_of_draft(draft: Draft, reader: User, *, leads: frozenset[int]) -> bool:
    """Whether `reader` may know now that the draft exists (D1); `leads` are `lead_ids`, asked once for many drafts."""
    who, out = standing(reader), _kept_out_of(draft)
    if reader.pk in out or who.never_reads_cases:
        return False
    area = service_area_of(draft.owner)
    is_champion = area is not None and area.pk in who.champion_area_ids and _is_for_champions(draft)
    return who.is_lead or is_champion or (who.has(*LAST_TO_HEAR) and not leads - out)


def _is_for_champions(draft: Draft) -> bool:
    return named_in(draft) == frozenset()


def _kept_out_of(draft: Draft) -> frozenset[int | None]:
    """Its writer knows of it; the writer's own manager must not, whom it may be about (R43), nor whom it names (I3)."""
    return frozenset({*(named_in(draft) or ()), draft.owner_id, draft.owner.line_manager_id})


@dataclass(frozen=True)
class UnsentDraft:
    """That somebody began a report and has not sent it: who and when, and nothing of what it says (D1)."""

    owner: str
    started_at: datetime
    has_left: bool


def unsent_drafts_for(reader: User) -> tuple[UnsentDraft, ...]:
    """The unsent drafts that `reader` may know of, a working day old or of people who have left. Those come last, the
    newest first: they never end by themselves, and must not take the places of others.
    """
    who = standing(reader)
    found: list[UnsentDraft] = []
    if not (who.is_lead or who.champion_area_ids or who.has(*LAST_TO_HEAR)):
        return ()
    rows, leads = unsent_drafts().filter(champions_told_at__isnull=False), frozenset[int]()
    for draft in rows.order_by(
        "-owner__is_active", Case(When(owner__is_active=True, then="started_at")), "-started_at", "pk"
    ).iterator():
        leads = leads or lead_ids()
        if may_know_of_draft(draft, reader, leads=leads):
            found.append(UnsentDraft(draft.owner.full_name, draft.started_at, not draft.owner.is_active))
        # Counted here, so that one which is kept from them takes no place among those they see.
        if len(found) == MOST_UNSENT:
            break
    return tuple(found)
