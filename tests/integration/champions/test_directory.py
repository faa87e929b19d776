"""The champions directory (R126)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.services import confirm_champion, record_absence
from accounts.vocabulary import AbsenceKind
from audit.models import Event
from champions.selectors import AreaEntry, champions_directory, must_confirm_entry
from safeguarding.kit.errors import NotAllowed, NotNow
from tests.build.cast import Cast

pytestmark = pytest.mark.django_db

TODAY = datetime(2026, 3, 9, 10, tzinfo=UTC)


def area(name: str, *, at: datetime = TODAY) -> AreaEntry:
    return next(entry for entry in champions_directory(at=at) if entry.name == name)


def test_every_area_with_its_champions_and_how_to_reach_them(cast: Cast) -> None:
    assert len(champions_directory(at=TODAY)) == 5
    dev, nadia = area("Housing management").champions
    assert (dev.name, dev.email, dev.phone) == ("Dev Patel", cast.dev.email, cast.dev.phone)
    assert nadia.name == "Nadia Rahman"


def test_whoever_is_away_comes_last_and_says_until_when(cast: Cast) -> None:
    back = TODAY + timedelta(days=3)
    record_absence(
        person=cast.dev, kind=AbsenceKind.LEAVE, starts_at=TODAY - timedelta(days=1), ends_at=back,
        by=cast.dev, at=TODAY - timedelta(days=2),
    )  # fmt: skip
    assert [champion.name for champion in area("Housing management").champions] == ["Nadia Rahman", "Dev Patel"]
    assert area("Housing management").champions[1].away_until == back
    assert area("Housing management").has_available
    assert area("Housing management", at=back).champions[0].away_until is None


def test_an_entry_is_confirmed_every_month_by_the_champion(cast: Cast) -> None:
    assert must_confirm_entry(cast.dev, at=TODAY)
    confirm_champion(person=cast.dev, by=cast.dev, at=TODAY)
    assert area("Housing management").champions[0].confirmed_on == date(2026, 3, 9)
    assert not must_confirm_entry(cast.dev, at=TODAY + timedelta(days=30))
    assert must_confirm_entry(cast.dev, at=TODAY + timedelta(days=31))
    assert Event.objects.filter(code="accounts.champion_confirmed", subject_id=cast.dev.pk).count() == 1


def test_nobody_confirms_for_others_and_only_champions_have_an_entry(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        confirm_champion(person=cast.dev, by=cast.nadia, at=TODAY)
    with pytest.raises(NotNow):
        confirm_champion(person=cast.amara, by=cast.amara, at=TODAY)
    assert not must_confirm_entry(cast.amara, at=TODAY)


def test_all_staff_and_contractors_see_the_directory(client: Client, cast: Cast) -> None:
    for user in (cast.amara, cast.jakub, cast.alan):
        client.force_login(user)
        page = client.get("/champions/").content.decode()
        assert "Dev Patel" in page
        assert f"mailto:{cast.mei.email}" in page
        assert "Is your own entry still right?" not in page


def test_a_champion_confirms_with_one_button(client: Client, cast: Cast) -> None:
    client.force_login(cast.dev)
    assert "Is your own entry still right?" in client.get("/champions/").content.decode()
    with time_machine.travel(TODAY, tick=False):
        client.force_login(cast.dev)
        page = client.post("/champions/confirm/", follow=True).content.decode()
    assert "Your entry is confirmed." in page
    assert "9 March 2026" in page
    client.force_login(cast.amara)
    assert "not a Safeguarding Champion" in client.post("/champions/confirm/", follow=True).content.decode()


def test_the_directory_takes_as_many_queries_for_many_champions_as_for_few(
    client: Client, cast: Cast, django_assert_max_num_queries: object
) -> None:
    client.force_login(cast.amara)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        client.get("/champions/")
