"""Finding a concern: by what, whose, and that nothing of it leaks (R145, R118; pains 11)."""

from __future__ import annotations

import hashlib
import re
from copy import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit.models import Event
from concerns import services
from concerns.models import Concern, Involvement, Person
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.intakes import ABOUT_MANAGER, ADULT, PLAIN
from tests.build.web import post, signed_in, statements

pytestmark = pytest.mark.django_db
AT = cases.AT
SEARCH = "/search/"
MOST_STATEMENTS = 12


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def search(user: User, words: str) -> Any:
    return post(SEARCH, user, {"words": words}, at=AT + timedelta(hours=1))


def found(user: User, words: str) -> set[str]:
    return set(re.findall(r'href="/concerns/(SC-[^/]+)/">', search(user, words).content.decode()))


@pytest.fixture
def concern(cast: Cast) -> Concern:
    person = replace(ADULT, name="Siân O’Connor-Łukasz", address="12 Mill Lane, DE1 2AB", tenancy_ref="TEN/00917")
    return cases.submitted(cast, intake=replace(PLAIN, people=(person,), place="Larch Court, flat 7"))


@pytest.mark.parametrize(
    "words",
    [
        "sian", "SIÂN", "o'connor", "O’Connor", "oconnor", "connor", "siân o’connor", "o'connor sian",
        "mill lane", "de1 2ab", "ten/00917", "00917", "larch court", "LARCH flat",
    ],
)  # fmt: skip
def test_a_name_an_address_or_a_tenancy_finds_it(cast: Cast, concern: Concern, words: str) -> None:
    assert found(cast.dev, words) == {concern.ref}


@pytest.mark.parametrize("words", ["mill larch", "sion", "jean", "lane 99"])
def test_every_word_must_fit(cast: Cast, concern: Concern, words: str) -> None:
    assert found(cast.dev, words) == set()


def test_a_whole_reference_opens_it_however_it_is_typed(cast: Cast, concern: Concern) -> None:
    for words in (concern.ref, concern.ref.lower(), concern.ref.replace("-", ""), f" {concern.ref.replace('-', ' ')} "):
        assert search(cast.dev, words)["Location"] == concern.get_absolute_url()


def test_part_of_a_reference_finds_it(cast: Cast, concern: Concern) -> None:
    assert found(cast.dev, concern.ref[3:8]) == {concern.ref}


@pytest.mark.parametrize("name", ["amara", "femi", "quinn", "alan", "bea"])
def test_nobody_finds_what_they_may_not_read(cast: Cast, concern: Concern, name: str) -> None:
    user = getattr(cast, name)
    assert found(user, "sian") == set()
    for words in (concern.ref, concern.ref[3:8]):
        response = search(user, words)
        assert response.status_code == 200
        assert "Nothing found" in response.content.decode()


def test_the_barred_find_nothing(cast: Cast) -> None:
    barred = cases.submitted(cast, intake=ABOUT_MANAGER)
    assert found(cast.gwen, "ashworth") == set()
    assert search(cast.gwen, barred.ref).status_code == 200
    assert found(cast.ruth, "ashworth") == {barred.ref}


def test_what_changes_is_found_under_its_new_name(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    row = cases.person_on(concern)
    services.update_person(
        concern_id=concern.pk, involvement_id=row.pk, values={"name": "Jeanette Byrne"}, by=cast.gwen, at=AT
    )
    assert found(cast.dev, "jeanette byrne") == {concern.ref}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "Write what you are looking for"),
        ("  ", "Write what you are looking for"),
        ("a b c", "Write at least 2 letters or figures"),
        ("x" * 300, "200 is the most this answer can hold"),
        ("a\x00b", "Null characters are not allowed"),
    ],
)
def test_too_little_or_too_much_says_so(cast: Cast, words: str, sentence: str) -> None:
    page = search(cast.dev, words).content.decode()
    assert sentence in page
    assert "There is a problem" in page


