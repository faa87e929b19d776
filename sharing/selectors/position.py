"""Where the sharing of a concern stands, for its route: what waits for whom."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value

from concerns.models import Review
from concerns.vocabulary import RiskLevel
from concerns.workflow import SharingFacts
from sharing.models import (
    CorrectionNotice,
    CoveredPerson,
    Decision,
    Disclosure,
    Enquiry,
    FollowUp,
    Referral,
    ReferralStep,
    SignedRecord,
)
from sharing.selectors.drafts import SHARING_CHOICES
from sharing.vocabulary import (
    DECLINED_OUTCOMES,
    Choice,
    DecisionStatus,
    DisputeStage,
    EnquiryState,
    ReceiptStep,
    ReferralState,
    ReferralStepKind,
)

# An agency declined, or stayed silent, and we ended the referral with a plan for the risk that remains.
_WAS_DECLINED = Q(state=ReferralState.ENDED) & (Q(outcome__in=DECLINED_OUTCOMES) | Q(outcome="", sent_at__isnull=False))

# A lead decided, since it last went, to go on without an answer (2.6, condition 2).
_GONE_ON_WITHOUT = Exists(
    ReferralStep.objects.filter(
        referral=OuterRef("pk"), kind=ReferralStepKind.GONE_ON, recorded_at__gte=OuterRef("sent_at")
    )
)


def stage_of(referral: Referral) -> DisputeStage:
    """The stage that the newest disagreement about `referral` has reached (T11)."""
    steps = referral.steps.filter(stage__isnull=False).order_by("-recorded_at", "-pk")
    return DisputeStage(steps.values_list("stage", flat=True).first() or DisputeStage.WORKERS)


def is_waited_for(referral: Referral) -> bool:
    """Whether closing waits for `referral`: no outcome, or not checked that it arrived and was understood."""
    facts = sharing_facts(referral.concern_id, only=referral.pk)
    return bool(facts.referrals_without_outcome or facts.referrals_not_confirmed)


def declined_concerns() -> QuerySet[Any, int]:
    """Ids of the concerns in which an agency declined (concerns.facts)."""
    return Referral.objects.filter(_WAS_DECLINED).values_list("concern_id", flat=True)


def signers(concern_id: int) -> QuerySet[Any, int]:
    """Ids of everybody who signed a decision in this concern (concerns.facts)."""
    return SignedRecord.objects.filter(concern=concern_id).values_list("signed_by_id", flat=True)


def cites_order(concern_id: int) -> bool:
    """Whether a signed decision in this concern rests on what has the force of law (concerns.facts)."""
    return SignedRecord.objects.filter(concern=concern_id, cites_order=True).exists()


def sharing_facts(concern_id: int, *, only: int | None = None) -> SharingFacts:
    """This floor's part of the facts that guards ask (concerns.facts). One statement: every concern's page asks it.

    `only`: count this referral and no other.
    """
    live = [DecisionStatus.SIGNED, DecisionStatus.AWAITING_SECOND]
    in_force = DecisionStatus.SIGNED
    signed_about = CoveredPerson.objects.filter(record__concern=concern_id)
    covered = signed_about.filter(record__has_no_ground=False)
    referrals = Referral.objects.filter(concern=concern_id)
    if only is not None:
        referrals = referrals.filter(pk=only)
    waited_for = referrals.exclude(_GONE_ON_WITHOUT)
    received = referrals.filter(disclosures__checks__step=ReceiptStep.RECEIVED).values("pk")
    understood = referrals.filter(disclosures__checks__step=ReceiptStep.UNDERSTOOD).values("pk")
    open_states = [ReferralState.DUE, ReferralState.SENT, ReferralState.ACKNOWLEDGED]
    declined = referrals.filter(_WAS_DECLINED)
    ends = ReferralStep.objects.filter(referral=OuterRef("pk"), kind=ReferralStepKind.ENDED).order_by("-recorded_at")
    since = Subquery(ends.values("recorded_at")[:1])
    reviewed = Review.objects.filter(concern=concern_id, at__gt=OuterRef("since"))
    # What each part counts: rows, and the column that names what it is about.
    parts: dict[str, tuple[QuerySet[Any], str]] = {
        "share": (
            covered.filter(record__choice__in=SHARING_CHOICES, record__decision__status=in_force),
            "involvement_id",
        ),
        # A decision not to share is signed before the second person is asked (t7).
        "not_share": (
            covered.filter(record__choice=Choice.NOT_SHARE, record__decision__status__in=live),
            "involvement_id",
        ),
        "signed_about": (signed_about, "involvement_id"),
        "draft": (Decision.objects.filter(concern=concern_id, status=DecisionStatus.DRAFT), "pk"),
        "waiting": (SignedRecord.objects.filter(concern=concern_id).waiting_for_view(), "pk"),
        "no_outcome": (waited_for.filter(state__in=open_states), "pk"),
        # 2.6, condition 2: sent, and nobody has checked that it was both received and understood.
        "not_confirmed": (
            waited_for.filter(sent_at__isnull=False).exclude(Q(pk__in=received) & Q(pk__in=understood)),
            "pk",
        ),
        "disputed": (referrals.filter(state__in=[ReferralState.DISPUTED, ReferralState.DECLINED]), "pk"),
        "declined": (declined, "pk"),
        "not_reviewed": (declined.annotate(since=since).exclude(Exists(reviewed)), "pk"),
        "mitigation": (
            FollowUp.objects.open().filter(record__concern=concern_id, is_contact=False),
            "pk",
        ),
        # T10: reviews at critical risk, and no decision signed since.
        "revisit": (
            Review.objects.filter(concern=concern_id, risk_level=RiskLevel.CRITICAL).exclude(
                Exists(
                    SignedRecord.objects.filter(concern=concern_id, has_no_ground=False, signed_at__gt=OuterRef("at"))
                )
            ),
            "pk",
        ),
        "correction": (
            CorrectionNotice.objects.filter(correction__concern=concern_id, told_at__isnull=True),
            "pk",
        ),
        "enquiry_any": (Enquiry.objects.filter(concern=concern_id), "pk"),
        "enquiry": (Enquiry.objects.filter(concern=concern_id).exclude(state=EnquiryState.ENDED), "pk"),
        "disclosure": (Disclosure.objects.filter(referral__concern=concern_id), "pk"),
    }
    first, *others = (
        rows.order_by().values_list(Value(part, CharField(max_length=20)), column)
        for part, (rows, column) in parts.items()
    )
    found: dict[str, list[int]] = {part: [] for part in parts}
    for part, row_id in first.union(*others, all=True):
        found[part].append(row_id)
    return SharingFacts(
        covered_by_share=frozenset(found["share"]),
        covered_by_not_share=frozenset(found["not_share"]),
        signed_about=frozenset(found["signed_about"]),
        drafts=len(found["draft"]),
        waiting_for_second=len(found["waiting"]),
        referrals_without_outcome=len(found["no_outcome"]),
        referrals_not_confirmed=len(found["not_confirmed"]),
        referrals_disputed=len(found["disputed"]),
        referrals_declined=len(found["declined"]),
        declines_not_reviewed=len(found["not_reviewed"]),
        open_mitigations=len(found["mitigation"]),
        critical_reviews_not_revisited=len(found["revisit"]),
        open_enquiries=len(found["enquiry"]),
        enquiries=len(found["enquiry_any"]),
        open_corrections=len(found["correction"]),
        disclosures=len(found["disclosure"]),
    )
