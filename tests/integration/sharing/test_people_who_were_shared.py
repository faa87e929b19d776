"""Concerns joined before each had its own row of a person get it with the release (I3), and lose nothing else by it."""

from __future__ import annotations

from datetime import date
from importlib import import_module

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import Count

from accounts.models import User
from audit.verification import verify
from concerns import services
from concerns.dash import DashDetails
from concerns.intake import IntakePerson
from concerns.models import Concern, Contact, Deadline, Involvement, Merge, Person
from concerns.selectors.contacts import people_to_contact
from concerns.selectors.search import search
from concerns.services import ContactDetails, promise_contact
from concerns.services.base import lock
from concerns.vocabulary import ClockKind, PersonRole
from sharing.answers import Person as Answers
from sharing.models import Decision
from sharing.record import Record, to_json
from tests.build.cast import Cast, make_cast
from tests.build.web import get
from tests.integration.concerns.test_two_people import HOUR, MONDAY, ZORA, change, joined_to_what_dev_holds, zora_in

pytestmark = pytest.mark.django_db
LATER = MONDAY + 3 * HOUR
REFUGE = {"address": "The refuge, 77 Hidden Street", "safe_contact": "Through the refuge"}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def give_own_rows(*, still_shared: int = 0) -> None:
    migration = import_module("sharing.migrations.0016_own_row_of_each_person")
    for _ in range(2):
        migration.give_own_rows(apps, None)
    alone = Person.objects.annotate(concerns=Count("involvements__concern", distinct=True))
    assert alone.filter(concerns__gt=1).count() == still_shared
    assert verify().is_sound


def shared(concern: Concern, survivor: Concern) -> Person:
    """As it stood before the release: both know Zora by the row of the one that was joined."""
    part, row = zora_in(survivor), zora_in(concern).person
    own, part.person = part.person, row
    part.save()
    Deadline.objects.filter(about=own.ref).update(about=row.ref)
    Merge.objects.filter(concern=concern).update(added_involvements=[part.pk])
    own.delete()
    return row


def separated(cast: Cast) -> tuple[Concern, Concern]:
    concern, survivor = joined_to_what_dev_holds(cast)
    change(zora_in(survivor), by=cast.dev, at=MONDAY + HOUR, unsafe_contact="He reads her post", phone="07700 900111")
    services.separate(concern_id=concern.pk, reason="Not the same", by=cast.ruth, at=MONDAY + 2 * HOUR)
    services.take(concern_id=concern.pk, by=cast.ruth, at=LATER, note="Mine.")
    shared(concern, survivor)
    return concern, survivor


def test_what_a_barred_person_could_read_by_a_shared_row_is_gone_from_where_they_still_read(cast: Cast) -> None:
    concern, survivor = separated(cast)
    dev = IntakePerson(name="Dev", role=PersonRole.SOURCE_OF_RISK, staff_id=cast.dev.pk)
    services.add_person(concern_id=concern.pk, person=dev, by=cast.ruth, at=LATER)
    change(zora_in(concern), by=cast.ruth, at=LATER, **REFUGE)
    dev_now = User.objects.get(pk=cast.dev.pk)
    assert "77 Hidden Street" in get(survivor.get_absolute_url(), dev_now, at=LATER).content.decode()
    give_own_rows()
    page = get(survivor.get_absolute_url(), dev_now, at=LATER).content.decode()
    assert ZORA in page
    assert "77 Hidden Street" not in page
    assert not search("77 hidden street", dev_now, at=LATER).rows
    there, here = zora_in(survivor).person, zora_in(concern).person
    assert (there.address, there.safe_contact) == ("", "")
    assert {name: getattr(here, name) for name in REFUGE} == REFUGE
    # What stood there when they were separated is known in both.
    for person in (here, there):
        assert (person.phone, person.unsafe_contact) == ("07700 900111", "He reads her post")


def test_nothing_is_taken_away_where_nobody_is_kept_out(cast: Cast) -> None:
    concern, survivor = separated(cast)
    change(zora_in(concern), by=cast.ruth, at=LATER, **REFUGE)
    give_own_rows()
    for each in (concern, survivor):
        assert {name: getattr(zora_in(each).person, name) for name in REFUGE} == REFUGE
    change(zora_in(concern), by=cast.ruth, at=LATER, address="Elsewhere")
    assert zora_in(survivor).person.address == REFUGE["address"]


