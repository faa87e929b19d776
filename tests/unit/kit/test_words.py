"""What is said bit by bit is kept whole, and nothing twice."""

import pytest

from safeguarding.kit.words import with_more


@pytest.mark.parametrize(
    ("said", "more", "whole"),
    [
        ("", "She rang.", "She rang."),
        ("She rang.", "He came.", "She rang.\n\nHe came."),
        ("She rang.", " She rang.\n", "She rang."),
        ("She rang.\n\nHe came.", "He came.", "She rang.\n\nHe came."),
        ("She rang.\n\nHe came.", "She rang.\n\nHe came.", "She rang.\n\nHe came."),
        # Part of what was said is news all the same.
        ("He said: I will kill her.", "I will kill her.", "He said: I will kill her.\n\nI will kill her."),
        ("She rang.", "  ", "She rang."),
    ],
)
def test_more_words_are_added_once(said: str, more: str, whole: str) -> None:
    assert with_more(said, more) == whole
