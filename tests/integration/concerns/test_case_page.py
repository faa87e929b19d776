"""The page of one concern: who may open it, what it shows, what it costs (R4, R14, R29, R43, R145)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.models import Event
from concerns import services
from concerns.intake import IntakeEmergencyCall, IntakePerson
from concerns.models import Concern
from concerns.selectors import case_page, get_concern
from concerns.vocabulary import Implicated, LifeStage, PersonRole, RiskLevel, State
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.intakes import ABOUT_MANAGER, ADULT, CHILD, EMERGENCY, PLAIN, SON
from tests.build.web import get, signed_in, statements

pytestmark = pytest.mark.django_db
AT = cases.AT
MOST_STATEMENTS = 20


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def page_of(concern: Concern, user: User, *, after: timedelta = timedelta(hours=1)) -> str:
    response = get(concern.get_absolute_url(), user, at=AT + after)
    assert response.status_code == 200
    return str(response.content.decode())


def without_token(response: Any) -> str:
    """The page but for what differs each time: the token of its forms, how long the session still lasts, and the
    address it was asked under.
    """
    words = re.sub(r'(name="csrfmiddlewaretoken" value|session-seconds-left)="[^"]+"', "", response.content.decode())
    return re.sub(r"SC-\w{4}-\w{4}", "", words)


def test_the_holder_reads_where_it_stands(cast: Cast) -> None:
    page = page_of(cases.submitted(cast), cast.gwen, after=timedelta(hours=2))
    assert "You hold this concern" in page
    assert "Line manager of the person who reported it" in page
    assert re.search(r"Next: <a[^>]+>Acknowledge the concern</a>", page)
    assert "due by 2pm today" in page
    assert "Reported" in page
    assert "you are here" in page


def test_late_is_said_in_words(cast: Cast) -> None:
    page = page_of(cases.submitted(cast), cast.gwen, after=timedelta(hours=6, minutes=10))
    assert "overdue by 2 hours" in page


def test_another_reader_sees_who_holds_it_and_their_phone(cast: Cast) -> None:
    page = page_of(cases.submitted(cast), cast.dev)
    assert "Gwen Pritchard" in page
    assert cast.gwen.phone in page


def test_facts_said_hearsay_and_opinion_stand_apart(cast: Cast) -> None:
    intake = replace(
        PLAIN, said="He takes it all.", said_by="Jean", hearsay="It happens weekly.", hearsay_from="The neighbour",
        opinion="She is afraid.", opinion_evidence="She whispered.",
    )  # fmt: skip
    page = page_of(cases.submitted(cast, intake=intake), cast.gwen)
    for words in (
        "What they saw or heard themselves", "What was said, by <bdi>Jean</bdi>", "He takes it all.",
        "What somebody else told them: <bdi>The neighbour</bdi>", "What they think (opinion)", "She whispered.",
    ):  # fmt: skip
        assert words in page


@pytest.mark.parametrize("name", ["amara", "sian", "femi", "mei", "quinn", "bea", "alan", "priya", "helen"])
def test_a_stranger_gets_the_404_of_an_unknown_address(cast: Cast, name: str) -> None:
    client = signed_in(getattr(cast, name))
    refused = client.get(cases.submitted(cast).get_absolute_url())
    unknown = client.get("/concerns/SC-2222-2222/")
    assert refused.status_code == unknown.status_code == 404
    assert without_token(refused) == without_token(unknown)


def test_someone_barred_or_recused_gets_404(cast: Cast) -> None:
    barred = cases.submitted(cast, intake=ABOUT_MANAGER)
    assert signed_in(cast.gwen).get(barred.get_absolute_url()).status_code == 404
    recused = cases.submitted(cast)
    services.declare_conflict(concern_id=recused.pk, by=cast.dev, at=AT, words="My aunt.")
    assert signed_in(cast.dev).get(recused.get_absolute_url()).status_code == 404


def test_the_reference_may_be_typed_in_small_letters(cast: Cast) -> None:
    concern = cases.submitted(cast)
    assert signed_in(cast.gwen).get(f"/concerns/{concern.ref.lower()}/").status_code == 200


def test_only_get_is_answered(cast: Cast) -> None:
    assert signed_in(cast.gwen).post(cases.submitted(cast).get_absolute_url()).status_code == 405


def test_nobody_signed_out_sees_it(cast: Cast) -> None:
    response = Client().get(cases.submitted(cast).get_absolute_url())
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_opening_it_is_in_the_ledger(cast: Cast) -> None:
    concern = cases.submitted(cast)
    page_of(concern, cast.dev)
    viewed = Event.objects.get(code="concern.viewed")
    assert (viewed.actor_id, viewed.concern_id, viewed.data) == (cast.dev.pk, concern.pk, {"way": "champion"})


def test_a_protected_reporter_is_named_to_leads_and_the_holder_only(cast: Cast) -> None:
    concern = cases.submitted(cast, intake=replace(PLAIN, is_hidden_from_manager=True))
    services.add_to_report(concern_id=concern.pk, text="He came back.", form_key="k", by=cast.amara, at=AT)
    assert concern.responsible in (cast.dev, cast.nadia)
    assert "Amara Okafor" in page_of(concern, cast.ruth)
    karen = page_of(concern, cast.karen)
    assert "Amara" not in karen
    assert cast.amara.phone not in karen
    assert "somebody whose name is protected" in karen
    assert "The person who reported it" in karen
    assert "Amara Okafor" in page_of(concern, concern.responsible)


def test_a_protected_reporter_is_not_named_as_the_one_who_called_either(cast: Cast) -> None:
    """R43. "Who called" is filled in with the name of whoever reports, where they leave it empty."""
    calls = tuple(
        IntakeEmergencyCall(service=service, called_by=who, called_at=AT)
        for service, who in (("police", "Amara Okafor"), ("ambulance", "amara"), ("fire", "Jean's niece"))
    )
    intake = replace(EMERGENCY, is_hidden_from_manager=True, emergency_calls=calls)
    concern = cases.submitted(cast, intake=intake)
    karen = page_of(concern, cast.karen)
    assert "amara" not in karen.lower()
    assert karen.count("Somebody whose name is protected") == 2
    assert "Jean&#x27;s niece" in karen
    assert concern.responsible is not None
    for reader in (cast.ruth, concern.responsible):
        assert "Somebody whose name is protected" not in page_of(concern, reader)


@pytest.mark.parametrize(
    ("changes", "manager", "is_protected"),
    [
        ({"implicated": Implicated.MANAGER}, "gwen", True),
        ({"implicated": Implicated.OTHER_STAFF, "implicated_staff_ids": ("gwen",)}, "gwen", True),
        # Gwen is managed by Helen, and so is everybody below her.
        ({"implicated": Implicated.OTHER_STAFF, "implicated_staff_ids": ("helen",)}, "gwen", True),
        ({"implicated": Implicated.UNSURE, "implicated_staff_ids": ("gwen",)}, "gwen", True),
        # The page tells whoever has no manager on record to look for theirs among other staff.
        ({"implicated": Implicated.OTHER_STAFF, "implicated_staff_ids": ("gwen",)}, "", True),
        ({"implicated": Implicated.OTHER_STAFF}, "", True),
        ({"implicated": Implicated.OTHER_STAFF, "implicated_staff_ids": ("tomasz",)}, "gwen", False),
        ({"implicated": Implicated.OTHER_STAFF}, "gwen", False),
        ({"implicated": Implicated.UNSURE}, "", False),
        ({"implicated": Implicated.NO}, "gwen", False),
    ],
)
def test_whoever_accuses_their_manager_is_protected_without_asking(
    cast: Cast, changes: dict[str, Any], manager: str, *, is_protected: bool
) -> None:
    """R43, R44: they take the risk that those take who ask that their manager must not see it."""
    cast.amara.line_manager = getattr(cast, manager) if manager else None
    cast.amara.save()
    staff = tuple(getattr(cast, name).pk for name in changes.get("implicated_staff_ids", ()))
    concern = cases.submitted(cast, intake=replace(PLAIN, **{**changes, "implicated_staff_ids": staff}))
    assert concern.is_reporter_protected is is_protected
    assert not concern.is_hidden_from_manager
    karen = page_of(concern, cast.karen)
    assert ("Amara" not in karen) is is_protected
    assert ("somebody whose name is protected" in karen) is is_protected
    assert concern.responsible is not None
    for reader in (cast.ruth, concern.responsible):
        assert "Amara Okafor" in page_of(concern, reader)


def test_whoever_accused_their_manager_before_is_protected_with_the_release(cast: Cast) -> None:
    """R43: also where their manager was ticked among other staff; nobody else's name is kept for it."""
    ticked = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=(cast.gwen.pk,))
    about_tomasz = replace(ticked, implicated_staff_ids=(cast.tomasz.pk,))
    assert cast.gwen.line_manager is not None
    above = replace(ticked, implicated_staff_ids=(cast.gwen.line_manager.pk,))
    concerns = [cases.submitted(cast, intake=intake) for intake in (ABOUT_MANAGER, ticked, about_tomasz, PLAIN, above)]
    Concern.objects.update(is_reporter_protected=False)  # as they stood before this release
    migration = import_module("concerns.migrations.0020_who_accuses_a_manager")
    migration.protect_reporters(apps, None)
    protected = [Concern.objects.get(pk=concern.pk).is_reporter_protected for concern in concerns]
    assert protected == [True, True, False, False, True]


