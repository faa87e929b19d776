"""Keeping in touch with people (R82; 004 D8): the log, repeat attempts, and a next contact that nobody forgets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
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
from concerns.vocabulary import ClockKind, PersonRole
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
        concern_id=concern.pk, details=details(concern, **more), form_key=key or f"{at}{more}", by=by, at=at
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


def test_reaching_them_ends_what_was_due_and_the_next_day_counts(cast: Cast) -> None:
    concern = build.case(cast)
    promised(concern, date(2026, 3, 20))
    assert running(concern) == [datetime(2026, 3, 21, tzinfo=UTC)]
    record(concern, cast.gwen, at=AT + timedelta(days=1), next_date=SUMMER)
    assert running(concern) == [datetime(2026, 3, 30, 23, tzinfo=UTC)]
    assert Deadline.objects.filter(kind=ClockKind.CONTACT, met_at=AT + timedelta(days=1)).count() == 1
    event = Event.objects.get(code="concern.contact_recorded")
    assert event.data == {"person": jean(concern).ref, "is_reached": True, "next_date": "2026-03-30"}


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
        "form_key": "k1", "person": person.ref, "on_0": "17", "on_1": "3", "on_2": "2026", "how": "Visit",
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
