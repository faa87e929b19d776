"""Finds in a text what tells who it is about: names in many spellings, addresses, dates of birth, phones, references.

It asks rather too often than too seldom: each hit is removed or confirmed by a person. No pattern is ever matched by
backtracking, so the work grows with the text and with what is known, never faster.
"""

from __future__ import annotations

import hashlib
import itertools
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sharing.no_names.addresses import postcodes_in
from sharing.no_names.numbers import digit_runs, numbers_in
from sharing.no_names.text import Span, Token, is_gap, is_one_edit_apart, runs, squeezed, tokens, words
from sharing.no_names.words import (
    ALSO_WORDS,
    BEFORE_A_PLACE,
    MONTHS,
    NOT_A_NAME,
    PARTICLES,
    PARTS_OF_A_HOUSE,
    RELATIONS,
    SHORT_FORMS,
    STREET_KINDS,
    TITLES,
)

# From this many letters on, a name is found with one letter wrong too.
FORGIVING = 6


class HitKind(StrEnum):
    NAME = "name"
    ADDRESS = "address"
    BIRTH = "birth"
    PHONE = "phone"
    REFERENCE = "reference"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    HitKind.NAME: "A name, or part of one",
    HitKind.ADDRESS: "An address, or part of one",
    HitKind.BIRTH: "A date of birth",
    HitKind.PHONE: "A phone number",
    HitKind.REFERENCE: "A reference",
}


@dataclass(frozen=True)
class Known:
    """What must not be said: everything that names or leads to somebody in the case."""

    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    # Where it happened, in free words: read as an address where it holds one.
    places: tuple[str, ...] = ()
    births: tuple[date, ...] = ()
    phones: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class Hit:
    """One place in the text, `text[start:end]`, that tells who it is about.

    `key` names it by its words and its count, so that what was confirmed stays confirmed when the text around it is
    changed.
    """

    kind: HitKind
    start: int
    end: int
    key: str = ""


# Between the parts of one name: "Jean Marlowe", "Smith-Jones", "jean.marlowe"; a full stop and a space end it.
_WITHIN_A_NAME = frozenset({" ", "-", ".", "  "})


def scan(text: str, known: Known) -> tuple[Hit, ...]:
    """Every hit, in order, none overlapping another."""
    read = tokens(text)
    found: list[Hit] = []
    for kind, spans in (
        (HitKind.BIRTH, _births(read, known.births)),
        (HitKind.PHONE, _phones(text, known.phones)),
        (HitKind.REFERENCE, runs(read, [squeezed(each) for each in known.references])),
        (HitKind.ADDRESS, _addresses(read, known)),
        (HitKind.NAME, _names(text, read, known.names)),
    ):
        found += [Hit(kind, start, end) for start, end in spans]
    return tuple(_keyed(text, _apart(text, found)))


def _apart(text: str, found: Iterable[Hit]) -> Iterator[Hit]:
    """Overlapping hits as one; names with nothing but a sign or two between them as one."""
    last: Hit | None = None
    for hit in sorted(found, key=lambda each: (each.start, -each.end)):
        if last is None:
            last = hit
        elif hit.start < last.end:
            last = Hit(last.kind, last.start, max(last.end, hit.end))
        elif hit.kind == last.kind == HitKind.NAME and text[last.end : hit.start] in _WITHIN_A_NAME:
            last = Hit(last.kind, last.start, hit.end)
        else:
            yield last
            last = hit
    if last is not None:
        yield last


def _keyed(text: str, hits: Iterable[Hit]) -> Iterator[Hit]:
    seen: dict[tuple[str, str], int] = {}
    for hit in hits:
        what = (hit.kind.value, squeezed(text[hit.start : hit.end]))
        seen[what] = seen.get(what, 0) + 1
        digest = hashlib.sha256("|".join((*what, str(seen[what]))).encode()).hexdigest()
        yield Hit(hit.kind, hit.start, hit.end, digest[:16])


# --- Names -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Name:
    """A name taken apart: its words in their order, their short forms, the words run together, the initials.

    `surnames` are those of the words run together that begin with a particle: "almasri" of "Al-Masri". `relations` are
    its words for a relation ("Unborn baby of"), `added` its titles, initials and numbers.
    """

    parts: tuple[str, ...]
    forms: frozenset[str]
    joined: frozenset[str]
    initials: str
    surnames: frozenset[str]
    relations: tuple[str, ...]
    added: tuple[str, ...]


