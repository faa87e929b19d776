"""The pages, the PDF and the CSV of a report: one set of figures, the right readers, and nothing hidden in
any of them.
"""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from champions import documents
from champions.figures import NotReconciled
from champions.models import QuarterlyReport
from champions.quarters import Quarter
from champions.selectors import published
from champions.services import build_report
from champions.tasks import BUILD_DUE_REPORTS, build_due_reports
from safeguarding.celery import TIMETABLE
from safeguarding.kit.clock import now
from safeguarding.kit.spreadsheet import harmless
from tests.build.cast import PASSWORD, Cast
from tests.build.quarters import AFTER_SPRING, SPRING, WORDS, comment, raise_about_manager, raise_many, release
from tests.integration.champions.test_reports import READERS

pytestmark = pytest.mark.django_db

PAGE = "/quarterly-reports/2026-04/1/"


@pytest.fixture
def report(cast: Cast) -> QuarterlyReport:
    """Released. 30 concerns: housing 18, income 9, repairs 3, of which one is restricted."""
    raise_many(cast.amara, 18)
    raise_many(cast.rhys, 9)
    raise_many(cast.priya, 2)
    raise_about_manager(cast.priya)
    return release(build_report(quarter=Quarter.of_moment(SPRING), by=None, at=AFTER_SPRING), cast.karen)


@pytest.fixture
def few(cast: Cast) -> QuarterlyReport:
    """Five concerns: enough for whatever is not about the figures."""
    raise_many(cast.amara, 5)
    return build_report(quarter=Quarter.of_moment(SPRING), by=None, at=AFTER_SPRING)


