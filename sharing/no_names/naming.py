"""Which words of a text can be names, and whether an everyday word ("will", "May", "Young") is one where it stands.

For masking, which must neither name somebody nor spoil a sentence. Looks at what stands right beside the word only.
"""

from __future__ import annotations

from collections.abc import Sequence

from sharing.no_names.text import Token, tokens
from sharing.no_names.words import (
    AFTER_A_NAME,
    ALSO_WORDS,
    DID,
    MONTHS,
    MOSTLY_NAMES,
    NOBODY,
    NOT_A_NAME,
    OBJECTS,
    STREET_KINDS,
    TITLES,
)

# After these also in small letters; "the doctor will", "her sister may" and "I miss hope" name nobody.
_SURE_TITLES = frozenset({"mr", "mrs", "ms"})
_ARTICLES = frozenset({"a", "an", "the"})
# "She is White": a surname that is a word is one only where no word is looked for.
_BEFORE_A_WORD = frozenset({"is", "was", "are", "were", "be", "as", "very"})
_NAMES_NOBODY = NOBODY | NOT_A_NAME | TITLES
_MONTH_WORDS = frozenset(word for forms in MONTHS for word in forms)
_BEFORE_A_MONTH = frozenset({"in", "since", "until", "till", "last", "next", "this", "early", "late", "mid", "during"})
_PARTS_OF_A_MONTH = frozenset({"end", "start", "beginning", "middle", "month"})
_ENDS = frozenset(".!?;:\n")
_HOLDS_TOGETHER = frozenset({"", "-", "/"})
# What may stand before a name within a sentence, beside spaces.
_WITHIN_A_SENTENCE = frozenset({"", ",", "-", "/", "&", "’", "'"})


def is_everyday(word: str) -> bool:
    """Whether a name is an everyday word or a month too."""
    return word in ALSO_WORDS or word in _MONTH_WORDS


def names_somebody(text: str, read: Sequence[Token], place: int, *, is_surname: bool = False) -> bool:
    """Whether the everyday word `read[place]` is the name here.

    It has a capital, is no month, no place ("Rose Court") and stands behind no article ("the Grace Centre"). At the
    head of a sentence, where every word has a capital, what follows must go with a person. A surname alone is one
    within a sentence only, with no other capital beside it ("White British"). After a title it is always one.
    """
    token = read[place]
    before, after = _before(text, read, place), _after(text, read, place)
    if _has_title(text, read, place):
        return token.has_capital or read[place - 1].word in _SURE_TITLES
    if not token.has_capital or _is_shouted(read, place) or _is_month(text, read, place):
        return False
    if before is not None and before.word in _ARTICLES:
        return False
    if after is not None and after.has_capital and after.word in STREET_KINDS:
        return False
    if is_surname:
        return not _begins(text, read, place) and _stands_alone(before, after)
    return not _begins(text, read, place) or token.stem in MOSTLY_NAMES or _goes_with_a_person(text, read, place)


def names_listed(answer: str) -> dict[str, bool]:
    """The words of a free answer ("Her niece, Ann Lee") that can be names, and whether each may be another word as
    well: it is an everyday word, or its capital is that of a sentence's first word.
    """
    read = tokens(answer)
    found: dict[str, bool] = {}
    for place, token in enumerate(read):
        word = token.stem
        if not token.has_capital or len(word) < 2 or word in _NAMES_NOBODY:
            continue
        if is_everyday(word) and not names_somebody(answer, read, place):
            continue
        may_be_a_word = is_everyday(word) or _begins(answer, read, place) or _is_shouted(read, place)
        found[word] = may_be_a_word and found.get(word, True)
    return found


def names_in(words_typed: str) -> str:
    """The words of a free answer that can only be names: a capital, and no everyday word."""
    return " ".join(word for word in names_listed(words_typed) if word not in ALSO_WORDS)


def is_within_a_name(between: str) -> bool:
    """Whether what stands between two words may stand within a name: "Jean\\nMarlowe", "Smith-Jones", "jean.lee"."""
    return (between.isspace() and "\n\n" not in between) or between in {"-", "\u2010", "\u2011", "."}


