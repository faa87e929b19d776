"""The sweep: every address and method, asked by everybody about a case of every kind, against the matrix (I3, R145).

A run of the suite asks everybody for the main page of each thing in every case, for every address in the open case, and
for a part of the rest, the same part each time. `make sweep` asks all of it. The methods that no page uses are asked by
a reader, somebody shut out and a stranger.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.template.backends.django import Template
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from pytest_django.plugin import DjangoDbBlocker

from audit.models import Event
from audit.vocabulary import Access, codes_of
from tests.architecture.access_matrix import ALL, MATRIX, NOT_OURS
from tests.build.addresses import filled, routes
from tests.build.cast import PASSWORD
from tests.build.web import CONTROL
from tests.build.world import PEOPLE, World, leave, undone, world_for_module

pytestmark = pytest.mark.django_db

WHOLE = os.environ.get("SAFEGUARDING_SWEEP") == "all"
# Of what is not asked in every run, one cell in so many.
ONE_IN = 19
METHODS = ("get", "post")
# What no page of ours uses: there for nobody.
UNUSED = ("options", "put", "patch", "delete")
# Reading leaves an event and renews the session; being refused leaves an event, and nothing else happens.
HARMLESS = ("audit_event", "django_session")
# What an access report calls a reading.
READING = codes_of(Access.READ, Access.SEARCH, Access.EXPORT)
MAIN_PAGES = (
    "concerns:show-concern", "concerns:show-receipt", "concerns:show-access", "sharing:show-record",
    "sharing:show-draft", "sharing:show-referral", "sharing:show-question", "sharing:show-request",
)  # fmt: skip


# --- The matrix is whole ---------------------------------------------------------------------------


def addresses(resolver: URLResolver | None = None, prefix: str = "", before: str = "") -> Iterator[tuple[str, str]]:
    """(name with its app's, pattern) of everything that the site answers, each as often as it is there."""
    for pattern in (resolver or get_resolver()).url_patterns:
        whole = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            app = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from addresses(pattern, prefix + app, whole)
        elif isinstance(pattern, URLPattern):
            yield prefix + (pattern.name or f"unnamed {whole}"), whole


def complaints(there: Sequence[tuple[str, str]], known: Set[str]) -> list[str]:
    """What is wrong with `there`, for a matrix that has a row for each of `known`: one row is one address."""
    names = {name for name, _ in there}
    wrong = [
        f"Say in tests/architecture/access_matrix.py who may open {name}: one row, from domain.md 5."
        for name in sorted(names - known)
    ]
    wrong += [
        f"{name} of tests/architecture/access_matrix.py has no address any more." for name in sorted(known - names)
    ]
    patterns: dict[str, set[str]] = {}
    for name, pattern in there:
        patterns.setdefault(name, set()).add(pattern)
    # The same pattern twice is one address: the first answers. Ours stand before allauth's (accounts/urls.py).
    wrong += [
        f"{name} is the name of {len(them)} addresses ({', '.join(sorted(them))}): its row asks one of them only."
        for name, them in sorted(patterns.items())
        if len(them) > 1
    ]
    return wrong


def test_every_address_has_its_row_and_every_row_its_address() -> None:
    assert not complaints(list(addresses()), set(MATRIX) | set(NOT_OURS))
    assert not set(MATRIX) & set(NOT_OURS)


def test_an_address_without_a_row_is_noticed_also_if_its_name_has_one() -> None:
    there, known = (
        [("concerns:show", "concerns/<ref>/"), ("concerns:list", "queue/")],
        {"concerns:show", "concerns:list"},
    )
    assert complaints(there, known) == []
    assert len(complaints([*there, ("concerns:show", "secret/<ref>/")], known)) == 1
    assert len(complaints([*there, ("unnamed secret/", "secret/")], known)) == 1
    assert len(complaints(there[:1], known)) == 1
    assert complaints([*there, ("concerns:list", "queue/")], known) == []


def test_the_matrix_speaks_of_people_and_cases_that_are_there(world: World) -> None:
    for name, row in MATRIX.items():
        for table in (row.near, row.for_):
            if isinstance(table, str):
                continue
            kinds = {"": table} if isinstance(table, frozenset) else table
            for case, who in kinds.items():
                assert who <= set(PEOPLE), (name, who - set(PEOPLE))
                assert not case or case in world.cases, (name, case)
        is_there = (
            not row.thing or row.thing in world.things or any(row.thing in it.names for it in world.cases.values())
        )
        assert is_there, f"{name}: no case of tests/build/world.py has a {row.thing}, so nobody asks for it."


# --- Asking ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    with django_db_blocker.unblock(), world_for_module() as made:
        yield made


@pytest.fixture(scope="module")
def clients(world: World) -> dict[str, Client]:
    """Everybody, signed in by password, so that no page stops at asking for fresh proof of identity."""
    found = {"anonymous": Client()}
    for name, user in world.people.items():
        found[name] = Client()
        found[name].post("/account/login/", {"login": user.email, "password": PASSWORD})
    leave(world)
    return found


@dataclass(frozen=True)
class Cell:
    """One question: may `who` do `method` at the address of `name`, in the case of this kind?"""

    name: str
    case: str
    who: str
    method: str

    def expected(self) -> int:
        """What the matrix says."""
        row = MATRIX[self.name]
        answer = getattr(row, self.method)
        if self.who in ("anonymous", "leaver"):
            return answer if row.is_public else 302
        if answer == 405:
            return 405
        if self.who not in _people(row.near, self.case):
            return 404
        if row.for_ is ALL or self.who in _people(row.for_, self.case):
            return row.post_in.get(self.case, int(answer)) if self.method == "post" else int(answer)
        return row.others

    def is_always_asked(self) -> bool:
        if WHOLE or self.case in ("", "open") or (self.name in MAIN_PAGES and self.method == "get"):
            return True
        return int(hashlib.sha256(repr(self).encode()).hexdigest(), 16) % ONE_IN == 0


def _people(table: Any, case: str) -> frozenset[str]:
    return frozenset(table.get(case, ())) if isinstance(table, dict) else frozenset(table)


def cells_of(who: str, world: World) -> Iterator[Cell]:
    for name, row in MATRIX.items():
        kinds = [case for case, it in world.cases.items() if row.thing in it.names] or [""]
        for case in kinds:
            for method in METHODS:
                yield Cell(name, case, who, method)


def address_of(cell: Cell, world: World) -> str:
    row = MATRIX[cell.name]
    return fill(cell.name, world.cases[cell.case].names[row.thing] if cell.case else world.things.get(row.thing, {}))


def fill(name: str, values: dict[str, str]) -> str:
    """The address `name` with those of `values` that it asks for."""
    return reverse(name, kwargs={part: values[part] for part in PARTS[name]})


def _parts(resolver: URLResolver, prefix: str = "", before: tuple[str, ...] = ()) -> Iterator[tuple[str, list[str]]]:
    for pattern in resolver.url_patterns:
        own = (*before, *pattern.pattern.converters)
        if isinstance(pattern, URLResolver):
            yield from _parts(pattern, prefix + (f"{pattern.namespace}:" if pattern.namespace else ""), own)
        else:
            yield prefix + (pattern.name or ""), list(own)


# What each address must be filled in with.
PARTS = dict(_parts(get_resolver()))


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]
    statements: int
    written: frozenset[str]
    events: tuple[Event, ...]


