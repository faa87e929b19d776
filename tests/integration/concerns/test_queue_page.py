"""The queue: whose concerns, in which order, narrowed how, page by page, at what cost (R127)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.models import Event
from concerns import services
from concerns.models import Concern
from concerns.selectors import Place
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.intakes import ABOUT_MANAGER, ADULT, EMERGENCY, PLAIN, URGENT
from tests.build.web import get, signed_in, statements

pytestmark = pytest.mark.django_db
AT = cases.AT
QUEUE = "/queue/"
MOST_STATEMENTS = 12


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def shown(user: User, query: str = "", *, after: timedelta = timedelta(hours=1)) -> str:
    response = get(QUEUE + query, user, at=AT + after)
    assert response.status_code == 200
    return str(response.content.decode())


def refs(page: str) -> list[str]:
    """The references in the order of the rows."""
    return re.findall(r'href="/concerns/(SC-[^/]+)/">', page)


def ids(concerns: Iterable[Concern]) -> list[str]:
    return [concern.ref for concern in concerns]


def test_the_most_urgent_comes_first_then_what_is_due_soonest(cast: Cast) -> None:
    later = cases.submitted(cast, at=AT + timedelta(minutes=30))
    sooner = cases.submitted(cast)
    urgent = cases.submitted(cast, intake=URGENT, at=AT + timedelta(minutes=40))
    emergency = cases.submitted(cast, intake=EMERGENCY, at=AT + timedelta(minutes=50))
    assert refs(shown(cast.dev)) == ids([emergency, urgent, sooner, later])


def test_champions_see_their_own_areas_and_what_they_hold(cast: Cast) -> None:
    housing = cases.submitted(cast)
    repairs = cases.submitted(cast, by=cast.priya)
    restricted = cases.submitted(cast, intake=ABOUT_MANAGER)
    assert restricted.responsible in (cast.dev, cast.nadia)
    other = cast.nadia if restricted.responsible == cast.dev else cast.dev
    assert set(refs(shown(restricted.responsible))) == {housing.ref, restricted.ref}
    assert refs(shown(other)) == [housing.ref]
    assert refs(shown(cast.femi)) == [repairs.ref]


@pytest.mark.parametrize("name", ["ruth", "imran", "karen"])
def test_leads_see_everything(cast: Cast, name: str) -> None:
    made = {cases.submitted(cast).ref, cases.submitted(cast, by=cast.priya, intake=ABOUT_MANAGER).ref}
    assert set(refs(shown(getattr(cast, name)))) == made


def test_the_barred_see_no_row_and_no_count(cast: Cast) -> None:
    cases.submitted(cast, intake=ABOUT_MANAGER)
    page = shown(cast.gwen)
    assert refs(page) == []
    assert "There is no open concern for you to look at." in page
    assert "0 open concerns" in page


def test_closed_concerns_are_not_in_the_queue(cast: Cast) -> None:
    with cases.everyone_decided():
        cases.closed(cast)
    assert refs(shown(cast.dev, after=timedelta(days=1))) == []


def test_overdue_is_said_in_words_and_who_holds_it(cast: Cast) -> None:
    cases.submitted(cast)
    page = shown(cast.dev, after=timedelta(hours=6, minutes=1))
    assert "Overdue by 2 hours" in page
    assert "Acknowledge the concern" in page
    assert "Gwen Pritchard" in page
    assert "Jean Ashworth" in page


def test_filters_stand_in_the_address(cast: Cast) -> None:
    plain = cases.submitted(cast)
    mine = cases.acknowledged(cast, holder=cast.ruth)
    urgent = cases.submitted(cast, by=cast.priya, intake=URGENT)
    restricted = cases.submitted(cast, by=cast.priya, intake=ABOUT_MANAGER)
    expected = {
        "?area=repairs": {urgent.ref, restricted.ref},
        "?area=repairs&urgency=urgent": {urgent.ref},
        "?state=triage": {mine.ref},
        "?held=mine": {mine.ref},
        "?held=others": {plain.ref, urgent.ref, restricted.ref},
        "?held=unacknowledged": {plain.ref, urgent.ref, restricted.ref},
        "?restricted=yes": {restricted.ref},
        "?restricted=no": {plain.ref, mine.ref, urgent.ref},
        "?due=overdue": {urgent.ref},
        "?area=income": set(),
    }
    found = {query: set(refs(shown(cast.ruth, query, after=timedelta(hours=2)))) for query in expected}
    assert found == expected


@pytest.mark.parametrize(
    "query", ["?area=moon", "?state=9", "?due=' OR 1=1", "?after=x", "?before=1.9e9.SC", "?after=1..", "?urgency=%00"]
)
def test_a_filter_that_is_on_no_list_narrows_nothing(cast: Cast, query: str) -> None:
    concern = cases.submitted(cast)
    assert refs(shown(cast.ruth, query)) == [concern.ref]


def test_a_champion_of_one_area_is_not_asked_for_the_area(cast: Cast) -> None:
    page = shown(cast.dev)
    assert 'name="area"' not in page
    assert 'name="restricted"' not in page
    assert 'name="area"' in shown(cast.ruth)


def test_take_is_offered_where_it_can_be_done(cast: Cast) -> None:
    concern = cases.submitted(cast)
    take = reverse("concerns:take-concern", args=[concern.ref])
    assert take in shown(cast.dev)
    services.take(concern_id=concern.pk, by=cast.dev, at=AT)
    assert take not in shown(cast.dev)
    assert take in shown(cast.nadia)
    assert take not in shown(cast.gwen)


def _many(cast: Cast, number: int) -> list[Concern]:
    """Concerns of two urgencies; some are due at the very same moment."""
    return [
        cases.submitted(cast, intake=URGENT if n % 3 else PLAIN, at=AT + timedelta(minutes=n // 2))
        for n in range(number)
    ]


def _walk(user: User, query: str, way: str) -> list[list[str]]:
    pages = []
    while True:
        page = shown(user, query)
        pages.append(refs(page))
        link = re.search(rf'href="(\?[^"]*{way}=[^"]*)"', page)
        if link is None:
            return pages
        query = link[1].replace("&amp;", "&")


def test_pages_forward_and_back_show_each_row_once_and_in_order(cast: Cast) -> None:
    _many(cast, 60)
    ordered = ids(Concern.objects.open().in_queue_order())
    forward = _walk(cast.dev, "", "after")
    assert [ref for page in forward for ref in page] == ordered
    assert [len(page) for page in forward] == [25, 25, 10]
    last = Concern.objects.open().in_queue_order().reverse()[0]
    start = f"?before={Place(last.urgency_rank, last.next_due_at, last.ref)}"
    back = _walk(cast.dev, start, "before")
    assert [ref for page in reversed(back) for ref in page] == ordered[:-1]


def test_a_page_keeps_the_filter(cast: Cast) -> None:
    _many(cast, 45)
    pages = _walk(cast.dev, "?urgency=urgent", "after")
    assert sum(len(page) for page in pages) == 30


def test_nothing_is_skipped_when_the_last_row_shown_moves_meanwhile(cast: Cast) -> None:
    _many(cast, 40)
    page = shown(cast.dev)
    first, link = refs(page), re.search(r'href="(\?[^"]*after=[^"]*)"', page)
    assert link is not None
    moved = Concern.objects.get(ref=first[-1])
    services.take(concern_id=moved.pk, by=cast.dev, at=AT + timedelta(hours=1))
    services.acknowledge(concern_id=moved.pk, by=cast.dev, at=AT + timedelta(hours=1), has_conflict=False)
    rest = refs(shown(cast.dev, link[1].replace("&amp;", "&")))
    assert set(ids(Concern.objects.open())) - set(first) <= set(rest)


def test_the_count_is_capped(cast: Cast) -> None:
    _many(cast, 101)
    assert "More than 100 open concerns" in shown(cast.dev)


def test_it_costs_the_same_for_1_and_for_200(cast: Cast) -> None:
    counts = []
    for number in (1, 200):
        _many(cast, number)
        client = signed_in(cast.dev)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(QUEUE).status_code == 200
        counts.append(len(statements(captured)))
    assert counts[0] == counts[1] <= MOST_STATEMENTS, "\n".join(statements(captured))


def test_a_name_with_markup_is_words(cast: Cast) -> None:
    cases.submitted(cast, intake=replace(PLAIN, people=(replace(ADULT, name="<script>x</script>"),)))
    assert "<script>x" not in shown(cast.dev)


def test_opening_it_is_in_the_ledger_without_the_filter(cast: Cast) -> None:
    shown(cast.dev, "?urgency=urgent")
    viewed = Event.objects.get(code="concern.queue_viewed")
    assert (viewed.actor_id, viewed.data) == (cast.dev.pk, {})


def test_only_get_is_answered(cast: Cast) -> None:
    assert signed_in(cast.dev).post(QUEUE).status_code == 405


def test_the_place_of_a_row_survives_the_address() -> None:
    place = Place(1, AT, "SC-2222-3333")
    assert Place.read(str(place)) == place
    assert Place.read(str(Place(2, None, "SC-2222-3333"))) == Place(2, None, "SC-2222-3333")


@pytest.mark.parametrize(
    "words", ["", "x", "1", "1.2", "1..", "-1.5.SC", "1.99999999999999999999999.SC", "1.2.SC-2222-3333-4444"]
)
def test_a_mangled_place_is_no_place(words: Any) -> None:
    assert Place.read(words) is None
