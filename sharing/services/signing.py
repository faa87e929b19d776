"""Signing: the moment after which a decision never changes, and what follows from it for the concern."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from accounts.selectors import champions_of, holders_of, standing
from accounts.vocabulary import Role
from concerns import clocks
from concerns.facts import case_facts
from concerns.models import Concern, Involvement
from concerns.models import Person as PersonRow
from concerns.selectors.limits import limits_in_force
from concerns.services import drop_clock, meet_clock, moving, promise_contact, start_clock
from concerns.services.base import lock, save
from concerns.vocabulary import ClockKind, PersonRole, State
from concerns.workflow import Action, problems_with
from safeguarding.kit.errors import ChangedMeanwhile, NotNow, Unsound, why_not
from sharing import events, notifications, permissions
from sharing.answers import Person
from sharing.models import CoveredPerson, Decision, FollowUp, SecondView, SignedRecord, Supersession
from sharing.record import Record, canonical, digest
from sharing.rules import Facts, Problem, Severity, asked, find_problems, needs_second_signature
from sharing.rules.base import went_without_ground
from sharing.selectors import SHARING_CHOICES, at_risk_of, facts_for, is_as_signed, record_of, signing_of
from sharing.services.base import log, path_of_concern, tell
from sharing.services.deciding import check_is_open_for_decisions, lock_draft
from sharing.services.referring import end_unsent_referrals, open_referrals, tie_direct_referrals, time_unsent_referrals
from sharing.services.telling import promise_to_tell, take_over
from sharing.signed import Afterwards, Before, Signer, afterwards_of, digest_shown, document_of
from sharing.vocabulary import Choice, DecisionStatus, OfferAnswer

CLOSE_OF_DAY = time(17)


@transaction.atomic
def sign_decision(
    *, decision_id: int, seen_edit: int, by: User, at: datetime, shown: str | None = None
) -> SignedRecord:
    """Sign the draft as it stands. The caller has had fresh proof of identity.

    What is signed is what was read (R7): `shown` is the `digest_shown` of the document on the page that signs; a caller
    that shows none leaves it out. Raises ChangedMeanwhile when the draft, or anything that the concern says in it, was
    changed after the signer read it, Unsound with every refusing problem by field, NotNow in a state in which nothing
    is decided. The old version, the referrals and the concern follow at once, unless a second person must agree first.
    """
    decision = lock_draft(decision_id, by=by)
    concern = decision.concern
    check_is_open_for_decisions(concern)
    if decision.edit != seen_edit:
        raise ChangedMeanwhile("The decision was changed after you opened this page. Read it again before you sign.")
    facts = facts_for(decision, by=by, at=at)
    record = asked.only(record_of(decision), facts)
    if any(asked.page(slug, record, facts) for slug in decision.typed):
        raise Unsound("Some answers could not be understood. Put them right first.")
    problems = find_problems(record, facts)
    _refuse_unsound(problems)
    document = unsigned_document(decision, record, facts, problems, by=by, at=at)
    if shown is not None and shown != digest_shown(document):
        raise ChangedMeanwhile(
            "Something in this decision, or in the concern, was changed after you opened this page. Nothing was signed."
            " Read it again before you sign."
        )
    signed = _write(decision, record, facts, problems, document, by=by, at=at)
    _supersede(decision, signed, by=by, at=at)
    _promise(signed, record, by=by, at=at)
    _move_on(concern, signed, record, by=by, at=at)
    if signed.needs_second:
        _ask_second_person(signed, at=at)
    _tell_of_order(signed, at=at)
    moving.everyone_has_a_decision(concern, at=at)
    save(concern)
    return signed


def _tell_of_order(signed: SignedRecord, *, at: datetime) -> None:
    """R68: the information governance leads hear of every decision that rests on a court order or the like."""
    if not signed.cites_order:
        return
    for user in holders_of(Role.IG_LEAD):
        if SignedRecord.objects.visible_to(user).filter(pk=signed.pk).exists():
            tell(
                notifications.ORDER_CITED, to=user.pk, about=signed.pk, reference=signed.ref,
                path=signed.get_absolute_url(), key=f"order:{signed.pk}:{user.pk}", at=at,
            )  # fmt: skip


def _refuse_unsound(problems: tuple[Problem, ...]) -> None:
    refusing: dict[str, list[str]] = {}
    for problem in problems:
        if problem.severity == Severity.REFUSE:
            refusing.setdefault(problem.field, []).append(problem.sentence)
    if refusing:
        raise Unsound("This decision cannot be signed yet.", refusing)


def _write(
    decision: Decision,
    record: Record,
    facts: Facts,
    problems: tuple[Problem, ...],
    document: dict[str, Any],
    *,
    by: User,
    at: datetime,
) -> SignedRecord:
    concern = decision.concern
    second = needs_second_signature(record, facts, problems)
    content = canonical(document)
    kind = record.kind
    if kind is None:
        raise Unsound("This decision cannot be signed yet.", {"decision.choice": ["Choose whether to share."]})
    reasons = digest(" ".join(record.reasons.reasons.casefold().split()).encode())
    # R60: each case for itself. The same words elsewhere are no fault by themselves; the ledger says so.
    is_copied = SignedRecord.objects.filter(reasons_digest=reasons).exclude(ref=decision.ref).exists()
    signed = SignedRecord.objects.create(
        decision=decision,
        concern=concern,
        ref=decision.ref,
        version=decision.version,
        canonical=content.decode(),
        digest=digest(content),
        signed_by=by,
        signed_at=at,
        kind=kind,
        choice=record.decision.choice,
        service_area=concern.service_area,
        risk_level=record.risks.level_worker,
        review_date=record.decision.review_date,
        is_retrospective=document["retrospective"]["is"],
        cites_order=record.ground("C9").applies,
        reasons_digest=reasons,
        is_late=document["retrospective"]["late"],
        has_no_ground=went_without_ground(problems),
        needs_second=second is not None,
        second_is_lead=second is not None and second.lead_only,
        second_may_follow=second is not None and second.may_follow,
    )
    at_risk = Involvement.objects.filter(
        concern=concern, role=PersonRole.AT_RISK, person__ref__in=[person.key for person in record.people]
    )
    covered = CoveredPerson.objects.bulk_create([CoveredPerson(record=signed, involvement=row) for row in at_risk])
    waits = second is not None and not second.may_follow
    decision.status = DecisionStatus.AWAITING_SECOND if waits else DecisionStatus.SIGNED
    decision.save(update_fields=["status"])
    log(
        events.DECISION_SIGNED,
        concern,
        by=by,
        at=at,
        subject=signed,
        ref=signed.ref,
        keeps=(signed, *covered),
        version=signed.version,
        decision_kind=signed.kind,
        record_digest=signed.digest,
        needs_second=signed.needs_second,
        same_reasons_elsewhere=is_copied,
    )
    return signed


def unsigned_document(
    decision: Decision, record: Record, facts: Facts, problems: tuple[Problem, ...], *, by: User, at: datetime
) -> dict[str, Any]:
    """What `by` would sign at `at`: the same document that is shown before signing and kept afterwards."""
    concern = decision.concern
    old = SignedRecord.objects.get(decision=decision.supersedes_id) if decision.supersedes_id else None
    return document_of(
        record,
        reference=decision.ref,
        version=decision.version,
        concern=concern.ref,
        service_area=concern.service_area.name,
        signer=signer_of(by, concern),
        at=at,
        problems=tuple(problem for problem in problems if problem.severity != Severity.REFUSE),
        second=needs_second_signature(record, facts, problems),
        is_restricted=concern.is_restricted,
        before=_before(decision, old) if old else None,
        afterwards_before=_afterwards_before(decision),
    )


def _afterwards_before(decision: Decision) -> tuple[Afterwards, ...]:
    """What earlier versions say of having been recorded after sharing, the first one first."""
    older = SignedRecord.objects.filter(ref=decision.ref, version__lt=decision.version, is_retrospective=True)
    return tuple(mark for each in older.order_by("version") if (mark := afterwards_of(each.document)) is not None)


def signer_of(user: User, concern: Concern) -> Signer:
    """Who signs, and as what."""
    who = standing(user)
    roles = [str(Role(role).label) for role in sorted(who.roles)]
    if concern.service_area_id in who.champion_area_ids:
        roles.append(f"Safeguarding Champion, {concern.service_area.name}")
    if concern.responsible_id == user.pk:
        roles.append("Person responsible for the concern")
    return Signer(user.full_name, user.job_title, tuple(roles))


def _before(decision: Decision, old: SignedRecord) -> Before:
    return Before(old.version, old.digest, str(decision.get_change_reason_display()), decision.change_words)


def _supersede(decision: Decision, signed: SignedRecord, *, by: User, at: datetime) -> None:
    if decision.supersedes is None:
        return
    old = SignedRecord.objects.get(decision=decision.supersedes)
    replaced = Supersession.objects.create(
        old=old, new=signed, reason=decision.change_reason, words=decision.change_words, by=by, at=at
    )
    Decision.objects.filter(pk=decision.supersedes.pk).update(status=DecisionStatus.SUPERSEDED)
    old.concern = decision.concern
    _end_tellings(old, at=at)
    end_unsent_referrals(old, by=by, at=at)
    if not old.waits_for_view:
        meet_clock(decision.concern, ClockKind.SECOND_VIEW, at=at, about=_about(old))
    log(
        events.DECISION_SUPERSEDED,
        decision.concern,
        by=by,
        at=at,
        subject=old,
        ref=old.ref,
        reason=decision.change_words,
        keeps=(replaced,),
        version=old.version,
        change=decision.change_reason,
    )


def _end_tellings(old: SignedRecord, *, at: datetime) -> None:
    """Whoever was to be told of what has been shared is told also after the decision was replaced (R99); where nothing
    has gone there is nothing to tell.
    """
    owed = FollowUp.objects.open().filter(record=old).values("pk")
    for telling in old.follow_ups.filter(is_telling=True, done_at__isnull=True).exclude(pk__in=owed):
        drop_clock(old.concern, ClockKind.TELL_PERSON, at=at, about=telling.clock_name)


def _telling(person: Person) -> str:
    return f"Tell {person.name} that information was shared without their agreement."


def _promise(signed: SignedRecord, record: Record, *, by: User, at: datetime) -> None:
    """R94, R73, R77: what was promised becomes rows that someone has to tick off; R82: the next contact is due."""
    for mitigation in record.mitigations:
        FollowUp.objects.create(record=signed, is_telling=False, words=mitigation.what, owner=mitigation.owner[:200])
    promised = record.not_sharing
    if promised.advocate == OfferAnswer.PENDING:
        words = f"The offer of an advocate or peer supporter is open. Find out what they want. {promised.advocate_kind}"
        FollowUp.objects.create(record=signed, is_telling=False, is_contact=True, words=words.strip())
    if promised.next_contact_on is not None:
        for row in at_risk_of(record, signed.concern):
            if row.died_on is not None:
                continue
            promise_contact(signed.concern, row, on=promised.next_contact_on, at=at)
    for person in record.people:
        if person.informed.answer == "later" and person.informed.on is not None:
            row = PersonRow.objects.get(ref=person.key)
            task = promise_to_tell(signed, row, _telling(person), on=person.informed.on, concern=signed.concern, at=at)
            if signed.decision.supersedes is not None:
                before = FollowUp.objects.filter(record__decision=signed.decision.supersedes, is_telling=True)
                before = before.filter(Q(person=row) | Q(person=None, words=task.words), done_at=None)
                take_over(before, task, concern=signed.concern, by=by, at=at)


def _about(signed: SignedRecord) -> str:
    return f"{signed.ref}/v{signed.version}"


def _ask_second_person(signed: SignedRecord, *, at: datetime) -> None:
    """3.4: the clock T3b, and a message to the champions and leads who may give the view."""
    concern = signed.concern
    if concern.state != State.AWAITING_SECOND:  # t7 has started the concern's own clock
        limits = limits_in_force()
        due = clocks.retrospective_by(limits, at) if signed.second_may_follow else clocks.second_view_by(limits, at)
        start_clock(concern, ClockKind.SECOND_VIEW, due_at=due, at=at, about=_about(signed))
    people = [*champions_of(concern.service_area_id), *holders_of(Role.SAFEGUARDING_LEAD, Role.DEPUTY_LEAD)]
    for user in {user.pk: user for user in people}.values():
        if permissions.can_second_record(user, signed):
            tell(
                notifications.SECOND_VIEW_ASKED,
                to=user.pk,
                about=signed.pk,
                reference=signed.ref,
                path=signed.get_absolute_url(),
                key=f"second:{signed.pk}:{user.pk}",
                at=at,
            )


def _move_on(concern: Concern, signed: SignedRecord, record: Record, *, by: User, at: datetime) -> None:
    """What the decision does to the concern: t6, t7, t15, referrals, and the date on which it is looked at
    again.
    """
    if signed.choice == Choice.NOT_SHARE:
        if not problems_with(Action.PROPOSE_NOT_SHARING, case_facts(concern)):
            moving.proposed_not_sharing(concern, by=by, at=at)
        else:
            _decide_if_whole(concern, by=by, at=at)
    elif signed.choice == Choice.DEFER and record.decision.defer_until is not None:
        start_clock(concern, ClockKind.REVIEW, due_at=record.decision.defer_until, at=at)
    elif signed.decision.status == DecisionStatus.SIGNED:
        put_in_force(concern, signed, by=by, at=at)


def put_in_force(concern: Concern, signed: SignedRecord, *, by: User, at: datetime) -> None:
    """A decision to share counts from now on: its referrals are due and the concern moves.

    One that tells of what went without a ground moves nothing: what happens now is still to be decided (VR1).
    """
    tie_direct_referrals(signed, by=by, at=at)
    if signed.has_no_ground:
        return
    open_referrals(signed, by=by, at=at)
    if concern.state == State.MONITORING:
        moving.considered_again(concern, by=by, at=at, reason="A new decision to share was signed.")
    _decide_if_whole(concern, by=by, at=at)
    time_unsent_referrals(concern, at=at)
    if signed.review_date is not None:
        start_clock(concern, ClockKind.REVIEW, due_at=_review_due(signed, at=at), at=at)


def _review_due(signed: SignedRecord, *, at: datetime) -> datetime:
    """The end of the day on which it is to be looked at again (field 37); now, where that has passed or none is set."""
    day = signed.review_date
    return max(datetime.combine(day, CLOSE_OF_DAY, tzinfo=clocks.LONDON), at) if day else at


def _decide_if_whole(concern: Concern, *, by: User, at: datetime) -> None:
    """t6, once somebody's decision is to share and everybody at risk has one."""
    if concern.state == State.TRIAGE and not problems_with(Action.DECIDE_TO_SHARE, case_facts(concern)):
        moving.decided_to_share(concern, by=by, at=at)


