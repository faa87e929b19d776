"""Keeping in touch with people (R82; 004 D8): the log, repeat attempts, and a next contact that nobody forgets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.models import Event
from concerns import services
from concerns.models import Concern, Contact, Deadline
from concerns.selectors.contacts import people_to_contact
from concerns.services import ContactDetails, promise_contact
from concerns.services.base import lock
from concerns.services.sweeping import sweep
from concerns.vocabulary import ClockKind, LifeChange, PersonRole
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from safeguarding.kit.models import OutboxMessage
from tests.build import sharing as build
from tests.build.cast import Cast, make_cast
from tests.build.web import get, post, statements

pytestmark = pytest.mark.django_db
AT = build.SIGNED_AT  # Tuesday 17 March 2026, 11:00
TODAY = date(2026, 3, 17)
# The last Sunday of March: the clocks go forward, so that this day ends at 23:00 UTC.
SUMMER = date(2026, 3, 30)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def jean(concern: Concern) -> Any:
    return concern.involvements.get(role=PersonRole.AT_RISK).person


def details(concern: Concern, **more: object) -> ContactDetails:
    known = ContactDetails(
        person_id=jean(concern).pk, on=TODAY, how="Phone", is_reached=True, words="She is well.", next_date=None
    )
    return replace(known, **more)  # type: ignore[arg-type]


def record(concern: Concern, by: User, *, at: datetime = AT, key: str = "", **more: object) -> Contact:
    return services.record_contact(
        concern_id=concern.pk,
        details=details(concern, **more),
        form_key=key or sha256(f"{at}{more}".encode()).hexdigest()[:40],
        by=by,
        at=at,
    )


def running(concern: Concern) -> list[datetime]:
    rows = Deadline.objects.filter(concern=concern, kind=ClockKind.CONTACT, met_at=None, dropped_at=None)
    return list(rows.values_list("due_at", flat=True))


def promised(concern: Concern, on: date, *, at: datetime = AT) -> None:
    with transaction.atomic():
        promise_contact(lock(concern.pk), jean(concern), on=on, at=at)


def reminders() -> list[tuple[str, int]]:
    rows = OutboxMessage.objects.filter(kind__startswith="concern.contact_")
    return list(rows.order_by("pk").values_list("kind", "recipient_id"))


def besides_the_row(event: Event) -> dict[str, Any]:
    """What the event says besides vouching for the one row of contact there is."""
    said = dict(event.data)
    assert said.pop("kept") == f"contact:{Contact.objects.get().pk}"
    assert len(said.pop("kept_digest")) == 64
    return said


def test_reaching_them_ends_what_was_due_and_the_next_day_counts(cast: Cast) -> None:
    concern = build.case(cast)
    promised(concern, date(2026, 3, 20))
    assert running(concern) == [datetime(2026, 3, 21, tzinfo=UTC)]
    record(concern, cast.gwen, at=AT + timedelta(days=1), next_date=SUMMER)
    assert running(concern) == [datetime(2026, 3, 30, 23, tzinfo=UTC)]
    assert Deadline.objects.filter(kind=ClockKind.CONTACT, met_at=AT + timedelta(days=1)).count() == 1
    event = Event.objects.get(code="concern.contact_recorded")
    assert besides_the_row(event) == {"person": jean(concern).ref, "is_reached": True, "next_date": "2026-03-30"}


def test_an_attempt_is_listed_and_ends_nothing(cast: Cast) -> None:
    concern = build.case(cast)
    promised(concern, date(2026, 3, 20))
    for day in (1, 2):
        record(concern, cast.gwen, at=AT + timedelta(days=day), is_reached=False, words="Nobody came to the door.")
    assert running(concern) == [datetime(2026, 3, 21, tzinfo=UTC)]
    page = get(concern.get_absolute_url(), cast.gwen, at=AT + timedelta(days=2)).content.decode()
    assert "Tried to reach Jean Ashworth: not reached, attempt 2" in page
    record(concern, cast.gwen, at=AT + timedelta(days=3), words="At her sister’s.")
    page = get(concern.get_absolute_url(), cast.gwen, at=AT + timedelta(days=3)).content.decode()
    assert page.index("In touch with Jean Ashworth") < page.index("attempt 2")
    assert "Be in touch again" not in page
    assert running(concern) == []


def test_an_attempt_never_puts_off_what_is_due_and_may_bring_it_nearer(cast: Cast) -> None:
    """I12."""
    concern = build.case(cast)
    promised(concern, date(2026, 3, 20))
    record(concern, cast.gwen, is_reached=False, next_date=date(2026, 3, 25))
    assert running(concern) == [datetime(2026, 3, 21, tzinfo=UTC)]
    record(concern, cast.gwen, is_reached=False, next_date=date(2026, 3, 19))
    assert running(concern) == [datetime(2026, 3, 20, tzinfo=UTC)]


def test_what_was_before_the_promise_does_not_keep_it(cast: Cast) -> None:
    concern = build.case(cast)
    promised(concern, date(2026, 3, 20))
    record(concern, cast.gwen, on=date(2026, 3, 16))
    assert running(concern) == [datetime(2026, 3, 21, tzinfo=UTC)]


def test_whoever_holds_it_is_reminded_before_on_and_after_once_each_also_after_days_without_a_sweep(
    cast: Cast,
) -> None:
    concern = build.case(cast)
    promised(concern, date(2026, 4, 1))
    at = datetime(2026, 3, 29, 12, tzinfo=UTC)
    sweep(at=at)
    assert reminders() == []
    for _ in range(2):
        sweep(at=datetime(2026, 3, 31, 12, tzinfo=UTC))
    # Triage is late by then as well, so that the concern has risen to somebody else.
    first = build.holder_of(build.fresh(concern)).pk
    assert reminders() == [("concern.contact_soon", first)]
    # Nothing ran for days: the latest alone is still worth a message.
    for _ in range(2):
        sweep(at=datetime(2026, 4, 3, 12, tzinfo=UTC))
    second = build.holder_of(build.fresh(concern)).pk
    assert reminders() == [("concern.contact_soon", first), ("concern.contact_late", second)]
    late = Deadline.objects.get(kind=ClockKind.CONTACT)
    assert (late.level, late.reminded) == (1, 3)


def test_the_first_page_names_it_as_what_is_next(cast: Cast) -> None:
    concern = build.case(cast)
    holder = build.holder_of(concern)
    promised(concern, TODAY)
    page = get("/", holder, at=AT).content.decode()
    assert "Be in touch again" in page
    shown = get(concern.get_absolute_url(), holder, at=AT).content.decode()
    assert "Be in touch again (Jean Ashworth)" in shown


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"person_id": None}, "person"),
        ({"person_id": 0}, "person"),
        ({"on": None}, "on"),
        ({"on": date(2026, 3, 18)}, "on"),
        ({"how": " "}, "how"),
        ({"is_reached": None}, "is_reached"),
        ({"words": ""}, "words"),
        ({"words": "x" * 250_001}, "words"),
        ({"next_date": TODAY}, "next_date"),
        ({"is_reached": False}, "next_date"),
        ({"is_reached": False, "is_last": True, "words": " "}, "words"),
        ({"is_reached": False, "is_last": True, "next_date": SUMMER}, "next_date"),
    ],
)
def test_what_is_missing_is_said_by_field(cast: Cast, wrong: dict[str, Any], field: str) -> None:
    concern = build.case(cast)
    with pytest.raises(Unsound) as refused:
        record(concern, cast.gwen, **wrong)
    assert list(refused.value.problems) == [field]
    assert not Contact.objects.exists()


def test_who_records_it_and_that_it_is_never_changed(cast: Cast) -> None:
    concern = build.case(cast)
    for user in (cast.amara, cast.alan):
        with pytest.raises(NotAllowed):
            record(concern, user)
    first = record(concern, cast.dev, key="same")
    assert record(concern, cast.dev, key="same") == first
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.update(words="Otherwise")
    services.merge(
        concern_id=concern.pk, into_id=build.case(cast).pk, reason="The same matter.", by=cast.ruth, at=AT
    )  # fmt: skip
    with pytest.raises(NotNow):
        record(concern, cast.dev, key="other")


def dies(concern: Concern, *, at: datetime = AT) -> None:
    services.record_death_or_move(
        concern_id=concern.pk, involvement_id=concern.involvements.get(role=PersonRole.AT_RISK).pk,
        change=LifeChange.DIED, on=TODAY, moved_to="", words="Her sister was told.", form_key=f"died {at}",
        is_legal_hold=False, by=build.holder_of(concern), at=at,
    )  # fmt: skip


def test_nobody_is_reminded_to_contact_whoever_has_died(cast: Cast) -> None:
    concern = build.case(cast)
    promised(concern, date(2026, 3, 20))
    dies(concern)
    assert running(concern) == []
    assert Deadline.objects.get(kind=ClockKind.CONTACT).dropped_at == AT
    assert Event.objects.get(code="concern.contact_ended").data == {"person": jean(concern).ref, "why": "died"}
    assert people_to_contact(concern) == []
    link = "Record that you were in touch, or tried to be"
    assert link not in get(concern.get_absolute_url(), cast.gwen, at=AT).content.decode()
    path = reverse("concerns:record-contact", args=[concern.ref])
    assert get(path, cast.gwen, at=AT).status_code == 302
    sweep(at=AT + timedelta(days=9))
    assert reminders() == []


def test_whoever_has_moved_is_still_contacted(cast: Cast) -> None:
    concern = build.case(cast)
    promised(concern, date(2026, 3, 20))
    services.record_death_or_move(
        concern_id=concern.pk, involvement_id=concern.involvements.get(role=PersonRole.AT_RISK).pk,
        change=LifeChange.MOVED, on=TODAY, moved_to="Northshire", words="Northshire was told.", form_key="moved",
        is_legal_hold=False, by=cast.gwen, at=AT,
    )  # fmt: skip
    assert running(concern) == [datetime(2026, 3, 21, tzinfo=UTC)]
    assert people_to_contact(concern) == [jean(concern)]


def test_a_death_ends_the_next_contact_in_every_concern_about_the_same_person(cast: Cast) -> None:
    first, second = build.case(cast), build.case(cast)
    with transaction.atomic():
        promise_contact(lock(second.pk), jean(first), on=date(2026, 3, 20), at=AT)
        promise_contact(lock(second.pk), jean(second), on=date(2026, 3, 21), at=AT)
    dies(first)
    assert running(second) == [datetime(2026, 3, 22, tzinfo=UTC)]
    assert build.fresh(second).next_due_at <= datetime(2026, 3, 22, tzinfo=UTC)  # type: ignore[operator]
    event = Event.objects.get(code="concern.contact_ended")
    assert (event.concern_id, event.actor_id) == (second.pk, None)


def lives(concern: Concern, *, at: datetime = AT) -> None:
    services.record_death_or_move(
        concern_id=concern.pk, involvement_id=concern.involvements.get(role=PersonRole.AT_RISK).pk,
        change=LifeChange.MISTAKE, on=None, moved_to="", words="It was her neighbour. The GP was told.",
        form_key=f"lives {at}", is_legal_hold=False, by=build.holder_of(concern), at=at,
    )  # fmt: skip


def test_whoever_was_put_down_as_dead_by_mistake_is_contacted_as_promised(cast: Cast) -> None:
    """The time runs on as it ran, in every concern about them: what fell due meanwhile is overdue at once."""
    first, second = build.case(cast), build.case(cast)
    promised(first, date(2026, 3, 20))
    with transaction.atomic():
        promise_contact(lock(second.pk), jean(first), on=date(2026, 3, 30), at=AT)
    dies(first)
    later = AT + timedelta(days=9)
    lives(first, at=later)
    assert jean(first).died_on is None
    assert running(first) == [datetime(2026, 3, 21, tzinfo=UTC)]
    # The end of 30 March, which is in summer time.
    assert running(second) == [datetime(2026, 3, 30, 23, 0, tzinfo=UTC)]
    assert people_to_contact(first) == [jean(first)]
    told = Event.objects.filter(code="concern.died_or_moved").order_by("pk")
    assert [event.data["change"] for event in told] == ["died", "mistake"]
    with pytest.raises(Unsound) as refused:
        lives(first, at=later)
    assert refused.value.problems == {"change": ["Nothing of that kind is recorded about this person."]}


def test_a_mistake_put_right_starts_no_contact_that_was_ended_for_another_reason(cast: Cast) -> None:
    concern, closed = build.case(cast), build.case(cast)
    promised(concern, date(2026, 3, 20))
    last(concern, cast.gwen)
    with transaction.atomic():
        promise_contact(lock(closed.pk), jean(concern), on=date(2026, 3, 20), at=AT)
    dies(concern)
    services.merge(concern_id=closed.pk, into_id=build.case(cast).pk, reason="The same.", by=cast.ruth, at=AT)
    lives(concern)
    assert running(concern) == []
    assert running(closed) == []


def test_what_was_joined_and_comes_apart_again_starts_no_contact_with_whoever_died_meanwhile(cast: Cast) -> None:
    concern, survivor = build.case(cast), build.case(cast)
    promised(concern, date(2026, 3, 20))
    services.merge(concern_id=concern.pk, into_id=survivor.pk, reason="The same.", by=cast.ruth, at=AT)
    person = jean(concern)
    person.died_on = TODAY
    person.save()
    services.separate(concern_id=concern.pk, reason="Not the same.", by=cast.ruth, at=AT + timedelta(hours=1))
    assert running(concern) == []


def last(concern: Concern, by: User, **more: object) -> Contact:
    told = {"how": "", "is_reached": False, "is_last": True, "words": "She asked us not to ring again."}
    return record(concern, by, **{**told, **more})  # type: ignore[arg-type]


def test_no_more_contact_is_planned_and_why(cast: Cast) -> None:
    concern = build.case(cast)
    promised(concern, date(2026, 3, 20))
    row = last(concern, cast.gwen)
    assert (row.is_reached, row.is_last, row.next_date) == (False, True, None)
    assert running(concern) == []
    due = Deadline.objects.get(kind=ClockKind.CONTACT)
    assert (due.met_at, due.dropped_at) == (None, AT), "nobody was reached"
    event = Event.objects.get(code="concern.contact_ended")
    assert besides_the_row(event) == {"person": jean(concern).ref, "why": "not planned"}
    assert not Event.objects.filter(code="concern.contact_recorded").exists()
    page = get(concern.get_absolute_url(), cast.gwen, at=AT).content.decode()
    assert "No more contact with Jean Ashworth is planned" in page
    assert "She asked us not to ring again." in page
    assert "Be in touch again" not in page
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.create(
            concern=concern, person=row.person, on=TODAY, is_reached=True, is_last=True, words="x",
            recorded_by=cast.gwen, recorded_at=AT, form_key="both",
        )  # fmt: skip


def test_only_who_holds_it_says_that_no_more_contact_is_planned(cast: Cast) -> None:
    concern = build.case(cast)
    promised(concern, date(2026, 3, 20))
    with pytest.raises(NotAllowed):
        last(concern, cast.dev)
    assert running(concern) == [datetime(2026, 3, 21, tzinfo=UTC)]
    path = reverse("concerns:record-contact", args=[concern.ref])
    offer = "No, and no more contact is planned"
    assert offer not in get(path, cast.dev, at=AT).content.decode()
    assert offer in get(path, cast.gwen, at=AT).content.decode()
    data = {
        "form_key": "k1", "person": jean(concern).ref, "on_0": "17", "on_1": "3", "on_2": "2026", "how": "",
        "is_reached": "last", "words": "", "next_date_0": "", "next_date_1": "", "next_date_2": "",
    }  # fmt: skip
    refused = post(path, cast.gwen, data, at=AT).content.decode()
    assert "Write why no more contact is planned." in refused
    data["words"] = "Her sister is the safer way."
    assert post(path, cast.dev, data, at=AT).status_code == 200
    assert not Contact.objects.exists()
    assert post(path, cast.gwen, data, at=AT).status_code == 302
    assert running(concern) == []


@pytest.mark.parametrize(("theirs", "ours"), [(20, 23), (23, 20)])
def test_one_person_of_two_joined_concerns_has_one_next_contact_the_earlier(cast: Cast, theirs: int, ours: int) -> None:
    concern, survivor = build.case(cast), build.case(cast)
    promised(concern, date(2026, 3, theirs))
    promised(survivor, date(2026, 3, ours))
    services.merge(concern_id=concern.pk, into_id=survivor.pk, reason="The same.", by=cast.ruth, at=AT)
    assert running(survivor) == [datetime(2026, 3, 21, tzinfo=UTC)]
    assert people_to_contact(survivor) == [jean(survivor)]
    record(survivor, build.holder_of(survivor))
    assert running(survivor) == []


def test_a_next_contact_comes_along_for_the_person_whom_the_survivor_knows_and_for_nobody_else(cast: Cast) -> None:
    concern, survivor, other = build.case(cast), build.case(cast), build.case(cast)
    for each in (concern, other):
        promised(each, date(2026, 3, 20))
    nameless = jean(other)
    nameless.name = ""
    nameless.save()
    unknown = jean(survivor)
    services.merge(concern_id=concern.pk, into_id=survivor.pk, reason="The same.", by=cast.ruth, at=AT)
    assert list(survivor.deadlines.filter(kind=ClockKind.CONTACT).values_list("about", flat=True)) == [unknown.ref]
    services.merge(concern_id=other.pk, into_id=survivor.pk, reason="The same.", by=cast.ruth, at=AT)
    about = set(survivor.deadlines.filter(kind=ClockKind.CONTACT).values_list("about", flat=True))
    brought = survivor.involvements.get(role=PersonRole.AT_RISK, person__name="").person
    assert brought != nameless, "the survivor has them as a person of its own"
    assert about == {unknown.ref, brought.ref}
    assert people_to_contact(survivor) == [unknown, brought]


def test_who_has_no_part_but_a_promise_comes_along_as_a_person_of_the_survivor(cast: Cast) -> None:
    """A promise outlives the part of whoever was joined for a time; joined on, it is made to nobody of another case."""
    concern, survivor, gone = build.case(cast), build.case(cast), build.case(cast)
    theirs = jean(gone)
    theirs.name = ""
    theirs.save()
    with transaction.atomic():
        promise_contact(lock(concern.pk), theirs, on=date(2026, 3, 20), at=AT)
    services.merge(concern_id=concern.pk, into_id=survivor.pk, reason="The same.", by=cast.ruth, at=AT)
    (about,) = survivor.deadlines.filter(kind=ClockKind.CONTACT).values_list("about", flat=True)
    assert about != theirs.ref
    assert [person.ref for person in people_to_contact(survivor)] == [jean(survivor).ref, about]


def test_nobody_is_contacted_again_who_died_while_the_concerns_were_joined(cast: Cast) -> None:
    """The survivor has whoever it did not know as a person of its own; that they died goes back with them."""
    concern, survivor = build.case(cast), build.case(cast)
    person = jean(concern)
    person.name, person.search_text = "Zora Quill", "zora quill"
    person.save()
    promised(concern, date(2026, 3, 20))
    services.merge(concern_id=concern.pk, into_id=survivor.pk, reason="The same.", by=cast.ruth, at=AT)
    services.record_death_or_move(
        concern_id=survivor.pk, involvement_id=survivor.involvements.get(person__name="Zora Quill").pk,
        change=LifeChange.DIED, on=TODAY, moved_to="", words="Her sister was told.", form_key="died",
        is_legal_hold=False, by=build.holder_of(survivor), at=AT,
    )  # fmt: skip
    assert running(survivor) == []
    separate = services.separate(concern_id=concern.pk, reason="No.", by=cast.ruth, at=AT + timedelta(hours=1))
    assert jean(separate).died_on == TODAY
    assert running(separate) == []


def test_whoever_left_with_the_concern_that_brought_them_is_contacted_there_alone(cast: Cast) -> None:
    """R82: also when the two are joined again. Who stays on the survivor is got in touch with by both."""
    concern, survivor = build.case(cast), build.case(cast)
    person = jean(concern)
    person.name, person.search_text = "Zora Quill", "zora quill"
    person.save()
    promised(concern, date(2026, 3, 20))
    for hours in (0, 2):
        services.merge(
            concern_id=concern.pk, into_id=survivor.pk, reason="The same.", by=cast.ruth, at=AT + timedelta(hours=hours)
        )
        assert [each.name for each in people_to_contact(survivor)] == ["Jean Ashworth", "Zora Quill"]
        assert len(running(survivor)) == 1
        at = AT + timedelta(hours=hours + 1)
        separate = services.separate(concern_id=concern.pk, reason="No.", by=cast.ruth, at=at)
        assert [each.name for each in people_to_contact(survivor)] == ["Jean Ashworth"]
        assert running(survivor) == []
        assert len(running(separate)) == 1


def test_nobody_is_to_contact_whoever_is_known_to_be_dead_where_it_was_joined(cast: Cast) -> None:
    concern, survivor = build.case(cast), build.case(cast)
    promised(concern, date(2026, 3, 20))
    dies(survivor)
    services.merge(concern_id=concern.pk, into_id=survivor.pk, reason="The same.", by=cast.ruth, at=AT)
    assert running(survivor) == []


def test_the_log_of_a_joined_concern_is_read_together(cast: Cast) -> None:
    concern, survivor = build.case(cast), build.case(cast)
    record(concern, cast.gwen, is_reached=False, next_date=SUMMER, words="Nobody came to the door.")
    services.merge(concern_id=concern.pk, into_id=survivor.pk, reason="The same.", by=cast.ruth, at=AT)
    later = AT + timedelta(hours=1)
    record(survivor, cast.gwen, at=later, is_reached=False, words="No answer by phone.")
    page = get(survivor.get_absolute_url(), cast.gwen, at=later).content.decode()
    assert "Nobody came to the door." in page
    assert "Tried to reach Jean Ashworth: not reached, attempt 2" in page
    separate = services.separate(concern_id=concern.pk, reason="Not the same.", by=cast.ruth, at=later)
    page = get(survivor.get_absolute_url(), cast.gwen, at=later).content.decode()
    assert "Nobody came to the door." not in page
    assert running(separate) == [datetime(2026, 3, 30, 23, tzinfo=UTC)]


def test_an_unborn_child_is_nobody_to_be_in_touch_with(cast: Cast) -> None:
    concern = build.case(cast)
    concern.involvements.filter(role=PersonRole.AT_RISK).update(life_stage="unborn")
    assert people_to_contact(concern) == []
    promised(concern, TODAY)
    assert people_to_contact(concern) == [jean(concern)], "whoever was promised it is still to be found"


def test_the_page_shows_how_to_reach_them_and_loses_no_word(cast: Cast) -> None:
    concern = build.case(cast)
    person = jean(concern)
    person.name, person.unsafe_contact = "<b>Jean</b>", "Her mobile: he reads it."
    person.save()
    path = reverse("concerns:record-contact", args=[concern.ref])
    shown = get(path, cast.gwen, at=AT).content.decode()
    assert "Her mobile: he reads it." in shown
    assert "<b>Jean" not in shown
    data = {
        "form_key": "5a" * 16, "person": person.ref, "on_0": "17", "on_1": "3", "on_2": "2026", "how": "Visit",
        "is_reached": "no", "words": "<b>No answer</b>", "next_date_0": "", "next_date_1": "", "next_date_2": "",
    }  # fmt: skip
    refused = post(path, cast.gwen, data, at=AT).content.decode()
    assert "Enter the day by which you will try again." in refused
    assert "&lt;b&gt;No answer&lt;/b&gt;" in refused
    data |= {"next_date_0": "20", "next_date_1": "3", "next_date_2": "2026"}
    assert post(path, cast.gwen, data, at=AT).status_code == 302
    assert post(path, cast.gwen, data, at=AT).status_code == 302
    assert Contact.objects.count() == 1
    page = get(concern.get_absolute_url(), cast.gwen, at=AT).content.decode()
    assert "Next contact by 20 March 2026." in page


def test_a_key_counts_on_its_own_concern_and_for_its_own_author(cast: Cast) -> None:
    """Issue 5: what somebody else sent, or sent elsewhere, is never taken for this."""
    ours, other = build.case(cast), build.case(cast)
    for _ in range(2):
        for concern, by in ((ours, cast.gwen), (ours, cast.ruth), (other, cast.gwen)):
            record(concern, by, key="5a" * 16)
    rows = Contact.objects.order_by("pk").values_list("concern", "recorded_by")
    assert list(rows) == [(ours.pk, cast.gwen.pk), (ours.pk, cast.ruth.pk), (other.pk, cast.gwen.pk)]


def test_other_words_in_the_same_form_are_kept_too(cast: Cast) -> None:
    """R147: who presses Back, writes something else and sends again has said two things."""
    concern = build.case(cast)
    for words in ("She is well.", "She is not well.", "She is not well."):
        record(concern, cast.gwen, key="5a" * 16, words=words)
    assert list(Contact.objects.order_by("pk").values_list("words", flat=True)) == ["She is well.", "She is not well."]


def test_a_long_log_costs_no_more_statements(cast: Cast) -> None:
    concern = build.case(cast)
    record(concern, cast.gwen)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert get(concern.get_absolute_url(), cast.gwen, at=AT).status_code == 200
        return len(statements(captured))

    one = cost()
    for number in range(20):
        record(concern, cast.gwen, key=str(number))
    assert cost() == one