def test_unsafe_contact_and_a_shared_home_are_said_in_words(cast: Cast) -> None:
    jean = replace(ADULT, unsafe_contact="Home phone", safe_contact="At the day centre")
    son = replace(SON, address="4 mill  lane")
    page = page_of(cases.submitted(cast, intake=replace(PLAIN, people=(jean, son))), cast.gwen)
    assert "Do not contact by: Home phone" in page
    assert "At the day centre" in page
    assert page.count("A possible source of risk has the same address or tenancy") == 1


def test_somebody_of_unknown_age_is_treated_as_a_child(cast: Cast) -> None:
    unknown = IntakePerson(description="A girl in a red coat", stage=LifeStage.UNKNOWN)
    page = page_of(cases.submitted(cast, intake=replace(PLAIN, people=(unknown,))), cast.gwen)
    assert "Name not known (A girl in a red coat)" in page
    assert "treated as a child until it is known" in page


def test_words_are_never_markup(cast: Cast) -> None:
    jean = replace(ADULT, name="<script>alert(1)</script>")
    intake = replace(PLAIN, facts="<img src=x onerror=alert(2)>", people=(jean,))
    page = page_of(cases.submitted(cast, intake=intake), cast.gwen)
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(2)&gt;" in page


def test_what_can_be_done_follows_the_reader(cast: Cast) -> None:
    concern = cases.submitted(cast)
    holder, champion = page_of(concern, cast.gwen), page_of(concern, cast.dev)
    assert "Acknowledge this concern" in holder
    assert "I can’t take this on" in holder
    assert "Take this concern" not in holder
    assert "Take this concern" in champion
    assert "Acknowledge this concern" not in champion
    assert "I can’t take this on" not in champion


