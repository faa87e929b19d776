"""The task list of a decision: which short pages apply, in the order in which a practitioner thinks.

Pure: a record and facts in, pages out. A page owns the answers of its form, so that every problem that the
rules find can be shown beside the page, and the field, where it is put right.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sharing.answers import Advice, Fact, Holder, Item, Mitigation, Opinion, Person, Recipient
from sharing.forms import people as of_person
from sharing.forms import record as of_record
from sharing.forms import rows as of_row
from sharing.forms.base import SectionForm
from sharing.record import Record
from sharing.rules import Facts, Problem, Severity, asked

WHO, WANT, WEIGH, DECIDE, WHAT = (
    "Who and why",
    "What {} knows and wants",
    "Weighing it up",
    "The decision",
    "What goes, to whom and how",
)


@dataclass(frozen=True)
class Rows:
    """A list that is filled row by row."""

    form: type[SectionForm]
    row: type
    add: str  # the words of the button that adds one
    shows: tuple[str, ...]  # the fields that the list shows of each row
    is_optional: bool = False


ROWS: dict[str, Rows] = {
    "facts": Rows(of_row.FactForm, Fact, "Add a fact", ("words", "source", "on")),
    "opinions": Rows(of_row.OpinionForm, Opinion, "Add an opinion", ("words", "whose", "evidence"), is_optional=True),
    "holders": Rows(of_row.HolderForm, Holder, "Add somebody who may hold information", ("who", "asked", "note")),
    "advice": Rows(of_row.AdviceForm, Advice, "Add advice", ("who", "on", "words"), is_optional=True),
    "mitigations": Rows(of_row.MitigationForm, Mitigation, "Add a step", ("what", "owner"), is_optional=True),
    "items": Rows(of_row.ItemForm, Item, "Add an item", ("what", "kind", "answer")),
    "recipients": Rows(of_row.RecipientForm, Recipient, "Add an agency", ("organisation", "verified", "need_to_know")),
}


@dataclass(frozen=True)
class Page:
    """One short page. `slug` is its address and the name under which changes to it are kept."""

    slug: str
    title: str
    group: str
    base: str = ""
    form: type[SectionForm] | None = None
    rows: Rows | None = None
    # Whose page it is, for a page about one person.
    name: str = ""
    prefixes: tuple[str, ...] = ()
    # Fields of its own whose names begin those of other pages: "people" is a page, "people.7.agreement" another's.
    exact: tuple[str, ...] = ()

    def owns(self, problem: Problem) -> bool:
        """Whether `problem` is put right here."""
        return problem.field in self.exact or any(
            problem.field == each or problem.field.startswith(f"{each}.") for each in self.prefixes
        )


# What an assessment says; whether it is recorded has a page of its own.
_ASSESSED = tuple(f"capacity.{name}" for name in of_person.CapacityForm.answers_asked())
_PERSON_PAGES: tuple[tuple[str, str, type[SectionForm] | None, tuple[str, ...]], ...] = (
    ("views", "What they were told and what they want", of_person.ViewsForm, ("told", "wishes")),
    ("safety", "Safety and support", of_person.SupportForm, ("support",)),
    ("agreement", "Agreement", of_person.AgreementPage, ("agreement",)),
    ("capacity", "Capacity", of_person.CapacityForm, _ASSESSED),
    ("assessment", "Recording the assessment of capacity", None, ("capacity.ref",)),
    ("coercion", "Duress and coercion", of_person.CoercionForm, ("coercion",)),
)


def pages_for(record: Record, facts: Facts) -> list[Page]:
    """Every page that applies to `record` now, in order; which do is said by `asked.page`."""
    return [page for page in _all(record) if asked.page(page.slug, record, facts)]


def _all(record: Record) -> list[Page]:
    return [
        *_first(),
        *(page for person in record.people for page in _of_person(person)),
        *_weighing(record),
        *_deciding(),
        *_sharing(record),
        *_closing(),
    ]


def find_page(pages: Iterable[Page], slug: str) -> Page | None:
    """The page at `slug`; a row ("items.0", "items.new") belongs to its list."""
    listed = list(pages)
    exact = next((page for page in listed if page.slug == slug), None)
    if exact is not None:
        return exact
    head, _, tail = slug.rpartition(".")
    page = next((page for page in listed if page.slug == head and page.rows is not None), None)
    if page is None or page.rows is None or not (tail == "new" or (tail.isascii() and tail.isdigit())):
        return None
    return replace(page, slug=slug, base=slug, form=page.rows.form, rows=None)


def next_page(pages: Sequence[Page], slug: str) -> Page | None:
    """The page after the one at `slug`."""
    slugs = [page.slug for page in pages]
    head = slug if slug in slugs else slug.rpartition(".")[0]
    place = slugs.index(head) + 1 if head in slugs else len(slugs)
    return pages[place] if place < len(pages) else None


def is_done(page: Page, problems: Iterable[Problem], typed: Iterable[str]) -> bool:
    """Whether nothing on `page` stands against signing."""
    if any(slug == page.slug or (page.rows and slug.startswith(f"{page.slug}.")) for slug in typed):
        return False
    return not any(page.owns(problem) and problem.severity == Severity.REFUSE for problem in problems)


def _one(slug: str, title: str, group: str, form: type[SectionForm], *prefixes: str, base: str | None = None) -> Page:
    return Page(slug, title, group, slug if base is None else base, form, prefixes=prefixes or (slug,))


def _list(slug: str, title: str, group: str) -> Page:
    return Page(slug, title, group, slug, rows=ROWS[slug], prefixes=(slug,))


def _first() -> list[Page]:
    return [
        _one("start", "Why a decision is needed", WHO, of_record.StartForm),
        Page("people", "Who it is about", WHO, "", of_record.PeopleForm, exact=("people", "left_out")),
        _one("likely", "Is sharing likely to safeguard?", WHO, of_record.LikelyForm),
        _list("facts", "Facts you rely on", WHO),
        _list("opinions", "Opinions you rely on", WHO),
        _list("holders", "Who else may hold information", WHO),
        _list("advice", "Advice you took", WHO),
    ]


def _of_person(person: Person) -> list[Page]:
    base = f"people.{person.key}"
    return [
        Page(
            f"{slug}.{person.key}",
            title,
            WANT.format(person.name),
            base,
            form,
            name=person.name,
            prefixes=tuple(f"{base}.{section}" for section in sections),
        )
        for slug, title, form, sections in _PERSON_PAGES
    ]


def _weighing(record: Record) -> list[Page]:
    answers = tuple(f"grounds.{ground.code}.answer" for ground in record.grounds)
    title = "Grounds to share without agreement"
    return [
        Page("grounds", title, WEIGH, "grounds", of_record.GroundsForm, prefixes=answers),
        *(
            _one(f"grounds.{ground.code}", f"Ground {ground.code}: what shows it", WEIGH, of_record.GroundForm)
            for ground in record.grounds
        ),
        _one("risks", "The risk of sharing and of not sharing", WEIGH, of_record.RisksForm),
        _list("mitigations", "Making sharing safer", WEIGH),
    ]


def _deciding() -> list[Page]:
    return [
        _one("decision", "Share or not", DECIDE, of_record.DecisionForm),
        _one("reasons", "Reasons and proportionality", DECIDE, of_record.ReasonsForm),
        _one("principles", "The six principles", DECIDE, of_record.PrinciplesForm),
    ]


def _sharing(record: Record) -> list[Page]:
    return [
        _list("items", "Items, one by one", WHAT),
        _list("recipients", "Who receives it", WHAT),
        _one("method", "How it is sent", WHAT, of_record.MethodForm),
        _one("test", "The eight-line test", WHAT, of_record.TestForm),
        _one("basis", "Lawful basis", WHAT, of_record.BasisForm),
        *(
            _about_person("screening", "Screening for paragraph 18", person, of_person.ScreeningForm)
            for person in record.people
        ),
        *(
            _about_person("informed", "Told of sharing without agreement", person, of_person.InformedForm)
            for person in record.people
        ),
        _one("conversation", "The conversation before sharing", WHAT, of_record.ConversationForm),
    ]


def _about_person(slug: str, title: str, person: Person, form: type[SectionForm]) -> Page:
    base = f"people.{person.key}"
    return Page(f"{slug}.{person.key}", title, WHAT, base, form, name=person.name, prefixes=(f"{base}.{slug}",))


def _closing() -> list[Page]:
    return [
        _one("not_sharing", "What you do when not sharing", DECIDE, of_record.NotSharingForm),
        _one("requester_told", "Telling the person who asked", DECIDE, of_record.RequesterToldForm),
    ]
