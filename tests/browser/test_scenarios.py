"""Scenarios 1, 2, 4, 8, 9, 10, 14 and 22 of domain.md section 6 in a real browser: axe on every page, and pictures."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from accounts.models import User
from concerns import services as of_concern
from concerns.dash import DashDetails
from concerns.models import Concern
from concerns.services.sweeping import sweep
from concerns.vocabulary import AdultAbuse, ClockKind, LifeStage, PersonRole, State
from safeguarding.kit.clock import now
from safeguarding.kit.models import OutboxMessage
from sharing import services
from sharing.answers import Agreement, Coercion, Conversation, Ground, Informed, Wishes
from sharing.models import Referral, SignedRecord
from sharing.record import Record
from sharing.selectors import people_of
from sharing.vocabulary import AgencyKind, SharingMethod
from tests.browser.conftest import DESK, PATIENCE, PHONE, Device, OpenPage
from tests.browser.test_casework import Look, Reader, Shoot, SignIn
from tests.browser.test_sharing import prove
from tests.build import cases, decisions
from tests.build import sharing as build
from tests.build.cast import Cast, make_cast
from tests.build.intakes import ABOUT_MANAGER, ADULT, CHILD, PLAIN, SON, URGENT


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
    """Jean said no and no ground applies: two people sign, then review; a child moves in and it is shared."""
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

    # At review: her son has moved a child in, so C2 applies now.
    first = SignedRecord.objects.get(concern=concern)
    page, gwen = stage.enter(cast.gwen, DESK)
    page.goto(first.get_absolute_url())
    gwen.see(f"Decision record {first.ref}")
    gwen.follow("Decide again")
    gwen.see("Decide again")
    gwen.choose("Why is it decided again?", "New information")
    gwen.write("Say what has changed.", "Her son has moved a four-year-old in.")
    page.locator("main").get_by_role("button").first.click()
    gwen.see(f"Sharing decision {first.ref}")
    gwen.told("This will replace the version before it.")
    second = concern.decisions.get(version=2)
    build.fill(
        second, build.fitted(decisions.against_a_refusal(), concern), by=cast.gwen, at=now(),
        agency=build.adult_care(cast, at=at),
    )  # fmt: skip
    page.goto(second.get_absolute_url())
    page.get_by_role("link", name="Check and sign").first.click()
    prove(page)
    gwen.see("Check and sign")
    page.get_by_role("button", name="Sign this decision").click()
    gwen.told("Signed.")
    page, dev = stage.enter(cast.dev, DESK)
    page.goto(f"{SignedRecord.objects.get(concern=concern, version=2).get_absolute_url()}view/")
    prove(page)
    dev.choose("Do you agree with this decision?", "Yes, I agree")
    page.locator("main").get_by_role("button").first.click()
    page.goto(first.get_absolute_url())
    dev.see(f"Decision record {first.ref}")
    dev.told("Superseded by version 2")
    dev.told("Her son has moved a four-year-old in.")
    assert Referral.objects.get(concern=concern).state == "due"
    assert build.fresh(concern).state == State.REFERRAL_DUE
    text = pdf_of(page, dev, first)
    assert "SUPERSEDED" in text
    assert "Version 1" in text
    assert "Version 2" in text
    assert "New information. Her son has moved a four-year-old in." in text


def pdf_of(page: Page, reader: Reader, record: SignedRecord) -> str:
    """The PDF that the page hands out, as text on one line."""
    page.goto(record.get_absolute_url())
    reader.follow("Make a PDF")
    prove(page)
    reader.write("Who is it for?", "Beth Stone, Larkshire Council")
    reader.write("What is this export for?", "For the review meeting.")
    with page.expect_download(timeout=180_000) as download:
        reader.page.get_by_role("button", name="Make the PDF").click(no_wait_after=True)
    pages = PdfReader(download.value.path()).pages
    return " ".join(" ".join(each.extract_text() for each in pages).split())


def test_scenario_04_domestic_abuse_with_children(cast: Cast, stage: Stage) -> None:
    """DASH 16, a pregnant woman and two children: not telling her needs a reason and makes a task; both agencies."""
    at = now()
    her = dataclasses.replace(
        ADULT,
        name="Nadia Karim",
        estimated_age=29,
        safe_contact="Text her sister on Fridays",
        unsafe_contact="Home phone",
    )
    # A neighbour tells of them as part of the household; that they are at risk too is ours to think of (R22).
    at_home = dataclasses.replace(CHILD, role=PersonRole.HOUSEHOLD)
    children = [
        dataclasses.replace(at_home, name="Baby Karim", stage=LifeStage.UNBORN, estimated_age=None),
        dataclasses.replace(at_home, name="Sara Karim", estimated_age=6),
        dataclasses.replace(at_home, name="Yusuf Karim", estimated_age=3),
    ]
    him = dataclasses.replace(SON, name="Omar Karim", relationship="Partner", address="4 Mill Lane")
    intake = dataclasses.replace(
        PLAIN, people=(her, *children, him), facts="She had marks on her neck. The children were at the window.",
        abuse_codes=(AdultAbuse.DOMESTIC.value,),
    )  # fmt: skip
    concern = cases.acknowledged(cast, intake=intake, at=at - timedelta(hours=2))
    page, gwen = stage.enter(cast.gwen, PHONE)
    page.goto(f"{concern.get_absolute_url()}triage/")
    gwen.see("Record triage")
    rows = list(concern.involvements.filter(role=PersonRole.HOUSEHOLD).order_by("pk"))
    for row in rows:
        expect(page.locator(f"input[name=thought_{row.handle}][value=yes]")).to_be_checked()
    findings = dataclasses.replace(
        cases.findings_for(concern), abuse_codes=(AdultAbuse.DOMESTIC.value,),
        thoughts={row.pk: ("yes", "She is in the home.") for row in rows},
    )  # fmt: skip
    of_concern.record_triage(concern_id=concern.pk, findings=findings, by=cast.gwen, at=at - timedelta(hours=1))
    proposed = {each.name for each in people_of(concern) if each.is_at_risk}
    assert proposed == {"Nadia Karim", "Baby Karim", "Sara Karim", "Yusuf Karim"}
    page.goto(concern.get_absolute_url())
    gwen.follow("Describe the domestic abuse")
    gwen.see("Describe the domestic abuse")
    page.get_by_label("Controlling or coercive behaviour").check()
    gwen.choose("Was it one incident, or does it go on?", "Course of conduct")
    page.get_by_label("Are or were in an intimate personal relationship").check()
    gwen.choose("Are both of them 16 or over?", "Yes")
    page.get_by_label("Non-fatal strangulation").check()
    page.get_by_label("Distressed by witnessing").check()
    gwen.press("Save")
    gwen.told("The description stands.")
    gwen.told("Controlling or coercive behaviour")
    of_concern.record_dash(
        concern_id=concern.pk, person_ref=cases.person_on(concern).person.ref, form_key="scenario-4", by=cast.gwen,
        at=at, details=DashDetails(
            assessed_on=timezone.localdate(at), assessor="PC Lund", score=16, is_high_by_judgement=False,
            own_view_not_asked="Not seen alone yet.",
        ),
    )  # fmt: skip
    begun = services.start_decision(concern_id=concern.pk, by=cast.gwen, at=at)
    draft = build.fill(begun, domestic_abuse(concern), by=cast.gwen, at=at)

    page.goto(concern.get_absolute_url())
    gwen.see(f"Concern {concern.ref}")
    gwen.told("A possible source of risk has the same address or tenancy.")
    page.goto(draft.get_absolute_url())
    gwen.see(f"Sharing decision {draft.ref}")
    gwen.told("Write why they are told later.")
    key = next(each.key for each in people_of(concern) if each.name == "Nadia Karim")
    page.goto(f"/sharing/decisions/{draft.ref}/1/draft/page/informed.{key}/")
    gwen.see("Told of sharing without agreement")
    gwen.write("If no or later: why?", "He reads her phone. Her midwife tells her on Friday.")
    gwen.press("Save and continue")
    page.goto(draft.get_absolute_url())
    page.get_by_role("link", name="Check and sign").first.click()
    prove(page)
    gwen.see("Check and sign")
    gwen.told("assessed on")
    gwen.told("score 16 of 24 (high)")
    page.get_by_role("button", name="Sign this decision").click()
    gwen.told("Signed.")
    page, dev = stage.enter(cast.dev, DESK)
    record = SignedRecord.objects.get(concern=concern)
    page.goto(f"{record.get_absolute_url()}view/")
    prove(page)
    dev.choose("Do you agree with this decision?", "Yes, I agree")
    page.locator("main").get_by_role("button").first.click()
    page.goto(concern.get_absolute_url())
    dev.see(f"Concern {concern.ref}")
    dev.told("Tell Nadia Karim that information was shared without their agreement.")
    assert set(Referral.objects.filter(concern=concern).values_list("agency_kind", flat=True)) == {"children", "marac"}
    due = concern.deadlines.get(kind=ClockKind.TELL_PERSON)
    assert due.due_at.date() >= at.date()
    # R99: when it goes, who knows what went? She is told later; her children's social worker tells them.
    seen = gwen.count
    page, gwen = stage.enter(cast.gwen, PHONE)
    gwen.count = seen
    for referral in Referral.objects.filter(concern=concern).order_by("pk"):
        page.goto(f"{referral.get_absolute_url()}sent/")
        gwen.see("Record that it was sent")
        gwen.told("Do not contact Nadia Karim by: Home phone")
        gwen.choose("How was it sent?", "Agency secure portal/form")
        gwen.press("Record")
        gwen.told("Recorded as sent.")
        gwen.told("not told, because that would not be safe")
    gwen.see(page.get_by_role("heading", level=1).inner_text())
    assert concern.deadlines.filter(kind=ClockKind.TELL_PERSON).count() == 1, "one task, however often it is sent"
    page, dev = stage.enter(cast.dev, DESK)
    text = pdf_of(page, dev, record)
    assert "MARAC" in text
    assert "Baby Karim" in text, "at risk too"
    assert "Text her sister" not in text
    assert "Omar Karim" not in text, "third parties are masked"


def domestic_abuse(concern: Concern) -> Record:
    """Shared with children's services and MARAC without asking her: unsafe; she is told later, and not yet why."""
    base = decisions.against_a_refusal()
    asked = base.people[0]
    her = decisions.change(
        asked,
        agreement=Agreement("not_sought", not_sought="unsafe", not_sought_why="He is always there."),
        wishes=Wishes(reason_not="Not seen alone yet."),
        coercion=Coercion("yes", "He answers for her.", "no", "He would not leave the room."),
        informed=Informed("later", now().date() + timedelta(days=2)),
    )
    dash = concern.dash_records.get().ref
    c8 = Ground("C8", "applies", "Strangled twice this month.", marac_basis="dash", dash_record=dash)
    c10 = Ground("C10", "applies", "Two children see it, and she is pregnant.")
    to = base.recipients[0]
    record = decisions.change(
        base,
        start=decisions.change(base.start, special_risks=("domestic_abuse",)),
        grounds=decisions.grounds(C8=c8, C10=c10),
        conversation=Conversation(),
        recipients=(
            decisions.change(to, key="", organisation="Larkshire children’s front door", kind="children"),
            decisions.change(to, key="", organisation="Larkshire MARAC", kind="marac"),
        ),
        basis=decisions.change(base.basis, best_interests="They are safer when somebody sees them."),
    )
    listed = []
    for person in people_of(concern):
        if not person.is_at_risk:
            continue
        answers = (
            her
            if person.life_stage == "adult"
            else dataclasses.replace(
                decisions.CHILD,
                life_stage=person.life_stage,
                informed=Informed("no", reason="Their social worker will."),
            )
        )
        listed.append(dataclasses.replace(answers, key=person.key, name="", roles=""))
    return decisions.change(record, people=tuple(listed))


