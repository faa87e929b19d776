"""Reads about reports and champions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, Max, Min, OuterRef, QuerySet
from django.utils import timezone
from django.utils.safestring import SafeString

from accounts.models import Absence, ChampionAppointment, ServiceArea, User
from accounts.selectors import never_reading, standing
from champions import charts, measures
from champions.figures import count_quarter
from champions.figures_base import in_no_draft
from champions.models import QuarterlyReport, reads_released
from champions.quarters import Quarter
from champions.suppression import NOTHING, Hidden, ShownTable, hide, publish
from champions.tables import Picture, Table, from_json
from concerns.models import Concern, Involvement, Person
from concerns.references import folded

# R126: an entry of the directory is confirmed every month.
CONFIRM_EVERY = timedelta(days=31)
_LONGEST_TREND = 8
_HEADLINES = frozenset(
    {
        measures.RECEIVED.key,
        measures.FLOW.key,
        measures.ACKNOWLEDGED.key,
        measures.DECIDED.key,
        measures.REFERRED.key,
    }
)


# --- Reports --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Section:
    """One measure as it is shown: its figures, what they mean, and their picture ("" when there is none)."""

    table: ShownTable
    meaning: str
    picture: SafeString


@dataclass(frozen=True)
class Published:
    """A report as anyone who may read it sees it, on the page, as PDF and as CSV (rule 9)."""

    report: QuarterlyReport
    sections: tuple[Section, ...]

    @property
    def headlines(self) -> tuple[str, ...]:
        """The few sentences that senior managers read first."""
        return tuple(section.meaning for section in self.sections if section.table.key in _HEADLINES)

    @property
    def has_hidden(self) -> bool:
        return any(section.table.has_hidden for section in self.sections)


def can_read_reports(user: User) -> bool:
    """Whether the reports are there for `user` at all, even while there is none to read."""
    return reads_released(standing(user))


def reports_for(user: User) -> QuerySet[QuarterlyReport]:
    """Of each quarter the newest version that `user` may read, the newest quarter first."""
    return QuarterlyReport.objects.visible_to(user).latest_versions()


def find_report(quarter: str, version: int, *, viewer: User) -> QuarterlyReport | None:
    """The report at this address, if it is there for `viewer`."""
    try:
        start = Quarter.from_code(quarter).start
    except ValueError:
        return None
    return (
        QuarterlyReport.objects.visible_to(viewer)
        .select_related("compared_with", "written_by", "released_by", "superseded_by")
        .filter(quarter_start=start, version=version)
        .first()
    )


def newest_report(quarter: Quarter) -> QuarterlyReport | None:
    """The newest version of the quarter's report, whoever may read it."""
    return QuarterlyReport.objects.filter(quarter_start=quarter.start).order_by("-version").first()


def newest_released(quarter: Quarter) -> QuarterlyReport | None:
    """The newest version of the quarter's report that has been released."""
    return QuarterlyReport.objects.released().filter(quarter_start=quarter.start).order_by("-version").first()


def hidden_of(report: QuarterlyReport) -> Hidden:
    """What a released report does not show."""
    return Hidden.from_json(report.frozen_hidden)


@dataclass(frozen=True)
class Counted:
    """The figures of a report, and what of them must not be shown."""

    tables: tuple[Table, ...]
    hidden: Hidden
    compared: QuarterlyReport | None
    trend: list[tuple[str, int | None]]


def count_report(report: QuarterlyReport, *, is_whole: bool) -> Counted:
    """The figures of `report` as they would be released now or, if they are not the whole, as a draft may tell them.

    Apart from what is counted they rest on released reports alone. Raises NotReconciled.
    """
    quarter = report.quarter
    tables = count_quarter(quarter, is_whole=is_whole)
    compared, earlier = newest_released(quarter.previous), newest_released(quarter)
    hidden = hide(
        tables,
        earlier=NOTHING if earlier is None else hidden_of(earlier),
        before=None if compared is None else hidden_of(compared),
    )
    received = next(table for table in publish(tables, hidden) if table.key == measures.RECEIVED.key)
    return Counted(tables, hidden, compared, [*trend_before(quarter), (quarter.short_label, received.total)])


