"""Every "why" of a decision reads without the register beside it: expected words by hand."""

from __future__ import annotations

import re

import pytest

from sharing.clauses import GROUNDS, source_in_words
from sharing.rules import SOURCES


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("000 §7.0; 000 golden rule 4; 004 C", "Our policy, section 7.0; our policy, golden rule 4; Havering guide"),
        ("004 C4; 000 §7.0", "Havering guide, ground C4; our policy, section 7.0"),
        ("000 §7.0; 004 C1-C9", "Our policy, section 7.0; Havering guide, grounds C1 to C9"),
        ("004 E1-E7", "Havering guide, steps E1 to E7"),
        (SOURCES["F38"],
         ("Havering guide, key message 8: “As long as it does not increase risk, practitioners should inform the person"
         " if they need to share their information without consent”; Dudley guide, box 5")),
        (SOURCES["VR9"],
         ("Havering guide, ground C3: “sharing the information could prevent a crime”; Havering guide, ground C5:"
         " “a serious crime has been committed”; Crime and Disorder Act 1998, section 115")),
        ("001 §4, §6; 003: “The first and most important consideration”",
         "Dudley guide, boxes 4 and 6; Hillingdon guide: “The first and most important consideration”"),
        ("000 §3.0, §6.2; 002: views heard", "Our policy, sections 3.0 and 6.2; guide on children: views heard"),
    ],
)  # fmt: skip
def test_a_clause_is_named_as_people_know_it(source: str, words: str) -> None:
    assert source_in_words(source) == words


def test_no_sign_of_the_register_is_left() -> None:
    every = [*SOURCES.values(), *(ground.source for ground in GROUNDS)]
    left = [words for words in map(source_in_words, every) if re.search(r"\b00\d\b", words)]
    assert left == []
