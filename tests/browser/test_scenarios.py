"""Scenarios 1, 2, 9, 10 and 14 of domain.md section 6 in a real browser: axe on every page, pictures of all."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from concerns.models import Concern
from concerns.services.sweeping import sweep
from concerns.vocabulary import State
from safeguarding.kit.clock import now
from safeguarding.kit.models import OutboxMessage
from sharing import services
from sharing.answers import Informed
from sharing.models import Referral
from sharing.vocabulary import AgencyKind, SharingMethod
from tests.browser.conftest import DESK, PATIENCE, PHONE, Device, OpenPage
from tests.browser.test_casework import Look, Reader, Shoot, SignIn
from tests.browser.test_sharing import prove
from tests.build import cases, decisions
from tests.build import sharing as build
from tests.build.cast import Cast, make_cast
from tests.build.intakes import ABOUT_MANAGER, CHILD, PLAIN, SON, URGENT


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


class Stage:
    """One person after another in front of a screen of their own."""

    def __init__(self, open_page: OpenPage, sign_in: SignIn, look: Look, shoot: Shoot, album: str) -> None:
        self._open_page, self._sign_in, self._look, self._shoot, self._album = open_page, sign_in, look, shoot, album

    def enter(self, person: User, device: Device) -> tuple[Page, Reader]:
        page = self._open_page(device)
        self._sign_in(page, person)
        first_name = person.full_name.split()[0].lower()
        return page, Reader(page, self._look, self._shoot, f"scenario-{self._album}-{first_name}")


@pytest.fixture
def stage(
    request: pytest.FixtureRequest,
    open_page: OpenPage,
    sign_in: SignIn,
    assert_accessible: Look,
    screenshot: Shoot,
) -> Stage:
    return Stage(open_page, sign_in, assert_accessible, screenshot, request.node.name.split("_")[2])


def test_scenario_01_the_manager_finds_nothing_and_the_case_is_restricted(cast: Cast, stage: Stage) -> None:
    """He is told nothing, finds nothing and can't guess it; who holds it has the police and PiPoT steps before them."""
    concern = cases.submitted(cast, intake=ABOUT_MANAGER, by=cast.priya, at=now() - timedelta(hours=1))
    page, colin = stage.enter(cast.colin, PHONE)
    page.goto("/")
    colin.see("Your work")
    expect(page.get_by_text(concern.ref)).to_have_count(0)
    page.goto("/search/")
    colin.write("What are you looking for?", concern.ref)
    colin.press("Find")
    colin.see("Find a concern")
    colin.told("Nothing found")
    for path in (concern.get_absolute_url(), f"{concern.get_absolute_url()}triage/", f"/reports/{concern.ref}/"):
        assert page.request.get(path).status == 404
    assert not OutboxMessage.objects.filter(recipient_id=cast.colin.pk).exists()

    assert concern.responsible is not None
    page, holder = stage.enter(concern.responsible, DESK)
    page.goto(concern.get_absolute_url())
    holder.see(f"Concern {concern.ref}")
    holder.told("Restricted")
    holder.told("PiPoT")


def test_scenario_02_a_refusal_is_respected_by_two_people(cast: Cast, stage: Stage) -> None:
    """Jean said no and no ground applies: signed with its steps, agreed by a second person, kept under review."""
    at = now()
    concern = build.case(cast, at=at - timedelta(hours=2))
    record = decisions.not_shared()
    record = decisions.change(
        record,
        decision=dataclasses.replace(record.decision, review_date=(at + timedelta(days=10)).date()),
        not_sharing=dataclasses.replace(record.not_sharing, next_contact_on=(at + timedelta(days=3)).date()),
    )
    decision = build.draft(concern, record, at=at)
    page, gwen = stage.enter(cast.gwen, PHONE)
    page.goto(decision.get_absolute_url())
    page.get_by_role("link", name="Check and sign").first.click()
    prove(page)
    page.get_by_role("button", name="Sign this decision").click()
    gwen.told("Signed.")
    page.goto(concern.get_absolute_url())
    gwen.see(f"Concern {concern.ref}")
    gwen.told("Waiting for a second person's view")
    assert build.fresh(concern).state == State.AWAITING_SECOND

    page, dev = stage.enter(cast.dev, DESK)
    page.goto(concern.get_absolute_url())
    page.get_by_role("link", name="Give your view as the second person").click()
    prove(page)
    dev.choose("Do you agree with this decision?", "Yes, I agree")
    page.locator("main").get_by_role("button").first.click()
    page.goto(concern.get_absolute_url())
    dev.see(f"Concern {concern.ref}")
    dev.told("Being kept under review")
    assert build.fresh(concern).state == State.MONITORING


