"""The ledger's vocabulary holds each code once."""

import pytest

from audit import vocabulary
from audit.vocabulary import EventKind


def test_a_code_has_one_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "_kinds", {})
    kind = vocabulary.register(EventKind("thing.moved", "Thing moved", data=frozenset({"from"})))
    assert vocabulary.register(EventKind("thing.moved", "Thing moved", data=frozenset({"from"}))) is kind
    with pytest.raises(ValueError, match=r"thing\.moved"):
        vocabulary.register(EventKind("thing.moved", "Something else"))
    assert dict(vocabulary.all_kinds()) == {"thing.moved": kind}
