"""Whose name a reader of a case does not see: a protected reporter's (R43), and who looks afresh at a complaint about
the reader (scenario 10). The case page, the referral, the record, its PDF and the access report say the same.
"""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import datetime, timedelta

import pypdf
import pytest
from django.urls import reverse

from accounts import services as people
from accounts.models import User
from accounts.vocabulary import Role
from concerns import services as of_concern
from concerns.models import Concern, Dissatisfaction
from concerns.services.conflicts import recuse, restrict
from concerns.services.holding import assign
from concerns.services.reviewing import pass_up_dissatisfaction
from concerns.vocabulary import FileSort, HolderCause, TwoPersonAct
from sharing import services
from sharing.models import Referral, SignedRecord
from sharing.vocabulary import AgencyKind, SharingMethod
from tests.build import cases, decisions
from tests.build import sharing as build
from tests.build.cast import Cast, make_cast
from tests.build.files import PDF, incoming
from tests.build.intakes import PLAIN
from tests.build.sharing import SIGNED_AT, fresh
from tests.build.web import get

pytestmark = pytest.mark.django_db
AT = cases.AT
HOUR = timedelta(hours=1)
NOBODYS_NAME = "The person who reported it"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def words(path: str, user: User, *, at: datetime) -> str:
    response = get(path, user, at=at)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def call(*, at: datetime) -> services.DirectCall:
    return services.DirectCall(
        agency_name="Larkshire Police", agency_kind=AgencyKind.POLICE, spoken_to="Control room", told_at=at,
        method=SharingMethod.PHONE, what_was_said="That he was at the door.", why_urgent="He was there",
    )  # fmt: skip


def hidden(cast: Cast, *, at: datetime = AT) -> Concern:
    """Amara reports past Gwen, her manager; so her name is protected."""
    intake = replace(PLAIN, is_hidden_from_manager=True)
    return of_concern.raise_concern(intake=intake, by=cast.amara, at=at)


# --- Who reported it (R43) --------------------------------------------------------------------------


@pytest.fixture
def record(cast: Cast) -> SignedRecord:
    """Amara, protected, rang the police herself; Ruth, who holds it, then signed."""
    concern = build.case(cast, holder=cast.ruth, intake=replace(PLAIN, is_hidden_from_manager=True))
    told_at = SIGNED_AT - timedelta(minutes=30)
    services.record_direct_referral(concern_id=concern.pk, call=call(at=told_at), by=cast.amara, at=told_at)
    return build.signed(fresh(concern), decisions.agreed(), agency=build.adult_care(cast))


def test_a_decision_does_not_name_a_protected_reporter_who_rang_an_agency(cast: Cast, record: SignedRecord) -> None:
    """Only leads and whoever holds it know who reported it (domain.md 5)."""
    address, at = record.get_absolute_url(), SIGNED_AT + HOUR
    page = words(address, cast.karen, at=at)
    assert "Amara" not in page
    assert f"{NOBODYS_NAME}; taken by Control room" in page
    assert "Amara" not in words(record.concern.get_absolute_url(), cast.karen, at=at)
    for reader in (cast.ruth, cast.imran):
        assert "Amara Okafor; taken by Control room" in words(address, reader, at=at)
    # The restriction has ended: champions read the case, auditor and information governance lead the decision.
    Concern.objects.filter(pk=record.concern_id).update(is_restricted=False)
    for reader in (cast.dev, cast.alan, cast.joyce):
        assert "Amara" not in words(address, reader, at=at)


