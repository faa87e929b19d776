"""Advice without names (R35): what tells who it is about is found, however it is spelled; what does not is left.

Expected hits are written by hand; the properties make up people and spell them in the ways that people do.
"""

from __future__ import annotations

import unicodedata
from datetime import date
from functools import partial

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sharing.no_names import HitKind, Known, scan
from sharing.no_names.text import is_one_edit_apart, squeezed
from sharing.no_names.words import ALSO_WORDS, NOT_A_NAME, TITLES
from tests.build.work import lines_run

KNOWN = Known(
    names=("Jean Marlowe", "Siobhán O’Brien", "Mr William Smith", "Björn Łukasz", "王小明", "Baby Marlowe"),
    addresses=("Flat 3, 14a Larch Close\nLarkford\nLK1 2AB", "Rosebank, Old Mill Lane, Larkford"),
    places=("Outside Beech House, by the lift",),
    births=(date(1951, 3, 12),),
    phones=("01632 960 500", "+44 (0)7700 900111"),
    references=("SC-7K3M-9QXP", "T/44-71"),
)


def found(text: str, known: Known = KNOWN) -> list[str]:
    return [text[hit.start : hit.end] for hit in scan(text, known)]


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("I spoke to Jean Marlowe.", ["Jean Marlowe"]),
        ("JEAN said no", ["JEAN"]),
        ("ask mr smith", ["mr smith"]),
        ("Mrs. Smith-Marlowe", ["Mrs. Smith-Marlowe"]),
        ("marlowe's flat, the Marlowes, Smith’s dog", ["marlowe's", "Marlowes", "Smith’s"]),
        ("Marlow, Marlowwe, Marolwe and Narlowe", ["Marlow", "Marlowwe", "Marolwe", "Narlowe"]),
        ("Siobhan OBRIEN; o'brien; O Brien", ["Siobhan OBRIEN", "o'brien", "O Brien"]),
        ("Bill is Billy", ["Bill", "Billy"]),
        ("the bill is due", []),
        ("J. M. and JM and j.m. called", ["J. M", "JM", "j.m"]),
        ("J. Marlowe", ["J. Marlowe"]),
        ("Bjorn Lukasz", ["Bjorn Lukasz"]),
        ("Je\u200ban M\u00adarlowe", ["Je\u200ban M\u00adarlowe"]),
        ("我和王小明见面", ["我和王小明见面"]),
        ("jean.marlowe@mail.example", ["jean.marlowe"]),
        ("jeanmarlowe", ["jeanmarlowe"]),
        ("lives at 14 Larch Close", ["14 Larch Close"]),
        ("number 14a larch cl.", ["14a larch cl"]),
        ("in Larch Clsoe", []),  # the kind of street is short and misspelled: the other parts still tell
        ("14 Larch", ["14 Larch"]),
        ("Rosebank, off Old Mill Ln", ["Rosebank", "Old Mill Ln"]),
        ("by Beech Hse", ["Beech Hse"]),
        ("lk12ab, LK1  2AB and lk1-2ab", ["lk12ab", "LK1  2AB", "lk1-2ab"]),
        ("12/03/1951", ["12/03/1951"]),
        ("12.3.51", ["12.3.51"]),
        ("born 1951-03-12", ["1951-03-12"]),
        ("the 12th of March 1951", ["12th of March 1951"]),
        ("March 12, 1951", ["March 12, 1951"]),
        ("12Mar51", ["12Mar51"]),
        ("DOB 12031951", ["12031951"]),
        ("１２/０３/１９５１", ["１２/０３/１９５１"]),
        ("13/03/1951 and 12/04/1951", []),
        ("ring 07700 900 111", ["07700 900 111"]),
        ("ring +44 7700-900111", ["+44 7700-900111"]),
        ("0163 2960500", ["0163 2960500"]),
        ("sc7k3m 9qxp", ["sc7k3m 9qxp"]),
        ("tenancy t4471", ["t4471"]),
        ("A woman in her seventies is losing money to a relative. Must we tell anyone in Larkford?", []),
    ],
)
def test_what_is_found(text: str, hits: list[str]) -> None:
    assert [hit.lstrip("+") for hit in found(text)] == [hit.lstrip("+") for hit in hits]


def test_kinds_are_named() -> None:
    text = "Jean, 14 Larch Close, 12/03/1951, 01632 960500, T4471"
    assert [hit.kind for hit in scan(text, KNOWN)] == [
        HitKind.NAME, HitKind.ADDRESS, HitKind.BIRTH, HitKind.PHONE, HitKind.REFERENCE,
    ]  # fmt: skip


def test_nothing_known_finds_nothing() -> None:
    assert scan("Jean Marlowe, 14 Larch Close, LK1 2AB, 12/03/1951, 01632 960500", Known()) == ()


def test_placeholders_and_titles_name_nobody() -> None:
    assert found("the baby, an unknown man and the doctor", Known(names=("Unknown man", "Dr", "Baby"))) == []