_TABLE = re.compile(r'^(?:INSERT INTO|UPDATE|DELETE FROM) "(\w+)"')


def ask(client: Client, method: str, path: str) -> Answer:
    """What comes back, what it asked of the database and what it wrote there, which is taken back."""
    asked: list[str] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append(sql)
        return execute(sql, params, many, context)

    with undone():
        newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        with connection.execute_wrapper(note):
            response = getattr(client, method)(path)
            body = b"".join(response.streaming_content) if response.streaming else response.content
        events = tuple(Event.objects.filter(pk__gt=newest).order_by("pk"))
    own = [sql for sql in asked if not sql.startswith(CONTROL)]
    tables = {found.group(1) for sql in own if (found := _TABLE.match(sql))}
    return Answer(response.status_code, body, dict(response.headers), len(own), frozenset(tables), events)


@pytest.mark.parametrize("who", PEOPLE)
def test_what_everybody_gets_is_what_the_matrix_says(
    who: str, world: World, clients: dict[str, Client], record_property: Callable[[str, object], None]
) -> None:
    wrong, cells, asked = [], 0, 0
    # What a page looks like is tested elsewhere; without drawing it, the sweep takes half the time.
    with (
        mock.patch.object(Template, "render", return_value=""),
        mock.patch("sharing.documents.referral_document", return_value=b""),
        mock.patch("champions.documents.report_pdf", return_value=b""),
    ):
        for cell in cells_of(who, world):
            cells += 1
            if not cell.is_always_asked():
                continue
            asked += 1
            answer = ask(clients[who], cell.method, address_of(cell, world))
            if complaint := what_is_wrong(cell, answer, world):
                wrong.append(f"{cell.method} {cell.name} ({cell.case}), {who}: {complaint}")
    # The sums are printed at the end of the run (tests/conftest.py).
    record_property("cells of the access matrix", cells)
    record_property("cells asked", asked)
    assert not wrong, "\n".join(["", *wrong])


