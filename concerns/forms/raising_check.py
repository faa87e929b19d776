"""Check your answers: everything that was typed, in cards, each row with a way back to its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import dateformat

from concerns.forms.raising_journey import PERSON_PAGE, Journey
from concerns.forms.raising_page import PageForm


@dataclass(frozen=True)
class Section:
    """One card: its title and the rows that `components/summary_list.html` takes."""

    title: str
    rows: list[dict[str, str]]
    # Only the cards of people, which can be taken out.
    remove_href: str = ""


CARDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Danger", ("danger", "emergency")),
    ("What happened", ("facts", "said", "hearsay", "opinion")),
    ("When and where", ("when", "delay")),
    ("People", ("people",)),
    ("Kinds of abuse", ("kinds",)),
    ("Staff", ("staff", "staff-who")),
    ("What has been done", ("done", "secrecy")),
)


def sections(journey: Journey, key: str) -> list[Section]:
    """The cards in the order of the pages; the people's cards take the place of the page that lists them."""
    applying = journey.pages
    found = []
    for title, pages in CARDS:
        if title == "People" and journey.person_numbers:
            found += [_person(journey, key, number, place) for place, number in enumerate(journey.person_numbers, 1)]
            continue
        rows = [row for page in pages if page in applying for row in _rows(journey, key, page)]
        found.append(Section(title, rows))
    return found


def _person(journey: Journey, key: str, number: int, place: int) -> Section:
    rows = [row for page in journey.person_pages(number) for row in _rows(journey, key, page, whom=f"person {place}")]
    remove = reverse("concerns:remove-draft-person", args=[key, number])
    return Section(f"Person {place}", rows, remove)


def _rows(journey: Journey, key: str, page: str, *, whom: str = "") -> list[dict[str, str]]:
    """One row for each question that was answered, or whose silence decides something; one that says "Not given" for
    a page left empty."""
    form = journey.checked(page) or journey.form(page)
    href = reverse("concerns:write-draft", args=[key, page]) + "?then=check"
    rows = []
    for name, ask in form.asks.items():
        if value := shown(form, name):
            rows.append({"key": ask, "value": value})
        elif name in form.says_if_empty:
            rows.append({"key": ask, "value": form.says_if_empty[name], "action": "Name them"})
    if not rows:
        match = PERSON_PAGE.fullmatch(page)
        # A person's own pages are optional as a whole: one row says which is empty.
        names = {"who": "Name", "age": "Age", "contact": "Address and contact"}
        empty = names[match[2]] if match else next(iter(form.asks.values()))
        rows = [{"key": empty, "value": ""}]
    return [{**row, "href": href, "about": f"{row['key']} of {whom}" if whom else row["key"]} for row in rows]


def shown(form: PageForm, name: str) -> str:
    """An answer in words: the label of a choice, a date written out, and what was typed as it was typed."""
    if name not in form.fields:
        return ""
    field = form.fields[name]
    value: Any = form.given(name)
    if isinstance(field, forms.ChoiceField):
        pairs: Any = field.choices
        labels = {str(pair[0]): str(pair[1]) for pair in pairs}
        many = value if isinstance(field, forms.MultipleChoiceField) else [value]
        return "\n".join(labels.get(str(one), str(one)) for one in many or [] if one)
    if isinstance(value, (list, tuple)):
        cleaned = getattr(form, "cleaned_data", {}).get(name)
        if isinstance(cleaned, date):
            return dateformat.format(cleaned, "j F Y")
        return " ".join(str(part) for part in value if part)
    return str(value or "")
