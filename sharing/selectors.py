"""Every read of sharing that is worth a name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db.models import Case, CharField, Count, Exists, F, Model, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.selectors import holders_of, standing
from concerns.models import Attachment, Concern, Conflict, DashRecord, Involvement, Review
from concerns.models import Person as PersonRow
from concerns.models.files import AttachmentQuerySet
from concerns.permissions import LEAD_LEVEL
from concerns.selectors.domestic import dash_records_of, is_domestic, newest_account
from concerns.vocabulary import UNBORN_CHILD, FileSort, FileState, Implicated, LifeStage, PersonRole, RiskLevel
from concerns.workflow import SharingFacts
from sharing import permissions
from sharing.answers import Advice, Capacity, Ground, Person
from sharing.models import (
    Agency,
    AgreementVersion,
    CapacityRecord,
    Consultation,
    Correction,
    CorrectionNotice,
    CoveredPerson,
    Decision,
    Disclosure,
    Enquiry,
    Export,
    FollowUp,
    InformationRequest,
    Question,
    Referral,
    ReferralStep,
    SignedRecord,
    SignedRecordQuerySet,
)
from sharing.no_names import Known, names_in
from sharing.reading import Around
from sharing.record import Record, to_json
from sharing.requests import RequestFacts
from sharing.rules import Facts
from sharing.vocabulary import (
    DECLINED_OUTCOMES,
    Choice,
    DecisionStatus,
    DisputeStage,
    EnquiryState,
    QuestionState,
    ReceiptStep,
    ReferralState,
    ReferralStepKind,
    RequestAnswer,
)

SHARING_CHOICES = (Choice.SHARE_ALL, Choice.SHARE_PART)
# Not withdrawn: a withdrawn draft is kept and never shown again.
_LIVE = ~Q(status=DecisionStatus.WITHDRAWN)


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
        Decision.objects.filter(_LIVE, ref=ref, version=version, concern__in=Concern.objects.visible_to(by))
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


def concern_behind(model: type[Model], **address: Any) -> tuple[int | None, str]:
    """Which concern the `model` at this address belongs to, whoever asks: for the ledger alone, never for an answer.

    (None, "") for what is not there, and for a request that is linked to no concern. One statement.
    """
    names = ("pk", "ref") if model is Concern else ("concern_id", "concern__ref")
    found = model._default_manager.filter(**address).values_list(*names).first()
    return (found[0], found[1] or "") if found else (None, "")


def agencies_in_use() -> QuerySet[Agency]:
    return Agency.objects.filter(is_in_use=True).order_by("name", "pk")


def people_of(concern: Concern) -> tuple[Person, ...]:
    """Everybody in the concern as a decision knows them: one entry per person, with all the roles they have."""
    found: dict[str, Person] = {}
    rows = Involvement.objects.filter(concern=concern).select_related("person").order_by("pk")
    for row in rows:
        known = found.get(row.person.ref)
        is_at_risk = row.role == PersonRole.AT_RISK
        roles = row.get_role_display() if known is None else f"{known.roles}; {row.get_role_display()}"
        found[row.person.ref] = Person(
            key=row.person.ref,
            name=row.person.display_name,
            roles=roles,
            life_stage=row.life_stage if known is None or is_at_risk else known.life_stage,
            is_at_risk=is_at_risk or (known is not None and known.is_at_risk),
            is_source_of_risk=row.role == PersonRole.SOURCE_OF_RISK or (known is not None and known.is_source_of_risk),
            risk_level=row.risk_level if known is None or is_at_risk else known.risk_level,
        )
    return tuple(found.values())


def record_of(decision: Decision) -> Record:
    """The answers of a draft, with the people as the concern knows them now; one who left the concern leaves
    it. What is linked (a DASH record, a sharing agreement) stands there in its own words.
    """
    record = decision.record
    known = {person.key: person for person in people_of(decision.concern)}
    assessed = capacity_records_of(decision)
    people = tuple(
        replace(
            person,
            name=live.name,
            roles=live.roles,
            life_stage=live.life_stage,
            is_at_risk=live.is_at_risk,
            is_source_of_risk=live.is_source_of_risk,
            risk_level=live.risk_level,
            capacity=_recorded(person.capacity, assessed.get(person.key)),
        )
        for person in record.people
        if (live := known.get(person.key)) is not None
    )
    advice = _as_asked(decision, record.advice)
    return _with_linked_words(replace(record, people=people, advice=advice), decision.concern)


def _with_linked_words(record: Record, concern: Concern) -> Record:
    """Ground C8 says what its DASH record says (R67), field 33 what the register says of the version cited (R59)."""
    dash = record.ground("C8").dash_record
    found = next((row for row in dash_records_of(concern) if row.ref == dash), None) if dash else None
    score = "" if found is None or found.score is None else str(found.score)
    c8 = replace(record.ground("C8"), dash_score=score, dash_words=dash_words(found) if found else "")
    c9 = _with_scan(record.ground("C9"), concern)
    grounds = tuple({"C8": c8, "C9": c9}.get(ground.code, ground) for ground in record.grounds)
    account = newest_account(concern) if is_domestic(concern) else None
    start = replace(record.start, domestic_abuse=account.in_words if account else "")
    cited = record.basis.agreement
    ref, _, number = cited.partition("/")
    version = (
        AgreementVersion.objects.filter(agreement__ref=ref, number=number).select_related("agreement").first()
        if number.isascii() and number.isdigit() and len(number) < 5
        else None
    )
    words = version.cited_words if version else ""
    return replace(record, start=start, grounds=grounds, basis=replace(record.basis, agreement_cited=words))


def _with_scan(ground: Ground, concern: Concern) -> Ground:
    """Ground C9 names its scan as it is: the file's name and SHA-256 (R68)."""
    row = linkable_files(concern).filter(key=ground.file).first() if ground.file else None
    return replace(ground, file_name=row.name if row else "", file_digest=row.digest if row else "")