def test_scenario_09_a_declined_child_referral_goes_up_and_is_sent_again(cast: Cast, stage: Stage) -> None:
    """Declined: in dispute, held by the lead, taken up a stage, sent again with what is new."""
    at = now()
    child = dataclasses.replace(PLAIN, people=(CHILD, SON))
    concern = build.case(cast, intake=child, at=at - timedelta(hours=3))
    front_door = services.save_agency(
        details=services.AgencyDetails(
            kind=AgencyKind.CHILDREN, name="Larkshire children’s front door", local_authority="Larkshire",
            phone="01632 960 501", usual_method=SharingMethod.PORTAL, verified_on=at.date(),
            verified_how="Called back on the council's published number",
        ),
        by=cast.ruth, at=at,
    )  # fmt: skip
    signed_at = at - timedelta(hours=1)
    told_her = Informed(answer="yes", on=decisions.TODAY)
    record = decisions.change(
        decisions.agreed(),
        people=(dataclasses.replace(decisions.CHILD, informed=told_her),),
        basis=dataclasses.replace(decisions.agreed().basis, best_interests="He is nine and cannot get away."),
    )
    build.signed(concern, record, at=signed_at, agency=front_door)
    referral = Referral.objects.get(concern=concern)
    services.send_referral(referral_id=referral.pk, sending=build.sending(signed_at), by=cast.gwen, at=signed_at)
    assert build.fresh(concern).state == State.REFERRED

    page, gwen = stage.enter(cast.gwen, PHONE)
    page.goto(referral.get_absolute_url())
    gwen.follow("Record what the agency reported")
    gwen.see("Record what the agency reported")
    page.get_by_label("What did the agency report?").select_option(label="Declined - criteria not met")
    gwen.write("Who at the agency said so?", "Duty social worker")
    gwen.press("Record")
    page.wait_for_load_state()
    disputed = build.fresh(concern)
    assert (disputed.state, disputed.responsible) == (State.DISPUTED, cast.ruth)

    page, ruth = stage.enter(cast.ruth, DESK)
    page.goto("/")
    ruth.see("Your work")
    ruth.told(concern.ref)
    page.goto(concern.get_absolute_url())
    ruth.see(f"Concern {concern.ref}")
    ruth.told("In dispute with an agency")
    page.goto(referral.get_absolute_url())
    ruth.follow("Take the dispute to a higher stage")
    ruth.see("Take the dispute to a higher stage")
    ruth.press("Record")
    ruth.see("Take the dispute to a higher stage")
    ruth.choose("To which stage do you take it?", "2. Managers and the Safeguarding Lead")
    ruth.write("Who at the agency said so?", "Team manager")
    ruth.write("What did they say?", "They will look at it again if we send the school’s note.")
    ruth.press("Record")
    expect(page.get_by_text("Managers and the Safeguarding Lead").first).to_be_visible(timeout=PATIENCE)
    ruth.see(page.get_by_role("heading", level=1).inner_text())
    ruth.follow("Record that it was sent")
    ruth.see("Record that it was sent")
    ruth.choose("How was it sent?", SharingMethod.PORTAL.label)
    ruth.press("Record")
    ruth.told("Recorded as sent.")
    page.goto(concern.get_absolute_url())
    ruth.see(f"Concern {concern.ref}")
    assert build.fresh(concern).state == State.REFERRED
    kinds = list(referral.steps.order_by("pk").values_list("kind", "outcome"))
    assert kinds == [("sent", ""), ("outcome", "declined_criteria"), ("escalated", ""), ("sent_again", "")]