class _Cells(HTMLParser):
    """The texts of every table's cells, row by row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._is_cell = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
            self._is_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._is_cell = False

    def handle_data(self, data: str) -> None:
        if self._is_cell:
            self.rows[-1][-1] += data.strip()


def cells_of(page: str) -> list[list[str]]:
    parser = _Cells()
    parser.feed(page)
    return parser.rows


def page_of(client: Client, user: Any, path: str = PAGE) -> str:
    client.force_login(user)
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def figures_on_page(page: str) -> list[tuple[str, str]]:
    """(group, number) of every row of every table of figures."""
    return [(row[0], row[1]) for row in cells_of(page) if len(row) > 1 and row[1] != "Number"]


def figures_in_csv(text: str) -> list[tuple[str, str]]:
    lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    return [(line[2], line[5]) for line in lines[2:]]


def test_page_and_csv_show_the_same_figures(client: Client, cast: Cast, report: QuarterlyReport) -> None:
    on_page = figures_on_page(page_of(client, cast.karen))
    in_csv = figures_in_csv(client.get(f"{PAGE}figures.csv").content.decode())
    # No decision was signed: the page says so in a sentence, the CSV in a line.
    listed = [line for line in in_csv if line != ("Withheld", "[c]")]
    # Kinds of abuse without any concern share one sentence on the page.
    sentences = re.findall(r"<p[^>]*>0: (.*?)\.</p>", client.get(PAGE).content.decode())
    empty = {label for sentence in sentences for label in html.unescape(sentence).split("; ")}
    assert len(empty) > 20
    assert on_page == [line for line in listed if line[1] != "0" or line[0] not in empty]
    assert "Withheld: there are too few" in client.get(PAGE).content.decode()
    assert ("Concerns received", "30") in on_page
    assert ("Housing management", "18") in on_page
    assert ("Repairs and maintenance", "[c]") in on_page
    assert ("Income and tenancy sustainment", "[c]") in on_page


@pytest.mark.pdf
def test_the_pdf_shows_the_same_figures(client: Client, cast: Cast, report: QuarterlyReport) -> None:
    pypdf = pytest.importorskip("pypdf")
    figures = figures_on_page(page_of(client, cast.karen))
    answer = client.get(f"{PAGE}report.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    reader = pypdf.PdfReader(io.BytesIO(answer.content))
    words = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))
    at = words.index("The figures")
    for group, number in figures:
        # In the order of the page, each group directly followed by its number.
        found = re.compile(rf"{re.escape(group)} {re.escape(number)}(?!\d)").search(words, at)
        assert found, group
        at = found.start()
    assert "DRAFT" not in words


@pytest.mark.pdf
def test_a_draft_says_on_page_pdf_and_csv_what_it_leaves_out(client: Client, cast: Cast, few: QuarterlyReport) -> None:
    pypdf = pytest.importorskip("pypdf")
    raise_about_manager(cast.priya)
    means = "A draft leaves out restricted concerns and a few others, and is counted again each time that it is opened."
    page = page_of(client, cast.karen)
    assert means in page
    assert ("Concerns received", "5") in figures_on_page(page)
    reader = pypdf.PdfReader(io.BytesIO(client.get(f"{PAGE}report.pdf").content))
    words = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))
    assert "DRAFT" in words
    assert means in words
    assert means in client.get(f"{PAGE}figures.csv").content.decode().splitlines()[0]
    release(few, cast.karen)
    page = page_of(client, cast.karen)
    assert means not in page
    assert means not in client.get(f"{PAGE}figures.csv").content.decode()
    assert ("Concerns received", "6") in figures_on_page(page)


def test_a_draft_whose_records_do_not_add_up_says_so(
    client: Client, cast: Cast, few: QuarterlyReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(quarter: Quarter, *, is_whole: bool) -> None:
        raise NotReconciled("The records of this quarter do not add up.")

    comment(few, cast.karen)
    client.post("/account/login/", {"login": cast.karen.email, "password": PASSWORD})
    monkeypatch.setattr("champions.selectors.count_quarter", broken)
    for path in ("", "report.pdf", "figures.csv"):
        answer = client.get(f"{PAGE}{path}", follow=True)
        assert answer.redirect_chain == [("/quarterly-reports/", 302)], path
        assert "do not add up" in answer.content.decode()
    answer = client.post(f"{PAGE}release/")
    assert answer["Location"] == PAGE
    few.refresh_from_db()
    assert not few.is_released


def test_no_hidden_figure_stands_anywhere_in_the_page(client: Client, cast: Cast, report: QuarterlyReport) -> None:
    page = page_of(client, cast.karen)
    drawn = re.search(r"<svg[^>]*areas-title.*?</svg>", page, re.DOTALL)
    assert drawn is not None
    assert "Housing management: 18" in drawn[0]
    assert "Repairs and maintenance: hidden" in drawn[0]
    assert "Income and tenancy sustainment: hidden" in drawn[0]
    assert not re.search(r">\s*(3|9)\s*<", drawn[0])


def test_the_page_obeys_the_content_security_policy(client: Client, cast: Cast, report: QuarterlyReport) -> None:
    page = page_of(client, cast.karen)
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=", page)


def test_words_that_a_spreadsheet_would_run_are_harmless() -> None:
    assert harmless("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert [harmless(f"{first}1")[0] for first in "+-@\t\r"] == ["'"] * 5
    assert harmless("Housing") == "Housing"


def test_an_area_named_like_a_formula_is_harmless_in_the_csv(cast: Cast) -> None:
    cast.areas.housing.name = "=1+1"
    cast.areas.housing.save()
    raise_many(cast.amara, 12)
    made = build_report(quarter=Quarter.of_moment(SPRING), by=None, at=AFTER_SPRING)
    assert ("'=1+1", "12") in figures_in_csv(documents.report_csv(published(made)))


def statuses(client: Client, user: Any) -> tuple[int, int, int]:
    client.force_login(user)
    paths = (PAGE, f"{PAGE}figures.csv", "/quarterly-reports/")
    page, figures, listed = (client.get(path).status_code for path in paths)
    return page, figures, listed


def test_who_reads_what(client: Client, cast: Cast, few: QuarterlyReport) -> None:
    """Those who may read released reports find the list, empty or not; for the others none of it is there."""
    for who, draft, released in READERS:
        page = 200 if draft else 404
        assert statuses(client, getattr(cast, who)) == (page, page, 200 if released else 404), who
    release(few, cast.karen)
    for who, _, released in READERS:
        assert set(statuses(client, getattr(cast, who))) == {200 if released else 404}, who


@pytest.mark.parametrize("who", ["ruth", "helen"])
def test_only_the_operational_lead_finds_the_forms(client: Client, cast: Cast, few: QuarterlyReport, who: str) -> None:
    client.post("/account/login/", {"login": getattr(cast, who).email, "password": PASSWORD})
    for path in ("commentary/", "restate/", "release/"):
        assert client.get(f"{PAGE}{path}").status_code == 404
        assert client.post(f"{PAGE}{path}", {"reason": "x"}).status_code == 404


def test_an_unknown_report_is_not_there(client: Client, cast: Cast, few: QuarterlyReport) -> None:
    client.force_login(cast.karen)
    for address in ("2026-05/1", "2026-04/2", "x/1", "2031-04/1", "2026-04/0"):
        assert client.get(f"/quarterly-reports/{address}/").status_code == 404


def test_each_reading_leaves_a_receipt(client: Client, cast: Cast, few: QuarterlyReport) -> None:
    release(few, cast.karen)
    page_of(client, cast.helen)
    client.get(f"{PAGE}figures.csv")
    receipts = Event.objects.filter(code="report.read", actor_id=cast.helen.pk).order_by("pk")
    assert [(event.ref, event.data) for event in receipts] == [
        ("QR-2026-04/1", {"form": "page"}),
        ("QR-2026-04/1", {"form": "csv"}),
    ]


ANSWERS = {
    "concerns": "More people are being pressed for money.",
    "themes": "Financial abuse is rising.",
    "actions": "Guidance by the end of August.",
    "progress": "Nothing was open.",
    "is_confirmed_anonymous": "on",
}


def test_the_operational_lead_comments_and_releases(client: Client, cast: Cast, few: QuarterlyReport) -> None:
    client.post("/account/login/", {"login": cast.karen.email, "password": PASSWORD})
    saved = client.post(f"{PAGE}commentary/", ANSWERS, follow=True).content.decode()
    assert "Commentary saved." in saved
    assert "Financial abuse is rising." in saved
    assert "Senior managers get an e-mail" in client.get(f"{PAGE}release/").content.decode()
    released = client.post(f"{PAGE}release/", follow=True).content.decode()
    assert "Report released." in released
    assert "by Karen Doyle" in released


def test_release_asks_for_fresh_proof(client: Client, cast: Cast, few: QuarterlyReport) -> None:
    comment(few, cast.karen)
    with time_machine.travel(now() - timedelta(minutes=20)):
        client.post("/account/login/", {"login": cast.karen.email, "password": PASSWORD})
    answer = client.post(f"{PAGE}release/")
    assert answer.headers["Location"].startswith("/account/reauthenticate/")
    few.refresh_from_db()
    assert not few.is_released


def test_missing_words_are_asked_for_and_typed_ones_stay(client: Client, cast: Cast, few: QuarterlyReport) -> None:
    client.force_login(cast.karen)
    page = client.post(f"{PAGE}commentary/", {**ANSWERS, "themes": "", "is_confirmed_anonymous": ""}).content.decode()
    assert "Say what is rising and why, or that nothing is" in page
    assert "Confirm that nothing here could identify anyone" in page
    assert "Guidance by the end of August." in page


def test_a_name_is_pointed_out_next_to_the_field(client: Client, cast: Cast, few: QuarterlyReport) -> None:
    client.force_login(cast.karen)
    page = client.post(f"{PAGE}commentary/", {**ANSWERS, "themes": "As Jean Ashworth said."}).content.decode()
    assert "Take out the name of a person: Jean Ashworth" in page
    page = client.post(f"{PAGE}commentary/", {**ANSWERS, "themes": "On the Jean estate."}).content.decode()
    assert "that you have checked them: Jean" in page
    answers = {**ANSWERS, "themes": "On the Jean estate.", "has_checked_names": "on"}
    assert client.post(f"{PAGE}commentary/", answers).status_code == 302


def test_a_released_report_is_counted_again_as_a_draft(client: Client, cast: Cast, few: QuarterlyReport) -> None:
    assert "Count the figures again" not in page_of(client, cast.karen)
    page = client.post(f"{PAGE}restate/", {"reason": "Late records"}).content.decode()
    assert "This is a draft. Its figures are counted again each time that it is opened." in page
    release(few, cast.karen)
    assert "Count the figures again" in page_of(client, cast.karen)
    page = client.post(f"{PAGE}restate/", {"reason": "Late records"}, follow=True).content.decode()
    assert "Version 2, not released" in page
    assert "There is a newer version" in client.get(PAGE).content.decode()


def test_the_list_names_each_quarter(client: Client, cast: Cast, few: QuarterlyReport) -> None:
    page = page_of(client, cast.karen, "/quarterly-reports/")
    assert "April to June 2026" in page
    assert "Waiting for its commentary" in page


def test_what_was_typed_is_kept_valid_or_not(client: Client, cast: Cast, few: QuarterlyReport) -> None:
    client.force_login(cast.karen)
    client.post(f"{PAGE}commentary/", {"themes": "Half a sentence"})
    assert client.post(f"{PAGE}commentary/keep/", {"themes": "Half a sentence", "actions": "And"}).status_code == 204
    page = page_of(client, cast.karen, f"{PAGE}commentary/")
    assert "Half a sentence" in page
    assert "And</textarea>" in page
    few.refresh_from_db()
    assert not few.has_commentary


def test_kept_words_that_differ_must_be_saved_again_before_release(
    client: Client, cast: Cast, few: QuarterlyReport
) -> None:
    comment(few, cast.karen)
    client.force_login(cast.karen)
    client.post(f"{PAGE}commentary/keep/", vars(WORDS))
    few.refresh_from_db()
    assert few.has_commentary
    client.post(f"{PAGE}commentary/keep/", {**vars(WORDS), "themes": "Jean Ashworth"})
    few.refresh_from_db()
    assert not few.has_commentary
    release(few, cast.karen)
    assert client.post(f"{PAGE}commentary/keep/", {"themes": "Later"}).status_code == 409


def test_a_report_takes_few_queries_and_as_many_for_any_size(client: Client, cast: Cast, few: QuarterlyReport) -> None:
    """Released it is read; a draft is counted, in as many statements for 5 concerns as for 20."""
    client.force_login(cast.karen)

    def statements(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    assert statements("/quarterly-reports/") <= 12
    drafts = [statements(PAGE)]
    raise_many(cast.amara, 15, at=SPRING + timedelta(days=1))
    drafts.append(statements(PAGE))
    assert drafts[0] == drafts[1] <= 60
    release(few, cast.karen)
    assert statements(PAGE) <= 20


def test_the_timetable_knows_the_task(cast: Cast, few: QuarterlyReport) -> None:
    assert TIMETABLE["build the report of a quarter that has ended"][0] == BUILD_DUE_REPORTS
    with time_machine.travel(AFTER_SPRING + timedelta(days=100)):
        build_due_reports()
    assert QuarterlyReport.objects.count() == 2