def figures_of(report: QuarterlyReport) -> Counted:
    """What `report` holds: frozen once it is released, and counted now while it is a draft. Raises NotReconciled."""
    if not report.is_released:
        return count_report(report, is_whole=False)
    tables, trend = from_json(report.frozen_figures["tables"]), report.frozen_figures["trend"]
    return Counted(tables, hidden_of(report), report.compared_with, [(label, value) for label, value in trend])


def shown_tables(counted: Counted) -> tuple[ShownTable, ...]:
    """The tables without what is hidden, with changes against the quarter before."""
    compared = counted.compared
    before = None
    if compared is not None:
        earlier = publish(from_json(compared.frozen_figures["tables"]), hidden_of(compared))
        before = {table.key: table for table in earlier}
    return publish(counted.tables, counted.hidden, before)


def published(report: QuarterlyReport) -> Published:
    """The one object that page, PDF and CSV are made from. Raises NotReconciled for a draft."""
    counted = figures_of(report)
    tables = shown_tables(counted)
    trend = [charts.Point(label, value) for label, value in counted.trend]
    return Published(
        report,
        tuple(
            Section(
                table,
                measures.meaning(table),
                # Our own drawing; every word in it is escaped.
                SafeString(charts.draw(table, trend if table.measure.picture is Picture.TREND else ())),
            )
            for table in tables
        ),
    )


def trend_before(quarter: Quarter) -> list[tuple[str, int | None]]:
    """Concerns received in the quarters before `quarter` as their released reports show them, oldest first.

    A quarter without one breaks the row: only those after it are given.
    """
    found: list[tuple[str, int | None]] = []
    earliest = quarter.plus(1 - _LONGEST_TREND)
    newest = {
        report.quarter_start: report
        for report in QuarterlyReport.objects.released()
        .filter(quarter_start__gte=earliest.start, quarter_start__lt=quarter.start)
        .order_by("version")
    }
    at = quarter.previous
    while report := newest.get(at.start):
        tables = publish(from_json(report.frozen_figures["tables"]), hidden_of(report))
        total = next(table.total for table in tables if table.key == measures.RECEIVED.key)
        found.append((at.short_label, total))
        at = at.previous
    return found[::-1]


def quarters_to_build(*, at: datetime) -> list[Quarter]:
    """Every quarter that has had its fifth working day and has no report yet, oldest first.

    They begin with the quarter of the first concern, so that an installation of today reports nothing of last
    year.
    """
    # Of what no draft may tell, the existence of a draft must not tell either.
    first = Concern.objects.exclude(pk__in=in_no_draft()).aggregate(first=Min("reported_at"))["first"]
    if first is None:
        return []
    built = set(QuarterlyReport.objects.values_list("quarter_start", flat=True))
    today = timezone.localdate(at)
    found = []
    quarter = Quarter.of_moment(first)
    while quarter.is_built_from <= today:
        if quarter.start not in built:
            found.append(quarter)
        quarter = quarter.next
    return found


# --- Names in a commentary (rule 8) ---------------------------------------------------------------

# "Hughes’s" is the word Hughes.
_WORD = re.compile(r"[^\W\d_]+(?:['’-](?!s\b)[^\W\d_]+)*")
# What often begins a sentence before a word with a capital, and is no name.
_NO_NAMES = frozenset(
    {
        "a", "after", "all", "also", "an", "and", "as", "at", "before", "both", "but", "by", "for", "from", "if", "in",
        "it", "its", "last", "most", "next", "no", "of", "on", "our", "over", "since", "so", "some", "the", "their",
        "there", "these", "they", "this", "those", "to", "two", "under", "we", "when", "while", "with",
    }
)  # fmt: skip
# "MARAC" and "DASH" are no names, "ASHWORTH" may be one.
_LONGEST_ABBREVIATION = 5


@dataclass(frozen=True)
class NamesFound:
    """What in a text could be a person: whole names from the records, and other words to look at: those that are part
    of a name there, and those that stand together with capitals as names do.
    """

    whole: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


def names_in(text: str, *, author: User) -> NamesFound:
    """Which names stand in `text`. Names are found however they are accented.

    Compared are the people in the concerns that `author` may read, and the staff. Of anybody else the answer would tell
    whether they are in the records; that is what words with capitals are asked about, whosever they are (ADR 30).
    """
    return names_in_each({"": text}, author=author)[""]