def test_scenario_08_three_reports_of_one_matter(cast: Cast, stage: Stage) -> None:
    """Joined by a lead: every reporter's words are kept, the earliest limit and the strictest restriction win."""
    at = now()
    reports = [
        cases.submitted(cast, intake=dataclasses.replace(PLAIN, facts=words), by=by, at=at - timedelta(minutes=minutes))
        for words, by, minutes in (("The first words.", cast.amara, 50), ("The second words.", cast.sian, 20))
    ]
    hidden = cases.submitted(
        cast, intake=dataclasses.replace(ABOUT_MANAGER, facts="The third words."), by=cast.priya,
        at=at - timedelta(minutes=10),
    )  # fmt: skip
    first = reports[0]
    earliest = first.deadlines.earliest("due_at").due_at
    page, ruth = stage.enter(cast.ruth, DESK)
    for other in (reports[1], hidden):
        page.goto(f"{other.get_absolute_url()}join/")
        ruth.see("Join this concern to another")
        page.get_by_label("reference").last.fill(first.ref)
        ruth.press("Continue")
        ruth.see("Join these two concerns")
        ruth.write("Why are they about the same person and the same matter?", "The same afternoon, the same flat.")
        ruth.press("Join them")
        page.wait_for_load_state()
    page.goto(first.get_absolute_url())
    ruth.see(f"Concern {first.ref}")
    for words in ("The first words.", "The second words.", "The third words.", "Restricted"):
        ruth.told(words)
    assert build.fresh(first).is_restricted
    running = first.deadlines.filter(met_at=None, dropped_at=None)
    assert running.earliest("due_at").due_at == earliest
    assert Concern.objects.filter(merged_into=first).count() == 2

    page, sian = stage.enter(cast.sian, PHONE)
    page.goto(f"/reports/{reports[1].ref}/")
    sian.see(page.get_by_role("heading", level=1).inner_text())
    page.get_by_text("Show your own words").click()
    sian.told("The second words.")
    expect(page.get_by_text("The third words.")).to_have_count(0)
    assert page.request.get(first.get_absolute_url()).status == 404

    page, ruth = stage.enter(cast.ruth, DESK)
    page.goto(f"{reports[1].get_absolute_url()}separate/")
    ruth.write("Why?", "It was another flat after all.")
    page.locator("main").get_by_role("button").first.click()
    page.goto(reports[1].get_absolute_url())
    ruth.see(f"Concern {reports[1].ref}")
    assert build.fresh(reports[1]).merged_into is None
    assert build.fresh(first).is_restricted, "nothing loosens by it"


