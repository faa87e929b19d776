"""The step in which an assessment of capacity becomes a record of its own (R66, R112, R113)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from accounts.http import SignedInRequest
from safeguarding.kit.clock import now
from safeguarding.kit.errors import Refusal, Unsound
from sharing import selectors, services
from sharing.forms.people import CapacityForm
from sharing.forms.plain import WordsForm
from sharing.pages import Page, next_page
from sharing.reading import day
from sharing.record import to_json
from sharing.views._common import posted, show_of, write_down

if TYPE_CHECKING:
    from sharing.views.drafting import Draft


def record_assessment(request: SignedInRequest, draft: Draft, page: Page) -> HttpResponse:
    """Read the assessment once more, then record it; a second record corrects the first and says why."""
    key = page.slug.partition(".")[2]
    person = draft.record.person(key)
    if person is None:
        raise Http404
    records = selectors.all_capacity_records_of(draft.decision, key)
    form = WordsForm(
        posted(request),
        label="Why is the record before corrected?",
        help_text="It stays, and both can be read.",
    )
    if request.method == "POST" and form.is_valid():
        seen = request.POST.get("seen_edit", "")
        try:
            services.record_capacity(
                decision_id=draft.decision.pk,
                person_key=key,
                seen_edit=int(seen) if seen.isdecimal() and len(seen) < 10 else 0,
                correction_reason=form.cleaned_data["words"],
                by=request.user,
                at=now(),
            )
        except Refusal as refusal:
            write_down(request, refusal, draft.decision.concern, act="record-capacity")
            problems = refusal.problems if isinstance(refusal, Unsound) else {}
            sentence = problems.get("correction_reason", [refusal.sentence])[0]
            form.add_error("words" if "correction_reason" in problems else None, sentence)
        else:
            messages.success(request, "The assessment is recorded.")
            following = next_page(draft.pages, page.slug)
            return redirect(draft.url(following.slug) if following else draft.decision.get_absolute_url())
    context = {
        "draft": draft,
        "decision": draft.decision,
        "page": page,
        "form": form,
        "rows": _answers(draft, key),
        "records": records,
        "is_recorded": bool(person.capacity.ref),
        "capacity_url": draft.url(f"capacity.{key}"),
        "own_problems": [
            p for p in draft.problems if p.field.startswith(f"people.{key}.capacity.") and not page.owns(p)
        ],
        "missing_count": draft.missing_count,
    }
    return show_of(draft.decision.concern, request, "sharing/draft_assessment.html", context)


def _answers(draft: Draft, key: str) -> list[dict[str, str]]:
    """The answers of the capacity page as questions and words."""
    form = CapacityForm(record=draft.record, base=f"people.{key}")
    rows = []
    for name in form.names():
        value = to_json(getattr(draft.record.person(key), "capacity", None)).get(name.removeprefix("capacity__"))
        choices = dict(getattr(form.fields[name], "choices", ()))
        words = day(value) if name.endswith("assessed_on") else str(choices.get(value, value or ""))
        if words:
            rows.append({"key": str(form.fields[name].label), "value": words})
    return rows
