"""A signed document read out: twenty parts, in the order of domain.md 3.5, for the page and the PDF alike.

Pure.

Everything comes from the signed document; what happened later is handed in as plain rows (`Later`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from concerns.clocks import LONDON
from sharing.reading.masking import Around, Contacts, Names, masked

Row = tuple[str, str]
# Letters in an answer or a cell that may fill a page, and therefore break across two.
LONG = 900
Doc = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """Rows under headings; the first cell names its row."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    # How wide the columns are on paper, in percent (multiples of 5); equal when not said.
    shares: tuple[int, ...] = ()

    @property
    def labelled(self) -> list[list[tuple[str, str]]]:
        """Each row as (heading, cell)."""
        return [list(zip(self.headings, row, strict=True)) for row in self.rows]

    @property
    def columns(self) -> list[tuple[str, int]]:
        """Each heading with the width of its column, 0 where nobody says."""
        return list(zip(self.headings, self.shares or (0,) * len(self.headings), strict=True))

    @property
    def is_long(self) -> bool:
        """Whether a row may be longer than a page."""
        return any(len(cell) > LONG for row in self.rows for cell in row)


def runs(answers: Iterable[Row]) -> list[tuple[bool, list[Row]]]:
    """`answers` in their order, cut where long ones begin and end: on paper those take the whole width."""
    return [(is_long, list(rows)) for is_long, rows in groupby(answers, key=lambda row: len(row[1]) > LONG)]


@dataclass(frozen=True)
class Part:
    """One numbered part: answers to questions, tables, and a sentence where there is nothing."""

    number: int
    title: str
    answers: tuple[Row, ...] = ()
    tables: tuple[Table, ...] = ()
    empty: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.answers and not any(table.rows for table in self.tables)

    @property
    def runs(self) -> list[tuple[bool, list[Row]]]:
        return runs(self.answers)


@dataclass(frozen=True)
class Later:
    """What happened after signing: rows of their own, each with the moment and the person, as words.

    `is_whole`: nothing is kept from the reader. Otherwise `shared` says nothing, not that nothing was.
    """

    is_whole: bool = True
    superseded: str = ""  # by which version, and by whom
    superseded_why: str = ""
    second_view: str = ""  # of the second person: whether they agreed, when and who; or that none has yet
    second_words: str = ""
    shared: tuple[Row, ...] = ()  # with whom, and when
    follow_up: tuple[tuple[str, ...], ...] = ()
    versions: tuple[tuple[str, ...], ...] = ()
    events: tuple[tuple[str, ...], ...] = ()


YES_NO = {"yes": "Yes", "no": "No", "unknown": "Not known", "unsure": "Unsure", "later": "Later", "": "Not answered"}


@dataclass(frozen=True)
class Reader:
    """Reads one document. With `masked`, people who are not at risk are not named (3.5, R96). With `on_paper`, safe
    contacts are hidden too; `around` says what else there is to hide. A draft is read out as not signed.
    """

    document: Doc
    masked: bool = False
    on_paper: bool = False
    around: Around = field(default_factory=Around)
    is_draft: bool = False
    _looked_for: tuple[Contacts | Names, ...] = field(init=False, repr=False, compare=False, default=())

    def __post_init__(self) -> None:
        looked_for: list[Contacts | Names] = []
        if self.on_paper:
            at_risk = [each["name"] for each in self.record["people"] if each["is_at_risk"]]
            looked_for.append(Contacts(self.around.contacts, at_risk))
        if self.masked:
            looked_for.append(Names(self.record, self.around))
        object.__setattr__(self, "_looked_for", tuple(looked_for))

    @property
    def record(self) -> Doc:
        record: Doc = self.document["record"]
        return record

    def word(self, name: str, code: str) -> str:
        """The words of `code` in list `name`, as they were when it was signed."""
        words: Mapping[str, str] = self.document["words"].get(name, {})
        return words.get(code, YES_NO.get(code, code))

    def words(self, name: str, codes: Iterable[str]) -> str:
        return "; ".join(self.word(name, code) for code in codes)

    def text(self, value: object) -> str:
        """What somebody wrote, masked where it must be."""
        return masked(str(value or ""), self._looked_for)

    @property
    def hides_anything(self) -> bool:
        """Whether any word of the record is not read out as it was signed."""
        return any(self.text(words) != words for words in _leaves(self.record))

    def clause(self, part: str, code: str) -> str:
        return str(self.document["clauses"][part][code]["text"])


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _leaves(each)


def day(value: str | None) -> str:
    """An ISO date as people read it."""
    if not value:
        return ""
    read = date.fromisoformat(value)
    return f"{read.day} {read:%B %Y}"


def moment(value: str | None) -> str:
    """An ISO moment in London time, as people read it."""
    if not value:
        return ""
    local = datetime.fromisoformat(value).astimezone(LONDON)
    return f"{local.day} {local:%B %Y, %H:%M}"