def test_why_it_cannot_be_closed_is_said_with_where_to_answer(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    page = page_of(concern, cast.gwen)
    person = cases.person_on(concern)
    assert "Why this concern can’t be closed yet" in page
    assert "Record the level of risk for every person at risk." in page
    assert f"/concerns/{concern.ref}/people/{person.person.ref}/at_risk/" in page


def test_what_is_disputed_in_a_joined_concern_is_disputed_here(cast: Cast) -> None:
    """t20: the page says of closing what the service will say."""
    concern, joined = cases.triaged(cast), cases.submitted(cast)
    services.merge(concern_id=joined.pk, into_id=concern.pk, reason="The same.", by=cast.ruth, at=AT)

    def is_met() -> bool:
        conditions = case_page(get_concern(concern.ref, cast.gwen), cast.gwen, at=AT).conditions
        (found,) = (each.is_met for each in conditions if each.title == "Nothing is disputed")
        return found

    assert is_met()
    services.say_not_satisfied(concern_id=joined.pk, words="Too slow.", by=cast.amara, at=AT)
    assert not is_met()


def test_a_closed_concern_says_who_closed_it_and_offers_reopening_to_champions(cast: Cast) -> None:
    with cases.everyone_decided():
        concern = cases.closed(cast)
        page = page_of(concern, cast.dev, after=timedelta(days=1))
    assert "Closed by <bdi>Dev Patel</bdi>" in page
    assert "Reopen this concern" in page
    assert "Hand on" not in page


def test_the_history_says_what_who_and_when(cast: Cast) -> None:
    page = page_of(cases.triaged(cast), cast.gwen)
    for words in ("Concern reported", "Acknowledged", "Considered: triage recorded", "Gwen Pritchard: Line manager of"):
        assert words in page
    assert "Concern opened" not in page


def test_no_page_has_a_word_for_a_finding(cast: Cast) -> None:
    page = page_of(cases.triaged(cast), cast.gwen).lower()
    for word in ("substantiated", "unfounded", "proven", "alleged perpetrator"):
        assert word not in page


def _fill(concern: Concern, cast: Cast, count: int) -> None:
    for number in range(count):
        at = AT + timedelta(hours=2, minutes=number)
        services.add_note(concern_id=concern.pk, text=f"Note {number}", form_key=f"n{number}", by=cast.gwen, at=at)
        services.add_person(
            concern_id=concern.pk,
            person=IntakePerson(name=f"Person {number}", role=PersonRole.NETWORK),
            by=cast.gwen,
            at=at,
        )
        call = IntakeEmergencyCall(service="police", called_by="Gwen", called_at=at)
        services.record_emergency_call(concern_id=concern.pk, call=call, by=cast.dev, at=at)


def test_the_page_costs_the_same_with_1_row_and_with_200(cast: Cast) -> None:
    concern = cases.triaged(cast)
    counts = []
    for number in (1, 200):
        _fill(concern, cast, number)
        client = signed_in(cast.gwen)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(concern.get_absolute_url()).status_code == 200
        counts.append(len(statements(captured)))
    assert counts[0] == counts[1]
    assert counts[0] <= MOST_STATEMENTS


def test_a_restricted_case_with_everything_in_it_stays_within_the_limit(cast: Cast) -> None:
    intake = replace(ABOUT_MANAGER, people=(ADULT, CHILD, SON), is_immediate_danger=True)
    concern = cases.submitted(cast, intake=intake)
    services.say_not_satisfied(concern_id=concern.pk, words="Too slow.", by=cast.amara, at=AT + timedelta(minutes=1))
    client = signed_in(cast.ruth)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(concern.get_absolute_url()).status_code == 200
    assert len(statements(captured)) <= MOST_STATEMENTS, "\n".join(statements(captured))


def test_a_critical_risk_keeps_it_open_and_the_page_says_so(cast: Cast) -> None:
    page = page_of(cases.triaged(cast, level=RiskLevel.CRITICAL), cast.gwen)
    assert "A concern with a critical risk stays open." in page


def test_an_emergency_is_marked_and_a_champion_may_be_first(cast: Cast) -> None:
    concern = cases.submitted(cast, intake=EMERGENCY)
    page = page_of(concern, cast.dev, after=timedelta(minutes=3))
    assert "Emergency" in page
    assert "Acknowledge this concern" in page
    assert concern.state == State.SUBMITTED
