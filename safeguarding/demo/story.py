"""What one kind of story is made of.

A text is one choice out of each group, filled with names: {P} and {p} the person at risk (full and first name), {he}
{him} {his} {himself} their pronouns, {rel} a relative or other person, {day} a weekday, {time} a clock time, {n} a
small number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from concerns.vocabulary import HowKnown

Groups = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Story:
    """One kind of concern. `areas` are the service areas whose staff come upon it; `weight` how often."""

    code: str
    areas: tuple[str, ...]
    stage: Literal["adult", "child", "unborn"]
    ages: tuple[int, int]
    abuse: tuple[str, ...]
    facts: Groups
    said: tuple[str, ...]
    opinion: tuple[str, ...]
    how_known: HowKnown
    rel: tuple[str, ...]
    weight: int = 3
    is_urgent: bool = False
    with_children: bool = False