@pytest.mark.parametrize(
    ("cause", "says"),
    [
        (HolderCause.LINE_MANAGER, "Line manager of the person who reported it"),
        (HolderCause.MANAGER_ABSENT, "The line manager is away"),
        (HolderCause.NO_MANAGER, "The person who reported it has no line manager"),
    ],
)
def test_why_somebody_holds_it_does_not_tell_whose_team_they_are_in(cast: Cast, cause: HolderCause, says: str) -> None:
    """As a concern from before this rule stands: in the line under the holder, in what was done and in the history."""
    concern = of_concern.raise_concern(intake=PLAIN, by=cast.amara, at=AT)
    handed = AT + HOUR
    assign(fresh(concern), holder_id=cast.gwen.pk, cause=cause, at=handed, moved_by=None)
    address = concern.get_absolute_url()
    assert words(address, cast.karen, at=handed).count(says) >= 3
    Concern.objects.filter(pk=concern.pk).update(is_reporter_protected=True)
    assert says not in words(address, cast.karen, at=handed)
    assert "Gwen Pritchard" in words(address, cast.karen, at=handed)
    for reader in (cast.ruth, cast.gwen):
        assert says in words(address, reader, at=handed)


@pytest.mark.parametrize("is_masked", [True, False])
def test_no_paper_names_them_whoever_takes_it_out(cast: Cast, record: SignedRecord, *, is_masked: bool) -> None:
    content = services.take_out(
        signed=SignedRecord.objects.get(pk=record.pk), taking=build.taking(is_masked=is_masked), by=cast.ruth,
        at=SIGNED_AT + HOUR,
    )  # fmt: skip
    text = " ".join(" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    assert "Amara" not in text
    assert f"{NOBODYS_NAME}; taken by Control room" in text


@pytest.fixture
def joined(cast: Cast) -> tuple[Concern, Concern, Referral]:
    """What Amara reported past Gwen was joined to what Siân had reported openly; then Amara rang the police."""
    survivor = cases.acknowledged(cast, by=cast.sian)
    part = hidden(cast)
    of_concern.merge(concern_id=part.pk, into_id=survivor.pk, reason="One visit.", by=cast.ruth, at=AT + HOUR)
    at = AT + 2 * HOUR
    referral = services.record_direct_referral(concern_id=part.pk, call=call(at=at), by=cast.amara, at=at)
    return survivor, part, referral


def pages_about(survivor: Concern, referral: Referral) -> list[str]:
    case = survivor.get_absolute_url()
    return [case, referral.get_absolute_url(), f"{case}access/", f"{case}access/?show=all"]


def test_a_reporter_of_what_was_joined_is_named_no_more_than_on_the_case_page(
    cast: Cast, joined: tuple[Concern, Concern, Referral]
) -> None:
    survivor, _, referral = joined
    for path in pages_about(survivor, referral):
        page = words(path, cast.karen, at=AT + 3 * HOUR)
        assert "Amara" not in page, path
    assert "Recorded by the person who reported it" in words(referral.get_absolute_url(), cast.karen, at=AT + 3 * HOUR)
    assert "Recorded by Amara Okafor" in words(referral.get_absolute_url(), cast.ruth, at=AT + 3 * HOUR)


def test_whoever_takes_the_survivor_knows_whom_to_go_back_to(
    cast: Cast, joined: tuple[Concern, Concern, Referral]
) -> None:
    survivor, _, referral = joined
    of_concern.take(concern_id=survivor.pk, by=cast.karen, note="It can’t wait.", at=AT + 3 * HOUR)
    for path in (survivor.get_absolute_url(), referral.get_absolute_url()):
        assert "Amara Okafor" in words(path, cast.karen, at=AT + 4 * HOUR), path


@pytest.mark.parametrize("is_held", [False, True])
def test_separated_again_their_name_stays_kept_on_what_they_did_there(
    cast: Cast, joined: tuple[Concern, Concern, Referral], *, is_held: bool
) -> None:
    """Also from whoever holds the survivor since: what Amara reported is no more theirs."""
    survivor, part, referral = joined
    of_concern.separate(concern_id=part.pk, reason="Not the same.", by=cast.ruth, at=AT + 3 * HOUR)
    if is_held:
        of_concern.take(concern_id=survivor.pk, by=cast.karen, note="It can’t wait.", at=AT + 4 * HOUR)
    for path in pages_about(survivor, referral):
        assert "Amara" not in words(path, cast.karen, at=AT + 5 * HOUR), path
    assert "Amara Okafor" in words(survivor.get_absolute_url(), cast.ruth, at=AT + 5 * HOUR)


def test_their_name_is_kept_from_whoever_is_kept_out_of_what_they_reported(
    cast: Cast, joined: tuple[Concern, Concern, Referral]
) -> None:
    """Karen does not see that anything was joined, and Amara’s name neither."""
    survivor, part, referral = joined
    recuse(fresh(part), staff=cast.karen, reason="Her aunt.", by=cast.ruth, at=AT + 3 * HOUR)
    for path in pages_about(survivor, referral):
        page = words(path, cast.karen, at=AT + 4 * HOUR)
        assert "Amara" not in page, path
        assert part.ref not in page, path
        assert "Another concern was joined" not in page, path


# --- One act, one name: two lines side by side name nobody (R43) ------------------------------------


def past_the_manager(cast: Cast, into: Concern, *, by: User, at: datetime) -> Concern:
    """What `by` reported under protection was joined for a time to a concern on which they work: the part. While it is
    joined they have no say in it (R45).
    """
    part = of_concern.raise_concern(intake=replace(PLAIN, is_hidden_from_manager=True), by=by, at=at)
    of_concern.merge(concern_id=part.pk, into_id=into.pk, reason="One visit.", by=cast.ruth, at=at)
    of_concern.separate(concern_id=part.pk, reason="Another flat.", by=cast.ruth, at=at)
    return part


@pytest.fixture
def held(cast: Cast) -> Concern:
    """Nadia holds it, and reported under protection what was joined to it for a time."""
    concern = build.case(cast, holder=cast.gwen)
    past_the_manager(cast, concern, by=cast.nadia, at=build.TRIAGED_AT)
    of_concern.hand_on(concern_id=concern.pk, to=cast.nadia, note="I am away.", by=cast.gwen, at=build.TRIAGED_AT)
    return fresh(concern)


def text_of(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(content)).pages)


