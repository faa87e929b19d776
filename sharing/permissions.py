"""May this person do it? What `concerns.permissions` says of the concern, and what is ours alone."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import User
from accounts.selectors import holders_of, standing
from accounts.vocabulary import Role
from concerns import permissions as of_concern
from concerns.models import Concern
from concerns.selectors.two_people import survivor_of
from safeguarding.kit.errors import NotAllowed, NotNow, allows
from sharing.models import (
    DECIDERS,
    LEADS,
    STAND_INS,
    Decision,
    Enquiry,
    Export,
    InformationRequest,
    NamedStaff,
    Part,
    Referral,
    RequestRefusal,
    SignedRecord,
    kept_out_by,
    left_of,
    part_in,
)
from sharing.vocabulary import Choice, DecisionStatus


def check_can_decide(user: User, concern: Concern) -> None:
    """Start, write, withdraw and sign a decision: the one person who holds the concern, without a conflict
    (VR22).
    """
    of_concern.check_is_holder(user, concern)


def can_decide(user: User, concern: Concern) -> bool:
    return allows(check_can_decide, user, concern)


def check_can_second_record(user: User, record: SignedRecord) -> None:
    """3.4, I6: a champion or lead, not the signer, not in conflict; a lead where the rules say so."""
    of_concern.check_can_second(user, record.concern)
    if user.pk == record.signed_by_id:
        raise NotAllowed("The second view must come from somebody else than the person who signed.")
    if record.choice == Choice.NOT_SHARE:
        of_concern.check_is_of_rank(user, of=record.signed_by)
    if record.second_is_lead and not standing(user).is_lead:
        raise NotAllowed("This decision needs the view of a Safeguarding Lead.")


def check_signature_counts(record: SignedRecord) -> None:
    """I6: what comes into force by the second view needs a signer who still has a say (`check_first_counts`). What
    counts already, or was replaced, is only looked at.
    """
    if record.decision.status == DecisionStatus.AWAITING_SECOND:
        of_concern.check_first_counts(record.signed_by, record.concern)


def can_second_record(user: User, record: SignedRecord) -> bool:
    return allows(check_can_second_record, user, record)


def check_can_refer(user: User, concern: Concern) -> None:
    """Send a referral and record what came of it: the holder; in a dispute the lead who then holds it."""
    of_concern.check_is_holder(user, concern)


def can_refer(user: User, concern: Concern) -> bool:
    return allows(check_can_refer, user, concern)


def check_can_go_on_without(user: User, referral: Referral) -> None:
    """2.6, condition 2: a lead, and never the one whose own referral it is (I6)."""
    of_concern.check_is_lead(user, referral.concern)
    signers = {referral.created_by_id, referral.concern.responsible_id}
    if referral.record is not None:
        signers.add(referral.record.signed_by_id)
    if user.pk in signers | set(referral.disclosures.values_list("shared_by_id", flat=True)):
        raise NotAllowed("This is your own referral. Another safeguarding lead decides whether to go on without it.")


def can_go_on_without(user: User, referral: Referral) -> bool:
    return allows(check_can_go_on_without, user, referral)


def check_can_correct(user: User, concern: Concern) -> None:
    """Say that a shared fact is wrong (R100): the holder; when the concern has ended, whoever may open it again."""
    if concern.is_open:
        of_concern.check_is_holder(user, concern)
    else:
        of_concern.check_can_reopen(user, concern)


def can_correct(user: User, concern: Concern) -> bool:
    return allows(check_can_correct, user, concern)


def check_can_record_direct_referral(user: User, concern: Concern) -> None:
    """R32, I20: whoever reported the concern or may read it; never somebody who is shut out of it, or of the one that
    it was joined to, where the call would stand. They raise a concern of their own and say it there.
    """
    if user.pk in of_concern.denied_ids(concern) | of_concern.denied_ids(survivor_of(concern)):
        raise NotAllowed("You can’t open this concern.")
    if concern.reporter_id != user.pk:
        of_concern.check_can_record_call(user, concern)


def can_record_direct_referral(user: User, concern: Concern) -> bool:
    return allows(check_can_record_direct_referral, user, concern)


def check_can_export(user: User) -> None:
    """Whose office it is to take decision records out (domain.md 5, "Decision PDF export"); which ones, rows
    decide.
    """
    who = standing(user)
    by_office = who.has(Role.AUDITOR, Role.IG_LEAD) or who.is_lead or who.is_operational_lead
    if who.never_reads_cases or not (by_office or who.is_champion or who.manages_people):
        raise NotAllowed("You can’t export decision records.")


def check_can_take_out(user: User, record: SignedRecord) -> None:
    """Make a file of one record: whose office it is, and never what they read by break-glass alone."""
    check_can_export(user)
    if not SignedRecord.objects.takeable_by(user).filter(pk=record.pk).exists():
        raise NotAllowed("You are reading by break-glass. Nothing can be taken out as a file.")


def check_can_take_out_referral(user: User, referral: Referral) -> None:
    """Make a file of what goes to an agency: it says no less than the record that it rests on, so the same people."""
    check_can_export(user)
    of_concern.check_can_take_out(user, referral.concern)


def can_take_out_referral(user: User, referral: Referral) -> bool:
    return allows(check_can_take_out_referral, user, referral)


def check_can_print_draft(user: User, decision: Decision) -> None:
    """Make a file of a draft: the holder who writes it (VR22), whose office it is to take decisions out."""
    check_can_decide(user, decision.concern)
    check_can_export(user)


def can_print_draft(user: User, decision: Decision) -> bool:
    return allows(check_can_print_draft, user, decision)


def can_take_out(user: User, record: SignedRecord) -> bool:
    return allows(check_can_take_out, user, record)


def check_can_name_third_parties(user: User) -> None:
    """Take records out in which people who are not at risk are named: leads, the information governance lead and
    auditors. For everybody else they are masked (R96).
    """
    who = standing(user)
    if not (who.is_lead or who.is_operational_lead or who.has(Role.IG_LEAD, Role.AUDITOR)):
        raise NotAllowed("You can only take out records in which people who are not at risk are masked. Ask a lead.")


def can_name_third_parties(user: User) -> bool:
    return allows(check_can_name_third_parties, user)


def check_can_verify(user: User) -> None:
    """Whose office it is to check a PDF that somebody shows them: auditors, the information governance lead, leads."""
    who = standing(user)
    if not (who.has(Role.AUDITOR, Role.IG_LEAD) or who.is_lead):
        raise NotAllowed("You can’t check PDFs of decision records.")


def can_verify(user: User) -> bool:
    return allows(check_can_verify, user)


def can_export(user: User) -> bool:
    return allows(check_can_export, user)


def check_is_own_export(user: User, export: Export) -> None:
    """Only the person who asked for it, while it is their office to take records out like that."""
    check_can_export(user)
    if export.requested_by_id != user.pk:
        raise NotAllowed("You can’t open this export.")
    if not export.is_masked:
        check_can_name_third_parties(user)


def check_can_fetch_export(user: User, export: Export) -> None:
    """Only the person who asked for it, and only while they may still take out each record that was put into it (I3).

    A bar, a restriction or a lost role closes the file from that second on, however long ago it was made.
    """
    check_is_own_export(user, export)
    inside = SignedRecord.objects.filter(copies__export=export)
    if inside.exclude(pk__in=SignedRecord.objects.takeable_by(user).values("pk")).exists():
        raise NotAllowed("This file can’t be opened any more. Ask for a new export.")


def can_fetch_export(user: User, export: Export) -> bool:
    return allows(check_can_fetch_export, user, export)


def check_can_keep_agencies(user: User) -> None:
    """The directory of agencies is kept by the leads."""
    who = standing(user)
    if not (who.is_lead or who.is_operational_lead):
        raise NotAllowed("Only a safeguarding lead or the operational lead can change the directory of agencies.")


def can_keep_agencies(user: User) -> bool:
    return allows(check_can_keep_agencies, user)


def check_can_keep_agreements(user: User) -> None:
    """R59: the register of sharing agreements is kept by the information governance lead and the leads."""
    who = standing(user)
    if not (who.has(Role.IG_LEAD) or who.is_lead or who.is_operational_lead):
        raise NotAllowed("Only the information governance lead or a safeguarding lead can change this register.")


def can_keep_agreements(user: User) -> bool:
    return allows(check_can_keep_agreements, user)


def is_fit_lead(lead: User, concern: Concern) -> bool:
    """R108, R45: may hold the concern (neither barred, recused nor ineligible) and may work on it; being let in to read
    is not enough."""
    return allows(_check_fit_lead, lead, concern)


def _check_fit_lead(lead: User, concern: Concern) -> None:
    of_concern.check_may_hold(lead, concern)
    of_concern.check_can_work(lead, concern)


def check_can_work_on_enquiry(user: User, enquiry: Enquiry) -> None:
    """Whoever leads the enquiry and is still fit to, or whoever holds the concern."""
    if enquiry.lead_id == user.pk and is_fit_lead(user, enquiry.concern):
        return
    try:
        of_concern.check_is_holder(user, enquiry.concern)
    except NotAllowed:
        raise NotAllowed("Only the person who leads this enquiry or holds the concern can do this.") from None


def can_work_on_enquiry(user: User, enquiry: Enquiry) -> bool:
    return allows(check_can_work_on_enquiry, user, enquiry)


def check_can_log_request(user: User) -> None:
    """Write down a request that came to us, and what was found when calling back (domain.md 5)."""
    who = standing(user)
    if who.never_reads_cases:
        raise NotAllowed("You can’t record requests for information. Give it to a safeguarding lead at once.")
    may_log = who.manages_people or who.is_champion or who.is_lead or who.is_operational_lead or who.has(Role.IG_LEAD)
    if not may_log:
        raise NotAllowed("You can’t record requests for information. Give it to your manager or a champion at once.")


def can_log_request(user: User) -> bool:
    return allows(check_can_log_request, user)


def check_can_work_on_request(user: User, request: InformationRequest) -> None:
    """Check who asks, and link it to a concern: whoever may log requests, or stands in where nobody else may answer,
    and reads this one by more than a grant or break-glass (ADR 13).
    """
    if not standing(user).has(*STAND_INS):
        check_can_log_request(user)
    if InformationRequest.objects.workable_by(user).filter(pk=request.pk).exists():
        return
    if InformationRequest.objects.visible_to(user).filter(pk=request.pk).exists():
        raise NotAllowed("You can read this request but not change anything in it.")
    raise NotAllowed("You can’t open this request.")


def check_can_unlink_request(user: User, request: InformationRequest) -> None:
    """Take it off its concern: whoever works on both; at lead level where the concern is restricted or closed to
    anybody, because the request is then as open as any (I3, I13).
    """
    check_can_work_on_request(user, request)
    concern = request.concern
    if concern is None:
        return
    if not Concern.objects.workable_by(user).filter(pk=concern.pk).exists():
        raise NotAllowed("Only somebody who works on the concern can take this request off it.")
    is_closed = concern.is_restricted or of_concern.denied_ids(concern)
    if is_closed and not standing(user).has(*of_concern.LEAD_LEVEL):
        raise NotAllowed("Only a safeguarding lead can take this request off the concern.")


def _offices(request: InformationRequest) -> tuple[Role, ...]:
    """Whose office it is to answer it; the information governance lead reads of a restricted concern only what goes
    straight to them.
    """
    is_restricted = request.concern is not None and request.concern.is_restricted
    return LEADS if is_restricted and not request.is_for_ig_lead else DECIDERS


def kept_out_of(request: InformationRequest) -> frozenset[int]:
    """Who may have no part in it: whoever it names, and what the concern says; while there is none, also whoever they
    manage. But only those to whom it is closed, where else nobody would be left to answer it and look at a naming.
    """
    return _kept_out(request, part_in(request))


def _kept_out(request: InformationRequest, part: Part) -> frozenset[int]:
    if request.concern is None:
        return part.closed_to | kept_out_by(part.implicated, but=part.without_say)
    ineligible = of_concern.ineligible_ids(request.concern)
    left = left_of(_offices(request), but=part.without_say) - ineligible
    return part.closed_to | ineligible if left else part.closed_to


def handlers_of(request: InformationRequest) -> list[User]:
    """Who sees to it that it is handled rightly, and that nobody is named in it wrongly: leads, the operational lead
    and the information governance lead.

    Where none of them is left, or only people who named somebody in it or were named by mistake, the designated senior
    manager and the chief executive as well: no naming hides a request from everybody, or is looked at by nobody (R41,
    R44). Where bars that came later leave none of all these, the information governance lead, also of a restricted
    concern; and else whoever named somebody in it.
    """
    part = part_in(request)
    if found := _handlers_by_office(request, part):
        return found
    namers = User.objects.filter(pk__in=part.namers, is_active=True).order_by("pk")
    return _without(holders_of(Role.IG_LEAD), part.closed_to) or [
        user for user in _without(namers, part.closed_to) if can_log_request(user)
    ]


def _handlers_by_office(request: InformationRequest, part: Part) -> list[User]:
    out = _kept_out(request, part)
    found = _without(holders_of(*_offices(request)), out)
    if all(user.pk in part.without_say for user in found):
        found += [user for user in _without(holders_of(*STAND_INS), out) if user not in found]
    return found


def _without(users: Iterable[User], out: frozenset[int]) -> list[User]:
    return [user for user in users if user.pk not in out]


def deciders_of(request: InformationRequest) -> list[User]:
    """Who may answer it: its handlers.

    What has the force of law, and subject access, is for the information governance lead alone (R107), unless none
    is left who may.
    """
    found = handlers_of(request)
    if not request.is_for_ig_lead:
        return found
    ig_leads = set(holders_of(Role.IG_LEAD))
    return [user for user in found if user in ig_leads] or found


def is_left_to_somebody(request: InformationRequest) -> bool:
    """Somebody may answer it by office, and for each naming in it one of them may lift it who did not write it."""
    part = part_in(request)
    handlers = {user.pk for user in _handlers_by_office(request, part)}
    return bool(handlers) and all(handlers - part.once_named - {namer} for namer in part.namers)


def check_can_name_staff(user: User, request: InformationRequest) -> None:
    """Say that it is about somebody who works here: whoever works on it; once it is answered, its handlers alone."""
    check_can_work_on_request(user, request)
    if request.answer and user not in handlers_of(request):
        raise NotAllowed("This request is answered. Only somebody who answers requests can name anybody in it now.")


def check_can_lift_naming(user: User, request: InformationRequest) -> None:
    """Say that a naming was a mistake (R41): a handler of it; never who named, nor who is or was named."""
    check_can_work_on_request(user, request)
    if user not in handlers_of(request):
        raise NotAllowed("Only somebody who answers requests can say that naming somebody was a mistake.")
    if not reads_why_named(user, request):
        raise NotAllowed("You were named in this request yourself. Somebody else says whether a naming was a mistake.")
    if not NamedStaff.objects.in_force().filter(request=request).exclude(named_by=user).exists():
        raise NotAllowed("Nobody is named, or you named them yourself. Then somebody else says that it was a mistake.")


def check_can_see_named_staff(user: User, request: InformationRequest) -> None:
    """Who of the staff it is about: whoever works on it and is not kept out for their sake; not everybody who reads."""
    check_can_work_on_request(user, request)
    if user.pk in kept_out_of(request):
        raise NotAllowed("You can’t see which staff this request is about.")


def reads_why_named(user: User, request: InformationRequest) -> bool:
    """Why somebody is named in it may tell of everybody who is: whoever was named by mistake never reads that."""
    return user.pk not in part_in(request).once_named


def check_can_answer_request(user: User, request: InformationRequest) -> None:
    """Decide the answer, and record that the requester was told (domain.md 5)."""
    check_can_work_on_request(user, request)
    if user.pk not in {decider.pk for decider in deciders_of(request)}:
        who = "the information governance lead" if request.is_for_ig_lead else "a lead without a part in the matter"
        raise NotAllowed(f"Only {who} can answer this request.")


def check_can_countersign_refusal(user: User, request: InformationRequest) -> None:
    """VR14: a Safeguarding Lead without a part in the matter, and never the one who would refuse (I6)."""
    check_can_work_on_request(user, request)
    waiting = request.waiting_refusal
    if not standing(user).is_lead or user.pk in kept_out_of(request):
        raise NotAllowed("Only a Safeguarding Lead without a part in the matter can agree to this refusal.")
    if waiting is not None and waiting.proposed_by_id == user.pk:
        raise NotAllowed("This is your own refusal. Another Safeguarding Lead says whether they agree.")


def check_refusal_counts(refusal: RequestRefusal) -> None:
    """I6, R41: whoever wrote the refusal may still have a part in the matter; else nobody agrees to it, as in
    `concerns.permissions.check_first_counts`.
    """
    if refusal.proposed_by_id in kept_out_of(refusal.request):
        raise NotNow(
            "Whoever wrote this refusal can have no say in this request any more, so nobody can agree to it. Say no. "
            "Then somebody else answers the request."
        )
