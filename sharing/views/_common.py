"""What the pages of sharing have in common: find it or 404, say no in words, keep refusals in the ledger."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib import messages
from django.db.models import Model
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from accounts.http import SignedInRequest
from audit.services import record_refusal
from concerns.models import Concern
from concerns.references import as_reference
from concerns.selectors.names import hidden_reporters
from concerns.services import record_view
from safeguarding.kit.clock import now
from safeguarding.kit.errors import Refusal
from sharing import selectors
from sharing.models import (
    Consultation,
    Correction,
    Decision,
    Enquiry,
    InformationRequest,
    Question,
    Referral,
    SignedRecord,
)
from sharing.selectors import registers

Row = TypeVar("Row", bound=Model)


def get_concern(request: SignedInRequest, ref: str) -> Concern:
    """The concern; one that does not exist and one that may not be read are the same 404 (R145).

    That they asked is kept, on the concern's own report where there is one; both ways cost the same.
    """
    return _found(selectors.find_concern(ref, by=request.user), request, Concern, ref=ref)


def get_decision(request: SignedInRequest, ref: str, version: int) -> Decision:
    return _found(selectors.find_decision(ref, version, by=request.user), request, Decision, ref=ref, version=version)


def get_record(request: SignedInRequest, ref: str, version: int) -> SignedRecord:
    return _found(selectors.find_record(ref, version, by=request.user), request, SignedRecord, ref=ref, version=version)


def get_referral(request: SignedInRequest, ref: str) -> Referral:
    return _found(selectors.find_referral(ref, by=request.user), request, Referral, ref=ref)


def get_question(request: SignedInRequest, ref: str) -> Question:
    return _found(selectors.find_question(ref, by=request.user), request, Question, ref=ref)


def get_request(request: SignedInRequest, ref: str) -> InformationRequest:
    return _found(selectors.find_request(ref, by=request.user), request, InformationRequest, ref=ref)


def get_consultation(request: SignedInRequest, ref: str) -> Consultation:
    return _found(selectors.find_consultation(ref, by=request.user), request, Consultation, ref=ref)


def get_correction(request: SignedInRequest, ref: str) -> Correction:
    return _found(selectors.find_correction(ref, by=request.user), request, Correction, ref=ref)


def get_enquiry(request: SignedInRequest, ref: str) -> Enquiry:
    return _found(registers.find_enquiry(ref, by=request.user), request, Enquiry, ref=ref)


def _found(row: Row | None, request: SignedInRequest, model: type[Row], **address: Any) -> Row:
    """The row at `address`, or the 404 that says nothing."""
    if row is None:
        raise not_there(request, model, **address)
    return row


def not_there(request: SignedInRequest, model: type[Model], **address: Any) -> Http404:
    """The 404 to raise, once it is kept that this was asked for."""
    note_not_there(request, model, **address)
    return Http404()


def note_not_there(request: SignedInRequest, model: type[Model], **address: Any) -> None:
    """Keep that this was asked for: on the concern's own report where there is such a thing. It costs the same either
    way, so that the time tells nothing."""
    concern_id, concern_ref, request_id = selectors.concern_behind(model, **address)
    record_refusal(
        by=request.user,
        at=now(),
        act=f"sharing.read-{model._meta.model_name}",
        subject_type=model._meta.label_lower if model is InformationRequest else "",
        subject_id=request_id,
        concern_id=concern_id,
        ref=concern_ref,
    )


def note_refused_reference(request: SignedInRequest, words: str) -> None:
    """A reference that was typed into a form is asked for like one in an address (ADR 23): where the reader may not
    read that concern, or there is none, it is kept."""
    ref = as_reference(words) or ""
    if selectors.find_concern(ref, by=request.user) is None:
        note_not_there(request, Concern, ref=ref)


def show_of(concern: Concern, request: SignedInRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A page that tells of `concern`, which the reader may read: that they read it is kept (R144), also where it
    answers a form that was sent. It names nobody whom the page of `concern` does not (R43)."""
    record_view(concern, by=request.user, at=now())
    return render(request, template, {**context, "hidden_ids": hidden_reporters(concern, request.user)})


def write_down(
    request: SignedInRequest,
    refusal: Refusal,
    concern: Concern | None,
    *,
    act: str,
    about: InformationRequest | None = None,
) -> None:
    """That `act` was tried and refused goes into the ledger, in a transaction of its own; never the words.

    `about`: what it was tried with, where that is closed to somebody who reads the ledger (I3).
    """
    record_refusal(
        by=request.user,
        at=now(),
        act=f"sharing.{act}",
        why=refusal.code,
        subject_type=about._meta.label_lower if about else "",
        subject_id=about.pk if about else None,
        concern_id=concern.pk if concern else None,
        ref=concern.ref if concern else "",
    )


def turn_away(request: SignedInRequest, refusal: Refusal, concern: Concern, *, act: str) -> HttpResponse:
    """Back to the concern, where the reason stands in words."""
    write_down(request, refusal, concern, act=act)
    messages.error(request, refusal.sentence)
    if Concern.objects.visible_to(request.user).filter(pk=concern.pk).exists():
        return redirect(concern)
    return redirect("concerns:show-home")


def posted(request: SignedInRequest) -> QueryDict | None:
    """What a form is bound to: what was sent, also when nothing was filled in; None while it is only shown."""
    return request.POST if request.method == "POST" else None
