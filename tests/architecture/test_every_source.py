"""Whatever rule the code, its tests and the decisions name is to be found in docs/domain.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Requirements, additions by law, rules of the decision record, invariants, time limits, transitions, measures, lists.
CODE = re.compile(r"(?<![\w/-])(?:VR|[RXITtQV])\d{1,3}(?!\w)")
# What reads like one and is none: a rule of the linter.
NO_RULE = re.compile(r"# noqa: .*")


def named_in(text: str) -> Iterator[tuple[int, str]]:
    """(line, code) of each rule that `text` names."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in CODE.finditer(NO_RULE.sub("", line)):
            yield number, found[0]


def places() -> Iterator[Path]:
    for folder in (
        "accounts",
        "audit",
        "champions",
        "concerns",
        "sharing",
        "safeguarding",
        "tests",
        "tools",
        "docs/adr",
    ):
        for ending in ("py", "md"):
            yield from (ROOT / folder).rglob(f"*.{ending}")


def test_each_rule_that_is_named_is_in_the_register() -> None:
    register = {code for _, code in named_in((ROOT / "docs/domain.md").read_text(encoding="utf-8"))}
    unknown, known = [], 0
    for path in places():
        for number, code in named_in(path.read_text(encoding="utf-8")):
            known += code in register
            if code not in register:
                unknown.append(f"{path.relative_to(ROOT)}:{number} names {code}")
    assert not unknown
    assert known > len(register)


def test_a_rule_is_told_from_what_only_looks_like_one() -> None:
    text = "R145 and VR3, t20 (T2); not SC-R123, xR1, R1x or R1234\nx = 1  # noqa: T201"
    assert [code for _, code in named_in(text)] == ["R145", "VR3", "t20", "T2"]