def test_a_key_stays_when_the_text_around_it_changes() -> None:
    """What was confirmed is not asked again because a word was put before it; a second mention is asked anew."""
    first = scan("Jean said no.", KNOWN)
    later = scan("On Monday JEAN said no. Jean agreed to this.", KNOWN)
    assert first[0].key == later[0].key != later[1].key


LETTERS = st.characters(categories=["Ll"], max_codepoint=0x24F)
NAMES = st.text(LETTERS, min_size=3, max_size=12).filter(
    lambda name: squeezed(name) == name and name.casefold() not in ALSO_WORDS | NOT_A_NAME | TITLES
)
SPELLINGS = st.sampled_from(
    [str.lower, str.upper, str.title, lambda n: f"{n}'s", lambda n: f"{n}’s", lambda n: f"({n})", lambda n: f"“{n}”!",
     lambda n: "\u200d".join(n), lambda n: unicodedata.normalize("NFD", n), lambda n: f"Mr {n}", lambda n: f"{n}, "]
)  # fmt: skip
AROUND = st.text(st.characters(codec="utf-8"), max_size=60)


@settings(max_examples=300, deadline=None)
@given(NAMES, SPELLINGS, AROUND, AROUND)
def test_a_name_is_found_in_every_spelling(name: str, spell, before: str, after: str) -> None:  # type: ignore[no-untyped-def]
    """Any case, accents taken apart, possessive, punctuation, invisible signs; whatever stands around it."""
    text = f"{before}\n\n{spell(name)}\n\n{after}"
    place = len(before) + 2
    hits = scan(text, Known(names=(name,)))
    assert any(hit.start <= place + 4 and hit.end > place and hit.kind == HitKind.NAME for hit in hits)


@settings(max_examples=300, deadline=None)
@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=6, max_size=14), st.data())
def test_a_long_name_is_found_with_one_mistake(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    typed = data.draw(
        st.sampled_from(
            [name[:at] + name[at + 1 :], name[:at] + letter + name[at:], name[:at] + letter + name[at + 1 :],
             name[:at] + name[at : at + 2][::-1] + name[at + 2 :]]
        )
    )  # fmt: skip
    assume(name not in NOT_A_NAME)
    assert found(f"We think that {typed.title()} is meant", Known(names=(name,)))


@settings(max_examples=300, deadline=None)
@given(st.text("abcdef", max_size=7), st.text("abcdef", max_size=7))
def test_one_edit_agrees_with_trying_every_edit(a: str, b: str) -> None:
    tried = {a}
    for at in range(len(a) + 1):
        tried |= {a[:at] + c + a[at:] for c in "abcdef"} | {a[:at] + c + a[at + 1 :] for c in "abcdef"}
        tried |= {a[:at] + a[at + 1 :], a[:at] + a[at : at + 2][::-1] + a[at + 2 :]}
    assert is_one_edit_apart(a, b) is (b in tried)


BIRTHS = st.dates(date(1900, 1, 1), date(2026, 12, 31))
DATE_FORMS = ("{d:02}/{m:02}/{y}", "{d}.{m}.{s:02}", "{y}-{m:02}-{d:02}", "{d} {name} {y}", "{d}th of {abbr} {s:02}",
              "{name} {d}, {y}", "{d:02}{m:02}{y}", "{d:02}{abbr}{s:02}")  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(BIRTHS, st.sampled_from(DATE_FORMS))
def test_a_date_of_birth_is_found_in_every_form(born: date, form: str) -> None:
    typed = form.format(d=born.day, m=born.month, y=born.year, s=born.year % 100, name=f"{born:%B}", abbr=f"{born:%b}")
    assert found(f"born {typed} here", Known(births=(born,))) == [typed]


@settings(max_examples=300, deadline=None)
@given(st.from_regex(r"[1-9][0-9]{9}", fullmatch=True), st.data())
def test_a_phone_number_is_found_however_it_is_spaced(digits: str, data: st.DataObject) -> None:
    typed = data.draw(st.sampled_from(["0", "+44", "+44 (0)", "0044 "])) + "".join(
        digit + data.draw(st.sampled_from(["", "", " ", "-", "."])) for digit in digits
    )
    hits = scan(f"ring {typed}!", Known(phones=(f"0{digits}",)))
    assert [hit.kind for hit in hits] == [HitKind.PHONE]


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=400))
def test_any_text_is_read_and_hits_are_places_in_it(text: str) -> None:
    last = 0
    for hit in scan(text, KNOWN):
        assert last <= hit.start < hit.end <= len(text)
        last = hit.end


@pytest.mark.parametrize("awkward", ["a", "a'", "J. ", "1 ", "12/03/", "Marlow ", "07700 900111 "])
def test_the_work_grows_with_the_text_only(awkward: str) -> None:
    """Four times as much of what was made to be awkward is about four times the work, never sixteen times."""
    once, four_times = (lines_run(partial(scan, awkward * n, KNOWN)) for n in (500, 2000))
    assert once < four_times < 5 * once