def what_is_wrong(cell: Cell, answer: Answer, world: World) -> str:
    """In words, or "" when the answer and its traces are as they must be."""
    row, expected = MATRIX[cell.name], cell.expected()
    if answer.status != expected:
        return f"answers {answer.status}, the matrix says {expected}"
    if cell.who in ("anonymous", "leaver"):
        return ""
    concern_id = world.cases[cell.case].concern.pk if cell.case else None
    if answer.status == 404:
        if harm := answer.written - set(HARMLESS):
            return f"writes to {', '.join(sorted(harm))}"
        kept = [event for event in answer.events if event.code == "audit.act_refused"]
        if [event.concern_id for event in kept] != [concern_id]:
            return "the refusal is not kept, or not on the concern’s own report"
    # A form that comes back shows as much as one that is opened: its refusal alone is no reading.
    is_read = answer.status == 200 and concern_id is not None and row.tells
    if is_read and concern_id not in {e.concern_id for e in answer.events if e.actor_id and e.code in READING}:
        return "was read, and the ledger does not know"
    return ""


# --- The other methods ---------------------------------------------------------------------------------

# The holder, somebody to whom the case is closed and a stranger: of each page whichever is there for them.
ASKERS = (("manager", "open"), ("operational lead", "implicated"), ("anonymous", "open"))


@pytest.mark.parametrize(("who", "case"), ASKERS)
def test_head_is_get_without_a_body_and_what_no_page_uses_is_there_for_nobody(
    who: str, case: str, world: World, clients: dict[str, Client]
) -> None:
    """HEAD gets the status of GET, leaves the same trace and brings nothing. The others are 405 for everybody, write
    nothing and bring nothing."""
    names, wrong, asked = world.cases[case].names, [], 0
    with (
        mock.patch("sharing.documents.referral_document", return_value=b""),
        mock.patch("champions.documents.report_pdf", return_value=b""),
    ):
        for name, row in MATRIX.items():
            if row.thing in names:
                there = case
            elif row.thing in world.things or not row.thing:
                there = ""
            else:
                continue
            cell = Cell(name, there, who, "get")
            asked += 1
            with mock.patch.object(Template, "render", return_value=""):
                head = ask(clients[who], "head", address_of(cell, world))
            if complaint := what_is_wrong(cell, head, world):
                wrong.append(f"head {name}: {complaint}")
            if head.body:
                wrong.append(f"head {name}: brings {head.body[:80]!r}")
            for method in UNUSED:
                answer = ask(clients[who], method, address_of(cell, world))
                if (answer.status, answer.body, answer.written, answer.events) != (405, b"", frozenset(), ()):
                    wrong.append(f"{method} {name}: {answer.status}, {answer.body[:80]!r}, {sorted(answer.written)}")
    assert not wrong, "\n".join(["", *wrong])
    assert asked > 120


