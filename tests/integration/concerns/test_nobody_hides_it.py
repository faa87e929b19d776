"""Nobody shuts the others out of a concern alone and unheard: not who holds it, nor a lead (R42, R44, I1, I16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import User
from accounts.services import PersonDetails, change_person, deactivate_person
from concerns import services
from concerns.intake import IntakePerson
from concerns.models import Concern, Conflict, Dissatisfaction, Involvement
from concerns.services.sweeping import sweep
from concerns.vocabulary import Implicated, KeptOutBecause, PersonRole
from safeguarding.kit import outbox
from safeguarding.kit.errors import NotNow, Unsound
from safeguarding.kit.models import OutboxMessage
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.intakes import PLAIN
from tests.build.web import get, post

pytestmark = pytest.mark.django_db
AT = cases.AT
HOUR = timedelta(hours=1)
LATER = AT + 6 * HOUR

LEADS_TOLD = "concern.barred_later"
OTHERS_TOLD = "concern.shut_out_unwatched"
REFUSED = "Nobody else at lead level could look at this concern then."


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def concern(cast: Cast) -> Concern:
    """Amara reported it; Gwen, her manager, holds it. Everything of that day has gone out."""
    made = cases.acknowledged(cast)
    outbox.deliver_due(at=AT + HOUR)
    mail.outbox.clear()
    return made


def fresh(concern: Concern) -> Concern:
    return Concern.objects.get(pk=concern.pk)


def link(concern: Concern, staff: User, by: User, role: PersonRole = PersonRole.NETWORK, at: datetime = LATER) -> None:
    person = IntakePerson(name="A friend of hers", role=role, staff_id=staff.pk)
    services.add_person(concern_id=concern.pk, person=person, by=by, at=at)


def send_link(concern: Concern, staff: User, by: User, role: PersonRole = PersonRole.NETWORK) -> Any:
    data = {
        "role": role.value, "name": "A friend of hers", "relationship": "They share a garden", "life_stage": "adult",
        "staff_words": staff.full_name, "staff": str(staff.pk), "seen_version": fresh(concern).version,
    }  # fmt: skip
    return post(reverse("concerns:add-person", args=[concern.ref]), by, data, at=LATER)


def keep_out(concern: Concern, staff: User, by: User) -> None:
    services.keep_out(
        concern_id=concern.pk, staff=staff, because=KeptOutBecause.CLOSE, words="Her cousin.", by=by, at=LATER
    )


def told(kind: str, concern: Concern) -> set[str]:
    """First names of whoever is told so; what was queued and may not go is left out."""
    outbox.deliver_due(at=LATER + HOUR)
    rows = OutboxMessage.objects.filter(kind=kind, reference=concern.ref, sent_at__isnull=False)
    people = User.objects.in_bulk(rows.values_list("recipient_id", flat=True))
    return {person.full_name.split()[0] for person in people.values()}


def shut_out(concern: Concern) -> set[User]:
    return {row.staff for row in Conflict.objects.filter(concern=concern, lifted_at=None).select_related("staff")}


# --- Whoever holds it ---


def test_the_accused_who_holds_it_does_not_make_it_vanish_for_every_lead(cast: Cast, concern: Concern) -> None:
    """Five forms did. The fourth would leave nobody who can look at it: not by role, and not by break-glass."""
    for staff, role in (
        (cast.ruth, PersonRole.AT_RISK),
        (cast.imran, PersonRole.NETWORK),
        (cast.karen, PersonRole.NETWORK),
    ):
        assert send_link(concern, staff, cast.gwen, role).status_code == 302
    before = Involvement.objects.filter(concern=concern).count()
    answer = send_link(concern, cast.martin, cast.gwen)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert REFUSED in page
    assert "raise a new concern and name them there" in page
    assert "They share a garden" in page, "nothing that was typed is lost"
    assert shut_out(concern) == {cast.ruth, cast.imran, cast.karen}
    assert Involvement.objects.filter(concern=concern).count() == before
    sweep(at=LATER)
    # Karen was told of Imran and shut out before that mail went.
    assert told(OTHERS_TOLD, concern) == {"Martin"}
    services.say_not_satisfied(concern_id=concern.pk, words="Gwen sits on it.", by=cast.amara, at=LATER + HOUR)
    assert Dissatisfaction.objects.get(concern=concern).reviewer == cast.martin, "R42"


def test_without_the_link_the_person_is_added(cast: Cast, concern: Concern) -> None:
    for staff in (cast.ruth, cast.imran, cast.karen):
        link(concern, staff, cast.gwen)
    with pytest.raises(Unsound, match=REFUSED):
        link(concern, cast.martin, cast.gwen)
    person = IntakePerson(name="Martin", role=PersonRole.NETWORK)
    services.add_person(concern_id=concern.pk, person=person, by=cast.gwen, at=LATER)
    assert Involvement.objects.filter(concern=concern, person__name="Martin", staff=None).exists()


def test_a_chief_executive_alone_could_not_open_it(cast: Cast, concern: Concern) -> None:
    """Where nobody is designated senior manager, the last one who reads it by role stays."""
    deactivate_person(person=cast.martin, reason="Left", by=cast.bea, at=AT)
    for staff in (cast.ruth, cast.imran):
        link(concern, staff, cast.gwen)
    with pytest.raises(Unsound, match=REFUSED):
        link(concern, cast.karen, cast.gwen)
    assert Concern.objects.visible_to(cast.karen).filter(pk=concern.pk).exists()


def test_a_chief_executive_who_manages_every_lead_can_be_barred(cast: Cast, concern: Concern) -> None:
    """R41: none of them may decide about it from then on (R45), but they read it and are told."""
    link(concern, cast.sunita, cast.gwen, PersonRole.SOURCE_OF_RISK)
    assert shut_out(concern) == {cast.sunita}
    assert told(LEADS_TOLD, concern) == {"Ruth", "Imran"}


@pytest.mark.parametrize("role", [PersonRole.NETWORK, PersonRole.HOUSEHOLD, PersonRole.AT_RISK, PersonRole.PARENT])
def test_a_colleague_who_is_recused_by_a_link_is_told_to_the_leads_who_are_left(
    cast: Cast, concern: Concern, role: PersonRole
) -> None:
    """A lead, and a champion who would read it; whoever is shut out hears nothing."""
    link(concern, cast.ruth, cast.gwen, role)
    link(concern, cast.dev, cast.gwen, role, at=LATER + timedelta(minutes=1))
    rows = OutboxMessage.objects.filter(kind=LEADS_TOLD, reference=concern.ref)
    assert {(row.recipient_id, row.path) for row in rows} == {(cast.imran.pk, f"/concerns/{concern.ref}/who/")}
    assert rows.count() == 2
    assert told(LEADS_TOLD, concern) == {"Imran"}
    assert {address for each in mail.outbox for address in each.to} == {cast.imran.email}
    for each in mail.outbox:
        for name in ("Ruth", "Dev", "Gwen", "Amara", "Ashworth"):
            assert name not in f"{each.subject} {each.body}", "I14"
    page = get(f"/concerns/{concern.ref}/who/", cast.imran, at=LATER + HOUR).content.decode()
    assert cast.ruth.full_name in page
    assert cast.dev.full_name in page


def test_the_leads_hear_that_the_reporter_was_shut_out(cast: Cast, concern: Concern) -> None:
    """R42: named as a source of risk they lose their receipt and with it the way to complain."""
    link(concern, cast.amara, cast.gwen, PersonRole.SOURCE_OF_RISK)
    assert told(LEADS_TOLD, concern) == {"Ruth", "Imran"}


def test_what_somebody_says_of_themselves_is_told_to_nobody(cast: Cast, concern: Concern) -> None:
    services.declare_conflict(concern_id=concern.pk, by=cast.ruth, at=LATER, words="My aunt.")
    assert shut_out(concern) == {cast.ruth}
    assert told(LEADS_TOLD, concern) == told(OTHERS_TOLD, concern) == set()


def test_the_last_of_them_may_still_declare_a_conflict(cast: Cast, concern: Concern) -> None:
    """R45: nobody has to stay with what is their own."""
    for person in (cast.ruth, cast.imran, cast.karen):
        services.declare_conflict(concern_id=concern.pk, by=person, at=LATER, words="My aunt.")
    assert shut_out(concern) == {cast.ruth, cast.imran, cast.karen}


def test_whoever_is_out_already_is_no_news(cast: Cast, concern: Concern) -> None:
    """Said twice, and as a relative of whom a bar is known."""
    for role in (PersonRole.SOURCE_OF_RISK, PersonRole.SOURCE_OF_RISK, PersonRole.HOUSEHOLD):
        link(concern, cast.dev, cast.gwen, role)
    assert OutboxMessage.objects.filter(kind=LEADS_TOLD, recipient_id=cast.ruth.pk).count() == 1


# --- A lead ---


def test_a_lead_who_shuts_out_the_other_leads_is_heard_by_everybody_left(cast: Cast, concern: Concern) -> None:
    keep_out(concern, cast.imran, cast.ruth)
    rows = OutboxMessage.objects.filter(kind=OTHERS_TOLD, reference=concern.ref)
    assert dict(rows.values_list("recipient_id", "path")) == {
        cast.karen.pk: f"/concerns/{concern.ref}/", cast.martin.pk: "/",
    }  # fmt: skip
    keep_out(concern, cast.karen, cast.ruth)
    with pytest.raises(Unsound, match=REFUSED):
        keep_out(concern, cast.martin, cast.ruth)
    assert shut_out(concern) == {cast.imran, cast.karen}
    assert told(OTHERS_TOLD, concern) == {"Martin"}


def test_the_page_that_keeps_somebody_out_says_why_not_and_keeps_the_words(cast: Cast, concern: Concern) -> None:
    for staff in (cast.imran, cast.karen):
        keep_out(concern, staff, cast.ruth)
    data = {"person": cast.martin.full_name, "because": KeptOutBecause.CAUSE.value, "words": "He rang her."}
    page = post(reverse("concerns:keep-out", args=[concern.ref]), cast.ruth, data, at=LATER).content.decode()
    assert REFUSED in page
    assert "He rang her." in page
    assert cast.martin not in shut_out(concern)


# --- Joining ---


def test_two_concerns_that_keep_out_different_leads_are_not_joined(cast: Cast, concern: Concern) -> None:
    """Whoever is kept out of one is kept out of both (t20). Each has somebody left, the two would have nobody."""
    people = tuple(
        IntakePerson(name="One of us", role=PersonRole.HOUSEHOLD, staff_id=staff.pk)
        for staff in (cast.imran, cast.karen)
    )
    other = services.raise_concern(intake=replace(PLAIN, people=(*PLAIN.people, *people)), by=cast.sian, at=AT)
    keep_out(concern, cast.martin, cast.ruth)
    with pytest.raises(NotNow, match="Nobody else at lead level"):
        services.merge(concern_id=other.pk, into_id=concern.pk, reason="One visit.", by=cast.ruth, at=LATER)
    assert shut_out(concern) == {cast.martin}
    assert shut_out(other) == {cast.imran, cast.karen}


# --- A report ---


def test_a_reporter_may_name_every_one_of_them(cast: Cast) -> None:
    """R41: and whoever holds it then still adds a colleague who is no lead."""
    everybody = tuple(user.pk for user in (cast.ruth, cast.imran, cast.karen, cast.martin, cast.sunita))
    intake = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=everybody)
    made = services.raise_concern(intake=intake, by=cast.amara, at=AT)
    holder = fresh(made).responsible
    assert holder is not None
    assert not OutboxMessage.objects.filter(kind__in=(LEADS_TOLD, OTHERS_TOLD)).exists()
    link(made, cast.priya, holder)
    assert cast.priya in shut_out(made)


def test_who_is_shut_out_of_joined_concerns_is_one_mail_to_each_of_the_others(cast: Cast, concern: Concern) -> None:
    """About the one where they can be let in again; none to whoever did it."""
    for minutes in (1, 2):
        other = services.raise_concern(intake=PLAIN, by=cast.sian, at=AT + timedelta(minutes=minutes))
        services.merge(concern_id=other.pk, into_id=concern.pk, reason="One visit.", by=cast.ruth, at=AT + HOUR)
    services.keep_out(
        concern_id=concern.pk, staff=cast.dev, because=KeptOutBecause.CAUSE, words="Named.", by=cast.ruth, at=LATER
    )
    told = OutboxMessage.objects.filter(kind=LEADS_TOLD, queued_at=LATER).values_list("recipient_id", "reference")
    assert list(told) == [(cast.imran.pk, concern.ref)]


def test_whoever_works_below_the_person_shut_out_is_not_told_where_no_lead_is_left(
    cast: Cast, concern: Concern
) -> None:
    """Break-glass is closed to them, and they may tell whom it is about (R45)."""
    services.keep_out(
        concern_id=concern.pk, staff=cast.imran, because=KeptOutBecause.CLOSE, words="A cousin.", by=cast.ruth, at=LATER
    )
    change_person(
        person=cast.martin, details=replace(PersonDetails.of(cast.martin), line_manager=cast.helen), by=cast.bea,
        at=LATER,
    )  # fmt: skip
    at = LATER + HOUR
    services.keep_out(
        concern_id=concern.pk, staff=cast.helen, because=KeptOutBecause.CAUSE, words="Named.", by=cast.ruth, at=at
    )
    told = OutboxMessage.objects.filter(kind=OTHERS_TOLD, queued_at=at).values_list("recipient_id", flat=True)
    assert set(told) == {cast.karen.pk}
