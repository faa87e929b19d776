"""The vocabulary of the ledger: every kind is written by a real path, and no code is written that is not registered.

`emitted.py` names a test for each kind; `tests/conftest.py` fails that test when it no longer writes it.
"""

from __future__ import annotations

import ast
from pathlib import Path

import audit.vocabulary
from tests.architecture.emitted import EMITTED

TESTS = Path(__file__).resolve().parents[1] / "integration"


def test_every_kind_of_event_has_a_test_that_writes_it() -> None:
    written = set[str]().union(*EMITTED.values())
    registered = frozenset(audit.vocabulary.all_kinds())
    assert registered - written == set(), "name a test in tests/architecture/emitted.py that writes these"
    assert written - registered == set(), "these are not registered any more"
    assert len(registered) > 110


def test_every_named_test_is_there() -> None:
    missing = []
    for name in EMITTED:
        file, _, function = name.partition("::")
        path = TESTS / file
        tree = ast.parse(path.read_text()) if path.is_file() else ast.Module([], [])
        if function not in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}:
            missing.append(name)
    assert missing == []


def test_every_way_of_access_has_kinds_that_are_registered() -> None:
    for access in audit.vocabulary.Access:
        codes = audit.vocabulary.codes_of(access)
        assert codes
        assert set(codes) <= set(audit.vocabulary.all_kinds())


def test_whatever_tells_of_a_reading_is_in_the_report_of_access() -> None:
    """R144: what a member of staff read, found and took out, complete."""
    ways = ("viewed", "listed", "read", "fetched", "exported", "printed", "searched", "found", "looked_up", "shown")
    near = set(audit.vocabulary.codes_of(*audit.vocabulary.Access))
    # Not "thread", and not what only ends in the same letters.
    reading = {code for code in audit.vocabulary.all_kinds() if code.replace(".", "_").split("_")[-1] in ways}
    reading |= {code for code in audit.vocabulary.all_kinds() if code.endswith("_looked_up")}
    assert reading - near == set()
    assert {"sharing.request_viewed", "sharing.requests_listed"} <= reading
    assert len(reading) > 18


# Pages that tell nothing of a case, or write their reading down themselves; everything else goes through `show_of`.
RENDERED_HERE = {
    "agencies.py": 2,  # the directory
    "agreements.py": 6,  # the register of agreements
    "enquiries.py": 1,  # sharing.enquiry_viewed
    "exports.py": 4,  # asking for one, one's own, checking a PDF
    "records.py": 2,  # sharing.record_viewed, sharing.records_listed
    "referrals.py": 2,  # sharing.referral_viewed; the form of a direct call
    "requests.py": 4,  # sharing.requests_listed, sharing.request_viewed twice; the form of a new one
    "_common.py": 1,  # show_of itself
}


def test_pages_about_a_case_leave_a_trace_of_who_read_them() -> None:
    views = Path(__file__).resolve().parents[2] / "sharing" / "views"
    found = {}
    for path in views.glob("*.py"):
        calls = [
            node
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "render"
        ]
        if calls:
            found[path.name] = len(calls)
    assert found == RENDERED_HERE, "use show_of, or write down who read it and say so here"
