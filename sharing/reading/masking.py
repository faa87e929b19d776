"""What is hidden when a record is read out: names of people who must not be known, and safe ways to reach somebody.

Pure. Masking finds what it is told to look for, whole words in any case; it does not understand a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

CONTACT_HIDDEN = "[contact details hidden]"
# How an item about reaching somebody begins when it was taken over from the concern (sharing.suggestions).
CONTACT_LABELS = ("Safe way to make contact", "Do not contact by")

_SHORTEST_NAME = 3
_SHORTEST_CONTACT = 4
_DIGITS_OF_A_PHONE = 6
# Words with a capital that name nobody, in an answer that lists people in free text.
_NO_NAMES = frozenset(
    """a an and any anybody anyone both brother but child children ex for former friend grandfather grandmother he her
    his husband in it man miss mother mr mrs ms mx dr my neighbour next no nobody none not of on one or other our
    parent parents partner reporter she sister son daughter staff the their these they this those two wife with
    woman worker yes you""".split()  # noqa: SIM905 (a list of words reads best as words)
)
_CAPITALISED = re.compile(r"[^\W\d_][\w’'-]*")


@dataclass(frozen=True)
class Around:
    """What the concern knows beside the record. Looked for so that it can be hidden, never shown."""

    others: tuple[str, ...] = ()  # names of people in the concern who are not at risk in this record
    contacts: tuple[str, ...] = ()  # safe and unsafe ways, phone numbers and addresses of people with such a caution


@dataclass(frozen=True)
class Mask:
    """Some words and what to write instead."""

    pattern: re.Pattern[str]
    instead: str

    def over(self, words: str) -> str:
        return self.pattern.sub(self.instead, words)


def contact_masks(around: Around) -> Iterator[Mask]:
    """Over safe contacts: in every PDF, whoever asks (domain 3.5)."""
    labels = "|".join(map(re.escape, CONTACT_LABELS))
    yield Mask(re.compile(rf"^((?:{labels}) of [^\n:]*: ).*", re.DOTALL), rf"\1{CONTACT_HIDDEN}")
    for words in sorted({each.strip() for each in around.contacts}, key=len, reverse=True):
        if len(words) >= _SHORTEST_CONTACT:
            yield Mask(_whole(words), CONTACT_HIDDEN)


def name_masks(record: Mapping[str, Any], around: Around) -> Iterator[Mask]:
    """Over everybody who is not at risk: whole names first, then each part that nobody at risk shares.

    Those listed in the record, then those of the concern, then whoever is written down as in danger if identified.
    """
    listed = record["people"]
    kept = {word.casefold() for each in listed if each["is_at_risk"] for word in each["name"].split()}
    whole = [each["name"] for each in listed if not each["is_at_risk"]]
    at_risk = {each["name"].casefold().strip() for each in listed if each["is_at_risk"]}
    in_words = [record["start"]["third_parties_who"]]
    for ground in record.get("grounds", ()):
        # Others at risk as a ground names them (VR8); in words, in records that were signed before they were a list.
        in_words.append(ground.get("unidentified", ""))
        if isinstance(ground.get("others"), str):
            in_words.append(ground["others"])
        whole += [
            each["name"] for each in ground.get("others_named", ()) if each["name"].casefold().strip() not in at_risk
        ]
    whole += [name for name in around.others if name.casefold().strip() not in at_risk]
    names = list({" ".join(name.split()).casefold(): " ".join(name.split()) for name in whole if name.strip()}.values())
    parts: list[tuple[str, str]] = []
    for number, name in enumerate(names):
        instead = f"Third party {_letter(number)}"
        parts += [
            (part, instead) for part in name.split() if len(part) >= _SHORTEST_NAME and part.casefold() not in kept
        ]
        yield Mask(_whole(name), instead)
    for part, instead in parts:
        yield Mask(_whole(part), instead)
    known = kept | {part.casefold() for part, _ in parts}
    for word in _names_in(" ".join(in_words)):
        if word.casefold() not in known:
            yield Mask(_whole(word), "a third party")


def _names_in(words: str) -> Iterable[str]:
    found = (match.group() for match in _CAPITALISED.finditer(words))
    return dict.fromkeys(
        word.removesuffix("’s").removesuffix("'s")
        for word in found
        if word[0].isupper() and len(word) >= _SHORTEST_NAME and word.casefold() not in _NO_NAMES
    )


def _letter(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else str(number + 1)


def _whole(words: str) -> re.Pattern[str]:
    """`words` as whole words, whatever stands between them; a phone number however its digits are grouped."""
    digits = re.sub(r"\D", "", words)
    if len(digits) >= _DIGITS_OF_A_PHONE and not re.search(r"[^\W\d_]", words):
        return re.compile(r"(?<!\d)" + r"[\s().-]*".join(digits) + r"(?!\d)")
    spaced = r"\s+".join(re.escape(part) for part in words.split())
    return re.compile(rf"(?<!\w){spaced}(?!\w)", re.IGNORECASE)