def test_scenario_10_a_reporter_is_right_after_closing(cast: Cast, stage: Stage) -> None:
    """Gwen found that the family is fine, Dev agreed; Amara says no, and neither of them answers her."""
    at = now()
    with cases.everyone_decided():
        concern = cases.closed(cast, at=at - timedelta(hours=6))
    page, amara = stage.enter(cast.amara, PHONE)
    page.goto(f"/reports/{concern.ref}/")
    amara.see(page.get_by_role("heading", level=1).inner_text())
    amara.follow("I am not satisfied with the response")
    amara.write("What are you not satisfied with?", "Nobody has seen Jean alone.")
    amara.press("Send")
    amara.told("Somebody who was not involved is looking at it")
    row = concern.dissatisfactions.get()
    assert row.reviewer not in (cast.gwen, cast.dev, cast.amara)

    page, gwen = stage.enter(cast.gwen, PHONE)
    page.goto("/")
    gwen.see("Your work")
    expect(page.get_by_text(concern.ref)).to_have_count(0)
    assert page.request.get(concern.get_absolute_url()).status == 404, "whom she complains about does not watch"

    page, reviewer = stage.enter(row.reviewer, DESK)
    page.goto("/")
    reviewer.see("Your work")
    page.goto(concern.get_absolute_url())
    reviewer.see(f"Concern {concern.ref}")
    reviewer.follow("Answer the person who is not satisfied")
    reviewer.see("Answer the person who is not satisfied")
    reviewer.told("Nobody has seen Jean alone.")
    page.get_by_label("Yes", exact=True).check()
    reviewer.write("Your answer", "You are right. We will see her alone.")
    reviewer.press("Send the answer")
    reviewer.told("Your answer can be read now.")
    reopened = Concern.objects.get(pk=concern.pk)
    assert reopened.state == State.TRIAGE
    assert reopened.responsible is not None

    page, amara = stage.enter(cast.amara, PHONE)
    page.goto(f"/reports/{concern.ref}/")
    amara.told("You are right. We will see her alone.")
    amara.see(page.get_by_role("heading", level=1).inner_text())


def test_scenario_14_a_silent_manager_loses_it_to_the_next_person(cast: Cast, stage: Stage) -> None:
    """The hour is over: the next person has it before them, the reporter sees whom to ring, nothing is told twice."""
    at = now()
    concern = cases.submitted(cast, intake=URGENT, at=at - timedelta(minutes=90))
    assert concern.responsible == cast.gwen
    sweep(at=at)
    sweep(at=at)
    moved = build.fresh(concern)
    assert moved.responsible is not None
    assert moved.responsible != cast.gwen
    told = OutboxMessage.objects.filter(reference=concern.ref, recipient_id=moved.responsible.pk)
    assert told.filter(kind="concern.assigned").count() == 1

    page, gwen = stage.enter(cast.gwen, PHONE)
    page.goto("/")
    gwen.see("Your work")
    expect(page.get_by_text(concern.ref)).to_have_count(0)

    page, amara = stage.enter(cast.amara, PHONE)
    page.goto(f"/reports/{concern.ref}/")
    amara.told(moved.responsible.full_name)
    amara.told(moved.responsible.phone)
    amara.see(page.get_by_role("heading", level=1).inner_text())

    page, holder = stage.enter(moved.responsible, DESK)
    page.goto("/")
    holder.see("Your work")
    holder.told(concern.ref)
    page.goto(concern.get_absolute_url())
    holder.see(f"Concern {concern.ref}")
    holder.told("You hold this concern")
    holder.follow("Acknowledge this concern")
    holder.choose("Do you have a conflict of interest in this concern?", "No")
    holder.press("Send")
    holder.told("You have acknowledged this concern.")
    assert build.fresh(concern).state == State.TRIAGE
