"""Decisions and referrals at every place of their route, reached by walking the real services."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from concerns.models import Concern
from sharing import services
from sharing.answers import Ground, Person
from sharing.documents import TakingOut
from sharing.models import (
    Agency,
    Consultation,
    Correction,
    Decision,
    InformationRequest,
    Question,
    Referral,
    SignedRecord,
)
from sharing.record import Record, from_json
from sharing.selectors import people_of, shared_items, told_already
from sharing.services import Sending
from sharing.telling import Told, to_ask
from sharing.vocabulary import UNIDENTIFIED, AgencyKind, ContactWay, RequestKind, SharingMethod, SupersessionReason
from tests.build import decisions
from tests.build.cases import AT, triaged
from tests.build.cast import Cast

# When decisions of these tests are written and signed: Tuesday 17 March 2026, after the dates in `decisions`.
SIGNED_AT = datetime(2026, 3, 17, 11, 0, tzinfo=UTC)
TRIAGED_AT = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)


def adult_care(cast: Cast, *, at: datetime = AT) -> Agency:
    """A verified agency of the directory."""
    found = Agency.objects.filter(kind=AgencyKind.ADULTS).first()
    if found is not None:
        return found
    return services.save_agency(
        details=services.AgencyDetails(
            kind=AgencyKind.ADULTS,
            name="Larkshire adult social care",
            local_authority="Larkshire",
            phone="01632 960 500",
            usual_method=SharingMethod.PORTAL,
            verified_on=date(2026, 1, 5),
            verified_how="Called back on the council's published number",
        ),
        by=cast.ruth,
        at=at,
    )


def case(cast: Cast, *, holder: User | None = None, at: datetime = TRIAGED_AT, **more: Any) -> Concern:
    """A triaged concern, held by Gwen or `holder`."""
    return triaged(cast, holder=holder, at=at, **more)


def fitted(record: Record, concern: Concern) -> Record:
    """`record` about the people of `concern` who are at risk: the answers of its first person, with their keys.

    Others at risk whom the concern does not have are somebody who is not identified yet.
    """
    answers = record.people[0]
    known = {person.key for person in people_of(concern)}
    record = dataclasses.replace(record, grounds=tuple(_known(ground, known) for ground in record.grounds))
    people = tuple(
        dataclasses.replace(answers, key=person.key, name="", roles="")
        for person in people_of(concern)
        if person.is_at_risk
    )
    return dataclasses.replace(record, people=people)


def _known(ground: Ground, keys: set[str]) -> Ground:
    if set(ground.others) <= keys | {UNIDENTIFIED}:
        return ground
    return dataclasses.replace(
        ground, others=(UNIDENTIFIED,), others_named=(), unidentified="A four-year-old whom he moved in.",
        unidentified_child="yes", child_route="yes",
    )  # fmt: skip


def draft(concern: Concern, record: Record, *, at: datetime = SIGNED_AT, agency: Agency | None = None) -> Decision:
    """A draft with all the answers of `record`, written by the holder."""
    holder = holder_of(concern)
    decision = services.start_decision(concern_id=concern.pk, by=holder, at=at - timedelta(minutes=30))
    return fill(decision, fitted(record, concern), by=holder, at=at - timedelta(minutes=5), agency=agency)


def fill(decision: Decision, record: Record, *, by: User, at: datetime, agency: Agency | None = None) -> Decision:
    """Every part of `record` saved into the draft, and each assessment of capacity in it recorded.

    Where somebody told an agency before any decision, this one is recorded afterwards (R38).
    """
    if (told_at := told_already(decision.concern)) is not None:
        start = dataclasses.replace(record.start, trigger="emergency", shared_at=told_at)
        record = dataclasses.replace(record, start=start)
    if agency is not None:
        recipient = dataclasses.replace(
            record.recipients[0], key=agency.ref, organisation=str(agency), kind=agency.kind
        )
        record = dataclasses.replace(record, recipients=(recipient,))
    answers = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    saved = services.save_page(
        decision_id=decision.pk, page="all", answers=answers, typed=None, seen_edit=decision.edit, by=by, at=at
    )
    for person in record.people:
        if person.capacity.conclusion:
            services.record_capacity(
                decision_id=saved.pk, person_key=person.key, seen_edit=saved.edit, correction_reason="", by=by, at=at
            )
    return saved


def signed(concern: Concern, record: Record, *, at: datetime = SIGNED_AT, agency: Agency | None = None) -> SignedRecord:
    """Signed by the holder."""
    decision = draft(concern, record, at=at, agency=agency)
    return services.sign_decision(decision_id=decision.pk, seen_edit=decision.edit, by=holder_of(concern), at=at)


def shared(cast: Cast, *, at: datetime = SIGNED_AT) -> tuple[Concern, SignedRecord, Referral]:
    """A decision to share with agreement is in force and its referral is still to be sent."""
    concern = case(cast)
    record = signed(concern, decisions.agreed(), at=at, agency=adult_care(cast))
    return fresh(concern), record, Referral.objects.get(record=record)


def sent(cast: Cast, *, at: datetime = SIGNED_AT) -> tuple[Concern, Referral]:
    """The referral has gone, ten minutes after signing."""
    concern, _, referral = shared(cast, at=at)
    moment = at + timedelta(minutes=10)
    told = everybody_told(referral, timezone.localdate(moment))
    services.send_referral(
        referral_id=referral.pk, sending=sending(moment, told=told), by=holder_of(concern), at=moment
    )  # fmt: skip
    return fresh(concern), Referral.objects.get(pk=referral.pk)


def sending(at: datetime, method: SharingMethod = SharingMethod.PORTAL, **more: Any) -> Sending:
    return Sending(method=method, sent_at=at, received_by="Duty worker", **more)


def everybody_told(referral: Referral, on: date) -> dict[str, Told]:
    """R99: each person it is about knows what went, and to whom."""
    assert referral.record is not None
    asked = to_ask(from_json(referral.record.document["record"]))
    return {each.key: Told("yes", on, "Told at home by the housing officer.") for each in asked}


def not_shared(cast: Cast, *, at: datetime = SIGNED_AT) -> tuple[Concern, SignedRecord]:
    """A decision not to share is signed and waits for the second person."""
    concern = case(cast)
    record = signed(concern, decisions.not_shared(), at=at)
    return fresh(concern), record


def requested(cast: Cast, concern: Concern | None, *, at: datetime = SIGNED_AT, **more: Any) -> InformationRequest:
    """A section 47 request that Ruth wrote down; about `concern`, or about nothing that we know of."""
    details = services.RequestDetails(
        kind=RequestKind.S47, person="Nadia Osei", claimed_role="Social worker", organisation="Larkshire Council",
        contact="07700 900 111", legal_basis="Children Act 1989 section 47", purpose="To protect a child",
        asked="What you know about the home", about="The family at number 9", received_at=at,
        received_how=ContactWay.PHONE, concern_ref=concern.ref if concern else "",
        staff_reason="She gave the name" if more.get("staff_ids") else "",
    )  # fmt: skip
    return services.log_request(details=dataclasses.replace(details, **more), by=cast.ruth, at=at)


def verified(cast: Cast, request: InformationRequest, *, at: datetime = SIGNED_AT) -> InformationRequest:
    """Ruth called back on the council's published number."""
    services.verify_requester(
        request_id=request.pk, number="01632 960 500", how="The council’s website; the switchboard put me through.",
        by=cast.ruth, at=at,
    )  # fmt: skip
    request.refresh_from_db()
    return request


