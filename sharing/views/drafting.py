"""Writing a decision: a task list of short pages, each kept as it was left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.http import SignedInRequest
from accounts.models import User
from safeguarding.kit.clock import now
from safeguarding.kit.errors import ChangedMeanwhile, NotAllowed, NotNow, Refusal, Unsound
from sharing import paths, permissions, selectors, services, suggestions
from sharing.answers import Advice
from sharing.forms.base import SectionForm
from sharing.forms.plain import WithdrawForm
from sharing.forms.record import HoldersNoneForm, PeopleForm, choices_of
from sharing.models import Decision
from sharing.pages import Page, find_page, is_done, next_page, pages_for
from sharing.reading import day
from sharing.record import Record, to_json
from sharing.rules import Facts, Problem, Severity, asked, find_problems
from sharing.selectors.registers import citable_agreements
from sharing.views._common import get_concern, get_decision, posted, show_of, turn_away, write_down
from sharing.views.assessing import record_assessment
from sharing.vocabulary import ItemAnswer, ItemKind, YesNo


@dataclass(frozen=True)
class Draft:
    """A draft as its pages see it: answers, facts, what is still wrong, and which pages apply."""

    decision: Decision
    record: Record
    facts: Facts
    problems: tuple[Problem, ...]
    pages: list[Page]

    def url(self, page: str) -> str:
        return reverse("sharing:edit-page", args=[self.decision.ref, self.decision.version, page])

    def missing(self) -> list[dict[str, Any]]:
        """What stands against signing, page by page, with the clause because of which it is asked."""
        found = []
        for page in self.pages:
            problems = [p for p in self.problems if page.owns(p) and p.severity == Severity.REFUSE]
            if problems:
                found.append({"page": page, "href": self.url(page.slug), "problems": problems})
        return found

    def loose(self) -> list[Problem]:
        """Refusing problems of the whole, and of pages that do not apply."""
        owned = {problem for page in self.pages for problem in self.problems if page.owns(problem)}
        return [p for p in self.problems if p.severity == Severity.REFUSE and p not in owned]

    def unclear(self) -> list[str]:
        """The pages on which something could not be understood, of those that apply."""
        applying = asked.only(self.record, self.facts)
        return [slug for slug in self.decision.typed if asked.page(slug, applying, self.facts)]

    def is_ready(self) -> bool:
        """Whether nothing stands against signing."""
        return not self.missing() and not self.loose() and not self.unclear()

    @property
    def missing_count(self) -> int:
        return sum(problem.severity == Severity.REFUSE for problem in self.problems)

    @property
    def notices(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.severity != Severity.REFUSE]


def read_draft(request: SignedInRequest, decision: Decision) -> Draft:
    record = selectors.record_of(decision)
    facts = selectors.facts_for(decision, by=request.user, at=now())
    return Draft(decision, record, facts, find_problems(record, facts), pages_for(asked.only(record, facts), facts))


@require_POST
def start_decision(request: SignedInRequest, ref: str) -> HttpResponse:
    concern = get_concern(request, ref)
    try:
        decision = services.start_decision(concern_id=concern.pk, by=request.user, at=now())
    except Refusal as refusal:
        return turn_away(request, refusal, concern, act="start-decision")
    return redirect(decision)


@require_safe
def show_draft(request: SignedInRequest, ref: str, version: int) -> HttpResponse:
    """The task list, and what is still missing before the decision can be signed."""
    decision = get_decision(request, ref, version)
    if not decision.is_draft:
        return redirect(decision)
    try:
        permissions.check_can_decide(request.user, decision.concern)
    except NotAllowed as refusal:
        return turn_away(request, refusal, decision.concern, act="show-draft")
    draft = read_draft(request, decision)
    # Two people may bear one name, and each has a group of their own.
    groups: dict[tuple[str, str], list[dict[str, str]]] = {}
    for page in draft.pages:
        whose = page.slug.partition(".")[2] if page.name and page.name in page.group else ""
        groups.setdefault((page.group, whose), []).append(_task(draft, page))
    context = {
        "draft": draft,
        "decision": decision,
        "groups": [(name, tasks) for (name, _), tasks in groups.items()],
        "page_count": len(draft.pages),
        "done_count": len(draft.pages) - len(draft.missing()),
        "missing_count": draft.missing_count,
        "can_print": permissions.can_print_draft(request.user, decision),
    }
    return show_of(decision.concern, request, "sharing/draft_show.html", context)


def _task(draft: Draft, page: Page) -> dict[str, str]:
    is_theirs = bool(page.name) and page.name not in page.group
    task = {"title": f"{page.title}: {page.name}" if is_theirs else page.title, "href": draft.url(page.slug)}
    if any(slug == page.slug or slug.startswith(f"{page.slug}.") for slug in draft.decision.typed):
        return {**task, "status": "Put right", "colour": "red"}
    if page.rows is not None and page.rows.is_optional and not paths.get(draft.record, page.slug):
        needed = any(page.owns(p) and p.severity == Severity.REFUSE for p in draft.problems)
        if not needed:
            return {**task, "status": "Optional"}
    if is_done(page, draft.problems, draft.decision.typed):
        return {**task, "status": "Done", "colour": "green"}
    return {**task, "status": "To do", "colour": "blue"}


@require_http_methods(["GET", "HEAD", "POST"])
def edit_page(request: SignedInRequest, ref: str, version: int, page: str) -> HttpResponse:
    """One short page, or one row of a list. What is sent is kept, understood or not."""
    decision = get_decision(request, ref, version)
    try:
        permissions.check_can_decide(request.user, decision.concern)
    except NotAllowed as refusal:
        return turn_away(request, refusal, decision.concern, act="edit-page")
    if not decision.is_draft:
        messages.error(request, "This decision has been signed and can’t be changed. Make a new version of it.")
        return redirect(decision)
    draft = read_draft(request, decision)
    found = find_page(draft.pages, page)
    if found is None:
        raise Http404
    if found.slug.startswith("assessment."):
        return record_assessment(request, draft, found)
    if found.rows is not None:
        return _list_rows(request, draft, found)
    return _edit(request, draft, found)


def _edit(request: SignedInRequest, draft: Draft, page: Page) -> HttpResponse:
    record, base = draft.record, page.base
    if page.slug.endswith(".new"):
        record, base = _with_new_row(draft, page.slug.removesuffix(".new"))
    try:
        paths.get(record, base) if base else None
    except LookupError:
        if request.method == "POST":
            return _offer_new_row(request, draft, page, services.RowsMoved())
        raise Http404 from None
    if request.method != "POST":
        kept = draft.decision.typed.get(page.slug)
        return _page(request, draft, page, _form(draft, page, record, base, kept, by=request.user))
    form = _form(draft, page, record, base, dict(request.POST.lists()), by=request.user)
    is_sound = form.is_valid()
    try:
        saved = _save(request, draft, page, form, record, base)
    except services.RowsMoved as refusal:
        return _offer_new_row(request, draft, page, refusal)
    except ChangedMeanwhile as refusal:
        if request.headers.get("X-Autosave"):
            return HttpResponse(status=409)
        form.show(refusal)
        return _page(request, draft, page, form, theirs=_theirs(form, draft))
    except (Unsound, NotNow) as refusal:
        form.show(refusal)
        return _page(request, draft, page, form)
    if request.headers.get("X-Autosave"):
        return HttpResponse(status=204)
    if not is_sound and page.slug.endswith(".new"):
        # The row is on the list already; what could not be understood is shown where it is changed.
        rows = page.slug.removesuffix(".new")
        return redirect(draft.url(f"{rows}.{len(paths.get(saved.record, rows)) - 1}"))
    if not is_sound:
        return _page(request, read_draft(request, saved), page, form)
    return redirect(_next_address(request, read_draft(request, saved), page))


def _with_new_row(draft: Draft, rows: str) -> tuple[Record, str]:
    """The record with one more row on the list, and its place."""
    record = paths.add(draft.record, rows, next(p for p in draft.pages if p.slug == rows).rows.row())  # type: ignore[union-attr]
    return record, f"{rows}.{len(paths.get(record, rows)) - 1}"


def _offer_new_row(request: SignedInRequest, draft: Draft, page: Page, refusal: ChangedMeanwhile) -> HttpResponse:
    """The page that adds a row, with the words that were typed for one that is not in its place any more."""
    rows = page.slug.rpartition(".")[0]
    new = find_page(draft.pages, f"{rows}.new")
    if new is None:
        raise Http404
    if request.headers.get("X-Autosave"):
        return HttpResponse(status=409)
    record, base = _with_new_row(draft, rows)
    form = _form(draft, new, record, base, dict(request.POST.lists()), by=request.user)
    form.is_valid()
    form.show(refusal)
    return _page(request, draft, new, form)


def _form(
    draft: Draft, page: Page, record: Record, base: str, data: Mapping[str, list[str]] | None, *, by: User
) -> SectionForm:
    if page.form is None:
        raise Http404
    context: dict[str, Any] = {}
    if page.slug == "people":
        context["choices"] = choices_of(selectors.people_of(draft.decision.concern))
        context["may_leave_out"] = bool(draft.facts.children_at_risk)
    if page.slug == "start":
        context["requests"] = selectors.choosable_requests(draft.decision, by=by)
    if page.slug == "grounds.C2":
        context["others"] = selectors.choosable_others(draft.decision.concern, record)
    if page.slug == "grounds.C8":
        context["dash_records"] = selectors.choosable_dash_records(draft.decision.concern)
    if page.slug == "grounds.C9":
        context["files"] = selectors.choosable_files(draft.decision.concern, by=by)
    if page.slug == "basis":
        context["agreements"] = [(each.key, str(each)) for each in citable_agreements()]
    if page.slug.startswith("recipients."):
        context["agencies"] = [(agency.ref, str(agency)) for agency in selectors.agencies_in_use()]
    return page.form(data, record=record, base=base, **context)


def _save(request: SignedInRequest, draft: Draft, page: Page, form: SectionForm, record: Record, base: str) -> Decision:
    by, at = request.user, now()
    seen = request.POST.get("seen_edit", "")
    seen_edit = int(seen) if seen.isdecimal() and len(seen) < 10 else 0
    typed = form.typed() if form.errors else None
    if isinstance(form, PeopleForm):
        return services.choose_people(
            decision_id=draft.decision.pk,
            keys=form.cleaned_data.get("chosen", []),
            left_out=form.cleaned_data.get("left_out", ""),
            seen_edit=seen_edit,
            by=by,
            at=at,
        )
    if page.slug.endswith(".new"):
        for path, answer in form.answers().items():
            record = paths.put(record, path, answer)
        decision, _ = services.add_row(
            decision_id=draft.decision.pk,
            rows=page.slug.removesuffix(".new"),
            row=paths.get(record, base),
            typed=typed,
            by=by,
            at=at,
        )
        return decision
    return services.save_page(
        decision_id=draft.decision.pk,
        page=page.slug,
        answers=form.answers(),
        typed=typed,
        seen_edit=seen_edit,
        by=by,
        at=at,
    )


def _theirs(form: SectionForm, draft: Draft) -> list[dict[str, str]]:
    """What the page says now, after somebody else saved it, as questions and answers."""
    rows = []
    for name in form.names():
        value = to_json(paths.get(draft.record, form.path(name)))
        # What was ticked reads as on the page: names of people, not their keys.
        labels = {str(code): str(label) for code, label in getattr(form.fields[name], "choices", ())}
        words = ", ".join(labels.get(str(e), str(e)) for e in value) if isinstance(value, list) else str(value or "")
        rows.append({"key": str(form.fields[name].label), "value": words})
    return rows


def _next_address(request: SignedInRequest, draft: Draft, page: Page) -> str:
    if request.POST.get("next") == "list":
        return draft.decision.get_absolute_url()
    head = page.slug.rpartition(".")[0]
    if any(each.slug == head and each.rows is not None for each in draft.pages):
        return draft.url(head)
    following = next_page(draft.pages, page.slug)
    return draft.url(following.slug) if following else draft.decision.get_absolute_url()


def _page(
    request: SignedInRequest, draft: Draft, page: Page, form: SectionForm, *, theirs: list[dict[str, str]] | None = None
) -> HttpResponse:
    is_row = any(page.slug.startswith(f"{each.slug}.") for each in draft.pages if each.rows is not None)
    own = [p for p in draft.problems if p.severity == Severity.REFUSE and (
        p.field.startswith(f"{page.slug}.") if is_row else page.owns(p))]  # fmt: skip
    context = {
        **_beside(draft, page),
        "draft": draft,
        "decision": draft.decision,
        "page": page,
        "form": form,
        "theirs": theirs,
        "own_problems": own if page.slug in draft.decision.pages else [],
        "form_url": draft.url(page.slug),
        "autosave_url": "" if page.slug.endswith(".new") or page.slug == "people" else draft.url(page.slug),
        "missing_count": draft.missing_count,
    }
    return show_of(draft.decision.concern, request, "sharing/draft_page.html", context)


# Pages about talking to somebody: how to reach them safely comes first (R74).
_TALKING = frozenset(
    {"views", "safety", "agreement", "capacity", "coercion", "informed", "conversation", "not_sharing"}
)
# Pages about what goes: the limits that somebody set stand beside it (R64).
_GOING = frozenset({"agreement", "items", "recipients", "method", "decision"})


def _beside(draft: Draft, page: Page) -> dict[str, Any]:
    """What stands beside a page: safe ways to reach people, limits on what is shared, what an order asks for."""
    kind, _, key = page.slug.partition(".")
    concern = draft.decision.concern
    is_held_against_order = kind == "items" and asked.scope(draft.record)
    people = selectors.at_risk_of(draft.record, concern) if kind in _TALKING else []
    return {
        "cautions": [person for person in people if not page.name or person.ref == key],
        "limits": selectors.limits_set(draft.record, concern) if kind in _GOING else [],
        "order": draft.record.ground("C9") if is_held_against_order else None,
    }


# --- Lists of rows ------------------------------------------------------------------------------------


def _list_rows(request: SignedInRequest, draft: Draft, page: Page) -> HttpResponse:
    """The rows of a list, each with its change and remove, and the button that adds one."""
    form = _none_form(request, draft, page)
    if request.method == "POST":
        if form is None or not form.is_valid():
            raise Http404
        services.save_page(
            decision_id=draft.decision.pk,
            page=page.slug,
            answers=form.answers(),
            typed=None,
            seen_edit=draft.decision.edit,
            by=request.user,
            at=now(),
        )
        following = next_page(draft.pages, page.slug)
        return redirect(draft.url(following.slug) if following else draft.decision.get_absolute_url())
    following = next_page(draft.pages, page.slug)
    context = {
        **_beside(draft, page),
        "draft": draft,
        "decision": draft.decision,
        "page": page,
        "rows": _row_cards(draft, page),
        "add_url": draft.url(f"{page.slug}.new"),
        "next_url": draft.url(following.slug) if following else draft.decision.get_absolute_url(),
        "form": form,
        "suggestions": suggestions.items_for(draft.decision.concern, draft.record) if page.slug == "items" else [],
        "advice": suggestions.advice_for(draft.decision.concern, draft.record) if page.slug == "advice" else [],
        "own_problems": [p for p in draft.problems if page.owns(p) and p.severity == Severity.REFUSE],
        "missing_count": draft.missing_count,
    }
    return show_of(draft.decision.concern, request, "sharing/draft_rows.html", context)


def _none_form(request: SignedInRequest, draft: Draft, page: Page) -> SectionForm | None:
    if page.slug != "holders" or draft.record.holders:
        return None
    data = dict(request.POST.lists()) if request.method == "POST" else None
    return HoldersNoneForm(data, record=draft.record)


_ROW_WORDS = {**dict(ItemAnswer.choices), **dict(ItemKind.choices), **dict(YesNo.choices)}


def _row_cards(draft: Draft, page: Page) -> list[dict[str, Any]]:
    if page.rows is None:
        return []
    labels = {name: str(field.label) for name, field in page.rows.form.base_fields.items()}
    cards = []
    for number, row in enumerate(paths.get(draft.record, page.slug)):
        shown = []
        for name in page.rows.shows:
            value = to_json(getattr(row, name))
            is_day = name.endswith("on") and isinstance(value, str)
            words = day(value) if is_day else str(_ROW_WORDS.get(value, value or ""))
            shown.append({"key": labels.get(name, name), "value": words})
        place = f"{page.slug}.{number}"
        cards.append(
            {
                "number": number + 1,
                "rows": shown,
                # What was asked without names stands on its own page and is not typed over here.
                "change_url": (
                    reverse("sharing:show-consultation", args=[row.ref])
                    if isinstance(row, Advice) and row.ref
                    else draft.url(place)
                ),
                "remove_url": reverse(
                    "sharing:remove-row", args=[draft.decision.ref, draft.decision.version, page.slug, number]
                ),
                "problems": [
                    p.sentence
                    for p in draft.problems
                    if p.field.startswith(f"{place}.") and p.severity == Severity.REFUSE
                ],
                "is_unclear": place in draft.decision.typed,
            }
        )
    return cards


@require_POST
def remove_row(request: SignedInRequest, ref: str, version: int, rows: str, number: int) -> HttpResponse:
    decision = get_decision(request, ref, version)
    draft = read_draft(request, decision)
    page = find_page(draft.pages, rows)
    if page is None or page.rows is None:
        raise Http404
    seen = request.POST.get("seen_edit", "")
    try:
        services.remove_row(
            decision_id=decision.pk,
            rows=rows,
            number=number,
            seen_edit=int(seen) if seen.isdecimal() and len(seen) < 10 else 0,
            by=request.user,
            at=now(),
        )
    except NotAllowed as refusal:
        return turn_away(request, refusal, decision.concern, act="remove-row")
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    return redirect(draft.url(rows))


@require_POST
def add_suggested(request: SignedInRequest, ref: str, version: int, number: int) -> HttpResponse:
    """Put one of the suggested items on the list, neither included nor withheld (R51)."""
    decision = get_decision(request, ref, version)
    draft = read_draft(request, decision)
    offered = suggestions.items_for(decision.concern, draft.record)
    if not 0 <= number < len(offered):
        raise Http404
    try:
        _, place = services.add_row(
            decision_id=decision.pk, rows="items", row=offered[number].item, typed=None, by=request.user, at=now()
        )
    except NotAllowed as refusal:
        return turn_away(request, refusal, decision.concern, act="add-suggested")
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
        return redirect(draft.url("items"))
    return redirect(draft.url(f"items.{place}"))


@require_POST
def add_advice(request: SignedInRequest, ref: str, version: int, advice: str) -> HttpResponse:
    """Put advice that was asked without names on the list (field 12)."""
    decision = get_decision(request, ref, version)
    draft = read_draft(request, decision)
    offered = {each.ref: each for each in suggestions.advice_for(decision.concern, draft.record)}
    if advice not in offered:
        raise Http404
    try:
        services.add_row(
            decision_id=decision.pk,
            rows="advice",
            row=selectors.advice_of(offered[advice]),
            typed=None,
            by=request.user,
            at=now(),
        )
    except NotAllowed as refusal:
        return turn_away(request, refusal, decision.concern, act="add-advice")
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    return redirect(draft.url("advice"))


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_draft(request: SignedInRequest, ref: str, version: int) -> HttpResponse:
    decision = get_decision(request, ref, version)
    try:
        permissions.check_can_decide(request.user, decision.concern)
    except NotAllowed as refusal:
        return turn_away(request, refusal, decision.concern, act="withdraw-draft")
    form = WithdrawForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw_draft(
                decision_id=decision.pk, reason=form.cleaned_data["reason"], by=request.user, at=now()
            )
        except NotAllowed as refusal:
            return turn_away(request, refusal, decision.concern, act="withdraw-draft")
        except Refusal as refusal:
            write_down(request, refusal, decision.concern, act="withdraw-draft")
            form.show(refusal)
        else:
            messages.success(request, "The draft is withdrawn.")
            return redirect(decision.concern)
    context = {"form": form, "decision": decision, "back_url": decision.get_absolute_url()}
    return show_of(decision.concern, request, "sharing/draft_withdraw.html", context)