def test_promises_and_drafts_stay_with_their_person_and_the_log_with_its_row(cast: Cast) -> None:
    concern, survivor = separated(cast)
    row = zora_in(survivor).person
    for each in (concern, survivor):
        with transaction.atomic():
            promise_contact(lock(each.pk), row, on=date(2026, 3, 20), at=LATER)
    tried = ContactDetails(
        person_id=row.pk, on=date(2026, 3, 9), how="Phone", is_reached=False, words="No answer.",
        next_date=date(2026, 3, 20),
    )  # fmt: skip
    contact = services.record_contact(concern_id=survivor.pk, details=tried, form_key="k", by=cast.dev, at=LATER)
    draft = Decision.objects.create(
        ref="ISD-2222-2222", concern=concern, answers=to_json(Record(people=(Answers(key=row.ref),))), author=cast.ruth,
        opened_at=LATER, saved_at=LATER,
    )  # fmt: skip
    give_own_rows()
    assert zora_in(survivor).person == Contact.objects.get(pk=contact.pk).person == row
    own = zora_in(concern).person
    draft.refresh_from_db()
    assert [person.key for person in draft.record.people] == [own.ref]
    for each, person in ((concern, own), (survivor, row)):
        running = Deadline.objects.filter(concern=each, kind=ClockKind.CONTACT, met_at=None, dropped_at=None)
        assert list(running.values_list("about", flat=True)) == [person.ref]
        assert person in people_to_contact(each)


def test_a_promise_that_stayed_behind_names_a_person_of_that_concern(cast: Cast) -> None:
    concern, survivor = separated(cast)
    row = zora_in(concern).person
    with transaction.atomic():
        promise_contact(lock(survivor.pk), row, on=date(2026, 3, 20), at=LATER)
    part = zora_in(survivor)
    part.two_person_steps.all().delete()
    part.delete()
    give_own_rows()
    (about,) = survivor.deadlines.filter(kind=ClockKind.CONTACT).values_list("about", flat=True)
    assert about != zora_in(concern).person.ref
    assert about in {person.ref for person in people_to_contact(survivor)}


def test_concerns_that_are_still_joined_come_apart_as_those_joined_since(cast: Cast) -> None:
    concern, survivor = joined_to_what_dev_holds(cast)
    shared(concern, survivor)
    give_own_rows()
    change(zora_in(survivor), by=cast.dev, at=MONDAY + HOUR, unsafe_contact="He reads her post")
    services.separate(concern_id=concern.pk, reason="Not the same", by=cast.ruth, at=LATER)
    assert zora_in(concern).person.unsafe_contact == "He reads her post"
    assert zora_in(survivor).person != zora_in(concern).person


def test_a_caution_that_goes_says_whom_to_ask(cast: Cast) -> None:
    """I13. What both knew stood in the same words as what was learnt since, so that they cannot be told apart."""
    concern, survivor = separated(cast)
    dev = IntakePerson(name="Dev", role=PersonRole.SOURCE_OF_RISK, staff_id=cast.dev.pk)
    services.add_person(concern_id=concern.pk, person=dev, by=cast.ruth, at=LATER)
    change(zora_in(concern), by=cast.ruth, at=LATER, unsafe_contact="He reads her post\nNot at the refuge")
    give_own_rows()
    assert zora_in(survivor).person.unsafe_contact == "Ask a safeguarding lead before you contact them."


def test_whoever_is_named_for_good_is_known_by_that_row_there(cast: Cast) -> None:
    """However often the other concern tried to be in touch. Where both name them so, both go on knowing them by it."""
    concern, survivor = separated(cast)
    row = zora_in(survivor).person
    for number in range(2):
        tried = ContactDetails(
            person_id=row.pk, on=date(2026, 3, 9), how="Phone", is_reached=False, words="No answer.",
            next_date=date(2026, 3, 20),
        )  # fmt: skip
        services.record_contact(concern_id=concern.pk, details=tried, form_key=f"{number}", by=cast.ruth, at=LATER)
    assess(survivor, by=cast.dev)
    give_own_rows()
    assert zora_in(survivor).person == row
    assert zora_in(concern).person != row
    Involvement.objects.filter(pk=zora_in(concern).pk).update(person=row)
    assess(concern, by=cast.ruth)
    give_own_rows(still_shared=1)
    assert zora_in(survivor).person == zora_in(concern).person == row


def assess(concern: Concern, *, by: User) -> None:
    """A DASH record names Zora."""
    details = DashDetails(
        assessed_on=MONDAY.date(), assessor="PC Lund, Larkshire Police", score=9, own_view="“He will not change.”",
        is_high_by_judgement=False,
    )  # fmt: skip
    services.record_dash(
        concern_id=concern.pk, person_ref=zora_in(concern).person.ref, details=details, form_key=f"{concern.pk}", by=by,
        at=LATER,
    )  # fmt: skip
