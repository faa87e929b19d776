"""What is hidden when a record is read out: names of people who must not be known, and safe ways to reach somebody.

Pure. Masking finds what it is told to look for, however it is spelled; it does not understand a text. What it does not
hide stays exactly as it was written. The work grows with the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any, NamedTuple

from sharing.no_names import (
    ANY_SUCH,
    PARTICLES,
    REACHES_NOBODY,
    Name,
    Token,
    doors_in,
    is_everyday,
    is_title_of,
    is_within_a_name,
    names_listed,
    names_somebody,
    numbers_in,
    places_of_doors,
    places_of_numbers,
    postcodes_in,
    runs,
    squeezed,
    taken_apart,
    tokens,
    words,
)

CONTACT_HIDDEN = "[contact details hidden]"
# How an item about reaching somebody begins when it was taken over from the concern (sharing.suggestions).
CONTACT_LABELS = ("Safe way to make contact", "Do not contact by")
UNLISTED = "a third party"

_LABEL = re.compile(rf"(?:{'|'.join(map(re.escape, CONTACT_LABELS))}) of [^\n:]*: ")
_SHORTEST_CONTACT = 4
_BETWEEN_NAMES = re.compile(r"[,;/&+\n]|\band\b", re.IGNORECASE)
# The first word of a name in two words: "O Brien", "Mac Donald".
_BEGINS_A_NAME = PARTICLES | {"o", "mac", "mc", "d", "st", "fitz", "ap"}
_SIDE_BY_SIDE = frozenset({" ", "\u00a0", "-"})


@dataclass(frozen=True)
class Around:
    """What the concern knows beside the record. Looked for so that it can be hidden, never shown."""

    others: tuple[str, ...] = ()  # names of people in the concern who are not at risk in this record
    contacts: tuple[str, ...] = ()  # safe and unsafe ways, phone numbers and addresses of people with such a caution


class Hidden(NamedTuple):
    """A place in a text and what is written there instead."""

    start: int
    end: int
    instead: str


class Contacts:
    """Safe ways to reach somebody: in every PDF, whoever asks (domain 3.5, R96).

    Each as a whole and each of its lines, because joining concerns puts one below another; and every telephone number,
    mail address and address that is in one, however it is written. `at_risk` are the names of people at risk.
    """

    def __init__(self, contacts: Sequence[str], at_risk: Iterable[str] = ()) -> None:
        known = [frozenset(_own_words(name)) for name in at_risk]
        lines = {line.strip() for each in contacts for line in each.splitlines()}
        ways = lines | {each.strip() for each in contacts}
        leading = (way for way in ways if len(way) >= _SHORTEST_CONTACT and not _reaches_nobody(way, known))
        self._wanted = set(map(squeezed, leading))
        self._wanted |= {squeezed(mail) for line in lines for mail in _mails(line)}
        self._wanted |= {code for line in lines for code in postcodes_in(line)}
        self._doors = {door for line in lines for door in doors_in(line)}
        self._numbers = frozenset[str]().union(*map(numbers_in, ways))

    def find(self, text: str, read: Sequence[Token]) -> Iterator[Hidden]:
        if label := _LABEL.match(text):
            yield Hidden(label.end(), len(text), CONTACT_HIDDEN)
        spans = (runs(read, self._wanted), places_of_doors(read, self._doors), places_of_numbers(text, self._numbers))
        for start, end in chain(*spans):
            yield Hidden(start, end, CONTACT_HIDDEN)


def _reaches_nobody(way: str, known: Sequence[frozenset[str]]) -> bool:
    """ "Ring her", "Not known", "Mother", "Jean" who is at risk: hidden, they would spoil every text."""
    listed = words(way)
    if len(listed) == 1 and listed[0] in ANY_SUCH:
        return True
    pieces = [frozenset(words(piece)) - REACHES_NOBODY for piece in _BETWEEN_NAMES.split(way)]
    return all(not piece or any(piece <= name for name in known) for piece in pieces)


def _own_words(name: str) -> list[str]:
    """Without who somebody is "of": the "unborn baby of Jean Marlowe" is not Jean."""
    listed = words(name)
    return listed[: listed.index("of")] if "of" in listed else listed


def _mails(words_typed: str) -> Iterator[str]:
    for word in re.sub(r"[<>()\[\],;:/\"“”]", " ", words_typed).split():
        before, at, after = word.partition("@")
        if at and squeezed(before) and squeezed(after):
            yield word


class _Part(NamedTuple):
    """A word of a listed name."""

    instead: str
    is_surname: bool


class _Persons:
    """Tells which names are one person's, whatever each report calls them.

    Those with the same words; and those with the same first name and surname, where one form at most has a title (an
    initial, a number) and the other has none: "Jean Marlowe" and "Mrs Jean Marlowe". In doubt they are two, because a
    third party in clear is worse than somebody at risk who is masked: "Mr Patel" and "Mrs Patel", "Jean Marlowe" and
    "Unborn baby of Jean Marlowe".
    """

    def __init__(self, names: Iterable[Name]) -> None:
        self._added: dict[tuple[tuple[str, ...], tuple[str, ...]], set[tuple[str, ...]]] = {}
        for name in names:
            self._added.setdefault((name.parts, name.relations), set()).add(name.added)

    def of(self, whole: tuple[str, ...], name: Name) -> tuple[object, ...]:
        """The same for each name of one person."""
        is_one = len(name.parts) > 1 and len(self._added[name.parts, name.relations] - {()}) <= 1
        return (name.parts, name.relations) if is_one else whole


class Names:
    """Everybody who is not at risk: their whole names, and each part that nobody at risk shares.

    Those listed in the record, then those of the concern, then whoever is written down as in danger if identified. A
    part that is an everyday word too counts only where it reads as a name (`no_names.names_somebody`).
    """

    def __init__(self, record: Mapping[str, Any], around: Around) -> None:
        listed = record["people"]
        at_risk = [each["name"] for each in listed if each["is_at_risk"]]
        own = [name for each in at_risk if (name := taken_apart(" ".join(_own_words(each))))]
        kept = {word for name in own for word in (*name.parts, *name.surnames)}
        names = [each["name"] for each in listed if not each["is_at_risk"]]
        in_words = [record["start"]["third_parties_who"]]
        for ground in record.get("grounds", ()):
            # Others at risk as a ground names them (VR8); in words, in records signed before they were a list.
            in_words.append(ground.get("unidentified", ""))
            if isinstance(ground.get("others"), str):
                in_words.append(ground["others"])
            names += [each["name"] for each in ground.get("others_named", ())]
        names += around.others
        self._whole: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._parts: dict[str, _Part] = {}
        # One letter for each, also where one report says "Darren Marlowe" and another "Mr Darren Marlowe".
        letters: dict[tuple[object, ...], str] = {}
        wholes = dict.fromkeys(tuple(words(each)) for each in (*at_risk, *names))
        apart = {whole: name for whole in wholes if (name := taken_apart(" ".join(whole)))}
        persons = _Persons(apart.values())
        themselves = {persons.of(whole, apart[whole]) for each in at_risk if (whole := tuple(words(each))) in apart}
        for whole, name in apart.items():
            who = persons.of(whole, name)
            if who not in themselves:
                self._list(whole, name, letters.setdefault(who, f"Third party {_letter(len(letters))}"), kept)
        # Each unlisted word, and whether it may be another word as well.
        self._unlisted: dict[str, bool] = {}
        for answer in in_words:
            for word, may_be_a_word in names_listed(answer).items():
                if word not in kept and word not in self._parts:
                    self._unlisted[word] = may_be_a_word and self._unlisted.get(word, True)

    def _list(self, whole: tuple[str, ...], name: Name, instead: str, kept: set[str]) -> None:
        if len(whole) > 1:
            self._whole.setdefault(whole[0], []).append((whole, instead))
            self._whole[whole[0]].sort(key=lambda each: -len(each[0]))
        for word in (*name.parts, *name.joined):
            is_surname = len(name.parts) > 1 and word == name.parts[-1]
            if word in kept:
                continue
            known = self._parts.get(word, _Part(instead, is_surname))
            self._parts[word] = known._replace(is_surname=known.is_surname and is_surname)

    def find(self, text: str, read: Sequence[Token]) -> Iterator[Hidden]:
        place = 0
        while place < len(read):
            found = self._find_whole(text, read, place) or self._find_part(text, read, place)
            if found is None:
                place += 1
                continue
            yield found
            while place < len(read) and read[place].start < found.end:
                place += 1

    def _find_whole(self, text: str, read: Sequence[Token], place: int) -> Hidden | None:
        for whole, instead in self._whole.get(read[place].word, ()):
            stretch = read[place : place + len(whole)]
            last = stretch[-1]
            is_same = [token.word for token in stretch[:-1]] == [*whole[:-1]] and whole[-1] in (last.word, last.stem)
            if not is_same or not _hang_together(text, stretch):
                continue
            # "will young" in small letters is two words.
            if all(map(is_everyday, whole)) and not all(token.has_capital for token in stretch):
                continue
            return Hidden(stretch[0].start, last.end if last.word == whole[-1] else last.stem_end, instead)
        return None

    def _find_part(self, text: str, read: Sequence[Token], place: int) -> Hidden | None:
        token = read[place]
        if token.is_number:
            return None
        for word, end in ((token.word, token.end), (token.stem, token.stem_end)):
            if word in self._parts and self._is_meant(text, read, place, word):
                return Hidden(token.start, end, self._parts[word].instead)
            if word in self._unlisted and _is_unlisted(text, read, place, word, may_be_a_word=self._unlisted[word]):
                return Hidden(token.start, end, UNLISTED)
        return self._find_family(read, place) or self._find_split(text, read, place)

    def _is_meant(self, text: str, read: Sequence[Token], place: int, word: str) -> bool:
        if is_everyday(word):
            is_surname = self._parts[word].is_surname
            return names_somebody(text, read, place, is_surname=is_surname) or self._is_beside(text, read, place, word)
        return read[place].has_capital or not _is_short(word)

    def _is_beside(self, text: str, read: Sequence[Token], place: int, word: str) -> bool:
        """Whether another part of the same name stands beside it: "Will Young" where "Will James Young" is listed."""
        for stretch in (read[max(0, place - 1) : place + 1], read[place : place + 2]):
            others = [self._parts.get(token.stem) for token in stretch if token is not read[place]]
            is_one = any(part is not None and part.instead == self._parts[word].instead for part in others)
            if is_one and all(token.has_capital for token in stretch) and _hang_together(text, stretch):
                return True
        return False

    def _find_family(self, read: Sequence[Token], place: int) -> Hidden | None:
        """ "The Patels"."""
        token = read[place]
        part = self._parts.get(token.word[:-1]) if token.word.endswith("s") and token.has_capital else None
        is_family = part is not None and part.is_surname and place > 0 and read[place - 1].word == "the"
        if part is None or not is_family or is_everyday(token.word[:-1]):
            return None
        return Hidden(token.start, token.end, part.instead)

    def _find_split(self, text: str, read: Sequence[Token], place: int) -> Hidden | None:
        if read[place].word not in _BEGINS_A_NAME or place + 1 == len(read):
            return None
        token, following = read[place], read[place + 1]
        part = self._parts.get(token.word + following.stem)
        if part is None or not following.has_capital or not _hang_together(text, (token, following)):
            return None
        return Hidden(token.start, following.stem_end, part.instead)


def _is_unlisted(text: str, read: Sequence[Token], place: int, word: str, *, may_be_a_word: bool) -> bool:
    if is_everyday(word):
        return names_somebody(text, read, place)
    return read[place].has_capital or not (may_be_a_word or _is_short(word))


def _is_short(word: str) -> bool:
    """Two letters are a name with a capital only: "Jo", "Ng"."""
    return len(word) == 2 and word.isascii()


def _hang_together(text: str, stretch: Sequence[Token]) -> bool:
    return all(is_within_a_name(text[a.end : b.start]) or is_title_of(text, a, b) for a, b in pairwise(stretch))


def _letter(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else str(number + 1)


def masked(text: str, looked_for: Sequence[Contacts | Names]) -> str:
    """`text` without what is looked for. Where a name stands within contact details, all of it is those."""
    if not text or not looked_for:
        return text
    read = tokens(text)
    found = sorted(hidden for each in looked_for for hidden in each.find(text, read))
    pieces: list[str] = []
    at = 0
    for hidden in _apart(text, found):
        pieces += (text[at : hidden.start], hidden.instead)
        at = hidden.end
    return "".join((*pieces, text[at:]))


def _apart(text: str, found: Iterable[Hidden]) -> Iterator[Hidden]:
    """None overlapping another; words of one name side by side are hidden as one."""
    last: Hidden | None = None
    for hidden in found:
        if last is None:
            last = hidden
        elif hidden.start < last.end:
            instead = CONTACT_HIDDEN if CONTACT_HIDDEN in (hidden.instead, last.instead) else last.instead
            last = Hidden(last.start, max(last.end, hidden.end), instead)
        elif hidden.instead == last.instead and text[last.end : hidden.start] in _SIDE_BY_SIDE:
            last = last._replace(end=hidden.end)
        else:
            yield last
            last = hidden
    if last is not None:
        yield last
