"""The harness: what each test may lean on, and the account of what was left out.

`make test` starts private servers (tools/test.py) and names them in the environment; plain `pytest` runs on SQLite.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection, connections
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import Settings
from pytest_django.plugin import DjangoDbBlocker

from tests.architecture.emitted import EMITTED, codes_written
from tools.servers import SERVER_PLACES

# How long an example takes says something about the machine, not about the rule that it tests.
hypothesis_settings.register_profile("ours", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("ours")

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
BROWSER_TESTS = Path(__file__).parent / "browser"
FIGURES = "figures"
ON_SQLITE_BY_CHOICE = "SAFEGUARDING_TEST_DB=sqlite"


def find_browser() -> str | None:
    """The Chromium of this machine. Playwright's own download is not asked for."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def find_nginx() -> str | None:
    """The nginx of this machine, which ordinary people's PATH may not lead to."""
    return shutil.which("nginx") or shutil.which("nginx", path=SERVER_PLACES)


def _is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def _can_make_pdfs() -> bool:
    try:
        import weasyprint  # noqa: F401, PLC0415 (only asked when a test needs it: loading takes a second)
    except OSError:
        return False
    return True


# What a marker needs: (is it here, why not)
NEEDS: dict[str, tuple[Callable[[], bool], Callable[[], str]]] = {
    "postgresql": (
        _is_postgresql,
        lambda: os.environ.get("SAFEGUARDING_TEST_NO_POSTGRESQL", "PostgreSQL: started by `make test` only"),
    ),
    "redis": (
        lambda: "SAFEGUARDING_TEST_REDIS_URL" in os.environ,
        lambda: "no redis-server, or not run by `make test`",
    ),
    "clamd": (
        lambda: "SAFEGUARDING_TEST_CLAMD" in os.environ,
        lambda: "no clamd (ClamAV), or not run by `make test`",
    ),
    "nginx": (lambda: find_nginx() is not None, lambda: "no nginx on this machine"),
    "browser": (lambda: find_browser() is not None, lambda: "no Chromium on this machine"),
    "pdf": (_can_make_pdfs, lambda: "Pango is missing: WeasyPrint cannot be loaded"),
}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database, which is taken away at the end although a request of the last browser was still open."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
            )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run, naming the reason."""
    reasons: dict[str, str | None] = {}
    for item in items:
        if BROWSER_TESTS in item.path.parents:
            item.add_marker(pytest.mark.browser)
        for name, (is_here, why_not) in NEEDS.items():
            if item.get_closest_marker(name):
                if name not in reasons:
                    reasons[name] = None if is_here() else why_not()
                if reason := reasons[name]:
                    item.add_marker(pytest.mark.skip(reason=reason))


def _left_out(reporter: pytest.TerminalReporter) -> Counter[str]:
    return Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in reporter.stats.get("skipped", []))


def _is_complaint(reason: str) -> bool:
    """Whether the test should have run: all do, but those for PostgreSQL in a run that was asked to be on SQLite."""
    return os.environ.get("SAFEGUARDING_NOTHING_LEFT_OUT") == "1" and reason != ON_SQLITE_BY_CHOICE


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A test that stands for kinds of events (tests/architecture/emitted.py) must have written them."""
    expected = EMITTED.get(item.nodeid.removeprefix("tests/integration/"))
    if expected is None:
        return (yield)
    with codes_written() as written:
        result = yield
    assert expected <= written, f"no longer written here: {', '.join(sorted(expected - written))}"
    return result


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    is_worker = hasattr(session.config, "workerinput")
    if reporter and not is_worker and session.exitstatus == 0 and any(map(_is_complaint, _left_out(reporter))):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _passed(reporter: pytest.TerminalReporter) -> list[pytest.TestReport]:
    return [report for report in reporter.stats.get("passed", []) if isinstance(report, pytest.TestReport)]


def _say_figures(reporter: pytest.TerminalReporter) -> None:
    """What the proofs counted (the fixture `figures`), and how many races of two connections had one winner."""
    told = [str(text) for report in _passed(reporter) for name, text in report.user_properties if name == FIGURES]
    races = [report for report in _passed(reporter) if "race" in report.nodeid.partition("::")[0]]
    if races:
        told.append(f"races: {len(races)}, each of two connections at once, one winner in every one")
    if told:
        reporter.section("figures")
        for text in sorted(told):
            reporter.write_line(text)


def _write_tally(reporter: pytest.TerminalReporter) -> None:
    """How large the access matrix is and how much of it was asked (tests/architecture/test_access_sweep.py)."""
    reports = [report for outcome in ("passed", "failed") for report in reporter.stats.get(outcome, [])]
    tally: Counter[str] = Counter()
    for report in reports:
        tally.update({name: value for name, value in report.user_properties if name.startswith("cells")})
    if tally:
        reporter.section("access matrix")
        for name, number in tally.items():
            reporter.write_line(f"{number:7,}  {name}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    _say_figures(terminalreporter)
    _write_tally(terminalreporter)
    left_out = _left_out(terminalreporter)
    terminalreporter.section("left out")
    for reason, number in left_out.most_common():
        complaint = "  <- must not be left out here" if _is_complaint(reason) else ""
        terminalreporter.write_line(f"{number:5}  {reason}{complaint}")
    if not left_out:
        terminalreporter.write_line("    0  nothing")
    measured = [
        (report.nodeid.rpartition("::")[2], str(value))
        for report in terminalreporter.stats.get("passed", [])
        for name, value in report.user_properties
        if name == "measured"
    ]
    if measured:
        terminalreporter.section("measured")
        for test, words in measured:
            terminalreporter.write_line(f"{test}: {words}")


@pytest.fixture(autouse=True)
def _nobody_has_tried_to_sign_in_yet() -> None:
    """The limits on sign-in count tries from one address in a minute, and all tests of a process share that address."""
    cache.clear()


@pytest.fixture(scope="session", autouse=True)
def _let_flush_empty_append_only_tables() -> Iterator[None]:
    """After a `transaction=True` test Django empties all tables; on SQLite by DELETE, which the triggers refuse.

    There the triggers are put aside for that moment. PostgreSQL truncates, which only the owner's role may do.
    """
    empty = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # private, and no other hook is given

    def empty_all(self: TransactionTestCase) -> None:
        with contextlib.ExitStack() as stack:
            for alias in connections:
                if connections[alias].vendor == "sqlite":
                    stack.enter_context(_triggers_put_aside(alias))
            empty(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_all)
        yield


@contextlib.contextmanager
def _triggers_put_aside(alias: str) -> Iterator[None]:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
    yield
    with connections[alias].cursor() as cursor:
        for name, sql in triggers:
            cursor.execute(f'DROP TRIGGER IF EXISTS "{name}"')
            cursor.execute(sql)


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Tell what a proof counted: one line of the account at the end, also when tests run on every core."""

    def tell(text: str) -> None:
        record_property(FIGURES, text)

    return tell


@pytest.fixture
def clamd(settings: Settings) -> str:
    """The service scans with a private ClamAV that knows the EICAR test file. Mark the test `clamd`."""
    settings.SCANNER = os.environ["SAFEGUARDING_TEST_CLAMD"]
    return str(settings.SCANNER)


@pytest.fixture
def redis_url() -> str:
    """The address of a private Redis. Mark the test `redis`."""
    return os.environ["SAFEGUARDING_TEST_REDIS_URL"]