def asked(cast: Cast, concern: Concern, *, at: datetime = SIGNED_AT) -> Question:
    """The holder asked adult social care; an answer is due on Thursday 19 March 2026."""
    asking = services.Asking(
        agency_ref=adult_care(cast).ref, what="Any earlier contacts", why="To see the risk",
        legal_basis="Care Act 2014 section 7", due_date=at.date() + timedelta(days=2),
    )  # fmt: skip
    return services.ask_agency(concern_id=concern.pk, asking=asking, by=holder_of(concern), at=at)


def taking(*, is_masked: bool = True, reason: str = "Audit") -> TakingOut:
    """Why a record leaves, and for whom."""
    naming = "" if is_masked else "The court asks for it."
    return TakingOut(
        reason=reason, recipient="Beth Stone, Larkshire Council", is_masked=is_masked, naming_reason=naming
    )


def consulted(cast: Cast, concern: Concern, *, at: datetime = SIGNED_AT) -> Consultation:
    """The holder asked children's services without names; they advised to disclose in full."""
    consultation = services.check_question(
        concern_id=concern.pk, question="Somebody takes a relative’s money. Must we refer?", reasons={},
        by=holder_of(concern), at=at,
    )  # fmt: skip
    given = services.AdviceGiven(
        who="", role="Duty social worker", organisation="Larkshire adult social care", asked_at=at,
        advice="Refer today.", in_full="yes", in_full_why="They cannot act without knowing who it is.",
    )  # fmt: skip
    return services.record_advice(consultation_id=consultation.pk, given=given, by=holder_of(concern), at=at)


def corrected(concern: Concern, *, at: datetime = SIGNED_AT + timedelta(hours=1)) -> Correction:
    """The first thing that was shared is wrong; whoever was given it is to be told."""
    wrong = services.Wrong(
        item=shared_items(concern)[0].key, right="£80 is drawn each Thursday.", source="The bank’s letter."
    )
    return services.record_correction(concern_id=concern.pk, wrong=wrong, by=holder_of(concern), at=at)


def again(old: SignedRecord, record: Record, *, at: datetime) -> SignedRecord:
    """The next version, signed by the holder."""
    concern = fresh(old.concern)
    by = holder_of(concern)
    decision = services.start_new_version(
        record_id=old.pk, reason=SupersessionReason.AGREEMENT_CHANGED, words="She says yes now.", by=by, at=at
    )
    decision = fill(decision, fitted(record, concern), by=by, at=at)
    return services.sign_decision(decision_id=decision.pk, seen_edit=decision.edit, by=by, at=at)


def holder_of(concern: Concern) -> User:
    holder = fresh(concern).responsible
    assert holder is not None
    return holder


def fresh(concern: Concern) -> Concern:
    return Concern.objects.get(pk=concern.pk)


def person(concern: Concern) -> Person:
    return next(each for each in people_of(concern) if each.is_at_risk)