def test_nor_is_anything_there_at_the_addresses_that_have_no_row() -> None:
    """allauth's pages and the demo's, and methods that nobody has heard of."""
    client = Client()
    for route, _ in routes():
        for method in (*UNUSED, "trace", "propfind"):
            response = client.generic(method.upper(), filled(route, {}))
            assert (response.status_code, response.content) == (405, b""), (method, route)


# --- Not allowed looks like not there ----------------------------------------------------------------

# People to whom a case of each kind is closed, each for a reason of their own.
KEPT_OUT = (
    ("lead", "implicated"),
    ("auditor", "implicated"),
    ("champion", "recused"),
    ("colleague", "open"),
    ("manager", "passed on"),
    ("champion", "restricted"),
    ("reporter", "implicated"),
)
UNKNOWN = {"ref": "SC-2222-2222", "person": "PN-2222-2222", "into": "SC-2222-2222", "key": "abcdefghijklmnop"}


@pytest.mark.parametrize(("who", "case"), KEPT_OUT)
def test_what_one_may_not_see_answers_as_what_is_not_there(
    who: str, case: str, world: World, clients: dict[str, Client]
) -> None:
    """The same status, words and headers, and as many statements to the database, so that time tells nothing either."""
    names = world.cases[case].names
    wrong, compared = [], 0
    for name, row in MATRIX.items():
        if row.thing not in names:
            continue
        for method in METHODS:
            cell = Cell(name, case, who, method)
            if cell.expected() != 404:
                continue
            known = ask(clients[who], method, address_of(cell, world))
            values = names[row.thing] | {key: value for key, value in UNKNOWN.items() if key in names[row.thing]}
            unknown = ask(clients[who], method, fill(name, values))
            compared += 1
            for what, one, other in (
                ("status", known.status, unknown.status),
                ("words", plain(known.body, names[row.thing]), plain(unknown.body, values)),
                ("headers", plain_headers(known), plain_headers(unknown)),
                ("statements", known.statements, unknown.statements),
            ):
                if one != other:
                    wrong.append(f"{method} {name}: {what} {one!r} and {other!r}"[:300])
    assert not wrong, "\n".join(["", *wrong])
    assert compared > 60


def plain(page: bytes, values: dict[str, str]) -> str:
    """The page without what was asked for and without what is new each time: form token, content-policy nonce, and how
    long the session still lasts.
    """
    words = re.sub(r'(name="csrfmiddlewaretoken" value|nonce|session-seconds-left)="[^"]+"', "", page.decode())
    for value in sorted(values.values(), key=len, reverse=True):
        words = words.replace(f"/{value}/", "//").replace(f"%2F{value}%2F", "//")
    return words


def plain_headers(answer: Answer) -> dict[str, str]:
    headers = {name: value for name, value in answer.headers.items() if name != "Content-Length"}
    if policy := headers.get("Content-Security-Policy"):
        headers["Content-Security-Policy"] = re.sub(r"'nonce-[^']+'", "", policy)
    return headers


# --- Sign-in comes first -----------------------------------------------------------------------------

# Open to the world: signing in, the statements every site must show, whether the service is up, and the mails of the
# demo (which exist in demo mode only).
PUBLIC = ("/account/", "/theme.css", "/healthz", "/accessibility/", "/privacy/", "/demo/")
SAMPLES = {
    "ref": "SC-2222-2222", "key": "abcdefghijklmnop", "version": "1", "number": "1", "quarter": "2026-01", "code": "T3",
    "person": "x", "role": "x", "into": "x", "kind": "x", "page": "x", "rows": "x", "act": "x", "step": "x", "pk": "1",
}  # fmt: skip


def test_everything_but_the_public_pages_asks_to_sign_in_first() -> None:
    """Also what has no row in the matrix yet."""
    client = Client()
    asked = 0
    for name, _ in addresses():
        if name.startswith("unnamed") or name in NOT_OURS:
            continue
        path = fill(name, {part: SAMPLES.get(part, "x") for part in PARTS[name]})
        if path.startswith(PUBLIC) or name in ("concerns:write-draft", "concerns:save-draft"):
            continue
        response = client.get(path)
        asked += 1
        assert (response.status_code, response["Location"].partition("?")[0]) == (302, "/account/login/"), name
    assert asked > 90
