"""domain.md 2.7 has twenty invariants. Each is named by a test: in its name (test_i07_...) or in its docstring."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
INVARIANTS = {f"I{number}" for number in range(1, 21)}


def functions_that_prove(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    """Functions that are run and that assert something: tests, and the invariants of a state machine."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            is_invariant = any("invariant" in ast.unparse(decorator) for decorator in node.decorator_list)
            if node.name.startswith("test_") or is_invariant:
                yield node


def named_by(test: ast.FunctionDef) -> set[str]:
    in_name = {f"I{int(number)}" for number in re.findall(r"_i(\d\d)_", test.name)}
    return in_name | set(re.findall(r"\bI\d{1,2}\b", ast.get_docstring(test) or ""))


def test_each_of_the_twenty_invariants_is_named_by_a_test() -> None:
    named: set[str] = set()
    for path in TESTS.rglob("test_*.py"):
        for test in functions_that_prove(ast.parse(path.read_text(encoding="utf-8"))):
            named |= named_by(test)
    assert named - INVARIANTS == set(), "no such invariant"
    assert INVARIANTS - named == set(), "nobody proves these"
