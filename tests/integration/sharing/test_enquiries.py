"""Enquiries that the local authority causes us to make (R108, D14, R45)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from accounts.services import PersonDetails, create_person, give_role
from accounts.vocabulary import Role
from concerns.facts import case_facts
from concerns.models import Concern, Conflict, Deadline
from concerns.services import possible_holders
from concerns.services.conflicts import recuse
from concerns.vocabulary import ClockKind
from concerns.workflow import enquiries_have_ended
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from safeguarding.kit.models import OutboxMessage
from sharing import services
from sharing.models import Enquiry, EnquiryStep
from sharing.permissions import is_fit_lead
from sharing.selectors.registers import possible_leads
from sharing.services import EnquiryDetails, Happened
from sharing.tasks import sweep_sharing
from sharing.vocabulary import EnquiryAsker, EnquiryOutcome, EnquiryState, EnquiryStepKind
from tests.build import sharing as build
from tests.build.cast import Cast
from tests.build.web import get, post

AT = build.SIGNED_AT  # Tuesday 17 March 2026, 11:00
TODAY = date(2026, 3, 17)
DUE = date(2026, 3, 31)


def details(cast: Cast, lead: User | None, **more: object) -> EnquiryDetails:
    known = EnquiryDetails(
        asked_as=EnquiryAsker.AUTHORITY, agency_ref=build.adult_care(cast).ref, asked_by="Nadia Osei, social worker",
        asked_on=date(2026, 3, 16), scope="How her rent account came to be emptied.", terms="Do not speak to the son.",
        lead_id=lead.pk if lead else None, due_date=DUE,
    )  # fmt: skip
    return replace(known, **more)  # type: ignore[arg-type]


def recorded(cast: Cast, concern: Concern, lead: User) -> Enquiry:
    return services.record_enquiry(
        concern_id=concern.pk, details=details(cast, lead), by=build.holder_of(concern), at=AT
    )


def step(enquiry: Enquiry, kind: EnquiryStepKind, by: User, **more: object) -> EnquiryStep:
    happened = replace(Happened(on=TODAY, words="As agreed.", who="Nadia Osei"), **more)  # type: ignore[arg-type]
    return services.record_enquiry_step(enquiry_id=enquiry.pk, kind=kind, happened=happened, by=by, at=AT)


def clock(concern: Concern) -> Deadline:
    return Deadline.objects.filter(concern=concern, kind=ClockKind.ENQUIRY).latest("pk")


def told(kind: str) -> list[int]:
    return sorted(OutboxMessage.objects.filter(kind=f"sharing.{kind}").values_list("recipient_id", flat=True))


def test_from_asked_to_the_outcome_as_the_agency_reports_it(cast: Cast) -> None:
    concern = build.case(cast)
    enquiry = recorded(cast, concern, cast.dev)
    # 17:00 on 31 March in London, which is on summer time by then.
    assert clock(concern).due_at == datetime(2026, 3, 31, 16, tzinfo=UTC)
    assert told("enquiry_yours") == [cast.dev.pk]
    sentence = "An enquiry for the local authority is open. Send the report and record the outcome first."
    assert enquiries_have_ended(case_facts(concern)) == sentence
    task = services.add_enquiry_task(
        enquiry_id=enquiry.pk, what="Read the rent account.", who="Rhys", due_date=date(2026, 3, 20), by=cast.dev, at=AT
    )
    with pytest.raises(Unsound, match="missing") as refused:
        step(enquiry, EnquiryStepKind.REPORT_SENT, cast.dev)
    assert "A task of this enquiry is still to be done" in str(refused.value.problems)
    services.finish_enquiry_task(task_id=task.pk, words="Read. Six transfers.", by=cast.dev, at=AT)
    with pytest.raises(NotNow):
        services.finish_enquiry_task(task_id=task.pk, words="Again.", by=cast.dev, at=AT)
    with pytest.raises(NotNow):
        step(enquiry, EnquiryStepKind.OUTCOME, cast.dev, outcome=EnquiryOutcome.RISK_ACTION)
    step(enquiry, EnquiryStepKind.REPORT_SENT, cast.dev)
    assert clock(concern).met_at == AT
    assert enquiries_have_ended(case_facts(concern)) == sentence, "the outcome is still awaited"
    with pytest.raises(Unsound):
        step(enquiry, EnquiryStepKind.OUTCOME, cast.dev)
    step(enquiry, EnquiryStepKind.OUTCOME, cast.dev, outcome=EnquiryOutcome.RISK_ACTION)
    enquiry.refresh_from_db()
    assert (enquiry.state, enquiry.get_outcome_display()) == ("ended", "Risk identified and action taken")
    assert enquiries_have_ended(case_facts(concern)) is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"asked_as": None}, "asked_as"),
        ({"asked_by": ""}, "asked_by"),
        ({"scope": " "}, "scope"),
        ({"terms": ""}, "terms"),
        ({"agency_ref": "AG-0000-0000"}, "agency"),
        ({"asked_on": None}, "asked_on"),
        ({"asked_on": date(2026, 3, 18)}, "asked_on"),
        ({"due_date": None}, "due_date"),
        ({"due_date": date(2026, 3, 16)}, "due_date"),
        ({"lead_id": None}, "lead"),
    ],
)
def test_what_is_missing_is_said_by_field(cast: Cast, wrong: dict[str, object], field: str) -> None:
    concern = build.case(cast)
    with pytest.raises(Unsound) as refused:
        services.record_enquiry(
            concern_id=concern.pk, details=details(cast, cast.dev, **wrong), by=build.holder_of(concern), at=AT
        )
    assert list(refused.value.problems) == [field]
    assert not Enquiry.objects.exists()


def test_nobody_with_a_part_in_the_matter_leads_it(cast: Cast) -> None:
    """R45: not the reporter, nobody recused or barred, nobody who can't open the concern."""
    concern = build.case(cast)
    recuse(concern, staff=cast.nadia, reason="Her cousin", by=cast.ruth, at=AT)
    for user in (cast.amara, cast.nadia, cast.femi, cast.alan):
        with pytest.raises(Unsound) as refused:
            recorded(cast, concern, user)
        assert list(refused.value.problems) == ["lead"]
    offered = set(possible_leads(concern))
    assert not offered & {cast.amara, cast.nadia, cast.femi, cast.alan}
    assert {cast.dev, cast.gwen, cast.ruth} <= offered


