"""Roles and champion appointments: given, proposed, agreed and ended."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import permissions, services
from accounts.forms_people import GivePostForm, ViewPostForm
from accounts.http import SignedInRequest
from accounts.models import ServiceArea, User
from accounts.proof import require_fresh_proof
from accounts.selectors_people import find_waiting_post
from accounts.views.people import get_person, let_in, note
from accounts.vocabulary import CHAMPION, Post, Role
from audit.services import record_refusal
from safeguarding.kit.clock import now
from safeguarding.kit.errors import NotAllowed, Refusal, why_not


def _check_can_give(by: User) -> None:
    if not (permissions.can_manage_people(by) or permissions.can_appoint_champions(by)):
        raise NotAllowed("Only an administrator or a lead can give a role.")


@require_http_methods(["GET", "HEAD", "POST"])
@require_fresh_proof
def give_post(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give somebody a role, or propose one that takes two people."""
    let_in(request, _check_can_give, "accounts.give-post")
    person = get_person(pk)
    if person == request.user or not person.is_active:
        messages.error(request, "You cannot change your own roles, nor those of somebody who has left.")
        return redirect("people:show-person", person.pk)
    form = GivePostForm(request.POST if request.method == "POST" else None, viewer=request.user, person=person)
    if form.is_bound and form.is_valid():
        try:
            done = _give(form, person, by=request.user)
        except Refusal as refusal:
            note(request, refusal, "accounts.give-post", person)
            form.show(refusal)
        else:
            messages.success(request, done)
            return redirect("people:show-person", person.pk)
    return render(request, "accounts/post_give.html", {"form": form, "person": person})


def _give(form: GivePostForm, person: User, *, by: User) -> str:
    answers, moment = form.cleaned_data, now()
    if not form.takes_one():
        services.propose_post(
            person=person, post=Post(answers["post"]), area=answers["area"], reason=answers["reason"], by=by, at=moment
        )
        return "Proposed. They have it once a second person agrees."
    if answers["post"] == CHAMPION:
        services.appoint_champion(person=person, area=answers["area"], by=by, at=moment)
        return "Appointed. They are signed out, and have it when they sign in again."
    services.give_role(person=person, role=Role(answers["post"]), by=by, at=moment)
    return "Given. They are signed out, and have it when they sign in again."


@require_http_methods(["GET", "HEAD", "POST"])
def end_role(request: SignedInRequest, pk: int, post: str) -> HttpResponse:
    """End a role: at once, by one administrator."""
    let_in(request, permissions.check_can_manage_people, "accounts.end-role")
    person = get_person(pk)
    held = person.role_assignments.filter(role=post, ended_at=None).first()
    if held is None:
        raise Http404
    if request.method == "POST":
        try:
            services.end_role(person=person, role=Role(post), by=request.user, at=now())
        except Refusal as refusal:
            note(request, refusal, "accounts.end-role", person)
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, "Ended. They are signed out everywhere.")
        return redirect("people:show-person", person.pk)
    takes_two = post in Post.values
    return render(request, "accounts/post_end.html", {"person": person, "what": str(held), "takes_two": takes_two})


@require_http_methods(["GET", "HEAD", "POST"])
def end_champion(request: SignedInRequest, pk: int, area: str) -> HttpResponse:
    """End a champion's appointment to one service area."""
    let_in(request, _check_can_give, "accounts.end-champion")
    person = get_person(pk)
    found = ServiceArea.objects.filter(code=area).first()
    held = person.champion_appointments.select_related("service_area").filter(service_area=found, ended_at=None).first()
    if found is None or held is None:
        raise Http404
    if request.method == "POST":
        try:
            services.end_champion(person=person, area=found, by=request.user, at=now())
        except Refusal as refusal:
            note(request, refusal, "accounts.end-champion", person)
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, "Ended. They are signed out everywhere.")
        return redirect("people:show-person", person.pk)
    return render(request, "accounts/post_end.html", {"person": person, "what": str(held), "takes_two": False})


@require_http_methods(["GET", "HEAD", "POST"])
@require_fresh_proof
def view_proposal(request: SignedInRequest, pk: int, number: int) -> HttpResponse:
    """The second person agrees or refuses."""
    let_in(request, permissions.check_can_read_people, "accounts.view-post")
    person = get_person(pk)
    proposal = find_waiting_post(number, person=person)
    if proposal is None:
        messages.info(request, "Nothing waits for a second person here any more.")
        return redirect("people:show-person", person.pk)
    try:
        permissions.check_can_view_post(request.user, proposal)
    except NotAllowed as refusal:
        record_refusal(by=request.user, at=now(), act="accounts.view-post")
        messages.error(request, refusal.sentence)
        return redirect("people:show-person", person.pk)
    form = ViewPostForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        agrees = form.cleaned_data["view"] == "agree"
        try:
            services.view_post(
                proposal_id=proposal.pk,
                is_agreed=agrees,
                words=form.cleaned_data["words"],
                by=request.user,
                at=now(),
            )
        except Refusal as refusal:
            note(request, refusal, "accounts.view-post", person)
            form.show(refusal)
        else:
            given = "They have it when they sign in again."
            messages.success(request, given if agrees else "Not agreed. Nothing was changed.")
            return redirect("people:show-person", person.pk)
    context = {
        "form": form,
        "person": person,
        "proposal": proposal,
        "why_not": why_not(permissions.check_proposer_counts, proposal),
    }
    return render(request, "accounts/post_view.html", context)
