"""People, for administrators; leads and the information governance lead read who is appointed to what (domain.md 5)."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import permissions, services
from accounts.forms_people import PersonForm, ReasonForm
from accounts.http import SignedInRequest
from accounts.invitations import invite_person
from accounts.models import User
from accounts.proof import require_fresh_proof
from accounts.selectors_people import find_person, people_page, person_page, waiting_posts
from audit.services import record_refusal
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotAllowed, NotNow, Refusal


def let_in(request: SignedInRequest, check: Callable[[User], None], act: str) -> None:
    """Raises Http404 for whoever may not; the ledger keeps that they tried."""
    try:
        check(request.user)
    except NotAllowed as refusal:
        record_refusal(by=request.user, at=now(), act=act)
        raise Http404 from refusal


def get_person(pk: int) -> User:
    person = find_person(pk)
    if person is None:
        raise Http404
    return person


def note(request: SignedInRequest, refusal: Refusal, act: str, person: User | None = None) -> None:
    """The ledger keeps a refusal that is not about how a form was filled in."""
    if isinstance(refusal, NotAllowed | NotNow):
        record_refusal(
            by=request.user,
            at=now(),
            act=act,
            why=refusal.code,
            subject_type="accounts.user" if person else "",
            subject_id=person.pk if person else None,
        )


@require_http_methods(["GET", "HEAD", "POST"])
def list_people(request: SignedInRequest) -> HttpResponse:
    """Who works here, or has left, and what each is appointed to. Names that are searched for are posted."""
    let_in(request, permissions.check_can_read_people, "accounts.list-people")
    words = request.POST.get("words", "")[:100].strip() if request.method == "POST" else ""
    former = (request.POST if request.method == "POST" else request.GET).get("show") == "former"
    page = people_page(words=words, former=former, number=request.GET.get("page"))
    context = {
        "page": page,
        "words": words,
        "former": former,
        "waiting": waiting_posts(),
        "can_manage": permissions.can_manage_people(request.user),
        "can_view": permissions.can_give_second_view(request.user),
        "suffix": "&show=former" if former else "",
    }
    return render(request, "accounts/person_list.html", context)


@require_safe
def show_person(request: SignedInRequest, pk: int) -> HttpResponse:
    """One person: details, roles and appointments with their dates, and what rests with them as numbers."""
    let_in(request, permissions.check_can_read_people, "accounts.show-person")
    person = get_person(pk)
    other = person != request.user
    can_manage = permissions.can_manage_people(request.user)
    context = {
        "page": person_page(person, viewer=request.user),
        "person": person,
        "can_manage": can_manage,
        "can_end_roles": can_manage and other,
        "can_end_areas": (can_manage or permissions.can_appoint_champions(request.user)) and other,
        "can_give": (can_manage or permissions.can_appoint_champions(request.user)) and other and person.is_active,
        "can_view": permissions.can_give_second_view(request.user) and other,
        "is_self": not other,
    }
    return render(request, "accounts/person_show.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_person(request: SignedInRequest) -> HttpResponse:
    """Somebody new. A mail invites them to choose a password."""
    let_in(request, permissions.check_can_manage_people, "accounts.add-person")
    form = PersonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            person = services.create_person(
                email=form.cleaned_data["email"], details=form.details(), by=request.user, at=now()
            )
            invite_person(person=person, by=request.user, at=now())
        except Refusal as refusal:
            note(request, refusal, "accounts.add-person")
            form.show(refusal)
        else:
            messages.success(request, "Added. A mail invites them to choose a password.")
            return redirect("people:show-person", person.pk)
    return render(request, "accounts/person_add.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def change_person(request: SignedInRequest, pk: int) -> HttpResponse:
    """Bring somebody's details up to date."""
    let_in(request, permissions.check_can_manage_people, "accounts.change-person")
    person = get_person(pk)
    form = PersonForm(request.POST if request.method == "POST" else None, person=person)
    if form.is_bound and form.is_valid():
        try:
            changed = services.change_person(person=person, details=form.details(), by=request.user, at=now())
        except Refusal as refusal:
            note(request, refusal, "accounts.change-person", person)
            form.show(refusal)
        else:
            messages.success(request, "Saved." if changed else "Nothing was changed.")
            return redirect("people:show-person", person.pk)
    return render(request, "accounts/person_change.html", {"form": form, "person": person})


@require_http_methods(["GET", "HEAD", "POST"])
@require_fresh_proof
def deactivate_person(request: SignedInRequest, pk: int) -> HttpResponse:
    """End somebody's access. What they hold goes to others first."""
    let_in(request, permissions.check_can_manage_people, "accounts.deactivate-person")
    person = get_person(pk)
    return _with_reason(
        request,
        person,
        template="accounts/person_deactivate.html",
        act="accounts.deactivate-person",
        do=services.deactivate_person,
        done="Deactivated. They are signed out everywhere, and what they held has gone to others.",
        possible=person.is_active and person != request.user,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require_fresh_proof
def reactivate_person(request: SignedInRequest, pk: int) -> HttpResponse:
    """Somebody who had left is back, without the roles that they had."""
    let_in(request, permissions.check_can_manage_people, "accounts.reactivate-person")
    person = get_person(pk)
    return _with_reason(
        request,
        person,
        template="accounts/person_reactivate.html",
        act="accounts.reactivate-person",
        do=services.reactivate_person,
        done="Active again. They choose a new password with “I have forgotten my password”.",
        possible=not person.is_active,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require_fresh_proof
def reset_second_factor(request: SignedInRequest, pk: int) -> HttpResponse:
    """Somebody has lost phone, key and recovery codes."""
    let_in(request, permissions.check_can_manage_people, "accounts.reset-second-factor")
    person = get_person(pk)
    return _with_reason(
        request,
        person,
        template="accounts/person_second_factor.html",
        act="accounts.reset-second-factor",
        do=services.reset_second_factor,
        done="Taken away. They sign in with their password and set up a new second step.",
        possible=person.is_active and person != request.user,
    )


def _with_reason(
    request: SignedInRequest,
    person: User,
    *,
    template: str,
    act: str,
    do: Callable[..., None],
    done: str,
    possible: bool,
) -> HttpResponse:
    if not possible:
        messages.error(request, "This cannot be done here. Look at the person's page.")
        return redirect("people:show-person", person.pk)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            do(person=person, reason=form.cleaned_data["reason"], by=request.user, at=now())
        except Refusal as refusal:
            note(request, refusal, act, person)
            form.show(refusal)
        else:
            messages.success(request, done)
            return redirect("people:show-person", person.pk)
    return render(request, template, {"form": form, "person": person, "page": person_page(person, viewer=request.user)})
