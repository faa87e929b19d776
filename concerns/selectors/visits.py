"""What to do before a visit: a narrow reading of an address, apart from the case (domain.md 5, ADR 13)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from accounts.models import User
from accounts.selectors import LEADS, holders_of
from concerns import permissions
from concerns.models import Concern, Conflict, VisitWarning
from concerns.references import folded
from concerns.vocabulary import State, VisitAdvice

# Closed or in error: nothing is told because of it until it is opened again. A joined concern still tells.
UNTOLD_STATES = (State.CLOSED, State.VOID)
_APART = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class BeforeVisit:
    """All that anybody is told of an address. Neither a reason nor a reference, nor how many concerns there are."""

    in_pairs: bool
    speak_first: bool
    # Name and telephone number; empty where nobody of those named can be rung, then it is the duty line.
    speak_to: tuple[tuple[str, str], ...]


def place_key(words: str) -> str:
    """An address or property reference as it is compared: folded, and without commas and the like."""
    return " ".join(_APART.sub(" ", folded(words)).split())


def is_enough(key: str) -> bool:
    """Whether something typed can name one home: a property reference, or a number and a street."""
    return any(letter.isdigit() for letter in key) and len(key) >= 5


def standing_warning(concern: Concern) -> VisitWarning | None:
    """What visitors to the home are told because of `concern` now."""
    return VisitWarning.objects.filter(concern=concern, ended_at__isnull=True).select_related("speak_to").first()


def warnings_at(words: str) -> list[VisitWarning]:
    """The warnings that stand for the home that was typed: the same property, or one address within the other."""
    key = place_key(words)
    if not is_enough(key):
        return []
    rows = VisitWarning.objects.filter(ended_at__isnull=True).exclude(concern__state__in=UNTOLD_STATES)
    out = Conflict.objects.filter(concern=OuterRef("concern"), staff=OuterRef("speak_to"), lifted_at__isnull=True)
    rows = rows.annotate(is_speaker_out=Exists(out)).select_related("speak_to", "concern").order_by("pk")
    return [row for row in rows if _is_same(key, row)]


def _is_same(key: str, row: VisitWarning) -> bool:
    if row.tenancy_key and key == row.tenancy_key:
        return True
    return bool(row.address_key) and (_stands_in(key, row.address_key) or _stands_in(row.address_key, key))


def _stands_in(shorter: str, longer: str) -> bool:
    """Whether `shorter` stands in `longer` as whole words: "4 mill" in "flat 2 4 mill lane", not in "14 mill"."""
    return f" {shorter} " in f" {longer} "


def before_visit(rows: Iterable[VisitWarning]) -> BeforeVisit | None:
    """What whoever visits is told, of all that stands for the home together; None when nothing does."""
    found = list(rows)
    if not found:
        return None
    speakers = {
        row.speak_to.pk: (row.speak_to.full_name, row.speak_to.phone)
        for row in found
        if row.speak_to is not None
        and row.speak_to.is_active
        and row.advice != VisitAdvice.IN_PAIRS
        and not getattr(row, "is_speaker_out", False)
    }
    return BeforeVisit(
        in_pairs=any(row.advice != VisitAdvice.SPEAK_FIRST for row in found),
        speak_first=any(row.advice != VisitAdvice.IN_PAIRS for row in found),
        speak_to=tuple(sorted(speakers.values())),
    )


def possible_speakers(concern: Concern) -> Sequence[User]:
    """Whom visitors can be asked to speak to: whoever holds it, and the leads; nobody who is kept out of it."""
    denied = permissions.denied_ids(concern)
    people = {user.pk: user for user in holders_of(*LEADS) if user.pk not in denied}
    if concern.responsible is not None:
        people = {concern.responsible.pk: concern.responsible} | people
    return list(people.values())