@pytest.mark.parametrize("is_masked", [True, False])
def test_who_signed_is_named_by_the_line_that_tells_of_it(cast: Cast, held: Concern, *, is_masked: bool) -> None:
    """On the page, on paper, in the history and in the access report; and on what they did with the record since."""
    record = build.signed(held, decisions.agreed(), agency=build.adult_care(cast))
    opened_by(cast.nadia, record.get_absolute_url(), at=SIGNED_AT + timedelta(minutes=1))
    paper = text_of(
        services.take_out(
            signed=SignedRecord.objects.get(pk=record.pk), taking=build.taking(is_masked=is_masked), by=cast.ruth,
            at=SIGNED_AT + HOUR,
        )
    )  # fmt: skip
    page = words(record.get_absolute_url(), cast.karen, at=SIGNED_AT + 2 * HOUR)
    for told in (paper, page):
        assert "Sharing decision signed Nadia Rahman" in told
        assert "Decision record opened Nadia Rahman" in told
        assert NOBODYS_NAME not in told
        assert "Third party" not in told
    report = words(f"{held.get_absolute_url()}access/?show=all", cast.karen, at=SIGNED_AT + 2 * HOUR)
    for told in (report, words(held.get_absolute_url(), cast.karen, at=SIGNED_AT + 2 * HOUR)):
        assert f"Sharing decision signed {NOBODYS_NAME}" not in told
        assert f"{NOBODYS_NAME} Sharing decision signed" not in told
    assert "Nadia Rahman Sharing decision signed" in report
    assert "Nadia Rahman Decision record opened" in report
    # What she did before it was signed is told without it.
    assert f"{NOBODYS_NAME} Sharing decision started" in report


def test_who_gave_the_second_signature_is_named_by_its_line_and_from_then_on(cast: Cast) -> None:
    """What was told without the name before does not get one: somebody may have read it."""
    concern = build.case(cast, holder=cast.gwen)
    past_the_manager(cast, concern, by=cast.imran, at=build.TRIAGED_AT)
    record = build.signed(fresh(concern), decisions.not_shared())
    address, at = record.get_absolute_url(), SIGNED_AT + HOUR
    opened_by(cast.imran, address, at=at)
    services.give_second_view(record_id=record.pk, is_agreed=True, comment="Yes.", by=cast.imran, at=at + HOUR)
    opened_by(cast.imran, address, at=at + HOUR)
    page = words(address, cast.karen, at=at + 2 * HOUR)
    assert "Second person agreed with the decision Imran Sheikh" in page
    assert page.count(f"Decision record opened {NOBODYS_NAME}") == 1
    assert page.count("Decision record opened Imran Sheikh") == 1


