"""Raising a concern, page by page (R1-R7, R24, R36-R39, R47). Whatever is sent is kept as typed, valid or not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import SignedInRequest
from accounts.models import User
from audit.services import record_refusal
from concerns.forms.raising import DangerForm, SendForm
from concerns.forms.raising_check import sections
from concerns.forms.raising_journey import PERSON_PAGE, Journey
from concerns.models import Draft
from concerns.models.draft import new_draft_key
from concerns.selectors.drafts import drafts_of, find_draft, find_staff
from concerns.selectors.files import files_of_draft
from concerns.services import RoutePreview, preview_route, raise_concern
from concerns.services import drafts as draft_services
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotNow, Refusal

# A page that is still open in a browser may be sent for this long after its session has ended.
TICKET_SECONDS = 24 * 60 * 60
TICKET_SALT = "concerns.raising.page"


@require_http_methods(["GET", "HEAD", "POST"])
def start_raise(request: SignedInRequest) -> HttpResponse:
    """The first question. Only answering it makes a draft."""
    moment = now()
    if request.method == "POST":
        form = DangerForm(_lists(request.POST), by=request.user, at=moment)
        if form.is_valid():
            draft = draft_services.start_draft(key=request.POST.get("key", ""), by=request.user, at=moment)
            values = {"danger": [form.cleaned_data["danger"]]}
            draft = draft_services.save_page(key=draft.key, page="danger", values=values, by=request.user, at=moment)
            journey = Journey(draft.answers, by=request.user, at=moment)
            return redirect("concerns:write-draft", draft.key, journey.after("danger", is_change=False))
    else:
        form = DangerForm(by=request.user, at=moment)
    context = {"form": form, "key": request.POST.get("key") or new_draft_key(), "drafts": drafts_of(request.user)}
    return render(request, "concerns/raise_start.html", context)


@require_http_methods(["GET", "HEAD"])
def carry_on(request: SignedInRequest, key: str) -> HttpResponse:
    """Back into a draft, at the first page that was not answered."""
    draft = _own(request.user, key)
    if draft.sent_as is not None:
        return redirect("concerns:show-receipt", draft.sent_as.ref)
    page = Journey(draft.answers, by=request.user, at=now()).unfinished
    return redirect("concerns:check-draft", key) if page == "check" else redirect("concerns:write-draft", key, page)


# The page's own ticket stands in for both the session and the form token, which are gone or changed when a session ends
# while somebody writes. It was given to the owner alone, for this draft, and lets words in, never out.
@login_not_required
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def write_draft(request: HttpRequest, key: str, page: str) -> HttpResponse:
    """One page of a draft. A page that is sent after the session has ended is kept too, before asking to sign in."""
    if not isinstance(request.user, User):
        return _keep_and_sign_in(request, key, page)
    by = request.user
    draft = _own(by, key)
    if draft.sent_as is not None:
        return redirect("concerns:show-receipt", draft.sent_as.ref)
    moment = now()
    journey = _journey(draft, by, moment)
    kind = journey.form_class(page)
    if kind is None:
        raise Http404
    is_change = request.GET.get("then") == "check"
    if request.method == "POST":
        if _owner_of_ticket(request.POST.get("ticket", ""), key) != by.pk:
            raise PermissionDenied
        posted = _lists(request.POST)
        values = {name: posted[name] for name in kind.keys(posted)}
        try:
            draft = draft_services.save_page(key=key, page=page, values=values, by=by, at=moment)
        except NotNow:
            # Sent meanwhile from another tab; the receipt takes what is to be added.
            return redirect("concerns:carry-on-draft", key)
        journey = _journey(draft, by, moment)
        # The search for a colleague widens what may be ticked, so the form is checked against the new list.
        form = journey.form(page, posted)
        then = request.POST.get("then", "")
        if then == "later":
            messages.warning(
                request, "Not sent yet. Your words are kept, but nobody has been told. Send it as soon as you can."
            )
            return redirect("concerns:show-home")
        if then == "search":
            return redirect(_address(key, page, is_change=is_change) + "#div_id_search")
        if then == "check":
            return redirect("concerns:check-draft", key)
        if form.may_go_on():
            return redirect(_address(key, journey.after(page, is_change=is_change), is_change=is_change))
    else:
        form = journey.form(page)
    return render(request, _template(page), _page_context(journey, key, page, form, is_change=is_change))


@require_POST
def save_draft(request: SignedInRequest, key: str, page: str) -> HttpResponse:
    """Autosave: keep the page as typed so far, check nothing. 204; 409 when the draft was sent meanwhile."""
    _own(request.user, key)
    kind = Journey.form_class(page)
    if kind is None:
        raise Http404
    posted = _lists(request.POST)
    values = {name: posted[name] for name in kind.keys(posted)}
    try:
        draft_services.save_page(key=key, page=page, values=values, by=request.user, at=now())
    except NotNow:
        return HttpResponse(status=409)
    return HttpResponse(status=204)


@require_http_methods(["GET", "HEAD", "POST"])
def check_draft(request: SignedInRequest, key: str) -> HttpResponse:
    """All answers, who will be told, and the button that sends them."""
    draft = _own(request.user, key)
    if draft.sent_as is not None:
        return redirect("concerns:show-receipt", draft.sent_as.ref)
    by, moment = request.user, now()
    journey = _journey(draft, by, moment)
    problems = journey.problems()
    way = Way() if problems else _way(journey)
    posted = request.POST if request.method == "POST" else None
    form = SendForm(posted, is_asked=way.past_manager is not None, initial="" if way.names_manager else "no")
    if posted is not None and way.route is not None and form.is_valid():
        intake = journey.intake(is_hidden_from_manager=form.cleaned_data.get("manager") == "yes")
        try:
            concern = raise_concern(intake=intake, by=by, at=moment, draft=draft)
        except Refusal as error:
            way = Way(refusal=error.sentence)
        else:
            return redirect(reverse("concerns:show-receipt", args=[concern.ref]) + "?sent=1")
    context = {
        "draft": draft,
        "files": files_of_draft(draft, at=moment),
        "sections": sections(journey, key),
        "problems": problems,
        "way": way,
        "form": form,
        "is_refused": posted is not None,
        "is_call_awaited": journey.is_danger and not journey.intake().emergency_calls,
        "is_promised": journey.first("secrecy", "promised") == "yes",
        "back_url": _address(key, journey.before("check"), is_change=False),
    }
    return render(request, "concerns/raise_check.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def remove_person(request: SignedInRequest, key: str, number: int) -> HttpResponse:
    """Take a person out of the draft, after a question."""
    draft = _own(request.user, key)
    journey = _journey(draft, request.user, now())
    if number not in journey.person_numbers or draft.sent_as is not None:
        raise Http404
    if request.method == "POST":
        pages = [*journey.person_pages(number), *(["people"] if journey.person_numbers == [number] else [])]
        draft_services.remove_pages(key=key, pages=pages, by=request.user, at=now())
        return redirect("concerns:write-draft", key, "people")
    name = journey.first(f"person-{number}-who", "name")
    return render(request, "concerns/raise_remove_person.html", {"key": key, "name": name, "number": number})


@require_http_methods(["GET", "HEAD", "POST"])
def discard_draft(request: SignedInRequest, key: str) -> HttpResponse:
    """Throw the draft away, after a question."""
    draft = _own(request.user, key)
    if draft.sent_as is not None:
        return redirect("concerns:show-receipt", draft.sent_as.ref)
    if request.method == "POST":
        draft_services.discard_draft(key=key, by=request.user, at=now())
        messages.success(request, "Thrown away. Nothing was sent.")
        return redirect("concerns:show-home")
    return render(request, "concerns/raise_discard.html", {"draft": draft})


@dataclass(frozen=True)
class Way:
    """Where the concern would go, and `past_manager`: the way round a line manager who is not kept out already."""

    route: RoutePreview | None = None
    past_manager: RoutePreview | None = None
    refusal: str = ""

    @property
    def names_manager(self) -> bool:
        return self.route is not None and self.past_manager is not None and self.route.names_manager


def _way(journey: Journey) -> Way:
    try:
        route = preview_route(intake=journey.intake(), by=journey.by, at=journey.at)
        if route.manager is None or route.is_manager_kept_out:
            return Way(route)
        hidden = journey.intake(is_hidden_from_manager=True)
        return Way(route, preview_route(intake=hidden, by=journey.by, at=journey.at))
    except Refusal as error:
        return Way(refusal=error.sentence)


# --- What the views share ------------------------------------------------------------------------


def _own(by: User, key: str) -> Draft:
    try:
        return find_draft(key, by)
    except Draft.DoesNotExist:
        record_refusal(by=by, at=now(), act="concerns.read-draft")
        raise Http404 from None


def _lists(posted: QueryDict) -> dict[str, list[str]]:
    return {name: [str(value) for value in values] for name, values in posted.lists()}


def _journey(draft: Draft, by: User, at: datetime) -> Journey:
    picked = draft.answers.get("staff-who", {})
    chosen = {int(value) for value in picked.get("staff_ids", []) if value.isdecimal() and len(value) < 19}
    staff = find_staff((picked.get("search") or [""])[0], chosen=chosen, user=by) if picked else ()
    return Journey(draft.answers, by=by, at=at, staff=staff)


def _address(key: str, page: str, *, is_change: bool) -> str:
    if page == "check":
        return reverse("concerns:check-draft", args=[key])
    return reverse("concerns:write-draft", args=[key, page]) + ("?then=check" if is_change else "")


def _template(page: str) -> str:
    own = {"emergency", "people", "kinds", "staff-who", "promise", "when"}
    if PERSON_PAGE.fullmatch(page):
        return "concerns/raise_person.html"
    return f"concerns/raise_{page.replace('-', '_')}.html" if page in own else "concerns/raise_question.html"


def _page_context(journey: Journey, key: str, page: str, form: Any, *, is_change: bool) -> Mapping[str, Any]:
    person = PERSON_PAGE.fullmatch(page)
    before = journey.before(page)
    back = "check" if is_change and person is None else before
    return {
        "form": form,
        "key": key,
        "page": page,
        "ticket": signing.dumps([journey.by.pk, key], salt=TICKET_SALT),
        "title": TITLES[person[2] if person else page],
        "part": person[2] if person else "",
        "person_name": journey.first(f"person-{person[1]}-who", "name") if person else "",
        "people": journey.numbered_people if page == "people" else (),
        "is_danger": journey.is_danger and page != "danger",
        "has_searched": bool(journey.first("staff-who", "search")),
        "back_url": _address(key, back, is_change=is_change) if back else reverse("concerns:start-raise"),
    }


def _owner_of_ticket(given: str, key: str) -> int | None:
    try:
        owner, of_key = signing.loads(given, salt=TICKET_SALT, max_age=TICKET_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(owner) if of_key == key else None


def _keep_and_sign_in(request: HttpRequest, key: str, page: str) -> HttpResponse:
    """Nobody is signed in: keep what was sent if it carries the owner's ticket, then ask them to sign in."""
    kind = Journey.form_class(page)
    if request.method == "POST" and kind is not None:
        owner_id = _owner_of_ticket(request.POST.get("ticket", ""), key)
        posted = _lists(request.POST)
        values = {name: posted[name] for name in kind.keys(posted)}
        if owner_id is not None and draft_services.keep_late_page(
            key=key, page=page, values=values, owner_id=owner_id, at=now()
        ):
            messages.success(request, "You had been signed out, but your words are kept. Sign in to carry on.")
    return redirect(f"{reverse('account_login')}?next={request.path}")


TITLES = {
    "danger": "Is anyone in immediate danger?",
    "emergency": "Immediate danger",
    "facts": "What you saw or heard",
    "said": "What was said to you",
    "hearsay": "What others told you",
    "opinion": "What you think",
    "when": "When and where",
    "delay": "Why the delay?",
    "people": "People",
    "who": "About a person",
    "age": "A person's age",
    "contact": "Where a person can be found",
    "kinds": "Kinds of abuse",
    "staff": "Staff who may be a cause",
    "staff-who": "Which staff",
    "done": "What has been done already",
    "secrecy": "A promise of secrecy",
    "promise": "If you promised to keep it secret",
}
