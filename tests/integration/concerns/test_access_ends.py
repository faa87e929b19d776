"""Had access, lost it, asks again: from that second on a case is what does not exist (domain.md 5, "access ends").

For every way in, and for everything that ends it. "What does not exist" is what the same person is answered for a
reference that was never given out: status and words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeAlias
from urllib.parse import quote

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from accounts import services as people
from accounts.models import Absence, User
from accounts.services import PersonDetails
from accounts.vocabulary import Role
from audit.models import Event
from concerns import services
from concerns.models import Assignment, BreakGlass, Concern, ConcernGrant, Conflict, Dissatisfaction, TwoPersonStep
from concerns.models.ways import people_let_in
from concerns.services.conflicts import bar, recuse, restrict
from concerns.services.sweeping import sweep
from concerns.vocabulary import BreakGlassReason, ConflictKind, TwoPersonAct, Way
from safeguarding.kit.errors import NotAllowed, NotNow
from sharing.models import SignedRecord
from tests.build import cases
from tests.build.cast import PASSWORD, Cast, make_cast
from tests.build.intakes import EMERGENCY
from tests.build.sharing import fresh, holder_of
from tests.build.world import NOW, base_for_module, equipped, undone

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
REFERENCE = re.compile(r"([A-Z]+)-[0-9A-Z]{4}-[0-9A-Z]{4}")


@dataclass
class There:
    """Everybody, and one concern that Dev holds, with a signed decision, a draft, a referral and a photo."""

    cast: Cast
    concern: Concern
    emergency: Concern

    def now(self) -> Concern:
        return fresh(self.concern)


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[There]:
    with django_db_blocker.unblock(), base_for_module(), time_machine.travel(NOW, tick=False):
        cast = make_cast()
        concern = equipped(cast, holder=cast.dev)
        emergency = cases.submitted(cast, intake=EMERGENCY, at=NOW - timedelta(minutes=5))
        yield There(cast, concern, emergency)


@pytest.fixture
def there(made: There) -> Iterator[There]:
    with undone():
        yield There(make_fresh(made.cast), made.concern, made.emergency)


def make_fresh(cast: Cast) -> Cast:
    """The same people without what was read of them before."""
    names = [name for name in vars(cast) if name != "areas"]
    again: dict[str, Any] = {name: User.objects.get(pk=getattr(cast, name).pk) for name in names}
    return replace(cast, **again)


# --- Who has access, and by what alone ----------------------------------------------------------------


def holds(there: There) -> User:
    """A champion of another area, to whom it was handed on."""
    services.hand_on(concern_id=there.concern.pk, to=there.cast.mei, note="Yours.", by=there.cast.dev, at=NOW)
    return there.cast.mei


def leads(there: There) -> User:
    return there.cast.imran


def leads_operations(there: There) -> User:
    return there.cast.karen


def champions(there: There) -> User:
    return there.cast.nadia


def looks_afresh(there: There) -> User:
    """The first answer did not satisfy the reporter, so the designated senior manager is asked."""
    for words in ("It is not fine.", "Still not."):
        row = services.say_not_satisfied(concern_id=there.concern.pk, words=words, by=there.cast.amara, at=NOW)
        if not row.is_with_senior:
            services.answer_dissatisfaction(
                concern_id=there.concern.pk, is_upheld=False, answer="We looked.", by=row.reviewer, at=NOW
            )
    assert row.reviewer == there.cast.martin
    return there.cast.martin


def gives_second_view(there: There) -> User:
    """Asked whether a restriction may end; it is restricted, so that nothing is open to them by office."""
    restrict(there.now(), by=there.cast.ruth, at=NOW)
    services.ask_second_person(
        concern_id=there.concern.pk, act=TwoPersonAct.LOOSEN_RESTRICTION, reason="Nobody is named.", by=there.cast.ruth,
        at=NOW,
    )  # fmt: skip
    return there.cast.joyce


def is_let_in(there: There) -> User:
    restrict(there.now(), by=there.cast.ruth, at=NOW)
    let_in(there, there.cast.quinn)
    return there.cast.quinn


def audits(there: There) -> User:
    """Let in to a restricted concern, by two people."""
    restrict(there.now(), by=there.cast.ruth, at=NOW)
    step = let_in(there, there.cast.alan)
    services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=there.cast.imran, at=NOW)
    return there.cast.alan


def let_in(there: There, person: User) -> ConcernGrant | TwoPersonStep:
    return services.let_in(
        concern_id=there.concern.pk, person=person, until=NOW + 60 * DAY, reason="Why", by=there.cast.ruth, at=NOW
    )


def breaks_glass(there: There) -> User:
    restrict(there.now(), by=there.cast.ruth, at=NOW)
    services.break_glass(
        ref=there.concern.ref, reason=BreakGlassReason.AGENCY, words="They ask now.", by=there.cast.mei, at=NOW
    )
    return there.cast.mei


# --- What ends it --------------------------------------------------------------------------------------


def _end_role(role: Role) -> Callable[[There, User], None]:
    def end(there: There, person: User) -> None:
        people.end_role(person=person, role=role, by=there.cast.bea, at=NOW)

    return end


def _end_champion(area: str) -> Callable[[There, User], None]:
    def end(there: There, person: User) -> None:
        # The last champion of an area stays, so another one comes first.
        people.appoint_champion(person=there.cast.tomasz, area=getattr(there.cast.areas, area), by=None, at=NOW)
        people.end_champion(person=person, area=getattr(there.cast.areas, area), by=there.cast.ruth, at=NOW)

    return end


def left_and_came_back(there: There, person: User) -> None:
    people.deactivate_person(person=person, reason="Left", by=there.cast.bea, at=NOW)
    people.reactivate_person(person=person, reason="Back", by=there.cast.bea, at=NOW)


def barred(there: There, person: User) -> None:
    bar(there.now(), staff_id=person.pk, reason="Named", by=there.cast.ruth, at=NOW)


def recused(there: There, person: User) -> None:
    recuse(there.now(), staff=person, reason="A cousin", by=there.cast.ruth, at=NOW)


def restricted(there: There, person: User) -> None:
    restrict(there.now(), by=there.cast.ruth, at=NOW)


def away(there: There, person: User) -> None:
    people.record_absence(person=person, starts_at=NOW, ends_at=NOW + 3 * DAY, by=person, at=NOW)
    sweep(at=NOW)


def taken_over(there: There, person: User) -> None:
    services.take(concern_id=there.concern.pk, by=there.cast.ruth, at=NOW, note="I take it.")


def answered(there: There, person: User) -> None:
    services.answer_dissatisfaction(
        concern_id=there.concern.pk, is_upheld=False, answer="We looked again.", by=person, at=NOW
    )


def viewed(there: There, person: User) -> None:
    step = TwoPersonStep.objects.get(concern=there.concern, is_agreed__isnull=True)
    services.give_second_view(step_id=step.pk, is_agreed=False, words="Not yet.", by=person, at=NOW)


def shown_out(there: There, person: User) -> None:
    services.end_let_in(concern_id=there.concern.pk, user_id=person.pk, by=there.cast.ruth, at=NOW)


def made_administrator(there: There, person: User) -> None:
    people.give_role(person=person, role=Role.ADMINISTRATOR, by=there.cast.bea, at=NOW)
    people.end_role(person=person, role=Role.ADMINISTRATOR, by=there.cast.carl, at=NOW)


def works_for_a_contractor(there: There, person: User) -> None:
    details = replace(
        PersonDetails.of(person), employment="contractor", firm="Brightwater", line_manager=there.cast.leon
    )
    people.change_person(person=person, details=details, by=there.cast.bea, at=NOW)
    people.change_person(
        person=person, details=replace(details, employment="employee", firm=""), by=there.cast.bea, at=NOW
    )


Has: TypeAlias = Callable[[There], User]
Loses: TypeAlias = Callable[[There, User], None]
ENDS: dict[Way, tuple[Has, tuple[Loses, ...]]] = {
    Way.HOLDS: (
        holds,
        (taken_over, away, left_and_came_back, barred, recused, _end_champion("homelessness")),
    ),
    Way.LEAD: (leads, (_end_role(Role.DEPUTY_LEAD), left_and_came_back, barred, recused)),
    Way.OPERATIONAL_LEAD: (leads_operations, (_end_role(Role.OPERATIONAL_LEAD), left_and_came_back, barred, recused)),
    Way.CHAMPION: (
        champions,
        (_end_champion("housing"), left_and_came_back, barred, recused, restricted),
    ),
    Way.REVIEWER: (
        looks_afresh,
        (answered, away, left_and_came_back, barred, recused,
         _end_role(Role.DESIGNATED_SENIOR_MANAGER)),
    ),
    Way.SECOND: (gives_second_view, (viewed, left_and_came_back, barred, recused, _end_role(Role.IG_LEAD))),
    Way.LET_IN: (
        is_let_in,
        (shown_out, left_and_came_back, barred, recused, made_administrator, works_for_a_contractor),
    ),
    Way.AUDIT: (audits, (shown_out, left_and_came_back, barred, recused, _end_role(Role.AUDITOR))),
    Way.BREAK_GLASS: (
        breaks_glass,
        (shown_out, left_and_came_back, barred, recused, _end_champion("homelessness")),
    ),
}  # fmt: skip
CELLS = [(way, has, loses) for way, (has, many) in ENDS.items() for loses in many]


def name_of(value: object) -> str:
    return getattr(value, "__qualname__", str(value)).split(".")[0].strip("_")


def test_every_way_in_is_asked_about() -> None:
    # The manager of whoever reported an emergency has tests of its own below.
    assert set(ENDS) | {Way.MANAGER} == set(Way)


@pytest.mark.parametrize(("way", "has", "loses"), CELLS, ids=name_of)
def test_from_that_second_on_there_is_no_such_case(there: There, way: Way, has: Has, loses: Loses) -> None:
    person = has(there)
    pages = addresses(there.concern)
    client = signed_in(person)
    for name in WHOLE:
        assert status_of(client, pages[name]) == 200, name
    assert ways_of(person, there.concern) == way
    loses(there, person)
    client = signed_in(person)
    for name, path in pages.items():
        if name in WHOLE:
            assert_not_there(client, path, name)
        else:
            assert client.get(path).status_code == 404, name


# Read by everybody who has a way in, and compared word for word once it is lost.
WHOLE = ("case", "decision", "page of the file")


def addresses(concern: Concern) -> dict[str, str]:
    record = SignedRecord.objects.filter(concern=concern).earliest("pk")
    draft = concern.decisions.get(status="draft")
    photo = concern.attachments.get()
    return {
        "case": reverse("concerns:show-concern", args=[concern.ref]),
        "decision": reverse("sharing:show-record", args=[record.ref, record.version]),
        "draft": reverse("sharing:show-draft", args=[draft.ref, draft.version]),
        "taking it out": reverse("sharing:export-record", args=[record.ref, record.version]),
        "referral": reverse("sharing:show-referral", args=[concern.referrals.get().ref]),
        "its document": reverse("sharing:fetch-document", args=[concern.referrals.get().ref]),
        "request": concern.requests.get().get_absolute_url(),
        "file": reverse("concerns:fetch-file", args=[concern.ref, photo.key]),
        "page of the file": reverse("concerns:show-file", args=[concern.ref, photo.key]),
    }


def signed_in(person: User) -> Client:
    """By password, so that no page stops at asking for fresh proof of identity; whoever came back has it again."""
    again = User.objects.get(pk=person.pk)
    again.set_password(PASSWORD)
    again.save(update_fields=["password"])
    client = Client()
    assert client.post("/account/login/", {"login": again.email, "password": PASSWORD}).status_code == 302
    return client


def status_of(client: Client, path: str) -> int:
    return client.get(path).status_code


def ways_of(person: User, concern: Concern) -> str:
    again = User.objects.get(pk=person.pk)
    return Concern.objects.visible_to(again).with_way(again).get(pk=concern.pk).read_by or ""


def assert_not_there(client: Client, path: str, what: str) -> None:
    """The answer is the one for what was never there."""
    answer = client.get(path)
    assert answer.status_code == 404, what
    unknown = REFERENCE.sub(r"\1-2222-2222", path)
    assert plain(answer.content, path) == plain(client.get(unknown).content, unknown), what


def plain(page: bytes, path: str) -> str:
    """Without what was asked for, and without what is new each time."""
    words = page.decode().replace(quote(path, safe=""), "")
    return re.sub(r'(name="csrfmiddlewaretoken" value|nonce)="[^"]+"', "", words)


# --- Time alone ends it ----------------------------------------------------------------------------------


def test_a_grant_and_an_hour_end_by_themselves(there: There) -> None:
    for has, until in ((is_let_in, NOW + 60 * DAY), (breaks_glass, NOW + HOUR)):
        person = User.objects.get(pk=has(there).pk)
        rows = Concern.objects.filter(pk=there.concern.pk)
        assert rows.visible_to(person, at=until - timedelta(microseconds=1)).exists()
        assert not rows.visible_to(person, at=until).exists()


# --- The manager of whoever reported an emergency ----------------------------------------------------------


def another_manager(there: There) -> None:
    details = replace(PersonDetails.of(there.cast.amara), line_manager=there.cast.colin)
    people.change_person(person=there.cast.amara, details=details, by=there.cast.bea, at=NOW)


def administrator(there: There) -> None:
    people.give_role(person=there.cast.gwen, role=Role.ADMINISTRATOR, by=there.cast.bea, at=NOW)


EMERGENCY_ENDS: dict[str, Callable[[There], object]] = {
    "acknowledged": lambda there: services.acknowledge(
        concern_id=there.emergency.pk, by=there.cast.dev, at=NOW, has_conflict=False
    ),
    "restricted": lambda there: restrict(fresh(there.emergency), by=there.cast.ruth, at=NOW),
    "barred": lambda there: bar(
        fresh(there.emergency), staff_id=there.cast.gwen.pk, reason="Named", by=there.cast.ruth, at=NOW
    ),
    "another manager": another_manager,
    "administrator": administrator,
}


@pytest.mark.parametrize("how", EMERGENCY_ENDS)
def test_a_manager_who_was_told_of_an_emergency_reads_it_no_more(there: There, how: str) -> None:
    services.take(concern_id=there.emergency.pk, by=there.cast.dev, at=NOW)
    assert ways_of(there.cast.gwen, there.emergency) == Way.MANAGER
    path = reverse("concerns:show-concern", args=[there.emergency.ref])
    assert signed_in(there.cast.gwen).get(path).status_code == 200
    EMERGENCY_ENDS[how](there)
    assert_not_there(signed_in(there.cast.gwen), path, how)


@pytest.mark.parametrize("how", ["another manager", "administrator"])
def test_what_a_line_manager_holds_closes_with_the_line_and_goes_on(there: There, how: str) -> None:
    assert holder_of(there.emergency) == there.cast.gwen
    path = reverse("concerns:show-concern", args=[there.emergency.ref])
    EMERGENCY_ENDS[how](there)
    assert_not_there(signed_in(there.cast.gwen), path, how)
    with pytest.raises(NotAllowed):
        services.acknowledge(concern_id=there.emergency.pk, by=fresh_user(there.cast.gwen), at=NOW, has_conflict=False)
    sweep(at=NOW)
    assert holder_of(there.emergency) in (there.cast.dev, there.cast.nadia)
    assert_not_there(signed_in(there.cast.gwen), path, how)


def fresh_user(user: User) -> User:
    return User.objects.get(pk=user.pk)


# --- Closed, and entered in error ---------------------------------------------------------------------------


def test_whoever_held_it_reads_it_no_more_once_it_is_closed(there: There) -> None:
    with cases.everyone_decided():
        concern = cases.closing_proposed(there.cast, at=NOW - DAY)
        path = reverse("concerns:show-concern", args=[concern.ref])
        assert signed_in(there.cast.gwen).get(path).status_code == 200
        services.agree_closure(concern_id=concern.pk, words="Agreed.", by=there.cast.dev, at=NOW)
    assert_not_there(signed_in(there.cast.gwen), path, "closed")


def test_what_was_entered_in_error_closes_to_everybody_but_the_leads(there: There) -> None:
    concern = cases.submitted(there.cast, at=NOW - DAY)
    services.let_in(
        concern_id=concern.pk, person=there.cast.quinn, until=NOW + DAY, reason="Why", by=there.cast.ruth, at=NOW
    )
    services.break_glass(ref=concern.ref, reason="agency", words="They ask.", by=there.cast.mei, at=NOW)
    readers = (there.cast.gwen, there.cast.nadia, there.cast.quinn, there.cast.mei)
    path = reverse("concerns:show-concern", args=[concern.ref])
    for reader in readers:
        assert signed_in(reader).get(path).status_code == 200, reader
    step = services.ask_second_person(
        concern_id=concern.pk, act=TwoPersonAct.VOID, reason="Another Jean.", by=there.cast.ruth, at=NOW
    )
    services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=there.cast.imran, at=NOW)
    for reader in readers:
        assert_not_there(signed_in(reader), path, reader.full_name)


# --- Grants end for good -----------------------------------------------------------------------


def test_a_grant_that_ended_with_its_ground_is_in_the_ledger_and_never_comes_back(there: There) -> None:
    audits(there)
    _end_role(Role.AUDITOR)(there, there.cast.alan)
    event = Event.objects.filter(code="concern.let_in_ended").latest("pk")
    assert (event.concern_id, event.actor_id, event.data) == (
        there.concern.pk, there.cast.bea.pk, {"staff": there.cast.alan.pk, "cause": "auditor"},
    )  # fmt: skip
    people.give_role(person=there.cast.alan, role=Role.AUDITOR, by=None, at=NOW + HOUR)
    assert not Concern.objects.visible_to(fresh_user(there.cast.alan)).filter(pk=there.concern.pk).exists()
    grant = ConcernGrant.grants.get(user=there.cast.alan)
    assert (grant.ended_at, grant.ended_by) == (NOW, there.cast.bea)


def test_leaving_ends_what_was_opened_by_name_and_says_so(there: There) -> None:
    is_let_in(there)
    left_and_came_back(there, there.cast.quinn)
    event = Event.objects.filter(code="concern.let_in_ended").latest("pk")
    assert (event.concern_id, event.data) == (there.concern.pk, {"staff": there.cast.quinn.pk, "cause": "left"})


def test_what_was_given_by_name_stays_when_another_role_ends(there: There) -> None:
    """Mei was let in by name, not because she is a champion."""
    restrict(there.now(), by=there.cast.ruth, at=NOW)
    let_in(there, there.cast.mei)
    _end_champion("homelessness")(there, there.cast.mei)
    assert ways_of(there.cast.mei, there.concern) == Way.LET_IN


def test_an_auditor_who_is_one_no_more_is_not_let_in_by_the_second_person(there: There) -> None:
    restrict(there.now(), by=there.cast.ruth, at=NOW)
    step = let_in(there, there.cast.alan)
    _end_role(Role.AUDITOR)(there, there.cast.alan)
    with pytest.raises(NotAllowed, match="not an auditor any more"):
        services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=there.cast.imran, at=NOW)
    assert not ConcernGrant.grants.filter(user=there.cast.alan).exists()


def test_break_glass_ends_with_the_part_that_allowed_it(there: There) -> None:
    breaks_glass(there)
    _end_champion("homelessness")(there, there.cast.mei)
    people.appoint_champion(person=there.cast.mei, area=there.cast.areas.homelessness, by=None, at=NOW)
    assert not Concern.objects.visible_to(fresh_user(there.cast.mei)).filter(pk=there.concern.pk).exists()
    assert BreakGlass.objects.filter(by=there.cast.mei, judged_at__isnull=True).exists(), "it is still to be judged"


# --- A reviewer who has no part any more ---------------------------------------------------------


def complained(there: There) -> Dissatisfaction:
    """Dev holds it, so the other champion of the area is asked."""
    row = services.say_not_satisfied(concern_id=there.concern.pk, words="No.", by=there.cast.amara, at=NOW)
    assert row.reviewer == there.cast.nadia
    return row


def test_a_reviewer_whose_post_ended_neither_reads_nor_answers_and_is_replaced(there: There) -> None:
    row = complained(there)
    _end_champion("housing")(there, there.cast.nadia)
    nadia = fresh_user(there.cast.nadia)
    rows = Concern.objects.filter(pk=there.concern.pk)
    assert not rows.visible_to(nadia).exists()
    assert not rows.workable_by(nadia).exists()
    with pytest.raises(NotAllowed):
        services.answer_dissatisfaction(concern_id=there.concern.pk, is_upheld=False, answer="Ok.", by=nadia, at=NOW)
    sweep(at=NOW)
    row.refresh_from_db()
    assert row.reviewer not in (there.cast.nadia, there.cast.dev)
    assert rows.visible_to(fresh_user(row.reviewer)).exists()
    assert Event.objects.filter(code="concern.reviewer_changed", concern_id=there.concern.pk).exists()


def test_a_champion_who_looks_afresh_is_replaced_at_once_when_it_becomes_restricted(there: There) -> None:
    row = complained(there)
    restrict(there.now(), by=there.cast.ruth, at=NOW)
    row.refresh_from_db()
    assert row.reviewer == there.cast.ruth
    assert_not_there(signed_in(there.cast.nadia), addresses(there.concern)["case"], "case")


AT_LEAD_LEVEL = ("ruth", "imran", "karen", "martin", "sunita")


def gone_for_days(there: There, *names: str) -> None:
    for name in names:
        person = getattr(there.cast, name)
        people.record_absence(person=person, starts_at=NOW, ends_at=NOW + 3 * DAY, by=person, at=NOW)


def test_nor_does_the_champion_read_on_when_everybody_at_lead_level_is_away(there: There) -> None:
    """Somebody away is asked rather than somebody who may not read it; whoever is back first takes it over."""
    row = complained(there)
    gone_for_days(there, *AT_LEAD_LEVEL)
    restrict(there.now(), by=there.cast.ruth, at=NOW)
    assert_not_there(signed_in(there.cast.nadia), addresses(there.concern)["case"], "case")
    row.refresh_from_db()
    assert row.reviewer == there.cast.ruth
    for _ in range(2):
        sweep(at=NOW)
        row.refresh_from_db()
        assert row.reviewer == there.cast.ruth
    people.cancel_absence(absence=Absence.objects.get(user=there.cast.martin), by=there.cast.martin, at=NOW)
    sweep(at=NOW)
    row.refresh_from_db()
    assert row.reviewer == there.cast.martin


def test_a_complaint_about_a_restricted_concern_waits_for_lead_level_not_for_a_champion(there: There) -> None:
    restrict(there.now(), by=there.cast.ruth, at=NOW)
    gone_for_days(there, *AT_LEAD_LEVEL)
    row = services.say_not_satisfied(concern_id=there.concern.pk, words="No.", by=there.cast.amara, at=NOW)
    assert row.reviewer == there.cast.ruth


def test_a_champion_in_the_row_of_a_restricted_concern_reads_nothing_while_lead_level_is_left(there: There) -> None:
    """In the query and on the page of who can see it, before any sweep; the last at lead level makes the difference."""
    complained(there)
    Concern.objects.filter(pk=there.concern.pk).update(is_restricted=True)
    assert_not_there(signed_in(there.cast.nadia), addresses(there.concern)["case"], "case")
    assert there.cast.nadia not in [found.user for found in people_let_in(there.now(), at=NOW)]
    # Each of the five is out for a reason of their own: kept out, held it, or managed by somebody named.
    for lead in (there.cast.ruth, there.cast.imran):
        recuse(there.now(), staff=lead, reason="A cousin", by=there.cast.ruth, at=NOW)
    for lead in (there.cast.karen, there.cast.sunita):
        Assignment.objects.create(concern=there.concern, holder=lead, started_at=NOW, ended_at=NOW, cause="taken")
    rows = Concern.objects.filter(pk=there.concern.pk)
    assert not rows.visible_to(fresh_user(there.cast.nadia)).exists()
    User.objects.filter(pk=there.cast.martin.pk).update(line_manager=there.cast.quinn)
    Conflict.objects.create(
        concern=there.concern, staff=there.cast.quinn, kind=ConflictKind.BARRED, recorded_at=NOW,
        recorded_by=there.cast.ruth,
    )  # fmt: skip
    assert ways_of(there.cast.nadia, there.concern) == Way.REVIEWER
    assert (there.cast.nadia, Way.REVIEWER) in [(one.user, one.way) for one in people_let_in(there.now(), at=NOW)]


def test_lead_level_far_below_somebody_named_looks_afresh_before_a_champion_does(there: There) -> None:
    """Of lead level only Karen is left, and two levels above her stands who is named (R45)."""
    named, between = there.cast.quinn, there.cast.helen
    User.objects.filter(pk=there.cast.karen.pk).update(line_manager=between)
    User.objects.filter(pk=between.pk).update(line_manager=named)
    row = complained(there)
    for lead in (there.cast.ruth, there.cast.imran, there.cast.martin, there.cast.sunita):
        recuse(there.now(), staff=lead, reason="A cousin", by=there.cast.ruth, at=NOW)
    bar(there.now(), staff_id=named.pk, reason="Named", by=there.cast.ruth, at=NOW)
    row.refresh_from_db()
    assert row.reviewer == there.cast.karen


def test_the_last_champion_who_could_look_afresh_stays_asked(there: There) -> None:
    """Restricted, and everybody at lead level is kept out: a champion is the last who can, and is not changed for
    another one at every sweep."""
    row = complained(there)
    for lead in (there.cast.ruth, there.cast.imran, there.cast.karen, there.cast.martin, there.cast.sunita):
        recuse(there.now(), staff=lead, reason="A cousin", by=there.cast.ruth, at=NOW)
    restrict(there.now(), by=there.cast.ruth, at=NOW)
    for _ in range(2):
        sweep(at=NOW)
        row.refresh_from_db()
        assert row.reviewer == there.cast.nadia
    assert ways_of(there.cast.nadia, there.concern) == Way.REVIEWER


def test_the_last_lead_cannot_be_made_an_administrator(there: There) -> None:
    with pytest.raises(NotAllowed):
        people.give_role(person=there.cast.ruth, role=Role.ADMINISTRATOR, by=there.cast.bea, at=NOW)
    assert Concern.objects.visible_to(fresh_user(there.cast.ruth)).filter(pk=there.concern.pk).exists()


def test_letting_in_whoever_left_meanwhile_is_refused(there: There) -> None:
    people.deactivate_person(person=there.cast.quinn, reason="Left", by=there.cast.bea, at=NOW)
    with pytest.raises((NotAllowed, NotNow)):
        let_in(there, there.cast.quinn)  # as it was read before they left