def test_nothing_else_that_a_protected_reporter_does_on_it_is_told_under_their_name(cast: Cast, held: Concern) -> None:
    record = build.signed(held, decisions.agreed(), agency=build.adult_care(cast))
    services.give_second_view(record_id=record.pk, is_agreed=True, comment="Yes.", by=cast.ruth, at=SIGNED_AT)
    referral = record.referrals.get()
    told = build.everybody_told(referral, SIGNED_AT.date())
    services.send_referral(
        referral_id=referral.pk, sending=build.sending(SIGNED_AT, told=told), by=cast.nadia, at=SIGNED_AT
    )
    question = build.asked(cast, fresh(held))
    consultation = build.consulted(cast, fresh(held))
    correction = build.corrected(fresh(held))
    for thing in (question, consultation, correction, referral):
        page = words(thing.get_absolute_url(), cast.karen, at=SIGNED_AT + 2 * HOUR)
        assert "Nadia" not in page, thing
        assert NOBODYS_NAME.lower() in page.lower(), thing
    page = words(record.get_absolute_url(), cast.karen, at=SIGNED_AT + 2 * HOUR)
    assert f"{NOBODYS_NAME}; taken by" in page
    assert "Recorded by Nadia" not in page


@pytest.fixture
def worked_on(cast: Cast) -> Concern:
    """Imran works on it, and reported under protection what was joined to it for a time."""
    concern = cases.acknowledged(cast)
    past_the_manager(cast, concern, by=cast.imran, at=AT + HOUR)
    return fresh(concern)


def test_neither_a_file_nor_what_waits_for_a_second_person_names_them(cast: Cast, worked_on: Concern) -> None:
    """The history tells both without their name."""
    at = AT + 2 * HOUR
    (row,) = of_concern.add_files(
        concern_id=worked_on.pk, files=[incoming("flat.pdf", PDF)], sort=FileSort.OTHER, description="", by=cast.imran,
        at=at,
    )  # fmt: skip
    restrict(of_concern.base.lock(worked_on.pk), by=cast.ruth, at=at)
    of_concern.ask_second_person(
        concern_id=worked_on.pk, act=TwoPersonAct.LOOSEN_RESTRICTION, reason="It is over.", by=cast.imran, at=at
    )
    case = worked_on.get_absolute_url()
    for path in (case, f"{case}second-view/", reverse("concerns:show-file", args=[worked_on.ref, row.key])):
        page = words(path, cast.karen, at=at + HOUR)
        assert "Imran" not in page, path
        assert NOBODYS_NAME in page, path
    assert "Imran" in words(case, cast.ruth, at=at + HOUR)


def test_who_takes_a_concern_on_is_named_by_the_line_that_tells_of_it(cast: Cast, worked_on: Concern) -> None:
    """The title says to whom it went."""
    of_concern.take(concern_id=worked_on.pk, by=cast.imran, note="It can’t wait.", at=AT + 2 * HOUR)
    page = words(worked_on.get_absolute_url(), cast.karen, at=AT + 3 * HOUR)
    assert re.search(r"Given to Imran Sheikh [^–]*– Imran Sheikh", page)
    assert not re.search(rf"Given to Imran Sheikh [^–]*– {NOBODYS_NAME}", page)
    report = words(f"{worked_on.get_absolute_url()}access/?show=all", cast.karen, at=AT + 3 * HOUR)
    assert f"12:00pm {NOBODYS_NAME} Handed on" not in report
    assert "12:00pm Imran Sheikh Handed on" in report