def taken_apart(name: str) -> Name | None:
    """None for what names nobody, such as "Unknown man"."""
    read = words(name)
    listed = [word for word in read if word not in TITLES and word not in NOT_A_NAME and not word.isdigit()]
    parts = [word for word in listed if len(word) > 1]
    if not parts:
        return None
    own = frozenset(parts)
    forms = frozenset(form for part in parts for form in SHORT_FORMS.get(part, ())) - own
    joined = {f"{a}{b}" for a, b in itertools.pairwise(listed) if len(a + b) > 3} | {"".join(parts)}
    surnames = frozenset(_with_particles(read))
    relations = tuple(word for word in read if word in RELATIONS)
    added = tuple(word for word in read if word not in own and word not in NOT_A_NAME)
    initials = "".join(word[0] for word in listed) if len(listed) > 1 else ""
    return Name(tuple(parts), forms, frozenset(joined | surnames) - own, initials, surnames, relations, added)


def _with_particles(listed: Sequence[str]) -> Iterator[str]:
    """ "almasri" of "Al-Masri", "delacruz" of "De la Cruz"."""
    before = ""
    for word in listed:
        if word not in PARTICLES and before and len(word) > 1:
            yield before + word
        before = before + word if word in PARTICLES else ""


def _names(text: str, read: Sequence[Token], names: Iterable[str]) -> Iterator[Span]:
    known = [each for each in map(taken_apart, dict.fromkeys(names)) if each is not None]
    parts = frozenset[str]().union(*(each.parts for each in known))
    others = frozenset[str]().union(*(each.forms | each.joined for each in known))
    initials = {each.initials for each in known if each.initials}
    unspaced = {part for part in parts if any(map(_is_unspaced, part))}
    forgiving = [part for part in parts if len(part) >= FORGIVING]
    verdicts: dict[str, bool] = {}
    for place, token in enumerate(read):
        if token.is_number:
            continue
        after_title = place > 0 and read[place - 1].word in TITLES
        if _is_name(token, parts, others, forgiving, verdicts) and _is_meant(token, after_title=after_title):
            yield _with_title(text, read, place)
        elif token.is_upper and token.word in initials:
            yield token.start, token.end
        elif place and _is_split(text, read[place - 1], token, parts):
            yield read[place - 1].start, token.end
    for spelled in initials:
        yield from _spelled(text, read, spelled)
    for part in unspaced:
        yield from _inside(read, part)


def _is_name(
    token: Token, parts: frozenset[str], others: frozenset[str], forgiving: list[str], verdicts: dict[str, bool]
) -> bool:
    for word in {token.word, token.stem}:
        if word not in verdicts:
            verdicts[word] = (
                word in parts
                or word in others
                or (word.endswith("s") and len(word) > 4 and (word[:-1] in parts or word[:-1] in others))
                or any(is_one_edit_apart(word, part) for part in forgiving)
            )
        if verdicts[word]:
            return True
    return False


def _is_meant(token: Token, *, after_title: bool) -> bool:
    """Whether a word that is a name is one here: "will" and "mark" in small letters are not."""
    is_plain_word = token.stem in ALSO_WORDS or (len(token.stem) == 2 and token.stem.isascii())
    return token.has_capital or after_title or not is_plain_word


def _with_title(text: str, read: Sequence[Token], place: int) -> Span:
    """The name with the title or initial before it."""
    start = read[place].start
    for before in reversed(read[max(0, place - 3) : place]):
        is_part = before.word in TITLES or (len(before.word) == 1 and before.has_capital)
        if not is_part or not is_gap(text[before.end : start]):
            break
        start = before.start
    return start, read[place].end


def _is_split(text: str, before: Token, token: Token, parts: frozenset[str]) -> bool:
    """One name in two words: "O Brien", "Mac Donald"."""
    both = before.word + token.stem
    return len(both) > 3 and both in parts and is_gap(text[before.end : token.start])


def _spelled(text: str, read: Sequence[Token], initials: str) -> Iterator[Span]:
    """ "J. M." and "J M": single capital letters side by side; in small letters only with points."""
    for place in range(len(read) - len(initials) + 1):
        window = read[place : place + len(initials)]
        if [each.word for each in window] != list(initials):
            continue
        gaps = [text[a.end : b.start] for a, b in itertools.pairwise(window)]
        is_spelled = all(is_gap(gap, most=2) for gap in gaps)
        if is_spelled and (all(each.has_capital for each in window) or all("." in gap for gap in gaps)):
            yield window[0].start, window[-1].end


def _is_unspaced(character: str) -> bool:
    """A letter of a script that is written without spaces between words."""
    return not character.isascii() and unicodedata.name(character, "").startswith(
        ("CJK", "HIRAGANA", "KATAKANA", "THAI")
    )


def _inside(read: Sequence[Token], part: str) -> Iterator[Span]:
    """`part` inside longer words; the whole word is the hit."""
    for token in read:
        if part in token.word and part != token.word:
            yield token.start, token.end


# --- Addresses -------------------------------------------------------------------------------------------