HOSTILE = (
    "<script>document.title='owned'</script><img src=\"file:///etc/passwd\" onerror=\"document.title='owned'\">"
    '=HYPERLINK("http://evil.example") {{ 7*7 }} 🙂'
)


def test_scenario_22_hostile_words_are_only_words(cast: Cast, stage: Stage) -> None:
    """Script, pictures, formulas, 200 KB in a report, names from right to left: shown as typed, on pages and paper."""
    at = now()
    name = "نور \u202eالسيد 🙂 <b>Karim</b>"
    intake = dataclasses.replace(
        PLAIN, facts=HOSTILE, said="so much text " * 16_000, people=(dataclasses.replace(ADULT, name=name), SON)
    )
    concern = build.case(cast, intake=intake, at=at - timedelta(hours=2))
    base = decisions.agreed()
    record = decisions.change(
        base,
        likely=decisions.change(base.likely, why=HOSTILE, purpose="so much text " * 2_000),
        items=(decisions.change(base.items[0], what=HOSTILE),),
    )
    signed = build.signed(concern, record, at=at, agency=build.adult_care(cast, at=at))
    referral = Referral.objects.get(concern=concern)
    page, gwen = stage.enter(cast.gwen, DESK)
    for address, heading in (
        (concern.get_absolute_url(), f"Concern {concern.ref}"),
        (signed.get_absolute_url(), f"Decision record {signed.ref}"),
        (f"{referral.get_absolute_url()}document/", ""),
    ):
        page.goto(address)
        # No pictures: these pages are some hundred thousand pixels long.
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading, timeout=PATIENCE)
        gwen.look(page)
        gwen.told("document.title='owned'")
        assert "owned" not in page.title()
        assert page.locator("main img, main script:not([type])").count() == 0
    assert "{{ 7*7 }}" in page.locator("main").inner_text()
    text = pdf_of(page, gwen, signed)
    assert "document.title='owned'" in text
    assert "7*7" in text


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