def test_who_may_lead_is_asked_as_often_with_25_people_more(cast: Cast) -> None:
    """Each of whom may, as the service sees it too."""
    concern = build.case(cast)
    recuse(concern, staff=cast.nadia, reason="Her cousin", by=cast.ruth, at=AT)
    with CaptureQueriesContext(connection) as few:
        before = possible_leads(Concern.objects.get(pk=concern.pk))
    new = [
        create_person(
            email=f"new{number}@larkfield.example",
            details=PersonDetails(full_name=f"Aaron New {number:02}", line_manager=cast.gwen),
            by=None, at=AT,
        )
        for number in range(25)
    ]  # fmt: skip
    for person in new:
        give_role(person=person, role=Role.DEPUTY_LEAD, by=None, at=AT)
    with CaptureQueriesContext(connection) as many:
        after = possible_leads(Concern.objects.get(pk=concern.pk))
    assert after == [*new, *before], "by name"
    assert len(many) == len(few) < 25
    fit = {user for user in User.objects.all() if is_fit_lead(user, concern)}
    assert set(after) == fit & (set(User.objects.filter(pk__in=possible_holders(concern))) | {concern.responsible})


def test_a_lead_who_is_shut_out_later_can_do_nothing_and_the_holder_is_told(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    concern = build.case(cast)
    enquiry = recorded(cast, concern, cast.dev)
    recuse(concern, staff=cast.dev, reason="His neighbour", by=cast.ruth, at=AT)
    with pytest.raises(NotAllowed):
        step(enquiry, EnquiryStepKind.REPORT_SENT, cast.dev)
    assert get(enquiry.get_absolute_url(), cast.dev, at=AT).status_code == 404
    monkeypatch.setattr("safeguarding.kit.clock.now", lambda: AT)
    sweep_sharing()
    sweep_sharing()
    assert told("enquiry_needs_lead") == [cast.gwen.pk]
    step(enquiry, EnquiryStepKind.NEW_LEAD, cast.gwen, lead_id=cast.ruth.pk)
    enquiry.refresh_from_db()
    assert enquiry.lead == cast.ruth
    assert told("enquiry_yours") == sorted([cast.dev.pk, cast.ruth.pk])
    assert Conflict.objects.filter(concern=concern, staff=cast.dev).exists()


def test_only_the_lead_and_the_holder_work_on_it_and_only_the_holder_gives_it_away(cast: Cast) -> None:
    concern = build.case(cast)
    with pytest.raises(NotAllowed):
        services.record_enquiry(concern_id=concern.pk, details=details(cast, cast.dev), by=cast.dev, at=AT)
    enquiry = recorded(cast, concern, cast.dev)
    for user in (cast.nadia, cast.ruth, cast.amara):
        with pytest.raises(NotAllowed):
            step(enquiry, EnquiryStepKind.NEW_DATE, user, due_date=date(2026, 4, 14))
    for kind in (EnquiryStepKind.NEW_LEAD, EnquiryStepKind.TAKEN_BACK):
        with pytest.raises(NotAllowed):
            step(enquiry, kind, cast.dev, lead_id=cast.ruth.pk)
    step(enquiry, EnquiryStepKind.TAKEN_BACK, cast.gwen)
    enquiry.refresh_from_db()
    assert enquiry.state == EnquiryState.ENDED
    assert clock(concern).dropped_at == AT


def test_a_new_date_says_who_agreed_and_moves_the_deadline(cast: Cast) -> None:
    concern = build.case(cast)
    enquiry = recorded(cast, concern, cast.dev)
    for wrong in ({"due_date": None}, {"due_date": DUE}, {"due_date": date(2026, 4, 14), "who": ""}):
        with pytest.raises(Unsound):
            step(enquiry, EnquiryStepKind.NEW_DATE, cast.dev, **wrong)
    step(enquiry, EnquiryStepKind.NEW_DATE, cast.dev, due_date=date(2026, 4, 14))
    running = clock(concern)
    assert running.is_running
    assert running.due_at == datetime(2026, 4, 14, 16, tzinfo=UTC)


def test_the_lead_is_reminded_before_on_and_after_the_day_once_each(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(cast, build.case(cast), cast.dev)
    for day, count in ((28, 0), (29, 1), (29, 1), (31, 2)):
        monkeypatch.setattr("safeguarding.kit.clock.now", lambda d=day: datetime(2026, 3, d, 12, tzinfo=UTC))
        sweep_sharing()
        assert len(told("enquiry_due")) == count
    # After days in which nothing ran, the latest is sent and no more.
    for day in (4, 9):
        monkeypatch.setattr("safeguarding.kit.clock.now", lambda d=day: datetime(2026, 4, d, 12, tzinfo=UTC))
        sweep_sharing()
    assert told("enquiry_due") == [cast.dev.pk] * 3


def test_pages(cast: Cast) -> None:
    concern = build.case(cast)
    path = reverse("sharing:record-enquiry", args=[concern.ref])
    assert get(path, cast.dev, at=AT).status_code == 302
    assert get(path, cast.femi, at=AT).status_code == 404
    sent = {
        "asked_as": "board", "agency": build.adult_care(cast).ref, "asked_by": "Nadia Osei", "asked_on_0": "16",
        "asked_on_1": "3", "asked_on_2": "2026", "scope": "<script>alert(1)</script>", "terms": "None",
        "lead": str(cast.dev.pk), "due_date_0": "31", "due_date_1": "3", "due_date_2": "2026",
    }  # fmt: skip
    refused = post(
        path, cast.gwen, sent | {"due_date_0": "", "due_date_1": "", "due_date_2": ""}, at=AT
    ).content.decode()
    assert "Enter the day on which the report is due." in refused
    assert post(path, cast.gwen, sent, at=AT).status_code == 302
    enquiry = Enquiry.objects.get()
    page = get(enquiry.get_absolute_url(), cast.gwen, at=AT).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "The safeguarding adults board, for the local authority" in page
    assert enquiry.ref in get("/", cast.dev, at=AT).content.decode()
    assert get(enquiry.get_absolute_url(), cast.femi, at=AT).status_code == 404
    task = reverse("sharing:add-enquiry-task", args=[enquiry.ref])
    given = {"what": "Read it.", "who": "Rhys", "due_date_0": "20", "due_date_1": "3", "due_date_2": "2026"}
    assert post(task, cast.dev, given, at=AT).status_code == 302
    finish = reverse("sharing:finish-enquiry-task", args=[enquiry.ref, 1])
    assert get(reverse("sharing:finish-enquiry-task", args=[enquiry.ref, 2]), cast.dev, at=AT).status_code == 404
    assert post(finish, cast.dev, {"words": "Done."}, at=AT).status_code == 302
    for kind in EnquiryStepKind:
        step_path = reverse("sharing:record-enquiry-step", args=[enquiry.ref, kind.value])
        assert get(step_path, cast.gwen, at=AT).status_code == 200
    day = {"on_0": "17", "on_1": "3", "on_2": "2026", "words": "Sent.", "who": "Nadia Osei"}
    report = reverse("sharing:record-enquiry-step", args=[enquiry.ref, "report_sent"])
    assert post(report, cast.dev, day, at=AT).status_code == 302
    outcome = reverse("sharing:record-enquiry-step", args=[enquiry.ref, "outcome"])
    assert post(outcome, cast.dev, day | {"outcome": "ceased"}, at=AT).status_code == 302
    page = get(enquiry.get_absolute_url(), cast.gwen, at=AT).content.decode()
    assert "Enquiry ceased at individual&#x27;s request and no action taken" in page
