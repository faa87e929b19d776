"""Addresses in what somebody typed: postcodes, and what leads to the door without one. Pure, and linear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from sharing.no_names.text import Span, Token, fold, runs, squeezed, tokens
from sharing.no_names.words import BEFORE_A_PLACE, MONTHS, PARTS_OF_A_HOUSE, STREET_KINDS

# What stands behind a number that is no house's: "1st floor", "12 March", "9 to 5", "3 times".
_NO_HOUSE = """
am pm oclock to and or at on in till until hour hours minutes times rings days weeks
"""
_NO_STREET = PARTS_OF_A_HOUSE.union(_NO_HOUSE.split(), *MONTHS)
_PARTS = frozenset(",;\n")


def postcodes_in(address: str) -> Iterator[str]:
    """UK postcodes: one or two letters, one digit and perhaps one more sign, a digit, two letters."""
    read = "".join(character if fold(character) else " " for character in address).split()
    candidates = [*read, *(a + b for a, b in pairwise(read))]
    for candidate in candidates:
        code = squeezed(candidate)
        outward, inward = code[:-3], code[-3:]
        letters = len(outward) - len(outward.lstrip("abcdefghijklmnopqrstuvwxyz"))
        is_outward = letters in (1, 2) and len(outward) - letters in (1, 2) and outward[letters : letters + 1].isdigit()
        if is_outward and inward[:1].isdigit() and inward[1:].isalpha():
            yield code


def doors_in(typed: str) -> Iterator[str]:
    """Each way to write an address in `typed` without its postcode: all of it, with and without what stands before and
    after the house ("Flat 4", "Larkfield"), and the house by itself. For `places_of_doors`.

    A house has a number before its street; where there is none but a postcode, it is the first with a kind of house or
    street ("Rose Cottage"). Where that is no name of its own ("The Cottage", "On the way"), it stands for the house
    only together with the next part.
    """
    read = tokens(typed)
    codes = frozenset(postcodes_in(typed))
    within = {place for span in runs(read, codes) for place in range(*span)}
    parts = list(_parts(typed, [token for token in read if token.start not in within]))
    houses = [place for place, part in enumerate(parts) if _is_house(part, is_address=bool(codes))]
    if codes and not houses:
        houses = [place for place, part in enumerate(parts) if len(part) > 1 and part[-1].word in STREET_KINDS][:1]
    if not houses:
        return
    first = houses[0]
    least = 1 if _has_a_name(parts[first]) else 2
    alone = (parts[place : place + least] for place in houses)
    for some in (parts, parts[: first + 1], parts[first:], *alone):
        if len(some) >= least:
            yield "".join(_in_full(token).word for part in some for token in part)


def places_of_doors(read: Sequence[Token], doors: Iterable[str]) -> Iterator[Span]:
    """Where one of these (`doors_in`) stands in a text, its street in full or short ("Rd")."""
    return runs([_in_full(token) for token in read], doors)


def _in_full(token: Token) -> Token:
    kind = STREET_KINDS.get(token.word, token.word)
    return token if kind == token.word else replace(token, word=kind)


def _parts(typed: str, read: Sequence[Token]) -> Iterator[list[Token]]:
    """Cut at commas and ends of lines, before the number of a house and behind a kind of street."""
    part: list[Token] = []
    for place, token in enumerate(read):
        is_apart = bool(part) and not _PARTS.isdisjoint(typed[part[-1].end : token.start])
        if part and (is_apart or _street_of(read, place) is not None):
            yield part
            part = []
        # Behind a word: "12a St Mary's Road" begins with no kind of street.
        is_street = token.word in STREET_KINDS and bool(part) and len(part[-1].word) > 1 and not part[-1].is_number
        part.append(token)
        if is_street and not any(after.word in STREET_KINDS for after in read[place + 1 : place + 2]):
            yield part
            part = []
    if part:
        yield part


def _street_of(read: Sequence[Token], place: int) -> Token | None:
    """The word behind a house number, "Mill" in "12 Mill Lane" and "12a Mill Lane"."""
    if not read[place].is_number:
        return None
    after = place + 1
    if after < len(read) and read[after].start == read[place].end:
        after += 1
    is_street = after < len(read) and not read[after].is_number and read[after].word not in _NO_STREET
    return read[after] if is_street else None


def _has_a_name(house: Sequence[Token]) -> bool:
    """ "12 Mill Lane", "The Old Cottage"; not "The Cottage"."""
    return any(token.word not in BEFORE_A_PLACE for token in house[:-1])


def _is_house(part: Sequence[Token], *, is_address: bool) -> bool:
    """ "12 Mill Lane", "7 Kingsway"; without a postcode beside it, "3 times" is none."""
    street = _street_of(part, 0)
    return street is not None and (is_address or street.has_capital or part[-1].word in STREET_KINDS)
