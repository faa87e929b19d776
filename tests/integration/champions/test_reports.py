"""Building, commenting, releasing and restating a report (R138, R139), and scenario 19."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from audit.models import Event, Seal
from audit.services import seal
from audit.verification import verify
from champions import services
from champions.figures import NotReconciled, count_quarter
from champions.models import QuarterlyReport, frozen
from champions.quarters import Quarter
from champions.selectors import NamesFound, find_report, names_in, published, quarters_to_build, reports_for
from champions.suppression import ShownTable
from champions.tables import Table
from champions.written_once import RELEASED
from concerns.models import Concern
from concerns.services import raise_concern
from concerns.services.base import lock
from concerns.services.conflicts import bar, recuse
from concerns.vocabulary import Implicated
from safeguarding.kit import outbox
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from safeguarding.kit.models import OutboxMessage
from tests.build.append_only import lifted
from tests.build.cast import Cast
from tests.build.intakes import ADULT, PLAIN
from tests.build.quarters import AFTER_SPRING, SPRING, WORDS, comment, raise_about_manager, raise_many, release

pytestmark = pytest.mark.django_db

QUARTER = Quarter(date(2026, 4, 1))


def build(cast: Cast, *, at: datetime = AFTER_SPRING) -> QuarterlyReport:
    return services.build_report(quarter=QUARTER, by=None, at=at)


def shown(report: QuarterlyReport) -> dict[str, ShownTable]:
    return {section.table.key: section.table for section in published(report).sections}


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def told(kind: str) -> set[int]:
    return set(OutboxMessage.objects.filter(kind=kind).values_list("recipient_id", flat=True))


def test_the_timetable_builds_every_quarter_that_is_due_once(cast: Cast) -> None:
    raise_many(cast.amara, 6, at=SPRING - timedelta(days=80))
    raise_many(cast.amara, 6)
    # Working day 5 after the end of June is Tuesday 7 July; nothing ran since January.
    assert [quarter.code for quarter in quarters_to_build(at=AFTER_SPRING)] == ["2026-01", "2026-04"]
    assert services.build_due_reports(at=AFTER_SPRING) == 2
    assert services.build_due_reports(at=AFTER_SPRING) == 0
    assert told("report.built") == {cast.karen.pk}


def test_quarters_are_released_in_their_order_and_compared(cast: Cast) -> None:
    """What closes one quarter and opens the next is hidden in both or in neither, so the earlier one comes first."""
    raise_many(cast.amara, 6, at=SPRING - timedelta(days=80))
    raise_many(cast.amara, 8)
    services.build_due_reports(at=AFTER_SPRING)
    winter, spring = QuarterlyReport.objects.order_by("quarter_start")
    with pytest.raises(NotNow, match="Release the report of January to March 2026 first"):
        release(spring, cast.karen)
    assert not shown(spring)["received"].has_change, "a draft is compared with no draft"
    release(winter, cast.karen)
    assert shown(spring)["received"].total_change == 2
    spring = release(spring, cast.karen)
    assert spring.compared_with == winter
    assert shown(spring)["received"].total_change == 2
    assert spring.frozen_figures["trend"] == [["Jan-Mar 2026", 6], ["Apr-Jun 2026", 8]]


def test_a_report_is_not_due_before_the_fifth_working_day(cast: Cast) -> None:
    raise_many(cast.amara, 1)
    assert quarters_to_build(at=AFTER_SPRING - timedelta(days=1)) == []


def test_no_report_before_there_was_a_concern(cast: Cast) -> None:
    assert services.build_due_reports(at=AFTER_SPRING) == 0


def test_a_quarter_whose_records_do_not_add_up_stops_no_other(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    raise_many(cast.amara, 6, at=SPRING - timedelta(days=80))
    raise_many(cast.amara, 6)

    def broken(quarter: Quarter) -> tuple[Table, ...]:
        if quarter.code == "2026-01":
            raise NotReconciled(quarter.code)
        return count_quarter(quarter)

    monkeypatch.setattr(services, "count_quarter", broken)
    assert services.build_due_reports(at=AFTER_SPRING) == 1
    assert "2026-01 was not built" in caplog.text


def test_building_twice_makes_one_report(cast: Cast) -> None:
    raise_many(cast.amara, 6)
    assert build(cast).pk == build(cast).pk
    assert QuarterlyReport.objects.count() == 1
    assert Event.objects.filter(code="report.built").count() == 1


def test_a_quarter_that_has_not_ended_has_no_report(cast: Cast) -> None:
    with pytest.raises(NotNow):
        services.build_report(quarter=QUARTER, by=None, at=QUARTER.ends_at - timedelta(seconds=1))


def test_figures_stay_as_they_were_released(cast: Cast) -> None:
    raise_many(cast.amara, 12)
    report = build(cast)
    raise_many(cast.amara, 3, at=SPRING + timedelta(days=1))
    assert shown(report)["received"].total == 15, "a draft is counted as it is opened"
    release(report, cast.karen)
    raise_many(cast.amara, 2, at=SPRING + timedelta(days=2))
    assert shown(QuarterlyReport.objects.get(pk=report.pk))["received"].total == 15


# --- What a draft may not tell (I3, I13; ADR 30) ----------------------------------------------------


def raise_about(staff: User, by: User, *, name: str = "Zebedee Quartermaine", at: datetime = SPRING) -> Concern:
    """A concern in which `staff` is implicated, so that for them it does not exist."""
    intake = replace(
        PLAIN, implicated=Implicated.OTHER_STAFF, implicated_words="She takes his money.",
        implicated_staff_ids=(staff.pk,), people=(replace(ADULT, name=name),),
    )  # fmt: skip
    concern = raise_concern(intake=intake, by=by, at=at)
    assert not Concern.objects.visible_to(fresh(staff)).filter(pk=concern.pk).exists()
    return concern


def everything_in(report: QuarterlyReport) -> list[object]:
    """All that page, PDF and CSV are made from."""
    return [(section.table, section.meaning, str(section.picture)) for section in published(report).sections]


def test_a_draft_is_the_same_with_a_concern_and_without_it_for_whoever_is_named_in_it(cast: Cast) -> None:
    raise_many(cast.amara, 12)
    report = build(cast)
    before = everything_in(report)
    for _ in range(6):
        raise_about(cast.karen, cast.amara)
    assert everything_in(report) == before
    assert shown(report)["received"].total == 12
    # Released reports are the exception: they count all of it.
    assert shown(release(report, cast.karen))["received"].total == 18


def test_neither_does_counting_again_tell(cast: Cast) -> None:
    raise_many(cast.amara, 8)
    report = release(build(cast), cast.karen)
    asked = []
    for _ in range(2):
        with transaction.atomic():
            again = services.restate_report(report_id=report.pk, reason="Late", by=cast.karen, at=AFTER_SPRING)
            asked.append((again.version, everything_in(again)))
            transaction.set_rollback(True)
        raise_about(cast.karen, cast.amara)
    assert asked[0] == asked[1]


def test_nor_a_bar_that_comes_later_nor_a_recusal_nor_the_restriction_that_has_ended(cast: Cast) -> None:
    concerns = raise_many(cast.amara, 12)
    report = build(cast)
    assert shown(report)["received"].total == 12
    with transaction.atomic():
        bar(lock(concerns[0].pk), staff_id=cast.karen.pk, reason="Named", by=cast.ruth, at=AFTER_SPRING)
        recuse(lock(concerns[1].pk), staff=cast.imran, reason="A relative", by=cast.ruth, at=AFTER_SPRING)
    assert shown(report)["received"].total == 10
    Concern.objects.filter(pk=concerns[0].pk).update(is_restricted=False)
    assert shown(report)["received"].total == 10
    # Of somebody who reads no drafts a recusal takes nothing away.
    with transaction.atomic():
        recuse(lock(concerns[2].pk), staff=cast.dev, reason="A relative", by=cast.ruth, at=AFTER_SPRING)
    assert shown(report)["received"].total == 10


def test_there_is_no_draft_of_a_quarter_that_has_nothing_else_in_it(cast: Cast) -> None:
    raise_about(cast.karen, cast.amara, at=SPRING - timedelta(days=80))
    raise_many(cast.amara, 1)
    assert [quarter.code for quarter in quarters_to_build(at=AFTER_SPRING)] == ["2026-04"]


def test_the_names_in_a_concern_that_one_may_not_read_are_asked_about_as_any_others(cast: Cast) -> None:
    raise_many(cast.amara, 6)
    raise_about(cast.karen, cast.amara)
    report = build(cast)

    def answer(words: str) -> dict[str, list[str]]:
        with pytest.raises(Unsound) as refusal:
            comment(report, cast.karen, words=replace(WORDS, themes=words))
        return refusal.value.problems

    asked = {"has_checked_names": ["Check the words that are or could be names."]}
    assert answer("We talked of Zebedee Quartermaine.") == answer("We talked of Nobody Suchname.") == asked
    assert names_in("Zebedee was there", author=cast.karen) == NamesFound()
    assert names_in("Zebedee was there", author=cast.ruth).parts == ("Zebedee",)
    assert names_in("As with zebedee quartermaine.", author=cast.ruth).whole == ("Zebedee Quartermaine",)
    for name in ("Zebedee Quartermaine", "Nobody Suchname"):
        comment(report, cast.karen, words=replace(WORDS, themes=f"We talked of {name}."), checked=True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "We met Zebedee Quartermaine, and Mr O’Neill-Byrne Smith.",
            ("Mr O’Neill-Byrne Smith", "Zebedee Quartermaine"),
        ),
        ("ZEBEDEE QUARTERMAINE did it.", ("ZEBEDEE QUARTERMAINE",)),
        ("Łukasz Żółw came.", ("Łukasz Żółw",)),
        ("In April the MARAC met. The Council of Derby wrote, Nottingham too.", ()),
        ("The DASH and MARAC numbers rise. Neglect rises.\n\nAll Tenants were told.", ()),
    ],
)
def test_words_that_stand_together_as_names_do(cast: Cast, text: str, found: tuple[str, ...]) -> None:
    assert names_in(text, author=cast.karen) == NamesFound(parts=found)


# --- Scenario 19 ----------------------------------------------------------------------------------


def test_the_tiny_quarter(cast: Cast) -> None:
    """Six concerns, one of them about a worker."""
    raise_many(cast.amara, 4)
    raise_many(cast.rhys, 1)
    raise_about_manager(cast.priya)
    report = release(build(cast), cast.karen)
    tables = shown(report)
    assert tables["received"].total == 6
    # Housing 4, income 1, repairs 1 (restricted): all small; the two areas with 0 are shown as 0.
    assert {row.key: row.count for row in tables["areas"].rows} == {
        "housing": None,
        "income": None,
        "repairs": None,
        "homelessness": 0,
        "supported": 0,
    }
    assert all(row.percent is None for table in tables.values() for row in table.rows)
    assert all(section.picture == "" for section in published(report).sections)


def test_a_quarter_of_four_is_withheld_whole(cast: Cast) -> None:
    raise_many(cast.amara, 4)
    tables = shown(build(cast))
    assert tables.pop("left-out").total == 0
    assert tables.pop("break-glass").total == 0
    assert tables.pop("long-overdue").total == 0
    assert all(table.is_withheld and table.total is None and table.rows == () for table in tables.values())


def test_what_closes_a_tiny_quarter_does_not_open_the_next_in_plain_figures(cast: Cast) -> None:
    raise_many(cast.amara, 4)
    raise_many(cast.amara, 12, at=SPRING + timedelta(days=91))
    release(build(cast), cast.karen)
    summer = services.build_report(quarter=QUARTER.next, by=None, at=AFTER_SPRING + timedelta(days=100))
    flow = {row.key: row.count for row in shown(summer)["flow"].rows if row.count != 0}
    # 4 at the start were withheld with the spring report, so the line hides a second number too: 12 is fixed,
    # and of the others only the 16 at the end is not 0.
    assert flow == {"start": None, "opened": 12, "end": None}


def test_a_restated_report_hides_what_the_first_version_hid(cast: Cast) -> None:
    raise_many(cast.amara, 20)
    raise_many(cast.priya, 3)
    raise_many(cast.rhys, 7)
    first = release(build(cast), cast.karen)
    raise_many(cast.priya, 6, at=SPRING + timedelta(days=2))
    second = services.restate_report(report_id=first.pk, reason="Late records", by=cast.karen, at=AFTER_SPRING)
    assert (second.version, second.supersedes) == (2, first)
    assert shown(second)["received"].total == 36
    areas = {row.key: row.count for row in shown(second)["areas"].rows}
    assert (areas["repairs"], areas["income"], areas["housing"]) == (None, None, 20)


def test_restating_asks_for_a_reason_and_for_a_released_report(cast: Cast) -> None:
    raise_many(cast.amara, 6)
    report = build(cast)
    with pytest.raises(NotNow, match="This is a draft"):
        services.restate_report(report_id=report.pk, reason="Late", by=cast.karen, at=AFTER_SPRING)
    release(report, cast.karen)
    with pytest.raises(Unsound):
        services.restate_report(report_id=report.pk, reason=" ", by=cast.karen, at=AFTER_SPRING)
    assert QuarterlyReport.objects.count() == 1


# --- Words and release ----------------------------------------------------------------------------


def test_no_release_without_commentary(cast: Cast) -> None:
    raise_many(cast.amara, 6)
    report = build(cast)
    with pytest.raises(NotNow):
        services.release_report(report_id=report.pk, by=cast.karen, at=AFTER_SPRING)


def test_every_part_of_the_commentary_is_required(cast: Cast) -> None:
    raise_many(cast.amara, 5)
    report = build(cast)
    for missing in ("concerns", "themes", "actions", "progress"):
        with pytest.raises(Unsound) as refusal:
            comment(report, cast.karen, words=replace(WORDS, **{missing: "  "}))
        assert set(refusal.value.problems) == {missing}


def test_a_name_from_the_records_is_refused_however_it_is_accented(cast: Cast) -> None:
    raise_many(cast.amara, 6)
    report = build(cast)
    with pytest.raises(Unsound) as refusal:
        comment(report, cast.karen, words=replace(WORDS, themes="As with JEAN ASHWORTH in May."), checked=True)
    assert set(refusal.value.problems) == {"themes"}
    assert "Ashworth" not in str(refusal.value)
    assert names_in("siân hughes said so", author=cast.karen).whole == ("Siân Hughes",)
    assert names_in("It was Sian Hughes’s son, or Hughes's.", author=cast.karen).whole == ("Siân Hughes",)


def test_a_word_that_is_part_of_a_name_must_have_been_checked(cast: Cast) -> None:
    raise_many(cast.amara, 6)
    report = build(cast)
    words = replace(WORDS, themes="The Jean Lane estate.")
    with pytest.raises(Unsound) as refusal:
        comment(report, cast.karen, words=words)
    assert set(refusal.value.problems) == {"has_checked_names"}
    assert names_in("The Jean Lane estate.", author=cast.karen).parts == ("Jean", "Jean Lane")
    assert names_in("the jean lane estate", author=cast.karen).parts == ()
    comment(report, cast.karen, words=words, checked=True)


def test_release_tells_senior_managers_once_and_opens_the_report(cast: Cast) -> None:
    raise_many(cast.amara, 6)
    report = build(cast)
    release(report, cast.karen)
    services.release_report(report_id=report.pk, by=cast.karen, at=AFTER_SPRING + timedelta(hours=1))
    assert told("report.released") == {cast.helen.pk, cast.martin.pk, cast.sunita.pk}
    assert OutboxMessage.objects.filter(kind="report.released").count() == 3
    report.refresh_from_db()
    assert report.released_at == AFTER_SPRING


def test_the_mail_holds_a_reference_and_a_link_and_no_figure(cast: Cast, mailoutbox: list[object]) -> None:
    raise_many(cast.amara, 6)
    report = build(cast)
    release(report, cast.karen)
    outbox.deliver_due(at=AFTER_SPRING)
    bodies = [mail.body for mail in mailoutbox if "released" in mail.subject]  # type: ignore[attr-defined]
    assert len(bodies) == 3
    assert all("QR-2026-04/1" in body and "/quarterly-reports/2026-04/1/" in body for body in bodies)


def test_released_words_stay(cast: Cast) -> None:
    raise_many(cast.amara, 6)
    report = build(cast)
    release(report, cast.karen)
    with pytest.raises(NotNow):
        comment(report, cast.karen)


def test_only_the_operational_lead_writes_and_releases(cast: Cast) -> None:
    raise_many(cast.amara, 5)
    report = build(cast)
    for by in (cast.ruth, cast.helen, cast.dev, cast.alan, cast.bea, cast.amara):
        with pytest.raises(NotAllowed):
            comment(report, by)
        with pytest.raises(NotAllowed):
            services.release_report(report_id=report.pk, by=by, at=AFTER_SPRING)
        with pytest.raises(NotAllowed):
            services.restate_report(report_id=report.pk, reason="Late", by=by, at=AFTER_SPRING)
        with pytest.raises(NotAllowed):
            services.build_report(quarter=QUARTER, by=by, at=AFTER_SPRING)


# (who, reads a draft, reads a released report): domain.md 5, row "Quarterly report".
READERS = [
    ("amara", False, False),  # frontline
    ("jakub", False, False),  # contractor
    ("gwen", False, True),  # line manager
    ("dev", False, True),  # champion
    ("ruth", True, True),  # Safeguarding Lead
    ("imran", True, True),  # deputy
    ("karen", True, True),  # operational lead
    ("helen", False, True),  # senior manager
    ("martin", False, True),  # designated senior manager
    ("sunita", False, True),  # chief executive
    ("joyce", False, True),  # information governance lead
    ("alan", False, True),  # auditor
    ("bea", False, False),  # administrator
]


def test_who_reads_what(cast: Cast) -> None:
    raise_many(cast.amara, 5)
    report = build(cast)

    def readers() -> dict[str, bool]:
        return {who: find_report("2026-04", 1, viewer=fresh(getattr(cast, who))) is not None for who, _, _ in READERS}

    assert readers() == {who: draft for who, draft, _ in READERS}
    release(report, cast.karen)
    assert readers() == {who: released for who, _, released in READERS}


def test_managers_read_the_released_version_while_the_next_is_a_draft(cast: Cast) -> None:
    raise_many(cast.amara, 6)
    first = build(cast)
    release(first, cast.karen)
    raise_many(cast.amara, 6, at=SPRING + timedelta(days=2))
    first.refresh_from_db()
    second = services.restate_report(report_id=first.pk, reason="Late", by=cast.karen, at=AFTER_SPRING)
    assert reports_for(fresh(cast.helen)).get() == first
    assert reports_for(fresh(cast.karen)).get() == second
    assert second.themes == first.themes
    assert not second.has_commentary


def test_the_ledger_holds_a_digest_and_no_figure(cast: Cast) -> None:
    raise_many(cast.amara, 6)
    report = release(build(cast), cast.karen)
    assert Event.objects.get(code="report.built").data == {"quarter": "2026-04", "version": 1}
    event = Event.objects.get(code="report.released")
    assert event.data == {
        "digest": report.digest, "kept": f"quarterly_report:{report.pk}", "kept_digest": event.data["kept_digest"]
    }  # fmt: skip
    assert re.fullmatch("[0-9a-f]{64}", event.data["kept_digest"])
    assert re.fullmatch("[0-9a-f]{64}", report.digest)


# --- What is released stays -----------------------------------------------------------------------


@pytest.fixture
def released(cast: Cast) -> QuarterlyReport:
    raise_many(cast.amara, 6)
    report = release(build(cast), cast.karen)
    seal(at=AFTER_SPRING)
    assert named() == []
    return report


def named() -> list[tuple[str, int, str]]:
    """What `verify_ledger` finds, the event that it names, and the rows."""
    findings = verify(at=AFTER_SPRING).findings
    return [(each.what, each.number, each.sentence.rpartition(": ")[2]) for each in findings]


@pytest.mark.parametrize(
    "change",
    [{"actions": "Nothing."}, {"figures": {"tables": [], "trend": []}}, {"released_at": None, "released_by": None}],
    ids=["words", "figures", "draft again"],
)
def test_a_released_report_is_refused_a_change(released: QuarterlyReport, change: dict[str, object]) -> None:
    rows = QuarterlyReport.objects.filter(pk=released.pk)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        rows.update(**change)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        rows.delete()


@pytest.mark.parametrize(
    "change", [{"actions": "Nothing."}, {"hidden": {}}, {"written_at": SPRING}], ids=["words", "hidden", "moment"]
)
def test_the_owner_who_changes_a_released_report_is_found(released: QuarterlyReport, change: dict[str, object]) -> None:
    with lifted(connection):
        QuarterlyReport.objects.filter(pk=released.pk).update(**change)
    release_event = Event.objects.get(code="report.released")
    assert named() == [("rows_altered", release_event.pk, f"quarterly_report {released.pk}.")]


def test_the_figures_of_a_report_that_was_released_before_are_compared_too(released: QuarterlyReport) -> None:
    """Until November 2026 the event of a release named no row, but held the digest of the figures."""
    event = Event.objects.get(code="report.released")
    event.data = {"digest": released.digest}
    event.digest = event.content_digest()
    figures = {**released.frozen_figures, "trend": []}
    fitting = hashlib.sha256(frozen(figures, released.hidden)).hexdigest()
    with lifted(connection):
        Event.objects.all().delete()
        Seal.objects.all().delete()
        event.save(force_insert=True)
        assert named() == []
        QuarterlyReport.objects.filter(pk=released.pk).update(figures=figures, digest=fitting)
    assert named() == [("rows_altered", event.pk, f"quarterly_report {released.pk}.")]


def test_a_draft_may_be_written_on_but_stays_the_version_that_it_is(cast: Cast, released: QuarterlyReport) -> None:
    draft = services.restate_report(report_id=released.pk, reason="Late", by=cast.karen, at=AFTER_SPRING)
    comment(draft, cast.karen)
    for change in ({"version": 9}, {"restated_because": "Nothing."}, {"quarter_start": date(2026, 1, 1)}):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            QuarterlyReport.objects.filter(pk=draft.pk).update(**change)
    services.release_report(report_id=draft.pk, by=cast.karen, at=AFTER_SPRING)
    assert named() == []


def test_every_column_of_a_released_report_is_vouched_for() -> None:
    assert {field.attname for field in QuarterlyReport._meta.concrete_fields} - set(RELEASED) == {"id"}