def names_in_each(texts: Mapping[str, str], *, author: User) -> dict[str, NamesFound]:
    """`names_in` for several texts, reading the names once."""
    words = {key: _WORD.findall(text) for key, text in texts.items()}
    plain = {key: f" {' '.join(map(folded, found))} " for key, found in words.items()}
    capitalised = {key: {folded(word): word for word in found if word[0].isupper()} for key, found in words.items()}
    whole: dict[str, set[str]] = {key: set() for key in texts}
    parts: dict[str, set[str]] = {key: set(_like_names(text)) for key, text in texts.items()}
    for name in _known_names(author) if any(words.values()) else ():
        pieces = [folded(word) for word in _WORD.findall(name)]
        for key in texts:
            if len(pieces) > 1 and f" {' '.join(pieces)} " in plain[key]:
                whole[key].add(name)
            else:
                parts[key] |= {
                    capitalised[key][piece] for piece in pieces if len(piece) > 2 and piece in capitalised[key]
                }
    return {key: NamesFound(tuple(sorted(whole[key])), tuple(sorted(parts[key]))) for key in texts}


def _like_names(text: str) -> Iterator[str]:
    """Every two or more words in a row with capitals, as "Mill Lane" and "Jean Ashworth"."""
    row: list[re.Match[str]] = []
    for word in (*_WORD.finditer(text), None):
        if word is not None and _could_be_name(word[0]) and (not row or text[row[-1].end() : word.start()].isspace()):
            row.append(word)
            continue
        if len(row) > 1:
            yield " ".join(each[0] for each in row)
        row = [word] if word is not None and _could_be_name(word[0]) else []


def _could_be_name(word: str) -> bool:
    is_abbreviation = word.isupper() and len(word) <= _LONGEST_ABBREVIATION
    return word[0].isupper() and not is_abbreviation and word.lower() not in _NO_NAMES


def _known_names(author: User) -> Iterator[str]:
    readable = Involvement.objects.filter(person=OuterRef("pk"), concern__in=Concern.objects.visible_to(author))
    known = Person.objects.filter(Exists(readable)).exclude(name="")
    yield from known.values_list("name", flat=True).iterator()
    yield from User.objects.values_list("full_name", flat=True)


# --- The champions directory (R126) ---------------------------------------------------------------


@dataclass(frozen=True)
class ChampionEntry:
    """A champion as every member of staff may see them. `away_until` is None for one who is there."""

    name: str
    job_title: str
    phone: str
    email: str
    away_until: datetime | None
    confirmed_on: date | None
    is_confirmation_due: bool


@dataclass(frozen=True)
class AreaEntry:
    name: str
    champions: tuple[ChampionEntry, ...]

    @property
    def has_available(self) -> bool:
        return any(champion.away_until is None for champion in self.champions)


def champions_directory(*, at: datetime) -> tuple[AreaEntry, ...]:
    """Every service area with its champions, those who are there first."""
    appointments = ChampionAppointment.objects.filter(ended_at__isnull=True, user__is_active=True)
    appointments = appointments.exclude(user__in=never_reading())  # nobody turns to who can't open what they bring
    away = dict(Absence.objects.at(at).values("user").annotate(until=Max("ends_at")).values_list("user", "until"))
    today = timezone.localdate(at)
    by_area: dict[int, list[ChampionEntry]] = {}
    for held in appointments.select_related("user").order_by("user__full_name", "pk"):
        entry = ChampionEntry(
            name=held.user.full_name,
            job_title=held.user.job_title,
            phone=held.user.phone,
            email=held.user.email,
            away_until=away.get(held.user_id),
            confirmed_on=held.confirmed_on,
            is_confirmation_due=_is_due(held.confirmed_on, today),
        )
        by_area.setdefault(held.service_area_id, []).append(entry)
    return tuple(
        AreaEntry(area.name, tuple(sorted(by_area.get(area.pk, []), key=lambda entry: entry.away_until is not None)))
        for area in ServiceArea.objects.all()
    )


def must_confirm_entry(user: User, *, at: datetime) -> bool:
    """Whether `user` is a champion whose entry was last confirmed a month ago or never."""
    held = ChampionAppointment.objects.filter(user=user, ended_at__isnull=True)
    today = timezone.localdate(at)
    return any(_is_due(confirmed_on, today) for confirmed_on in held.values_list("confirmed_on", flat=True))


def _is_due(confirmed_on: date | None, today: date) -> bool:
    return confirmed_on is None or today - confirmed_on >= CONFIRM_EVERY