def _addresses(read: Sequence[Token], known: Known) -> Iterator[Span]:
    postcodes: list[str] = []
    phrases: dict[tuple[str, ...], None] = {}
    for address, has_house_name in (
        *((each, True) for each in known.addresses),
        *((each, False) for each in known.places),
    ):
        postcodes += postcodes_in(address)
        phrases.update(dict.fromkeys(_phrases(address, has_house_name=has_house_name)))
    yield from runs(read, postcodes)
    for phrase in phrases:
        yield from _phrase(read, phrase)


def _phrases(address: str, *, has_house_name: bool) -> Iterator[tuple[str, ...]]:
    """The word groups that are told from others: "larch close", "beech house", "14 larch", a house's own name."""
    segments = [segment for line in address.splitlines() for segment in line.replace(";", ",").split(",")]
    for number, segment in enumerate(segments):
        listed = [STREET_KINDS.get(word, word) for word in words(segment)]
        begin = 0
        for place, word in enumerate(listed):
            if word.isdigit() or word in PARTS_OF_A_HOUSE or (len(word) == 1 and place and listed[place - 1].isdigit()):
                begin = place + 1
            elif word in STREET_KINDS and place > begin:
                yield tuple(listed[max(begin, place - 3) : place + 1])
                begin = place + 1
            elif word in BEFORE_A_PLACE:
                begin = place + 1
        yield from _numbered(listed)
        if number == 0 and has_house_name and len(listed) == 1 and len(listed[0]) > 3 and listed[0].isalpha():
            yield (listed[0],)


def _numbered(listed: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for place, word in enumerate(listed[:-1]):
        rest = [each for each in listed[place + 1 : place + 3] if len(each) > 1]
        if word.isdigit() and rest and rest[0].isalpha() and rest[0] not in PARTS_OF_A_HOUSE:
            yield word, rest[0]


def _phrase(read: Sequence[Token], phrase: tuple[str, ...]) -> Iterator[Span]:
    """The words of `phrase` one after the other; a letter after a house number ("14a") is passed over."""
    for place, token in enumerate(read):
        if not _same(token.word, phrase[0]):
            continue
        end, at = token.end, place
        for wanted in phrase[1:]:
            at += 1
            if at < len(read) and len(read[at].word) == 1 and read[at - 1].is_number and len(wanted) > 1:
                at += 1
            if at >= len(read) or not _same(read[at].word, wanted):
                break
            end = read[at].end
        else:
            yield token.start, end


def _same(typed: str, wanted: str) -> bool:
    word = STREET_KINDS.get(typed, typed)
    return word == wanted or (len(wanted) >= FORGIVING and not wanted.isdigit() and is_one_edit_apart(word, wanted))


# --- Dates of birth, phones, references ------------------------------------------------------------------


def _births(read: Sequence[Token], births: Iterable[date]) -> Iterator[Span]:
    apart: set[tuple[str, str, str]] = set()
    joined: set[str] = set()
    for born in births:
        days = {str(born.day), f"{born.day:02}"}
        numbers = {str(born.month), f"{born.month:02}"}
        years = {f"{born.year:04}", f"{born.year % 100:02}"}
        for day in days:
            for year in years:
                for month in numbers:
                    apart |= {(day, month, year), (month, day, year), (year, month, day)}
                for name in MONTHS[born.month - 1]:
                    apart |= {(day, name, year), (name, day, year), (year, name, day)}
        joined |= {f"{born.day:02}{born.month:02}{year}" for year in years}
        joined |= {f"{year}{born.month:02}{born.day:02}" for year in years}
    if not apart:
        return
    told = [token for place, token in enumerate(read) if not _is_filler(read, place)]
    for token in told:
        if token.word in joined:
            yield token.start, token.end
    for first, second, third in zip(told, told[1:], told[2:], strict=False):
        if (first.word, second.word, third.word) in apart and third.end - first.start < 40:
            yield first.start, third.end


def _is_filler(read: Sequence[Token], place: int) -> bool:
    """ "12th of the 3rd": what stands between the parts of a date and says nothing."""
    word = read[place].word
    return word in {"of", "the", "in"} or (word in {"st", "nd", "rd", "th"} and place > 0 and read[place - 1].is_number)


# What stands before the number itself: a trunk 0, or the country.
_PREFIXES = frozenset({"0", "44", "440", "0044", "00440"})


def _phones(text: str, phones: Iterable[str]) -> Iterator[Span]:
    wanted = {number for phone in phones for number in numbers_in(phone)}
    if not wanted:
        return
    for digits, places in digit_runs(text):
        run = "".join(digits)
        for number in wanted:
            at = run.find(number)
            while at >= 0:
                begin = 0 if run[: min(at, 6)] in _PREFIXES else at  # no prefix is that long
                yield places[begin], places[at + len(number) - 1] + 1
                at = run.find(number, at + 1)
