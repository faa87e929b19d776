"""No page shows the number of a row of a case: the gaps between such numbers would tell of other cases (I13).

Pages name rows by random references and by what they are about. The few numbers left are of staff and of what staff are
shown on their own pages; `test_row_numbers.py` of the integration tests guesses at each of them.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "concerns", "sharing", "champions")

# Written by hand: (file, expression): whose number it is.
SHOWN = {
    ("concerns/forms/visits.py", "user.pk"): "staff: the holder and the leads",
    ("concerns/forms/letting_in.py", "user.pk"): "staff: who is let in to this concern now",
    ("concerns/forms/casework.py", "person.pk"): "staff: who may hold this concern",
    ("concerns/forms/people.py", "person.id"): "staff: found by the words that were typed",
    ("concerns/forms/raising_people.py", "member.id"): "staff: found by the words that were typed",
    ("concerns/forms/raising_journey.py", "member.id"): "staff: found by the words that were typed",
    ("sharing/forms/registers.py", "user.pk"): "staff: leads, and who may look after an agreement",
    ("sharing/forms/requests.py", "person.id"): "staff: found by the words that were typed",
    ("sharing/forms/requests.py", "naming.staff.pk"): "staff: whom a request names, of those whom the reader is shown",
    ("sharing/forms/requests.py", "naming.named_by.pk"): "staff: who named them, whom the reader is shown as well",
    ("templates/accounts/rota_list.html", "shift.pk"): "a shift on the rota, which everybody on it sees",
    ("templates/accounts/_leave_table.html", "absence.pk"): "leave: one's own, and of one's own team",
}


def numbers_in_code(path: Path) -> set[str]:
    """`x.pk` and `x.id` that become words: in `str()` and in f-strings."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str":
            values: list[ast.expr] = list(node.args)
        elif isinstance(node, ast.FormattedValue):
            values = [node.value]
        else:
            continue
        for value in values:
            if isinstance(value, ast.Attribute) and value.attr in ("pk", "id"):
                found.add(ast.unparse(value))
    return found


def test_only_these_numbers_are_shown() -> None:
    found = set()
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            if "forms" in path.parts[-2:][0] or path.name.startswith("forms"):
                found |= {(str(path.relative_to(ROOT)), words) for words in numbers_in_code(path)}
    for path in (ROOT / "templates").rglob("*.html"):
        for words in re.findall(r"\{\{\s*([\w.]+\.(?:pk|id))\b", path.read_text()):
            # The crispy templates give a form's fields their ids in the page.
            if not words.startswith(("field.", "form.")):
                found.add((str(path.relative_to(ROOT)), words))
    assert found - set(SHOWN) == set(), "name rows by a reference, or say here whose number this is and guard it"
    assert set(SHOWN) - found == set(), "these are not shown any more"
    assert len(found) == 12
