"""One thing at its address, for whoever may read it; None for everybody else."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, Model, OuterRef, Q
from django.urls import reverse

from accounts.models import User
from concerns.models import Concern, Conflict
from sharing.models import (
    Consultation,
    Correction,
    Decision,
    Export,
    InformationRequest,
    Question,
    Referral,
    SignedRecord,
)
from sharing.vocabulary import (
    DecisionStatus,
)

# Not withdrawn: a withdrawn draft is kept and never shown again.
LIVE = ~Q(status=DecisionStatus.WITHDRAWN)


def find_concern(ref: str, *, by: User) -> Concern | None:
    """The concern at `ref`, if `by` may read it."""
    return Concern.objects.visible_to(by).select_related("service_area", "responsible").filter(ref=ref).first()


def find_concern_called_about(ref: str, *, by: User) -> Concern | None:
    """The concern at `ref`, if `by` reported it or may read it and is not shut out (R32, I20). One statement."""
    denied = Conflict.objects.filter(concern=OuterRef("pk"), staff=by, lifted_at__isnull=True)
    theirs = Q(reporter=by) | Q(pk__in=Concern.objects.visible_to(by).values("pk"))
    return Concern.objects.filter(theirs, ref=ref).exclude(Exists(denied)).first()


def find_decision(ref: str, version: int, *, by: User) -> Decision | None:
    """The live version of a decision, in a concern that `by` may read."""
    return (
        Decision.objects.filter(LIVE, ref=ref, version=version, concern__in=Concern.objects.visible_to(by))
        .select_related("concern", "supersedes", "author")
        .first()
    )


def find_record(ref: str, version: int, *, by: User) -> SignedRecord | None:
    """The signed record, if `by` may read it."""
    return (
        SignedRecord.objects.visible_to(by)
        .select_related("concern", "decision", "signed_by", "service_area", "superseded", "second_view")
        .filter(ref=ref, version=version)
        .first()
    )


def find_referral(ref: str, *, by: User) -> Referral | None:
    """The referral, in a concern that `by` may read."""
    return (
        Referral.objects.filter(ref=ref, concern__in=Concern.objects.visible_to(by))
        .select_related("concern", "record", "agency")
        .first()
    )


def concern_behind(model: type[Model], **address: Any) -> tuple[int | None, str, int | None]:
    """Which concern the `model` at this address belongs to, whoever asks: for the ledger alone, never for an answer.
    For a request also which one it is, because it can be closed to somebody to whom its concern is not.

    (None, "", None) for what is not there. One statement.
    """
    names = ("pk", "ref") if model is Concern else ("concern_id", "concern__ref")
    found = model._default_manager.filter(**address).values_list(*names, "pk").first()
    if found is None:
        return None, "", None
    return found[0], found[1] or "", found[2] if model is InformationRequest else None


def find_export(key: str, *, by: User) -> Export | None:
    """An export that `by` asked for; nobody else's is there."""
    return Export.objects.filter(key=key, requested_by=by).first()


def receipt_address(concern: Concern) -> str:
    """The receipt of whoever reported it."""
    return reverse("concerns:show-receipt", args=[concern.ref])


def find_question(ref: str, *, by: User) -> Question | None:
    """What was asked of an agency, if `by` may read the concern."""
    visible = Concern.objects.visible_to(by).values("pk")
    found = Question.objects.filter(ref=ref, concern__in=visible)
    return found.select_related("concern", "agency", "asked_by", "decision").first()


def find_consultation(ref: str, *, by: User) -> Consultation | None:
    """Advice asked without names, if `by` may read the concern."""
    visible = Concern.objects.visible_to(by).values("pk")
    found = Consultation.objects.filter(ref=ref, concern__in=visible)
    return found.select_related("concern", "checked_by", "recorded_by").first()


def find_correction(ref: str, *, by: User) -> Correction | None:
    """The correction, in a concern that `by` may read."""
    visible = Concern.objects.visible_to(by).values("pk")
    return Correction.objects.filter(ref=ref, concern__in=visible).select_related("concern", "recorded_by").first()


def find_request(ref: str, *, by: User) -> InformationRequest | None:
    """The request at `ref`, if `by` may read it."""
    found = InformationRequest.objects.visible_to(by).filter(ref=ref)
    return found.select_related("concern", "logged_by", "verified_by", "answered_by", "record__decision").first()