def test_the_page_of_a_request_names_them_no_more_than_the_history_does(cast: Cast, worked_on: Concern) -> None:
    """Also once it was taken off the concern: the history there goes on to tell of it."""
    request = build.requested(cast, None, at=AT + 2 * HOUR)
    services.link_request(request_id=request.pk, concern_ref=worked_on.ref, by=cast.imran, at=AT + 3 * HOUR)
    services.verify_requester(
        request_id=request.pk, number="020 7946 0000", how="From their site.", by=cast.imran, at=AT + 3 * HOUR
    )
    for path in (worked_on.get_absolute_url(), request.get_absolute_url()):
        page = words(path, cast.karen, at=AT + 4 * HOUR)
        assert "Imran" not in page, path
        assert NOBODYS_NAME in page, path
    assert "by Imran Sheikh" in words(request.get_absolute_url(), cast.ruth, at=AT + 4 * HOUR)
    services.unlink_request(request_id=request.pk, reason="Another Jean.", by=cast.ruth, at=AT + 5 * HOUR)
    assert "Imran" not in words(request.get_absolute_url(), cast.karen, at=AT + 6 * HOUR)


def test_a_decision_about_a_request_does_not_write_down_who_checked_it_where_that_is_a_protected_reporter(
    cast: Cast, held: Concern
) -> None:
    request = build.requested(cast, held)
    services.verify_requester(
        request_id=request.pk, number="020 7946 0000", how="Their site.", by=cast.nadia, at=SIGNED_AT
    )
    decision = services.decide_about_request(request_id=request.pk, by=cast.nadia, at=SIGNED_AT)
    assert decision.answers["start"]["request_verified"].startswith(
        f"Request {request.ref}. Called back on 020 7946 0000, "
    )


# --- Who looks at it afresh (scenario 10) -----------------------------------------------------------


LATER = SIGNED_AT + 4 * HOUR


def complained(concern: Concern) -> Dissatisfaction:
    """The reporter is not satisfied; whoever was asked to look at it afresh opens what there is."""
    reporter = User.objects.get(pk=fresh(concern).reporter_id)
    return of_concern.say_not_satisfied(concern_id=concern.pk, words="Nothing happens.", by=reporter, at=SIGNED_AT)


def opened_by(user: User, *paths: str, at: datetime = SIGNED_AT + HOUR) -> None:
    for path in paths:
        words(path, user, at=at)


def test_whoever_signed_does_not_read_on_the_decision_who_looks_afresh_until_they_have_answered(cast: Cast) -> None:
    concern, record, _ = build.shared(cast)
    address = record.get_absolute_url()
    opened_by(cast.nadia, address, at=SIGNED_AT - timedelta(minutes=1))
    row = complained(concern)
    assert (row.reviewer, fresh(concern).responsible) == (cast.dev, cast.gwen)
    opened_by(cast.dev, address)
    opened_by(cast.nadia, address)
    page = words(address, cast.gwen, at=LATER)
    assert "Dev Patel" not in page
    # What they had seen before stays, what anybody else did since is left out with it: no gap points to one.
    assert page.count("Nadia") == 1
    assert page.count("Decision record opened Gwen Pritchard") == 1
    assert "Who else opened it is not listed for now" in page
    for reader in (cast.dev, cast.ruth, cast.nadia):
        assert "Decision record opened Dev Patel" in words(address, reader, at=LATER), reader
    of_concern.answer_dissatisfaction(concern_id=concern.pk, is_upheld=False, answer="We rang.", by=cast.dev, at=LATER)
    page = words(address, cast.gwen, at=LATER + HOUR)
    assert "Decision record opened Dev Patel" in page
    assert "not listed for now" not in page


def test_nor_whoever_was_asked_before(cast: Cast) -> None:
    concern, record, _ = build.shared(cast)
    complained(concern)
    opened_by(cast.dev, record.get_absolute_url())
    with_lock = Concern.objects.select_for_update().get(pk=concern.pk)
    assert pass_up_dissatisfaction(with_lock, at=SIGNED_AT + 2 * HOUR)
    assert Dissatisfaction.objects.get().reviewer == cast.martin
    assert "Dev Patel" not in words(record.get_absolute_url(), cast.gwen, at=LATER)


