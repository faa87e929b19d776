"""A text as the scanner reads it: its words without case, accents and marks, each with its place in the original."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

Span = tuple[int, int]
# How many signs (spaces, points, hyphens) may stand between the parts of one thing.
GAP = 3

_APOSTROPHES = frozenset("'’‘ʼ`´＇")
# Letters that have no decomposition but are typed as these.
_PLAIN = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}


@dataclass(frozen=True)
class Token:
    """A run of letters or of digits, folded. `start` and `end` are its place in the text as typed."""

    word: str
    start: int
    end: int
    is_number: bool
    has_capital: bool
    is_upper: bool
    # The word without a final "’s", and where that ends.
    stem: str
    stem_end: int


@lru_cache(maxsize=4096)
def fold(character: str) -> str:
    """One character as letters and digits without case and accents; "" for anything else."""
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKD", character).casefold()
    return "".join(_PLAIN.get(c, c) for c in plain if c.isalnum())


@lru_cache(maxsize=4096)
def _joins(character: str) -> bool:
    """Marks and signs that stand inside a word without ending it: accents, joiners, soft hyphens, apostrophes."""
    return character in _APOSTROPHES or _is_mark(character) or unicodedata.category(character) == "Cf"


@lru_cache(maxsize=4096)
def _is_mark(character: str) -> bool:
    """An accent or vowel sign that belongs to the letter before it."""
    return unicodedata.category(character) in {"Mn", "Me", "Mc"}


def tokens(text: str) -> tuple[Token, ...]:
    """All words and numbers of `text`, in order. One pass."""
    return tuple(_tokens(text))


def _tokens(text: str) -> Iterator[Token]:
    run: list[str] = []  # folded characters
    first = last = 0
    number = False
    length = 0  # of the folded run
    apostrophe = -1  # how many folded characters stood before the last apostrophe, and its place
    apostrophe_at = 0

    def made() -> Token:
        word = "".join(run)
        typed = text[first:last]
        has_stem = apostrophe > 0 and word[apostrophe:] == "s"
        stem, stem_end = (word[:apostrophe], apostrophe_at) if has_stem else (word, last)
        return Token(word, first, last, number, typed[0].isupper(), typed.isupper() and len(word) > 1, stem, stem_end)

    for place, character in enumerate(text):
        folded = fold(character)
        if not folded:
            if run and character in _APOSTROPHES:
                apostrophe, apostrophe_at = length, place
            elif run and _is_mark(character):
                last = place + 1
            if run and not _joins(character):
                yield made()
                run, length, apostrophe = [], 0, -1
            continue
        digits = folded.isdigit()
        if run and digits is not number:
            yield made()
            run, length, apostrophe = [], 0, -1
        if not run:
            first, number = place, digits
        run.append(folded)
        length += len(folded)
        last = place + 1
    if run:
        yield made()


def words(text: str) -> list[str]:
    """The folded words and numbers of `text`."""
    return [token.word for token in tokens(text)]


def squeezed(text: str) -> str:
    """All letters and digits of `text`, folded, in one."""
    return "".join(map(fold, text))


def is_gap(between: str, *, most: int = GAP) -> bool:
    """Whether what stands between two words holds them together."""
    return len(between) <= most and "\n\n" not in between and not any(map(fold, between))


def runs(read: Sequence[Token], wanted: Iterable[str]) -> Iterator[Span]:
    """Where the letters and digits of something stand in the text, however they are spaced."""
    stream = "".join(token.word for token in read)
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    offset = 0
    for token in read:
        starts[offset] = token.start
        offset += len(token.word)
        ends[offset] = token.end
    for each in dict.fromkeys(wanted):
        if len(each) < 3:
            continue
        at = stream.find(each)
        while at >= 0:
            end = at + len(each)
            if at in starts and end in ends and ends[end] - starts[at] <= len(each) * 2 + GAP:
                yield starts[at], ends[end]
            at = stream.find(each, at + 1)


def is_one_edit_apart(a: str, b: str) -> bool:
    """Equal, or one letter more, less, other, or two neighbours in each other's place. Linear."""
    if a == b:
        return True
    if abs(len(a) - len(b)) > 1:
        return False
    if len(a) > len(b):
        a, b = b, a
    at = next((n for n in range(len(a)) if a[n] != b[n]), len(a))
    if len(a) < len(b):
        return a[at:] == b[at + 1 :]
    swapped = a[at : at + 2] == b[at : at + 2][::-1] and a[at + 2 :] == b[at + 2 :]
    return a[at + 1 :] == b[at + 1 :] or swapped
