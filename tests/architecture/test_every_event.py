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
    ways = ("viewed", "listed", "read", "fetched", "exported", "searched", "found", "looked_up", "shown")
    near = set(audit.vocabulary.codes_of(*audit.vocabulary.Access))
    # Not "thread", and not what only ends in the same letters.
    reading = {code for code in audit.vocabulary.all_kinds() if code.replace(".", "_").split("_")[-1] in ways}
    reading |= {code for code in audit.vocabulary.all_kinds() if code.endswith("_looked_up")}
    assert reading - near == set()
    assert {"sharing.request_viewed", "sharing.requests_listed"} <= reading
    assert len(reading) > 18
