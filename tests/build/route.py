"""A concern at every place of the route, and every action of the table as the real services are called for it.

Each builder walks the real services from the report on, so that no state here is one that could not occur.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from accounts.models import User
from concerns import services
from concerns.models import Concern, TwoPersonStep
from concerns.vocabulary import ReviewOutcome, TwoPersonAct
from safeguarding.kit.errors import NotNow
from sharing import services as sharing
from sharing.models import Decision, Referral, SignedRecord
from sharing.vocabulary import ReceiptStep, ReferralOutcome, SupersessionReason
from tests.build import cases, decisions
from tests.build import sharing as build
from tests.build.cast import Cast
from tests.build.intakes import EMERGENCY
from tests.build.sharing import SIGNED_AT, TRIAGED_AT, fresh, holder_of

# When everything below has happened: the same Tuesday, 15:00 in London.
NOW = SIGNED_AT + timedelta(hours=4)
TODAY = date(2026, 3, 17)


def submitted(cast: Cast) -> Concern:
    """Amara of housing reported it; Gwen, her manager, holds it."""
    return cases.submitted(cast, at=TRIAGED_AT)


def emergency(cast: Cast) -> Concern:
    """Somebody is in danger now: Gwen, the champions and the leads were told together (R40)."""
    return cases.submitted(cast, intake=EMERGENCY, at=TRIAGED_AT)


def triage(cast: Cast) -> Concern:
    """Acknowledged and triaged, nothing decided."""
    return build.case(cast)


def triage_again(cast: Cast) -> Concern:
    """Was under review with a decision not to share; a review opened the question again (t15)."""
    concern = monitoring(cast)
    review(concern, by=holder_of(concern), at=SIGNED_AT + timedelta(hours=2))
    return fresh(concern)


def awaiting_second(cast: Cast) -> Concern:
    """A decision not to share is signed and waits for the second person."""
    return build.not_shared(cast)[0]


def referral_due(cast: Cast) -> Concern:
    """A decision to share is in force; nothing has gone yet."""
    return build.shared(cast)[0]


def referred(cast: Cast) -> Concern:
    """The referral has gone; the agency has said nothing."""
    return build.sent(cast)[0]


def acknowledged_by_agency(cast: Cast) -> Concern:
    """The agency has said that it has the referral; what it does is not known."""
    concern, referral = build.sent(cast)
    at = SIGNED_AT + timedelta(minutes=30)
    sharing.record_acknowledgement(
        referral_id=referral.pk, word=word(at), agency_reference="A1", by=holder_of(concern), at=at
    )
    return fresh(concern)


def with_agency(cast: Cast) -> Concern:
    """The agency has said what it does; the referral was received and understood, and all questions are answered."""
    concern, referral = build.sent(cast)
    at, holder = SIGNED_AT + timedelta(minutes=30), holder_of(concern)
    sharing.record_outcome(referral_id=referral.pk, outcome=ReferralOutcome.ADVICE, word=word(at), by=holder, at=at)
    check_receipt(referral, by=holder, at=at)
    cases.answer_outcomes(fresh(concern), at=at)
    return fresh(concern)


def disputed(cast: Cast) -> Concern:
    """The agency gave advice only, and we do not agree. Ruth, the lead, holds it now."""
    concern = with_agency(cast)
    sharing.open_dispute(
        referral_id=referral_of(concern).pk, reason="She needs more than advice.", by=holder_of(concern),
        at=SIGNED_AT + timedelta(hours=1),
    )  # fmt: skip
    return fresh(concern)


def monitoring(cast: Cast) -> Concern:
    """A second person agreed not to share; all questions are answered."""
    concern, record = build.not_shared(cast)
    at = SIGNED_AT + timedelta(hours=1)
    sharing.give_second_view(record_id=record.pk, is_agreed=True, comment="Agreed.", by=cast.ruth, at=at)
    cases.answer_outcomes(fresh(concern), at=at)
    return fresh(concern)


def closure_review(cast: Cast) -> Concern:
    """Gwen proposed to close; a second person is asked."""
    concern = monitoring(cast)
    services.propose_closure(
        concern_id=concern.pk, closure=cases.CLOSURE, by=holder_of(concern), at=SIGNED_AT + timedelta(hours=2)
    )
    return fresh(concern)


def closed(cast: Cast) -> Concern:
    """Nadia agreed to Gwen's proposal."""
    concern = closure_review(cast)
    services.agree_closure(concern_id=concern.pk, words="Agreed.", by=cast.nadia, at=SIGNED_AT + timedelta(hours=3))
    return fresh(concern)