def is_title_of(text: str, title: Token, named: Token) -> bool:
    """ "Mrs Young", "Mr. Young"; not "the Doctor. Will she come?"."""
    between = text[title.end : named.start]
    is_short = between.strip() == "." and len(title.word) <= 3
    return title.word in TITLES and (between.isspace() or is_short)


def _is_shouted(read: Sequence[Token], place: int) -> bool:
    """Whether a word is all capitals because one beside it is: then capitals tell nothing."""
    beside = (*read[max(0, place - 1) : place], *read[place + 1 : place + 2])
    return read[place].is_upper and any(token.is_upper for token in beside)


def _before(text: str, read: Sequence[Token], place: int) -> Token | None:
    """The word before, when nothing that parts two words stands between."""
    if place == 0 or text[read[place - 1].end : read[place].start].strip() not in _HOLDS_TOGETHER:
        return None
    return read[place - 1]


def _after(text: str, read: Sequence[Token], place: int) -> Token | None:
    if place + 1 == len(read) or text[read[place].end : read[place + 1].start].strip() not in _HOLDS_TOGETHER:
        return None
    return read[place + 1]


def _has_title(text: str, read: Sequence[Token], place: int) -> bool:
    return place > 0 and is_title_of(text, read[place - 1], read[place])


def _begins(text: str, read: Sequence[Token], place: int) -> bool:
    if place == 0:
        return True
    between = text[read[place - 1].end : read[place].start]
    return "\n" in between or between.strip() not in _WITHIN_A_SENTENCE


def _stands_alone(before: Token | None, after: Token | None) -> bool:
    if after is not None and (after.has_capital or after.word == "of"):  # "White British", "Court of Protection"
        return False
    if before is None:
        return True
    is_rank = before.is_upper and len(before.word) <= 3  # "PC Young"
    return before.word not in _BEFORE_A_WORD and (is_rank or not before.has_capital)


def _is_month(text: str, read: Sequence[Token], place: int) -> bool:
    """ "12 May", "May 2026", "the 3rd of May", "in May", "end of May", "May, June and July", "May Day"."""
    if read[place].stem not in _MONTH_WORDS:
        return False
    before, after = _before(text, read, place), _after(text, read, place)
    if after is not None and (after.is_number or after.word in {"day", "bank"}):
        return True
    if _is_near_a_month(text, read, place, -1) or _is_near_a_month(text, read, place, 1):
        return True
    back = [token.word for token in read[max(0, place - 3) : place]]
    is_of = back[-1:] == ["of"] and (not _PARTS_OF_A_MONTH.isdisjoint(back[-2:-1]) or _is_day(back[:-1]))
    return before is not None and (before.word in _BEFORE_A_MONTH or is_of or _is_day(back))


def _is_near_a_month(text: str, read: Sequence[Token], place: int, step: int) -> bool:
    """Whether the next word in this direction is a month, "and", "or" and "to" aside."""
    for beside in (place + step, place + 2 * step):
        if not 0 <= beside < len(read):
            return False
        first, last = sorted((place, beside))
        if set(text[read[first].end : read[last].start]) & _ENDS:
            return False
        if read[beside].word in _MONTH_WORDS:
            return True
        if read[beside].word not in {"and", "or", "to"}:
            return False
    return False


def _is_day(back: Sequence[str]) -> bool:
    """ "3", "3rd"."""
    if back and back[-1] in {"st", "nd", "rd", "th"}:
        back = back[:-1]
        return bool(back) and back[-1].isdigit()
    return bool(back) and back[-1].isdigit()


def _goes_with_a_person(text: str, read: Sequence[Token], place: int) -> bool:
    """Whether what follows is said of somebody: "Will said", "Will’s", "Mark, her son", "Mark robbed her"."""
    token = read[place]
    if token.stem != token.word or place + 1 == len(read):
        return True
    after = read[place + 1]
    between = text[token.end : after.start]
    if between.strip() or "\n" in between:
        return True
    if after.word in {"and", "or"}:
        return place + 2 < len(read) and read[place + 2].has_capital
    is_regular = len(after.word) > 3 and after.word.endswith(("ed", "s")) and not after.word.endswith("eed")
    is_deed = is_regular or after.word in DID
    return after.word in AFTER_A_NAME or (is_deed and any(each.word in OBJECTS for each in read[place + 2 : place + 3]))
