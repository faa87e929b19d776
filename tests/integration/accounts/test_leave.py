"""Leave: whole days in London time, one's own and one's team's."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils.html import escape

from accounts.models import Absence, User
from accounts.notifications import LEAVE_RECORDED
from accounts.selectors import absent_at
from accounts.services import cancel_absence, record_absence
from audit.models import Event
from safeguarding.kit import outbox
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from safeguarding.kit.models import OutboxMessage
from tests.build.cast import Cast

AT = datetime(2026, 3, 16, 10, 0, tzinfo=UTC)
NEXT_WEEK = AT + timedelta(days=7)
DAY = timedelta(days=1)


def days(first: str, last: str, **more: str) -> dict[str, str]:
    answers = {"kind": "leave", **more}
    for name, day in (("starts_at", first), ("ends_at", last)):
        year, month, number = day.split("-")
        answers |= {f"{name}_0": number, f"{name}_1": month, f"{name}_2": year}
    return answers


def on_page(client: Client, user: User, answers: dict[str, str]) -> str:
    client.force_login(user)
    with time_machine.travel(AT, tick=False):
        return client.post("/account/leave/add/", answers, follow=True).content.decode()


def test_whole_days_across_the_change_of_the_clocks(client: Client, cast: Cast) -> None:
    page = on_page(client, cast.amara, days("2026-03-27", "2026-03-30"))
    assert "Leave saved." in page
    assert "27 March 2026 to 30 March 2026" in page
    absence = Absence.objects.get()
    assert absence.starts_at == datetime(2026, 3, 27, 0, 0, tzinfo=UTC)
    assert absence.ends_at == datetime(2026, 3, 30, 23, 0, tzinfo=UTC)
    assert absent_at(datetime(2026, 3, 30, 22, 59, tzinfo=UTC)) == {cast.amara.pk}
    assert absent_at(datetime(2026, 3, 30, 23, 0, tzinfo=UTC)) == frozenset()
    event = Event.objects.get(code="accounts.absence_recorded")
    assert (event.actor_id, event.subject_id) == (cast.amara.pk, cast.amara.pk)
    assert "kind" not in event.data


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        (days("2026-03-20", "2026-03-19"), "The last day must be the same as or after the first day."),
        (days("2026-03-12", "2026-03-15"), "The last day must be today or later."),
        (days("2026-03-20", "2029-03-20"), "Leave can be at most 2 years long. Check the year."),
        ({"kind": "leave"}, "Enter the first day away."),
        ({**days("2026-03-20", "2026-03-20"), "kind": ""}, "Choose why."),
        ({**days("2026-03-20", "2026-03-20"), "kind": "revenge"}, "Choose one of the reasons."),
        (days("2026-02-30", "2026-03-20"), "Enter a real date, for example 27 3 2027."),
    ],
)
def test_wrong_days_get_a_sentence_and_keep_what_was_typed(
    client: Client, cast: Cast, answers: dict[str, str], sentence: str
) -> None:
    page = on_page(client, cast.amara, answers)
    assert escape(sentence) in page
    assert "There is a problem" in page
    for value in answers.values():
        assert not value or value == "revenge" or f'value="{value}"' in page
    assert not Absence.objects.exists()


def test_overlap_is_refused(client: Client, cast: Cast) -> None:
    on_page(client, cast.amara, days("2026-03-20", "2026-03-22"))
    assert "This overlaps leave that is already recorded." in on_page(
        client, cast.amara, days("2026-03-22", "2026-03-25")
    )
    assert "Leave saved." in on_page(client, cast.amara, days("2026-03-23", "2026-03-25"))


def test_manager_records_for_the_team_and_nobody_else(client: Client, cast: Cast) -> None:
    assert "Leave saved." in on_page(client, cast.gwen, days("2026-03-20", "2026-03-22", person=str(cast.amara.pk)))
    assert Absence.objects.get().user == cast.amara
    page = on_page(client, cast.gwen, days("2026-03-20", "2026-03-22", person=str(cast.priya.pk)))
    assert "Choose yourself or somebody in your team." in page
    assert "Who is away?" not in on_page(client, cast.amara, days("2026-03-27", "2026-03-27", person=str(cast.gwen.pk)))
    assert set(Absence.objects.values_list("user_id", flat=True)) == {cast.amara.pk}
    with pytest.raises(NotAllowed):
        record_absence(person=cast.priya, starts_at=AT, ends_at=NEXT_WEEK, by=cast.gwen, at=AT)
    with pytest.raises(NotAllowed):
        record_absence(person=cast.gwen, starts_at=AT, ends_at=NEXT_WEEK, by=cast.amara, at=AT)


def test_whoever_is_put_on_leave_by_somebody_else_is_told_and_can_end_it(client: Client, cast: Cast) -> None:
    """R44: a manager must not move what somebody holds in silence."""
    leave = record_absence(person=cast.dev, starts_at=AT, ends_at=NEXT_WEEK, by=cast.helen, at=AT, cover=cast.olu)
    coming = record_absence(person=cast.nadia, starts_at=NEXT_WEEK, ends_at=NEXT_WEEK + DAY, by=cast.helen, at=AT)
    outbox.deliver_due(at=AT)
    assert [message.to for message in mail.outbox] == [[cast.dev.email], [cast.nadia.email]]
    assert "/account/leave/" in mail.outbox[0].body
    assert "Helen" not in mail.outbox[0].body
    with time_machine.travel(AT + timedelta(minutes=5), tick=False):
        client.force_login(cast.dev)
        page = client.get("/account/leave/").content.decode()
        assert "Recorded by <bdi>Helen Marsh</bdi>" in page
        assert "Covered by <bdi>Olu Bello</bdi>" in page
        client.post("/account/leave/cancel/", {"absence": str(leave.pk)})
        assert absent_at(AT + timedelta(minutes=5)) == frozenset()
        client.force_login(cast.helen)
        assert "Recorded by you" in client.get("/account/leave/").content.decode()
    cancel_absence(absence=coming, by=cast.nadia, at=AT + DAY)
    assert not LEAVE_RECORDED.may_still_know(cast.nadia.pk, coming.pk)


def test_nobody_is_told_of_leave_that_they_recorded_or_the_set_up_commands(cast: Cast) -> None:
    record_absence(person=cast.dev, starts_at=AT, ends_at=NEXT_WEEK, by=cast.dev, at=AT)
    record_absence(person=cast.nadia, starts_at=AT, ends_at=NEXT_WEEK, by=None, at=AT)
    assert not OutboxMessage.objects.filter(kind="accounts.leave_recorded").exists()


def test_each_sees_their_own_and_their_teams_leave_only(client: Client, cast: Cast) -> None:
    for person in (cast.amara, cast.priya, cast.gwen):
        record_absence(person=person, starts_at=AT, ends_at=NEXT_WEEK, by=None, at=AT)
    with time_machine.travel(AT, tick=False):
        client.force_login(cast.gwen)
        page = client.get("/account/leave/").content.decode()
        assert "Amara Okafor" in page
        assert "Priya Nair" not in page
        client.force_login(cast.amara)
        assert "Gwen Pritchard" not in client.get("/account/leave/").content.decode()


def test_leave_to_come_is_cancelled_and_running_leave_ends_now(cast: Cast) -> None:
    coming = record_absence(
        person=cast.amara, starts_at=NEXT_WEEK, ends_at=NEXT_WEEK + timedelta(days=1), by=None, at=AT
    )
    running = record_absence(person=cast.amara, starts_at=AT, ends_at=AT + timedelta(days=2), by=None, at=AT)
    later = AT + timedelta(hours=5)
    cancel_absence(absence=coming, by=cast.gwen, at=later)
    cancel_absence(absence=running, by=cast.amara, at=later)
    coming.refresh_from_db()
    running.refresh_from_db()
    assert (coming.cancelled_at, running.ends_at) == (later, later)
    assert absent_at(later) == frozenset()
    assert absent_at(AT) == {cast.amara.pk}
    for absence in (coming, running):
        with pytest.raises(NotNow):
            cancel_absence(absence=absence, by=cast.amara, at=later)
    assert Event.objects.filter(code__in=["accounts.absence_cancelled", "accounts.absence_cut_short"]).count() == 2


def test_cancel_button(client: Client, cast: Cast) -> None:
    absence = record_absence(person=cast.amara, starts_at=AT, ends_at=NEXT_WEEK, by=None, at=AT)
    with time_machine.travel(AT + timedelta(hours=1), tick=False):
        client.force_login(cast.priya)
        for value in (str(absence.pk), "0", "x", ""):
            assert client.post("/account/leave/cancel/", {"absence": value}).status_code == 404
        client.force_login(cast.amara)
        assert "Back early" in client.get("/account/leave/").content.decode()
        assert (
            "Leave cancelled."
            in client.post("/account/leave/cancel/", {"absence": absence.pk}, follow=True).content.decode()
        )
        again = client.post("/account/leave/cancel/", {"absence": absence.pk}, follow=True).content.decode()
        assert "already over or cancelled" in again


def test_overlap_and_length_hold_in_the_service_too(cast: Cast) -> None:
    record_absence(person=cast.amara, starts_at=AT, ends_at=NEXT_WEEK, by=None, at=AT)
    with pytest.raises(Unsound):
        record_absence(person=cast.amara, starts_at=AT, ends_at=NEXT_WEEK, by=None, at=AT)
    with pytest.raises(Unsound):
        record_absence(person=cast.priya, starts_at=NEXT_WEEK, ends_at=NEXT_WEEK, by=None, at=AT)


def test_account_page_shows_who_i_am(client: Client, cast: Cast) -> None:
    client.force_login(cast.jakub)
    page = client.get("/account/").content.decode()
    for words in ("Jakub Novák", "Brightwater Plumbing", "Contract manager", "Leon Grant", "Repairs and maintenance"):
        assert words in page
    client.force_login(cast.dev)
    assert "Safeguarding Champion, Housing management" in client.get("/account/").content.decode()
