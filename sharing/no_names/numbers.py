"""Telephone numbers in a text, however they are grouped and with whatever they begin. Linear."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from sharing.no_names.text import fold

# Fewer digits lead to nobody; more are no telephone number (E.164).
SHORTEST = 6
LONGEST = 15
# A British number has nine or ten digits after the 0.
WHOLE = 9
# "9-5", "10 to 12": so many digits beside a number can be an hour.
HOURS = 2

_BETWEEN_DIGITS = frozenset("-.()+/\u2010\u2011\u2012\u2013")

# The digits of a group, and where it starts and ends.
Group = tuple[str, int, int]


def digit_runs(text: str) -> Iterator[tuple[list[str], list[int]]]:
    """Digits with nothing but spaces, brackets, points, strokes and hyphens between them, and the place of each."""
    digits: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        folded = fold(character)
        if folded.isdigit():
            digits += folded
            places += [place] * len(folded)
        elif folded or not _is_between(character):
            if digits:
                yield digits, places
            digits, places = [], []
    if digits:
        yield digits, places


def numbers_in(words: str) -> frozenset[str]:
    """Every number in `words`, without the 0, 44 or 0044 before it; also where hours or another number stand beside it.

    What is shorter than a whole number counts only when nothing beside it could be a part of it. A date is no number.
    """
    return frozenset(
        number
        for groups in map(_groups, digit_runs(words))
        for number, first, last in _readings(groups)
        if not _is_date(groups[first : last + 1])
        and (len(number) >= WHOLE or not any(len(beside[0]) > HOURS for beside in _beside(groups, first, last)))
    )


def is_same_line(one: str, other: str) -> bool:
    """Whether a number in `one` reaches whom a number in `other` reaches, also where one is without its area code."""
    return any(a.endswith(b) or b.endswith(a) for a in numbers_in(one) for b in numbers_in(other))


def places_of_numbers(text: str, known: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Where one of these numbers (`numbers_in`) stands in `text`, also without its area code; whole groups of digits
    only, so that no part of a longer number is taken for it. They may overlap.
    """
    wanted = {number[start:] for number in known for start in range(len(number) - SHORTEST + 1)}
    if not wanted:
        return
    for groups in map(_groups, digit_runs(text)):
        for number, first, last in _readings(groups):
            if number in wanted:
                start = groups[first][1]
                yield start - (text[start - 1 : start] == "+"), groups[last][2]


def _is_between(character: str) -> bool:
    return character in _BETWEEN_DIGITS or character.isspace() or unicodedata.category(character) == "Cf"


def _groups(run: tuple[list[str], list[int]]) -> list[Group]:
    """The digits of a run that stand side by side."""
    found: list[Group] = []
    for digit, place in zip(*run, strict=True):
        if found and place <= found[-1][2]:
            before, start, _ = found[-1]
            found[-1] = (before + digit, start, place + 1)
        else:
            found.append((digit, place, place + 1))
    return found


def _beside(groups: list[Group], first: int, last: int) -> list[Group]:
    return groups[max(0, first - 1) : first] + groups[last + 1 : last + 2]


def _is_date(groups: list[Group]) -> bool:
    """ "12.03.2026", "12-3-26", "2026-03-12"."""
    digits = [group[0] for group in groups]
    if len(digits) != 3 or not all(each.isdecimal() for each in digits):
        return False
    year, month, day = digits if len(digits[0]) == 4 else digits[::-1]
    return len(year) in (2, 4) and len(month) <= 2 and len(day) <= 2 and 0 < int(month) <= 12 and 0 < int(day) <= 31


def _readings(groups: list[Group]) -> Iterator[tuple[str, int, int]]:
    """Each row of neighbouring groups that can be a number, in its national form, with its first and last group."""
    for first in range(len(groups)):
        digits = ""
        for last in range(first, len(groups)):
            digits += groups[last][0]
            if len(digits) > LONGEST:
                break
            number = digits.removeprefix("00").removeprefix("44").lstrip("0")
            if len(number) >= SHORTEST:
                yield number, first, last
