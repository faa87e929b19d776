"""What a draft of a decision is made of: who it is about, what stands on the concern, the facts for its rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from concerns.models import AbuseType, Attachment, Concern, DashRecord, Involvement
from concerns.models import Person as PersonRow
from concerns.models.files import AttachmentQuerySet
from concerns.permissions import barred_ids
from concerns.selectors.domestic import dash_records_of, is_domestic, newest_account
from concerns.vocabulary import EXPLOITATION, FileSort, FileState, Implicated, LifeStage, PersonRole
from sharing import permissions
from sharing.answers import Advice, Capacity, Ground, Other, Person
from sharing.models import (
    Agency,
    AgreementVersion,
    CapacityRecord,
    Consultation,
    CoveredPerson,
    Decision,
    FollowUp,
    InformationRequest,
    Referral,
    SignedRecord,
)
from sharing.record import Record, to_json
from sharing.rules import Facts
from sharing.vocabulary import (
    Choice,
)

SHARING_CHOICES = (Choice.SHARE_ALL, Choice.SHARE_PART)


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
    """What is linked says what it says itself: C2 the people of the concern, C8 its DASH record (R67), C9 its scan,
    field 33 the version of the register that is cited (R59).
    """
    dash = record.ground("C8").dash_record
    found = next((row for row in dash_records_of(concern) if row.ref == dash), None) if dash else None
    score = "" if found is None or found.score is None else str(found.score)
    c8 = replace(record.ground("C8"), dash_score=score, dash_words=dash_words(found) if found else "")
    c9 = _with_scan(record.ground("C9"), concern)
    c2 = _with_others(record.ground("C2"), concern)
    grounds = tuple({"C2": c2, "C8": c8, "C9": c9}.get(ground.code, ground) for ground in record.grounds)
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


def _with_others(ground: Ground, concern: Concern) -> Ground:
    """Ground C2 says of the others that it names what the concern says of them now (VR8)."""
    if not ground.others:
        return replace(ground, others_named=())
    known = {person.key: person for person in choosable_others(concern)}
    named = tuple(
        Other(key=person.key, name=person.name, life_stage=person.life_stage, is_at_risk=person.is_at_risk)
        for key in ground.others
        if (person := known.get(key)) is not None
    )
    return replace(ground, others_named=named)


def choosable_others(concern: Concern, record: Record | None = None) -> list[Person]:
    """Who may be named as also at risk (VR8): everybody in the concern but staff who are barred from it. Staff who are
    recused because they are at risk or a relative are no cause of it, and may be.

    With `record`: without the one person at risk whom it is about. Where it is about several, each is another to the
    rest.
    """
    rows = Involvement.objects.filter(concern=concern, staff__in=barred_ids(concern))
    barred = set(rows.values_list("person__ref", flat=True))
    at_risk = {person.key for person in record.people if person.is_at_risk} if record is not None else set()
    about = at_risk if len(at_risk) == 1 else set()
    return [person for person in people_of(concern) if person.key not in barred | about]


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
    """Whom an open task of `signed` promises to tell, by the key of the person, and by when (R99); also where a later
    version has taken the task over.
    """
    rows = FollowUp.objects.tellings_of(signed).filter(person__isnull=False)
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
    before = SignedRecord.objects.filter(decision=decision.supersedes_id).first() if decision.supersedes_id else None
    is_named = concern.implicated in {Implicated.MANAGER, Implicated.OTHER_STAFF} or bool(barred_ids(concern))
    staff = concern.involvements.filter(role=PersonRole.SOURCE_OF_RISK, staff__isnull=False)
    return Facts(
        at=at,
        is_restricted=concern.is_restricted,
        urgency=concern.urgency,
        is_domestic_abuse=is_domestic_abuse,
        is_exploitation=AbuseType.objects.filter(concern=concern, code__in=EXPLOITATION).exists(),
        children_at_risk=frozenset(
            person.key
            for person in people_of(concern)
            if is_domestic_abuse and person.is_at_risk and not person.is_adult
        ),
        lacks_domestic_account=is_domestic_abuse and newest_account(concern) is None,
        files=frozenset(linkable_files(concern).values_list("key", flat=True)),
        staff_implicated=is_named or staff.exists(),
        signer_may_sign=permissions.can_decide(by, concern),
        signer_is_reporter=concern.reporter_id == by.pk,
        opened_at=decision.opened_at,
        requests=_requests_to_answer(decision),
        requests_answered=_requests_answered(decision),
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
        previous_level=before.risk_level if before is not None else "",
        previous_choice=before.choice if before is not None else "",
        put_off=_put_off(concern),
    )


def _requests_to_answer(decision: Decision) -> frozenset[str]:
    """Those of the concern that have no answer yet; a later version may also name the one of the version before."""
    found = InformationRequest.objects.filter(concern=decision.concern_id, answer="").values_list("ref", flat=True)
    before = decision.supersedes.request if decision.supersedes is not None else None
    return frozenset(found) | ({before.ref} if before is not None else frozenset())


def _requests_answered(decision: Decision) -> frozenset[str]:
    request = decision.supersedes.request if decision.supersedes is not None else None
    return frozenset({request.ref} if request is not None and request.answer else ())


def told_already(concern: Concern) -> datetime | None:
    """When an agency was first told something that no decision stands behind yet (R32, R38); None for never."""
    calls = Referral.objects.filter(concern=concern, is_direct=True, record__isnull=True, sent_at__isnull=False)
    return calls.order_by("sent_at").values_list("sent_at", flat=True).first()


def _put_off(concern: Concern) -> frozenset[str]:
    """Those about whom the newest signed decision of the concern is to defer, by key; whichever draft it came from."""
    rows = CoveredPerson.objects.filter(record__concern=concern, record__has_no_ground=False).order_by(
        "record__signed_at", "record"
    )
    newest = dict(rows.values_list("involvement__person__ref", "record__choice"))
    return frozenset(key for key, choice in newest.items() if choice == Choice.DEFER)


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