def linkable_files(concern: Concern) -> AttachmentQuerySet:
    """Files that a signed record may name: known to be clean, not added in error, and for all who read the concern.

    None of a concern that was joined to it, which may be closed to one of them; no papers of a meeting (R137).
    """
    rows = Attachment.objects.filter(concern=concern, state=FileState.CLEAN, hidden_at__isnull=True)
    return rows.exclude(sort=FileSort.MEETING)


def choosable_files(concern: Concern, *, by: User) -> list[tuple[str, str]]:
    """Those of them that `by` sees, the newest first, in words."""
    seen = Attachment.objects.visible_to(by, on=concern).values("pk")
    rows = linkable_files(concern).filter(pk__in=seen).order_by("-uploaded_at", "-pk")
    return [(row.key, f"{row.name} ({row.get_sort_display()}, added {_day(row.uploaded_at)})") for row in rows]


def _day(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{local.day} {local:%B %Y}"


def at_risk_of(record: Record, concern: Concern) -> list[PersonRow]:
    """Those of `record` who are at risk, with how they can be reached safely (R14, R74, R96)."""
    rows = Involvement.objects.filter(
        concern=concern, role=PersonRole.AT_RISK, person__ref__in=[person.key for person in record.people]
    ).exclude(life_stage=LifeStage.UNBORN)
    return [row.person for row in rows.select_related("person")]


def still_to_tell(signed: SignedRecord) -> dict[str, date | None]:
    """Whom an open task of `signed` promises to tell, by the key of the person, and by when (R99)."""
    rows = signed.follow_ups.filter(is_telling=True, done_at__isnull=True, person__isnull=False)
    return dict(rows.values_list("person__ref", "due_date"))


def limits_set(record: Record, concern: Concern) -> list[tuple[str, str]]:
    """R64: name and words of every limit that somebody in `record` has set on what is shared, also in earlier decisions
    of the concern.
    """
    found = {(person.name, person.agreement.limits): None for person in record.people if person.agreement.limits}
    keys = {person.key for person in record.people}
    for signed in SignedRecord.objects.filter(concern=concern).order_by("signed_at"):
        for person in signed.document["record"]["people"]:
            if person["key"] in keys and person["agreement"]["limits"]:
                when = _day(signed.signed_at)
                words = person["agreement"]["limits"]
                if (person["name"], words) not in found:
                    found[person["name"], f"{words} (in the decision of {when})"] = None
    return list(found)


def dash_words(row: DashRecord) -> str:
    """A DASH record in one sentence, as a signed record keeps it."""
    day = f"{row.assessed_on.day} {row.assessed_on:%B %Y}"
    parts = [f"{row.ref}: {row.person.display_name}, assessed on {day} by {row.assessor}", f"score {row.score_words}"]
    if row.is_high_by_judgement:
        parts.append(f"high in professional judgement ({row.judgement_reason})")
    if row.incidents is not None:
        parts.append(f"{row.incidents} incidents in 12 months")
    return "; ".join(parts).replace("score The questions were not asked", "the questions were not asked")


def choosable_dash_records(concern: Concern) -> list[tuple[str, str]]:
    """The DASH records of the concern that stand, in words."""
    return [(row.ref, dash_words(row)) for row in dash_records_of(concern) if not row.is_corrected]


def choosable_requests(decision: Decision, *, by: User) -> list[tuple[str, str]]:
    """Requests that a decision may answer (field 4): linked to its concern, not answered, readable by `by`."""
    found = InformationRequest.objects.visible_to(by).filter(concern=decision.concern_id, answer="")
    return [(each.ref, f"{each.ref}: {each.get_kind_display()}, {each.requester}") for each in found.order_by("due_at")]


def _as_asked(decision: Decision, advice: tuple[Advice, ...]) -> tuple[Advice, ...]:
    """Advice that was asked without names reads as it was recorded, whatever the draft holds."""
    refs = [each.ref for each in advice if each.ref]
    if not refs:
        return advice
    rows = Consultation.objects.filter(concern=decision.concern_id, ref__in=refs, recorded_at__isnull=False)
    known = {each.ref: advice_of(each) for each in rows}
    return tuple(known.get(each.ref, replace(each, ref="")) if each.ref else each for each in advice)


def assessed_of(capacity: Capacity) -> Capacity:
    """The assessment itself: without whether it is doubted, which the decision asks, and what a record adds."""
    return replace(capacity, doubted="", ref="", recorded_by="", recorded_at=None, corrects="")


def _recorded(capacity: Capacity, record: CapacityRecord | None) -> Capacity:
    """`capacity` with the record that was made of it; without one, or changed since, it counts as not recorded."""
    bare = replace(assessed_of(capacity), doubted=capacity.doubted)
    if record is None or record.assessment != to_json(assessed_of(capacity)):
        return bare
    corrects = record.corrects.ref if record.corrects is not None else ""
    return replace(
        bare,
        ref=record.ref,
        recorded_by=record.recorded_by.full_name,
        recorded_at=record.recorded_at,
        corrects=corrects,
    )


def capacity_records_of(decision: Decision) -> dict[str, CapacityRecord]:
    """The record in force of each person in this version of the decision, by the person's key (R112)."""
    rows = CapacityRecord.objects.filter(decision=decision, corrected_by__isnull=True)
    return {row.person.ref: row for row in rows.select_related("person", "recorded_by", "corrects")}


def all_capacity_records_of(decision: Decision, key: str) -> list[CapacityRecord]:
    """Every record of this person in this version, the newest first."""
    rows = CapacityRecord.objects.filter(decision=decision, person__ref=key)
    return list(rows.select_related("recorded_by", "corrects").order_by("-recorded_at", "-pk"))


def facts_for(decision: Decision, *, by: User, at: datetime) -> Facts:
    """What the rules must know of the world when `by` would sign `decision` at `at`."""
    concern = decision.concern
    current = list(AgreementVersion.objects.current().select_related("agreement"))
    is_domestic_abuse = is_domestic(concern)
    staff = concern.implicated in {Implicated.MANAGER, Implicated.OTHER_STAFF}
    return Facts(
        at=at,
        is_restricted=concern.is_restricted,
        urgency=concern.urgency,
        is_domestic_abuse=is_domestic_abuse,
        children_at_risk=frozenset(
            person.key
            for person in people_of(concern)
            if is_domestic_abuse and person.is_at_risk and not person.is_adult
        ),
        lacks_domestic_account=is_domestic_abuse and newest_account(concern) is None,
        files=frozenset(linkable_files(concern).values_list("key", flat=True)),
        staff_implicated=staff or concern.involvements.filter(staff__isnull=False).exists(),
        signer_may_sign=permissions.can_decide(by, concern),
        signer_is_reporter=concern.reporter_id == by.pk,
        opened_at=decision.opened_at,
        requests=frozenset(InformationRequest.objects.filter(concern=concern, answer="").values_list("ref", flat=True)),
        dash_bases={
            row.ref: frozenset(basis.value for basis in row.bases)
            for row in dash_records_of(concern)
            if not row.is_corrected
        },
        agreements=frozenset(version.key for version in current),
        agreements_overdue=frozenset(
            version.key for version in current if version.review_date < timezone.localdate(at)
        ),
        told_already=told_already(concern),
        previous_level=_previous_level(decision),
    )


def told_already(concern: Concern) -> datetime | None:
    """When an agency was first told something that no decision stands behind yet (R32, R38); None for never."""
    calls = Referral.objects.filter(concern=concern, is_direct=True, record__isnull=True, sent_at__isnull=False)
    return calls.order_by("sent_at").values_list("sent_at", flat=True).first()


def _previous_level(decision: Decision) -> str:
    before = SignedRecord.objects.filter(decision=decision.supersedes_id).first() if decision.supersedes_id else None
    return before.risk_level if before is not None else ""


def decisions_of(concern: Concern) -> QuerySet[Decision]:
    """Live decisions of a concern, newest first."""
    return (
        Decision.objects.filter(_LIVE, concern=concern)
        .select_related("signed", "signed__second_view", "signed__signed_by", "author")
        .order_by("-opened_at", "-pk")
    )


def versions_of(record: SignedRecord) -> QuerySet[SignedRecord]:
    """All signed versions of one decision, oldest first."""
    return (
        SignedRecord.objects.filter(ref=record.ref)
        .select_related("signed_by", "superseded", "second_view")
        .order_by("version")
    )


def stage_of(referral: Referral) -> DisputeStage:
    """The stage that the newest disagreement about `referral` has reached (T11)."""
    steps = referral.steps.filter(stage__isnull=False).order_by("-recorded_at", "-pk")
    return DisputeStage(steps.values_list("stage", flat=True).first() or DisputeStage.WORKERS)


# An agency declined, or stayed silent, and we ended the referral with a plan for the risk that remains.
_WAS_DECLINED = Q(state=ReferralState.ENDED) & (Q(outcome__in=DECLINED_OUTCOMES) | Q(outcome="", sent_at__isnull=False))


# A lead decided, since it last went, to go on without an answer (2.6, condition 2).
_GONE_ON_WITHOUT = Exists(
    ReferralStep.objects.filter(
        referral=OuterRef("pk"), kind=ReferralStepKind.GONE_ON, recorded_at__gte=OuterRef("sent_at")
    )
)


def is_waited_for(referral: Referral) -> bool:
    """Whether closing waits for `referral`: no outcome, or not checked that it arrived and was understood."""
    facts = sharing_facts(referral.concern_id, only=referral.pk)
    return bool(facts.referrals_without_outcome or facts.referrals_not_confirmed)


def declined_concerns() -> QuerySet[Any, int]:
    """Ids of the concerns in which an agency declined (concerns.facts)."""
    return Referral.objects.filter(_WAS_DECLINED).values_list("concern_id", flat=True)


def sharing_facts(concern_id: int, *, only: int | None = None) -> SharingFacts:
    """This floor's part of the facts that guards ask (concerns.facts). One statement: every concern's page asks it.

    `only`: count this referral and no other.
    """
    live = [DecisionStatus.SIGNED, DecisionStatus.AWAITING_SECOND]
    in_force = DecisionStatus.SIGNED
    covered = CoveredPerson.objects.filter(record__concern=concern_id)
    records = SignedRecord.objects.filter(concern=concern_id, decision__status__in=live)
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
        "draft": (Decision.objects.filter(concern=concern_id, status=DecisionStatus.DRAFT), "pk"),
        "waiting": (records.filter(needs_second=True, second_view__isnull=True), "pk"),
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
                Exists(SignedRecord.objects.filter(concern=concern_id, signed_at__gt=OuterRef("at")))
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


@dataclass(frozen=True)
class ConcernSharing:
    """What the concern page shows of sharing."""

    decisions: tuple[Decision, ...]
    referrals: tuple[Referral, ...]
    follow_ups: tuple[FollowUp, ...]


def sharing_of(concern: Concern) -> ConcernSharing:
    """Decisions, referrals and promised steps of a concern; for whoever may read it. Three statements."""
    return ConcernSharing(
        decisions=tuple(decisions_of(concern)),
        referrals=tuple(Referral.objects.filter(concern=concern).select_related("agency", "record")),
        follow_ups=tuple(FollowUp.objects.open().filter(record__concern=concern).select_related("record")),
    )


def around(record: SignedRecord) -> Around:
    """What is to be hidden when `record` is read out on paper: looked for in its words, never shown.

    Names of everybody in the concern whom the record does not name as at risk, and of a protected reporter; how to
    reach whoever has a caution about contact.
    """
    return around_people(record.concern, record.document["record"]["people"])


def around_people(concern: Concern, listed: Iterable[Mapping[str, Any]]) -> Around:
    """The same for a record of `concern` that lists these people, signed or not."""
    at_risk = {each["key"] for each in listed if each["is_at_risk"]}
    people = PersonRow.objects.filter(involvements__concern=concern.pk).distinct()
    # Not who has no name yet: every "child" in the record would be hidden with them.
    others = [person.name for person in people if person.ref not in at_risk and person.name not in ("", UNBORN_CHILD)]
    if concern.is_reporter_protected and concern.reporter is not None:
        others.append(concern.reporter.full_name)
    contacts = [
        words
        for person in people
        if person.safe_contact or person.unsafe_contact
        for words in (person.safe_contact, person.unsafe_contact, person.phone, person.address)
        if words.strip()
    ]
    return Around(tuple(others), tuple(contacts))


def waiting_for_view_of(user: User, *, limit: int = 25) -> list[SignedRecord]:
    """Signed decisions that wait for a second view, in concerns that `user` reads, works above and did not report;
    oldest first. One statement; the page of each asks the whole permission again.
    """
    who = standing(user)
    if not (who.is_lead or who.is_operational_lead or who.is_champion or who.is_senior_manager):
        return []
    waiting = SignedRecord.objects.filter(
        needs_second=True,
        second_view__isnull=True,
        decision__status__in=[DecisionStatus.SIGNED, DecisionStatus.AWAITING_SECOND],
        concern__in=Concern.objects.visible_to(user),
    ).exclude(Q(signed_by=user) | Q(concern__responsible=user) | Q(concern__reporter=user))
    if not who.is_lead:
        waiting = waiting.exclude(second_is_lead=True)
    if not who.has(*LEAD_LEVEL):
        # t8: not what somebody of a higher rank decided not to share.
        above = holders_of(*LEAD_LEVEL).values("pk")
        waiting = waiting.exclude(choice=Choice.NOT_SHARE, signed_by__in=above)
    return list(waiting.select_related("concern").defer("canonical").order_by("signed_at", "pk")[:limit])


PAGE = 25


@dataclass(frozen=True)
class RecordPage:
    """One page of the list, newest first; `previous` and `next` name the places to go on from, "" at an end.

    A place is the record that stands there, by its own name ("SD-ABCD-EFGH/v1"); never by its number in the database,
    which would tell how many there are.
    """

    rows: tuple[SignedRecord, ...]
    previous: str
    next: str


def record_page(records: SignedRecordQuerySet, *, after: str, before: str) -> RecordPage:
    """A page of `records` by keyset: the work does not grow with the place in the list. Two statements at most.

    A place that is none, or none of `records`, shows the first page.
    """
    listed = records.select_related("concern", "decision", "signed_by", "service_area").defer("canonical")
    following, preceding = _at_place(records, after), _at_place(records, before)
    if preceding is not None:
        newer = Q(signed_at__gt=preceding[0]) | Q(signed_at=preceding[0], pk__gt=preceding[1])
        found = list(listed.filter(newer).order_by("signed_at", "pk")[: PAGE + 1])
        has_newer, has_older = len(found) > PAGE, True
        rows = tuple(reversed(found[:PAGE]))
    else:
        older = listed
        if following is not None:
            older = listed.filter(Q(signed_at__lt=following[0]) | Q(signed_at=following[0], pk__lt=following[1]))
        found = list(older.order_by("-signed_at", "-pk")[: PAGE + 1])
        has_newer, has_older = following is not None, len(found) > PAGE
        rows = tuple(found[:PAGE])
    if not rows:
        return RecordPage((), "", "")
    return RecordPage(rows, _place(rows[0]) if has_newer else "", _place(rows[-1]) if has_older else "")


def _place(record: SignedRecord) -> str:
    return f"{record.ref}/v{record.version}"


def _at_place(records: SignedRecordQuerySet, words: str) -> tuple[datetime, int] | None:
    ref, _, version = words.rpartition("/v")
    if not (ref and version.isascii() and version.isdigit() and len(version) < 6):
        return None
    return records.filter(ref=ref, version=int(version)).values_list("signed_at", "pk").first()


def exports_of(user: User) -> QuerySet[Export]:
    return Export.objects.filter(requested_by=user).order_by("-requested_at")


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


def advice_of(consultation: Consultation) -> Advice:
    """Advice asked without names as a decision holds it (field 12)."""
    asked_at = consultation.asked_at
    return Advice(
        who=consultation.who or consultation.role or consultation.organisation,
        role=consultation.role,
        organisation=consultation.organisation,
        without_names="yes",
        on=timezone.localtime(asked_at).date() if asked_at else None,
        words=consultation.advice,
        ref=consultation.ref,
        question=consultation.question,
        in_full=consultation.in_full,
        in_full_why=consultation.in_full_why,
    )


@dataclass(frozen=True)
class SharedItem:
    """Something that went out, in the words in which it went, and the referrals with which it went."""

    key: str
    words: str
    referrals: tuple[Referral, ...]

    @property
    def shortened(self) -> str:
        return self.words if len(self.words) <= 300 else f"{self.words[:300]}…"

    @property
    def recipients(self) -> str:
        return ", ".join(dict.fromkeys(referral.agency_name for referral in self.referrals))


def shared_items(concern: Concern) -> tuple[SharedItem, ...]:
    """All that went out about `concern`, read from the frozen copies: each item once, with everybody who got it.

    What somebody said to an agency directly is one item.
    """
    found: dict[str, dict[int, Referral]] = {}
    for disclosure in Disclosure.objects.filter(referral__concern=concern).select_related("referral"):
        content = json.loads(disclosure.content)
        words = [item["what"] for item in content.get("information", ())]
        words += [content[part] for part in ("said",) if content.get(part)]
        for each in words:
            found.setdefault(each, {})[disclosure.referral_id] = disclosure.referral
    return tuple(
        SharedItem(hashlib.sha256(words.encode()).hexdigest()[:16], words, tuple(referrals.values()))
        for words, referrals in found.items()
    )


@dataclass(frozen=True)
class Asked:
    """One line of what was asked outside: what an agency knows (R104), or advice without names (R35)."""

    is_advice: bool
    ref: str
    whom: str
    state: str
    due_date: date | None = None

    @property
    def address(self) -> str:
        return reverse("sharing:show-consultation" if self.is_advice else "sharing:show-question", args=[self.ref])


def asked_of(concern: Concern) -> tuple[Asked, ...]:
    """All that was asked outside about `concern`, oldest first. One statement: the concern's page asks it."""
    columns = CharField(max_length=200)
    questions = Question.objects.filter(concern=concern).values_list(
        Value("", columns), "ref", "agency__name", "agency__local_authority", "state", Cast("due_date", columns),
        "asked_at",
    )  # fmt: skip
    advice = Consultation.objects.filter(concern=concern).values_list(
        Value("advice", columns), "ref", "organisation", "role",
        Case(When(recorded_at__isnull=True, then=Value("")), default=Value("answered"), output_field=columns),
        Value("", columns), "checked_at",
    )  # fmt: skip
    rows = sorted(questions.order_by().union(advice.order_by(), all=True), key=lambda row: (str(row[6]), row[1]))
    return tuple(
        _asked_advice(ref, organisation=name, role=place, state=state)
        if kind
        else _asked_question(ref, name=name, place=place, state=state, due=due)
        for kind, ref, name, place, state, due, _ in rows
    )


def _asked_question(ref: str, *, name: str, place: str, state: str, due: str) -> Asked:
    is_waiting = state in (QuestionState.ASKED, QuestionState.ESCALATED)
    whom = f"{name} ({place})" if place else name
    day = date.fromisoformat(due[:10]) if is_waiting else None
    return Asked(is_advice=False, ref=ref, whom=whom, state=str(QuestionState(state).label), due_date=day)


def _asked_advice(ref: str, *, organisation: str, role: str, state: str) -> Asked:
    words = "Advice recorded" if state else "Words checked, advice not recorded yet"
    return Asked(is_advice=True, ref=ref, whom=organisation or role or "Advice", state=words)


def corrections_of(concern: Concern) -> QuerySet[Correction]:
    """Corrections of what was shared about `concern`, each with the number of agencies still to be told."""
    still_to_tell = Count("notices", filter=Q(notices__told_at=None))
    return Correction.objects.filter(concern=concern).annotate(open_notices=still_to_tell)


def find_correction(ref: str, *, by: User) -> Correction | None:
    """The correction, in a concern that `by` may read."""
    visible = Concern.objects.visible_to(by).values("pk")
    return Correction.objects.filter(ref=ref, concern__in=visible).select_related("concern", "recorded_by").first()


def known_of(concern: Concern) -> Known:
    """Everything that names or leads to somebody in the case, in the concerns joined to it too (R35)."""
    ids = _with_joined(concern.pk)
    rows = list(Involvement.objects.filter(concern__in=ids).select_related("person", "staff"))
    people = [row.person for row in rows]
    concerns = list(Concern.objects.filter(pk__in=ids))
    referrals = list(Referral.objects.filter(concern__in=ids))
    told = [words for each in concerns for words in (each.told_by, each.said_by, each.hearsay_from)]
    references = [
        *(each.ref for each in concerns),
        *(each.ref for each in people),
        *(each.tenancy_ref for each in people),
        *(words for each in referrals for words in (each.ref, each.agency_reference)),
        *Decision.objects.filter(concern__in=ids).values_list("ref", flat=True),
        *InformationRequest.objects.filter(concern__in=ids).values_list("ref", flat=True),
    ]
    return Known(
        names=(
            *(each.name for each in people),
            *(row.staff.full_name for row in rows if row.staff is not None),
            *map(names_in, told),
        ),
        addresses=tuple(each.address for each in people),
        places=tuple(each.place for each in concerns),
        births=tuple(day for each in people for day in (each.date_of_birth, each.expected_date) if day is not None),
        phones=tuple(each.phone for each in people),
        references=tuple(references),
    )


def _with_joined(concern_id: int) -> list[int]:
    """The concern and all that were joined to it, directly or through another."""
    found = [concern_id]
    newest = found
    while newest := list(Concern.objects.filter(merged_into__in=newest).values_list("pk", flat=True)):
        found += newest
    return found


def find_request(ref: str, *, by: User) -> InformationRequest | None:
    """The request at `ref`, if `by` may read it."""
    found = InformationRequest.objects.visible_to(by).filter(ref=ref)
    return found.select_related("concern", "logged_by", "verified_by", "answered_by", "record__decision").first()


def answering_record(request: InformationRequest) -> SignedRecord | None:
    """The signed decision in force about this request (field 4); none while it waits for the second person."""
    records = SignedRecord.objects.filter(decision__request=request, decision__status=DecisionStatus.SIGNED)
    return records.filter(concern=request.concern_id).order_by("-signed_at", "-pk").first()


def facts_of_request(request: InformationRequest) -> RequestFacts:
    """What the rules of its answer ask about."""
    record = answering_record(request) if request.concern_id else None
    return RequestFacts(
        kind=request.kind,
        is_verified=request.is_verified,
        is_linked=request.concern_id is not None,
        decision_kind=record.kind if record else "",
    )


def decision_about(request: InformationRequest) -> Decision | None:
    """The newest decision that was begun for it, draft or signed."""
    decisions = Decision.objects.filter(_LIVE, request=request).select_related("concern")
    return decisions.order_by("-opened_at", "-pk").first()


@dataclass(frozen=True)
class RequestFigures:
    """Q32. Received in the period; of those due in it: how many, answered in time, refused, refused and told."""

    received: int
    due: int
    answered_in_time: int
    refused: int
    refused_and_told: int


def request_figures(start: datetime, end: datetime) -> RequestFigures:
    """Q32 for [start, end), as at its last instant: all requests, whoever asks; figures only."""
    is_due = Q(due_at__gte=start, due_at__lt=end)
    refused = is_due & Q(answer=RequestAnswer.REFUSE, answered_at__lt=end)
    return RequestFigures(
        **InformationRequest.objects.aggregate(
            received=Count("pk", filter=Q(received_at__gte=start, received_at__lt=end)),
            due=Count("pk", filter=is_due),
            answered_in_time=Count("pk", filter=is_due & Q(answered_at__lte=F("due_at"))),
            refused=Count("pk", filter=refused),
            refused_and_told=Count("pk", filter=refused & Q(told_on__lt=timezone.localdate(end))),
        )
    )