@transaction.atomic
def give_second_view(*, record_id: int, is_agreed: bool, comment: str, by: User, at: datetime) -> SecondView:
    """t8, t9: a different person agrees or not, over exactly the bytes that were signed; NotNow where they are others.

    Proof of identity was fresh. Nothing comes into force on the signature of somebody who has no say in the concern any
    more (I6): that is refused, and whoever holds it now decides again. Of a version that was replaced, what went under
    it is looked at all the same; nothing follows from it but that the holder knows.
    """
    signed = SignedRecord.objects.select_related("decision").get(pk=record_id)
    concern = lock(signed.concern_id)
    signed.concern = concern
    signed.decision.refresh_from_db()
    permissions.check_can_second_record(by, signed)
    if SecondView.objects.filter(record=signed).exists():
        raise ChangedMeanwhile("Somebody has already given the second view on this decision.")
    if not signed.waits_for_view:
        raise NotNow("This decision was replaced meanwhile, or needs no second view.")
    if not is_as_signed(signed, signing_of(signed)):
        raise NotNow("This record is no longer what was signed. Tell a safeguarding lead and the auditor.")
    if not is_agreed and not comment.strip():
        raise Unsound("Give a reason.", {"comment": ["Say why you do not agree."]})
    why_it_does_not_count = why_not(permissions.check_signature_counts, signed)
    if is_agreed and why_it_does_not_count:
        raise NotNow(why_it_does_not_count)
    view = SecondView.objects.create(
        record=signed,
        is_agreed=is_agreed,
        comment=comment,
        by=by,
        by_title=", ".join(signer_of(by, concern).roles)[:200],
        at=at,
        digest=signed.digest,
    )
    is_replaced = signed.decision.status == DecisionStatus.SUPERSEDED
    if not is_replaced:
        signed.decision.status = DecisionStatus.SIGNED if is_agreed else DecisionStatus.NOT_AGREED
        signed.decision.save(update_fields=["status"])
    meet_clock(concern, ClockKind.SECOND_VIEW, at=at, about=_about(signed))
    log(
        events.SECOND_AGREED if is_agreed else events.SECOND_REFUSED,
        concern,
        by=by,
        at=at,
        subject=signed,
        ref=signed.ref,
        reason=comment,
        keeps=(view,),
        version=signed.version,
        record_digest=signed.digest,
    )
    if not is_replaced:  # what counts now is the newest version
        if is_agreed:
            _after_agreement(concern, signed, by=by, at=at)
        elif concern.state == State.AWAITING_SECOND:
            moving.refused_not_sharing(concern, by=by, at=at, reason=comment, do_differ=not why_it_does_not_count)
    moving.everyone_has_a_decision(concern, at=at)
    save(concern)
    _tell_holder(concern, signed, is_agreed=is_agreed, at=at)
    return view


def _after_agreement(concern: Concern, signed: SignedRecord, *, by: User, at: datetime) -> None:
    if signed.choice in SHARING_CHOICES:
        if not signed.second_may_follow:
            put_in_force(concern, signed, by=by, at=at)
        return
    due = _review_due(signed, at=at)
    # A view on what was shared may still be due; only one on not sharing keeps the concern waiting.
    others = SignedRecord.objects.filter(concern=concern, choice=Choice.NOT_SHARE).waiting_for_view()
    if concern.state == State.AWAITING_SECOND and not others.exists():
        moving.agreed_not_sharing(concern, by=by, at=at, review_due_at=due)
    elif signed.choice == Choice.NOT_SHARE:  # R81: wherever the concern is meanwhile
        start_clock(concern, ClockKind.REVIEW, due_at=due, at=at)


def _tell_holder(concern: Concern, signed: SignedRecord, *, is_agreed: bool, at: datetime) -> None:
    if concern.responsible_id is None:
        return
    tell(
        notifications.SECOND_AGREED if is_agreed else notifications.SECOND_REFUSED,
        to=concern.responsible_id,
        about=signed.pk,
        reference=concern.ref,
        path=path_of_concern(concern),
        key=f"second-given:{signed.pk}",
        at=at,
    )