@pytest.mark.parametrize(
    "words", ["%", "100%", "__", "mill_lane", "' OR 1=1 --", "<script>alert(1)</script>", "🙂🙂", "سارة"]
)
def test_signs_are_only_signs(cast: Cast, concern: Concern, words: str) -> None:
    response = search(cast.dev, words)
    assert response.status_code == 200
    assert found(cast.dev, words) == set()
    assert "<script>alert" not in response.content.decode()


def test_the_words_stay_in_the_box_and_out_of_address_and_ledger(cast: Cast, concern: Concern) -> None:
    response = search(cast.dev, "Siân")
    assert 'value="Siân"' in response.content.decode()
    assert "Siân" not in response.request["PATH_INFO"] + response.request["QUERY_STRING"]
    event = Event.objects.get(code="concern.searched")
    assert (event.actor_id, event.data, event.reason_digest) == (cast.dev.pk, {"hits": 1}, "")


def test_words_in_the_address_are_not_looked_for(cast: Cast, concern: Concern) -> None:
    response = signed_in(cast.dev).get(f"{SEARCH}?words=sian")
    assert concern.ref not in response.content.decode()
    assert not Event.objects.filter(code="concern.searched").exists()


def test_more_than_50_are_cut_with_a_sentence(cast: Cast) -> None:
    for number in range(52):
        cases.submitted(cast, at=AT + timedelta(minutes=number))
    page = search(cast.dev, "ashworth").content.decode()
    assert "The newest 50 concerns found. There are more: add a word to narrow it down" in page
    assert page.count("app-reference") == 50


def test_it_costs_the_same_for_1_and_for_50(cast: Cast) -> None:
    counts = []
    for number in (1, 55):
        for minute in range(number):
            cases.submitted(cast, at=AT + timedelta(minutes=minute))
        client = signed_in(cast.dev)
        with CaptureQueriesContext(connection) as captured:
            assert client.post(SEARCH, {"words": "ashworth"}).status_code == 200
        counts.append(len(statements(captured)))
    assert counts[0] == counts[1] <= MOST_STATEMENTS, "\n".join(statements(captured))


def _crowd(concern: Concern, number: int) -> None:
    """`number` more concerns of the same area, each about somebody else."""
    row = cases.person_on(concern)
    concerns, people = [], []
    for n in range(number):
        words = hashlib.sha256(str(n).encode()).hexdigest()
        other = copy(concern)
        other.pk, other.ref, other.search_text = None, f"SC-{n:07}", words
        concerns.append(other)
        people.append(Person(ref=f"P-{n}", search_text=words[::-1], created_at=AT))
    Concern.objects.bulk_create(concerns, batch_size=2_000)
    Person.objects.bulk_create(people, batch_size=2_000)
    parts = [
        Involvement(concern=other, person=person, role=row.role, added_at=AT, added_by=row.added_by)
        for other, person in zip(concerns, people, strict=True)
    ]
    Involvement.objects.bulk_create(parts, batch_size=2_000)
    with connection.cursor() as cursor:
        # What autovacuum does within minutes: sort new entries into the indexes, and count.
        for index in ("concern_search_trigrams", "person_search_trigrams"):
            cursor.execute("SELECT gin_clean_pending_list(%s::regclass)", [index])
        cursor.execute("ANALYZE concerns_concern, concerns_person, concerns_involvement")


@pytest.mark.postgresql
def test_postgresql_finds_both_by_trigrams_and_reads_no_table_through(cast: Cast, concern: Concern) -> None:
    _crowd(concern, 20_000)
    with CaptureQueriesContext(connection) as captured:
        assert found(cast.dev, "o'connor") == {concern.ref}
    asked = [sql for sql in statements(captured) if "LIKE" in sql]
    assert len(asked) == 2
    plans = []
    for sql in asked:
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + sql)
            plans.append("\n".join(line for (line,) in cursor.fetchall()))
    assert "concern_search_trigrams" in plans[0], plans[0]
    assert "person_search_trigrams" in plans[1], plans[1]
    for plan in plans:
        assert "Seq Scan on concerns_concern " not in plan, plan
        assert "Seq Scan on concerns_person" not in plan, plan