def merged(cast: Cast) -> Concern:
    """Joined by the lead to what Siân reported about the same matter."""
    concern, other = submitted(cast), other_report(cast)
    at = SIGNED_AT + timedelta(hours=1)
    services.merge(concern_id=concern.pk, into_id=other.pk, reason="The same visit.", by=cast.ruth, at=at)
    return fresh(concern)


def void(cast: Cast) -> Concern:
    """Entered in error: Ruth asked, Imran agreed."""
    concern = submitted(cast)
    enter_in_error(concern, asked_by=cast.ruth, agreed_by=cast.imran, at=SIGNED_AT + timedelta(hours=1))
    return fresh(concern)


# Every place of the route; two of one state where the guards ask for different facts.
PLACES: dict[str, Callable[[Cast], Concern]] = {
    "submitted": submitted,
    "emergency": emergency,
    "triage": triage,
    "triage again": triage_again,
    "awaiting_second": awaiting_second,
    "referral_due": referral_due,
    "referred": referred,
    "with_agency": with_agency,
    "disputed": disputed,
    "monitoring": monitoring,
    "closure_review": closure_review,
    "closed": closed,
    "merged": merged,
    "void": void,
}


# --- What is done on the way ------------------------------------------------------------------


def word(at: datetime) -> sharing.Word:
    return sharing.Word(who="Duty worker", happened_at=at, words="They told us on the telephone.")


def check_receipt(referral: Referral, *, by: User, at: datetime) -> None:
    """Delivered, received and understood."""
    steps = (ReceiptStep.DELIVERED, ReceiptStep.RECEIVED, ReceiptStep.UNDERSTOOD)
    for sent in referral.disclosures.all():
        checks = [sharing.Check(step=step, on=TODAY, who="Duty worker", how="Telephone") for step in steps]
        sharing.record_receipt(disclosure_id=sent.pk, checks=checks, by=by, at=at)


def other_report(cast: Cast) -> Concern:
    """What Siân of housing reported; Gwen holds it."""
    return cases.submitted(cast, by=cast.sian, at=TRIAGED_AT)


def enter_in_error(concern: Concern, *, asked_by: User, agreed_by: User, at: datetime) -> None:
    services.ask_second_person(
        concern_id=concern.pk, act=TwoPersonAct.VOID, reason="A training exercise.", by=asked_by, at=at
    )
    step = TwoPersonStep.objects.get(concern=concern, is_agreed__isnull=True)
    services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=agreed_by, at=at)


def review(concern: Concern, *, by: User, at: datetime) -> None:
    """A review that opens the question of sharing again."""
    findings = services.ReviewFindings(
        outcome=ReviewOutcome.NO_CHANGE, findings="Her son has moved back in.", is_decision_revisited=True,
        next_date=TODAY + timedelta(days=7),
    )  # fmt: skip
    services.record_review(concern_id=concern.pk, findings=findings, by=by, at=at)


def referral_of(concern: Concern) -> Referral:
    referral = Referral.objects.filter(concern=concern).order_by("pk").last()
    if referral is None:
        raise NotNow("There is no referral.")
    return referral


def written(concern: Concern, cast: Cast, *, shares: bool, at: datetime) -> Decision:
    """What the holder has written and nobody has signed: the first decision, or the next version of it."""
    holder = fresh(concern).responsible
    if holder is None:
        raise NotNow("Nobody holds it, so there is nothing to sign.")
    record = decisions.agreed() if shares else decisions.not_shared()
    agency = build.adult_care(cast) if shares else None
    old = SignedRecord.objects.filter(concern=concern).order_by("pk").last()
    if old is None:
        return build.draft(concern, record, at=at, agency=agency)
    draft = sharing.start_new_version(
        record_id=old.pk, reason=SupersessionReason.NEW_INFORMATION, words="Her son is back.", by=holder, at=at
    )
    return build.fill(draft, build.fitted(record, concern), by=holder, at=at, agency=agency)


def view_decision(concern: Concern, *, is_agreed: bool, by: User, at: datetime) -> None:
    record = SignedRecord.objects.filter(concern=concern).order_by("pk").last()
    if record is None:
        raise NotNow("There is no decision.")
    sharing.give_second_view(record_id=record.pk, is_agreed=is_agreed, comment="I read it all.", by=by, at=at)
