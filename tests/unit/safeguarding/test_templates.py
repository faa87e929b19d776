"""What can be told about every template without rendering it."""

from __future__ import annotations

import re
from pathlib import Path

from django.template.base import Lexer, TokenType

TEMPLATES = Path(__file__).parents[3] / "templates"


def out_of_reach(source: str) -> set[str]:
    """The names that `{% … as name %}` gives a value in one block and that another block reads: there they are empty,
    and a link that is made of one leads nowhere."""
    given: dict[str, set[tuple[str, ...]]] = {}
    read: list[tuple[tuple[str, ...], str]] = []
    inside: tuple[str, ...] = ()
    for token in Lexer(source).tokenize():
        if token.token_type not in (TokenType.VAR, TokenType.BLOCK):
            continue
        parts = token.contents.split()
        if token.token_type == TokenType.BLOCK and parts[0] == "block":
            inside = (*inside, parts[1])
        elif token.token_type == TokenType.BLOCK and parts[0] == "endblock":
            inside = inside[:-1]
        elif token.token_type == TokenType.BLOCK and len(parts) > 2 and parts[-2] == "as":
            given.setdefault(parts[-1], set()).add(inside)
        else:
            read.append((inside, token.contents))
    return {
        name
        for name, places in given.items()
        for where, contents in read
        if re.search(rf"(?<![\w.\"=]){name}\b|={name}\b", contents)
        and not any(where[: len(place)] == place for place in places)
    }


def test_a_name_of_one_block_is_told_from_one_of_the_page() -> None:
    link = '<a href="{{ back_url }}">Cancel</a>'
    given = '{% url "concerns:show-home" as back_url %}'
    assert out_of_reach(f"{{% block a %}}{given}{{% endblock %}}{{% block b %}}{link}{{% endblock %}}") == {"back_url"}
    passed_on = '{% include "x.html" with href=back_url only %}'
    assert out_of_reach(f"{{% block a %}}{given}{{% endblock %}}{passed_on}") == {"back_url"}
    assert out_of_reach(f"{{% block a %}}{given}{{% block b %}}{link}{{% endblock %}}{{% endblock %}}") == set()
    assert out_of_reach(link) == set()


def test_no_block_reads_what_another_block_was_given() -> None:
    files = sorted(TEMPLATES.rglob("*.html"))
    assert len(files) > 200
    found = {str(path.relative_to(TEMPLATES)): out_of_reach(path.read_text(encoding="utf-8")) for path in files}
    assert {path: names for path, names in found.items() if names} == {}