def test_nor_in_what_they_take_out_of_it(cast: Cast) -> None:
    concern, record, _ = build.shared(cast)
    complained(concern)
    opened_by(cast.dev, record.get_absolute_url())
    content = services.take_out(
        signed=SignedRecord.objects.get(pk=record.pk), taking=build.taking(), by=cast.gwen, at=LATER
    )
    assert "Dev Patel" not in "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def test_the_history_of_the_case_does_not_tell_what_they_took_out(cast: Cast) -> None:
    concern, record, _ = build.shared(cast)
    complained(concern)
    services.take_out(
        signed=SignedRecord.objects.get(pk=record.pk), taking=build.taking(), by=cast.dev, at=SIGNED_AT + HOUR
    )
    address = concern.get_absolute_url()
    assert "Decision record exported as PDF" in words(address, cast.ruth, at=LATER)
    assert "Decision record exported as PDF" not in words(address, cast.gwen, at=LATER)


@pytest.fixture
def leads_case(cast: Cast) -> Concern:
    """Ruth held it and handed it on to Nadia; the reporter is not satisfied, and Dev looks at it afresh."""
    concern = cases.acknowledged(cast, holder=cast.ruth, at=SIGNED_AT - 2 * HOUR)
    of_concern.hand_on(concern_id=concern.pk, to=cast.nadia, note="Your area.", by=cast.ruth, at=SIGNED_AT - HOUR)
    assert complained(concern).reviewer == cast.dev
    opened_by(cast.dev, concern.get_absolute_url())
    return concern


def test_a_lead_who_ever_held_it_does_not_see_who_looks_afresh(cast: Cast, leads_case: Concern) -> None:
    case = leads_case.get_absolute_url()
    page = words(f"{case}who/", cast.ruth, at=LATER)
    assert "Asked to look at it afresh for the person who reported it" not in page
    assert "somebody who had no part in it, asked to look at it afresh" in page
    assert "Dev Patel" in page  # he is a champion of the area
    page = words(f"{case}access/", cast.ruth, at=LATER)
    assert "Dev Patel" not in page
    assert "you do not see here who else has come near this concern since, because you have held it" in page
    assert "Asked to look at it afresh Somebody who had no part in it" in words(case, cast.ruth, at=LATER)


def test_leads_who_never_did_and_auditors_see_it(cast: Cast, leads_case: Concern) -> None:
    case = leads_case.get_absolute_url()
    page = words(f"{case}who/", cast.imran, at=LATER)
    assert "Asked to look at it afresh for the person who reported it" in page
    assert "somebody who had no part in it" not in page
    for reader in (cast.imran, cast.karen, cast.alan, cast.joyce):
        page = words(f"{case}access/", reader, at=LATER)
        assert "Dev Patel" in page, reader
        assert "you do not see here" not in page, reader


def test_holding_what_it_was_joined_to_counts_too(cast: Cast) -> None:
    """The reporter of a part may well be dissatisfied with whoever holds the whole."""
    part = cases.acknowledged(cast, at=SIGNED_AT - 3 * HOUR)
    survivor = cases.acknowledged(cast, by=cast.sian, holder=cast.ruth, at=SIGNED_AT - 3 * HOUR)
    of_concern.merge(concern_id=part.pk, into_id=survivor.pk, reason="One.", by=cast.imran, at=SIGNED_AT - HOUR)
    row = complained(part)
    people.give_role(person=row.reviewer, role=Role.DEPUTY_LEAD, by=None, at=SIGNED_AT)
    opened_by(User.objects.get(pk=row.reviewer_id), part.get_absolute_url())
    for address in (part.get_absolute_url(), survivor.get_absolute_url()):
        assert f"{row.reviewer.full_name} Concern opened" not in words(f"{address}access/", cast.ruth, at=LATER)
    assert f"{row.reviewer.full_name} Concern opened" in words(
        f"{part.get_absolute_url()}access/", cast.imran, at=LATER
    )
