from datetime import UTC, datetime

import pytest

from audit import vocabulary
from audit.vocabulary import EventKind

AT = datetime(2026, 5, 5, 10, 0, tzinfo=UTC)
MOVED = EventKind("test.thing_moved", "Thing moved", data=frozenset({"step", "urgent"}))
REASONED = EventKind("test.thing_undone", "Thing undone", needs_reason=True)


@pytest.fixture(autouse=True)
def _kinds_for_these_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {kind.code: kind for kind in (MOVED, REASONED)}
    monkeypatch.setattr(vocabulary, "_kinds", {**vocabulary.all_kinds(), **known})
