"""Break-glass: who may, what it opens, who is told and judges, and that the implicated learn nothing (domain.md 5)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import services as people
from accounts.models import ChampionAppointment, User
from accounts.vocabulary import Role
from audit.models import Event
from concerns import services
from concerns.models import BreakGlass, BreakGlassStop, Concern, Deadline
from concerns.selectors.break_glass import glass_counts, stops_counted, uses_to_judge
from concerns.selectors.who_sees import who_sees
from concerns.services.break_glass import GlassStopped, judges_of
from concerns.services.conflicts import bar, recuse
from concerns.services.sweeping import sweep
from concerns.vocabulary import FileSort, Implicated, TwoPersonAct
from safeguarding.kit import outbox
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from safeguarding.kit.models import OutboxMessage
from sharing.models import SignedRecord
from tests.build import cases, files
from tests.build import sharing as build
from tests.build.cast import PASSWORD, Cast, make_cast
from tests.build.intakes import PLAIN
from tests.build.web import get, statements

pytestmark = pytest.mark.django_db
# A Tuesday, 10:00.
AT = cases.AT
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NAMED = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_words="Somebody who calls each week.")
WORDS = "The police ask about her, and Ruth does not answer."
PAGE = "/break-glass/"
USES = "/break-glass/uses/"
UNKNOWN = "SC-2222-2222"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def concern(cast: Cast) -> Concern:
    """Restricted: Gwen holds it, and only the leads read it beside her."""
    return cases.submitted(cast, intake=NAMED)


def reads(user: User, concern: Concern, *, at: datetime) -> bool:
    return Concern.objects.visible_to(User.objects.get(pk=user.pk), at=at).filter(pk=concern.pk).exists()


def smash(concern: Concern | str, by: User, *, at: datetime = AT + HOUR) -> BreakGlass | None:
    ref = concern if isinstance(concern, str) else concern.ref
    return services.break_glass(ref=ref, reason="agency", words=WORDS, by=User.objects.get(pk=by.pk), at=at)


def proven(user: User, *, at: datetime) -> Client:
    """A client whose person gave their password at `at`."""
    client = Client()
    with time_machine.travel(at, tick=False):
        client.post("/account/login/", {"login": user.email, "password": PASSWORD})
    return client


def send(client: Client, ref: str, *, at: datetime, **more: str) -> Any:
    with time_machine.travel(at, tick=False):
        return client.post(PAGE, {"ref": ref, "reason": "agency", "words": WORDS, **more})


def told(kind: str) -> set[int]:
    return set(OutboxMessage.objects.filter(kind=kind).values_list("recipient_id", flat=True))


# --- Who may, and what it opens ---------------------------------------------------------------


def test_it_opens_one_concern_for_60_minutes_to_the_second(cast: Cast, concern: Concern) -> None:
    other = cases.submitted(cast, intake=NAMED, by=cast.sian)
    use = smash(concern, cast.dev)
    assert use is not None
    assert (use.by, use.at, use.ends_at) == (cast.dev, AT + HOUR, AT + 2 * HOUR)
    assert reads(cast.dev, concern, at=AT + HOUR)
    assert reads(cast.dev, concern, at=AT + 2 * HOUR - timedelta(microseconds=1))
    assert not reads(cast.dev, concern, at=AT + 2 * HOUR)
    assert not reads(cast.dev, other, at=AT + HOUR)
    event = Event.objects.get(code="concern.glass_broken")
    assert (event.actor_id, event.concern_id, event.data["why"]) == (cast.dev.pk, concern.pk, "agency")
    assert event.reason_digest


def test_offices_that_may_and_offices_that_never_may(cast: Cast, concern: Concern) -> None:
    for user in (cast.dev, cast.mei, cast.martin, cast.joyce):
        assert smash(concern, user) is not None
        assert reads(user, concern, at=AT + HOUR + MINUTE)
    never = (cast.amara, cast.jakub, cast.colin, cast.leon, cast.helen, cast.sunita, cast.alan, cast.bea, cast.quinn)
    for user in never:
        with pytest.raises(NotAllowed):
            smash(concern, user)
        assert not reads(user, concern, at=AT + HOUR + MINUTE)
    assert BreakGlass.objects.count() == 4


def test_an_administrator_never_may_whatever_else_they_are(cast: Cast, concern: Concern) -> None:
    ChampionAppointment.objects.create(user=cast.bea, service_area=cast.areas.income, started_at=AT)
    with pytest.raises(NotAllowed):
        smash(concern, cast.bea)


def test_whoever_reads_it_anyway_breaks_nothing(cast: Cast, concern: Concern) -> None:
    for user in (cast.ruth, cast.imran, cast.karen):
        assert smash(concern, user) is None
    smash(concern, cast.dev)
    assert smash(concern, cast.dev, at=AT + HOUR + MINUTE) is None
    assert BreakGlass.objects.count() == 1


def test_a_reason_from_the_list_and_words(cast: Cast, concern: Concern) -> None:
    with pytest.raises(Unsound) as caught:
        services.break_glass(ref=concern.ref, reason="curious", words=" ", by=cast.dev, at=AT)
    assert set(caught.value.problems) == {"reason", "words"}
    assert not BreakGlass.objects.exists()


def test_it_ends_with_the_office_and_with_a_bar(cast: Cast, concern: Concern) -> None:
    smash(concern, cast.dev)
    smash(concern, cast.mei)
    people.end_champion(person=cast.dev, area=cast.areas.housing, by=cast.ruth, at=AT + HOUR + MINUTE)
    assert not reads(cast.dev, concern, at=AT + HOUR + MINUTE)
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.mei.pk, reason="Named", by=cast.ruth, at=AT + HOUR + MINUTE)
    assert not reads(cast.mei, concern, at=AT + HOUR + MINUTE)


# --- Read only --------------------------------------------------------------------------------


def test_nothing_can_be_changed_or_taken_out_by_it(cast: Cast) -> None:
    """Dev is champion of the area, so that by his office every door would be open if it were not for the glass."""
    concern, referral = build.sent(cast)
    record = SignedRecord.objects.get(concern=concern)
    moment = build.SIGNED_AT + 5 * HOUR
    assert concern.responsible is not None
    (photo,) = services.add_files(
        concern_id=concern.pk, files=[files.incoming("a.jpg", files.photo())], sort=FileSort.PHOTO, description="",
        by=concern.responsible, at=build.SIGNED_AT,
    )  # fmt: skip
    files.close_all()
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.tomasz.pk, reason="Named", by=cast.ruth, at=moment)
    reader = cast.nadia if concern.responsible_id != cast.nadia.pk else cast.dev
    assert not reads(reader, concern, at=moment)
    smash(concern, reader, at=moment)
    client = proven(reader, at=moment)
    before = Concern.objects.get(pk=concern.pk).version
    seen = Event.objects.order_by("-pk").first()
    assert seen is not None
    person = concern.involvements.select_related("person").get(role="at_risk").person
    page = f"/concerns/{concern.ref}/"
    with time_machine.travel(moment + MINUTE, tick=False):
        assert client.get(page).status_code == 200
        assert client.get(f"/sharing/decisions/{record.ref}/{record.version}/").status_code == 200
        for act in (
            "take/", "acknowledge/", "decline/", "hand-on/", "area/", "note/", "emergency-call/", "feedback/",
            "answer/", "people/add/", f"people/{person.ref}/at_risk/", "triage/", "review/", "close/", "close/view/",
            "reopen/", "join/", "separate/", "error/", "restriction/", "who-may-not/", "second-view/",
            "death-or-move/", "legal-hold/", "worker/hr/", "who/", "who/let-in/", "who/end/", "long-open/", "access/",
        ):  # fmt: skip
            answer = client.post(page + act, {"seen_version": str(before), "reason": "x", "text": "x", "words": "x"})
            assert answer.status_code in (302, 404, 405), (act, answer.status_code)
        assert client.get(f"{page}files/{photo.key}/").status_code == 200
        assert client.get(f"{page}files/{photo.key}/download/").status_code == 302
        assert client.post(f"{page}files/{photo.key}/error/", {"reason": "x"}).status_code == 302
        assert client.post(f"{page}files/add/", {"sort": "photo"}).status_code == 302
        pdf = client.post(
            f"/sharing/decisions/{record.ref}/{record.version}/pdf/",
            {"reason": "x", "recipient": "x", "naming": "masked"},
        )
        assert (pdf.status_code, pdf["Content-Type"].startswith("application/pdf")) == (302, False)
        paper = client.get(f"/sharing/referrals/{referral.ref}/document.pdf")
        assert not paper["Content-Type"].startswith("application/pdf")
    assert not SignedRecord.objects.takeable_by(User.objects.get(pk=reader.pk)).filter(concern=concern).exists()
    assert Concern.objects.get(pk=concern.pk).version == before
    after = set(Event.objects.filter(pk__gt=seen.pk, actor_id=reader.pk).values_list("code", flat=True))
    assert after <= {"concern.viewed", "concern.file_viewed", "sharing.record_viewed", "audit.act_refused"}, after


def test_every_page_says_so_in_words(cast: Cast, concern: Concern) -> None:
    client = proven(cast.dev, at=AT + HOUR)
    answer = send(client, concern.ref, at=AT + HOUR + MINUTE)
    assert (answer.status_code, answer["Location"]) == (302, f"/concerns/{concern.ref}/")
    with time_machine.travel(AT + HOUR + 2 * MINUTE, tick=False):
        for path in (f"/concerns/{concern.ref}/", "/"):
            body = client.get(path).content.decode()
            assert 'class="app-watermark"' in body
            assert re.search(r"Break-glass:</strong>\s*<bdi>Dev Patel</bdi> has", body), path
    assert Event.objects.filter(code="concern.viewed", actor_id=cast.dev.pk).get().data == {"way": "break_glass"}
    with time_machine.travel(AT + 3 * HOUR, tick=False):
        assert client.get(f"/concerns/{concern.ref}/").status_code in (302, 404)
    assert "app-watermark" not in get("/", cast.dev, at=AT + 3 * HOUR).content.decode()
    assert "app-watermark" not in get("/", cast.nadia, at=AT + HOUR + 2 * MINUTE).content.decode()


# --- Fresh proof and the page -----------------------------------------------------------------


def test_fresh_proof_is_asked_for_and_the_words_are_kept(cast: Cast, concern: Concern) -> None:
    client = proven(cast.dev, at=AT)
    with time_machine.travel(AT + 6 * MINUTE, tick=False):
        assert client.get(PAGE)["Location"].startswith("/account/reauthenticate/")
    answer = send(client, concern.ref, at=AT + 6 * MINUTE)
    assert answer.status_code == 200
    body = answer.content.decode()
    assert "It is more than five minutes since you proved who you are" in body
    assert WORDS in body
    assert not BreakGlass.objects.exists()
    with time_machine.travel(AT + 7 * MINUTE, tick=False):
        client.post("/account/reauthenticate/", {"password": PASSWORD})
    assert send(client, concern.ref, at=AT + 8 * MINUTE).status_code == 302
    assert BreakGlass.objects.count() == 1


def test_the_page_is_not_there_for_those_who_never_may(cast: Cast) -> None:
    for user in (cast.amara, cast.jakub, cast.colin, cast.bea):
        assert get(PAGE, user, at=AT).status_code == 404
        assert "break-glass" not in get("/", user, at=AT).content.decode().lower()
    assert Event.objects.filter(code="audit.act_refused", data__act="concerns.break-glass").count() == 4


# --- The implicated, the recused, and the unknown ---------------------------------------------


def shut_out(cast: Cast, concern: Concern) -> None:
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.dev.pk, reason="Named", by=cast.ruth, at=AT)
    recuse(Concern.objects.get(pk=concern.pk), staff=cast.mei, reason="My aunt", by=cast.mei, at=AT)


def test_the_implicated_the_recused_and_whoever_works_below_them_are_stopped(cast: Cast, concern: Concern) -> None:
    shut_out(cast, concern)
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.helen.pk, reason="Named", by=cast.ruth, at=AT)
    # Helen manages Nadia; nobody named manages Joyce.
    for user in (cast.dev, cast.mei, cast.nadia):
        with pytest.raises(GlassStopped):
            smash(concern, user)
    assert smash(concern, cast.joyce) is not None
    assert BreakGlass.objects.count() == 1


def plain(page: bytes, ref: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.decode().replace(ref, ""))


def test_an_unknown_and_a_closed_reference_answer_alike_and_cost_alike(cast: Cast, concern: Concern) -> None:
    shut_out(cast, concern)
    void = cases.acknowledged(cast, holder=cast.nadia, by=cast.sian)
    step = services.ask_second_person(
        concern_id=void.pk, act=TwoPersonAct.VOID, reason="A test", by=cast.ruth, at=AT + HOUR
    )
    services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=cast.imran, at=AT + HOUR)
    client = proven(cast.dev, at=AT + HOUR)
    send(client, UNKNOWN, at=AT + HOUR)
    pages, costs = {}, {}
    for ref in (UNKNOWN, concern.ref, void.ref):
        with CaptureQueriesContext(connection) as captured:
            answer = send(client, ref, at=AT + HOUR + MINUTE)
        assert answer.status_code == 200
        pages[ref] = plain(answer.content, ref)
        costs[ref] = [re.sub(r"\W.*", "", sql) for sql in statements(captured)]
    assert pages[UNKNOWN] == pages[concern.ref] == pages[void.ref]
    assert "Break-glass can’t open this reference." in pages[UNKNOWN]
    assert "contact a safeguarding lead" in pages[UNKNOWN]
    assert costs[UNKNOWN] == costs[concern.ref] == costs[void.ref]


def test_being_stopped_is_kept_and_told_to_the_leads_who_may_know(cast: Cast, concern: Concern) -> None:
    shut_out(cast, concern)
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.imran.pk, reason="Named", by=cast.ruth, at=AT)
    client = proven(cast.dev, at=AT + HOUR)
    send(client, concern.ref, at=AT + HOUR + MINUTE)
    stop = BreakGlassStop.objects.get()
    assert (stop.by, stop.concern) == (cast.dev, concern)
    assert told("concern.glass_stopped") == {cast.ruth.pk}
    event = Event.objects.get(code="concern.glass_stopped")
    assert (event.actor_id, event.concern_id) == (cast.dev.pk, concern.pk)
    lead = get("/break-glass/uses/", cast.ruth, at=AT + 2 * HOUR).content.decode()
    assert concern.ref in lead
    assert "Dev Patel" in lead
    # The barred deputy hears nothing and finds nothing.
    assert concern.ref not in get("/break-glass/uses/", cast.imran, at=AT + 2 * HOUR).content.decode()


def test_a_guess_is_told_to_the_leads_too_without_what_was_typed(cast: Cast) -> None:
    client = proven(cast.dev, at=AT + HOUR)
    send(client, UNKNOWN, at=AT + HOUR + MINUTE)
    assert BreakGlassStop.objects.get().concern is None
    assert told("concern.glass_stopped") == {cast.ruth.pk, cast.imran.pk}
    outbox.deliver_due(at=AT + 2 * HOUR)
    assert len(mail.outbox) == 2
    assert all(UNKNOWN not in f"{message.subject}{message.body}" for message in mail.outbox)
    assert "no such concern" in get("/break-glass/uses/", cast.ruth, at=AT + 2 * HOUR).content.decode()


def test_where_no_lead_may_know_of_a_stop_the_senior_manager_and_next_the_chief_executive_does(
    cast: Cast, concern: Concern
) -> None:
    """Told is told to somebody who can open it: with the reference, without a way in to the concern."""
    for lead in (cast.ruth, cast.imran):
        bar(Concern.objects.get(pk=concern.pk), staff_id=lead.pk, reason="Named", by=cast.karen, at=AT)
    services.note_stopped_glass(ref=UNKNOWN, by=cast.dev, at=AT + HOUR)
    assert told("concern.glass_stopped") == {cast.ruth.pk, cast.imran.pk}
    assert get(USES, cast.martin, at=AT + HOUR).status_code == 404
    services.note_stopped_glass(ref=concern.ref, by=cast.ruth, at=AT + HOUR)
    assert told("concern.glass_stopped") == {cast.ruth.pk, cast.imran.pk, cast.martin.pk}
    outbox.deliver_due(at=AT + HOUR)
    assert [message.to for message in mail.outbox if "stopped" in message.subject].count([cast.martin.email]) == 1
    page = get(USES, cast.martin, at=AT + 2 * HOUR).content.decode()
    assert concern.ref in page
    assert "Ruth" in page
    assert concern.get_absolute_url() not in page, "it is closed to him"
    assert "Dev Patel" not in page, "of what the leads hear he hears nothing"
    assert USES in get("/", cast.martin, at=AT + 2 * HOUR).content.decode()
    for user in (cast.ruth, cast.imran, cast.karen, cast.sunita):
        answer = get(USES, user, at=AT + 2 * HOUR)
        assert concern.ref not in answer.content.decode()
    # With him kept out as well, the chief executive; she hears of the next one.
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.martin.pk, reason="Named", by=cast.karen, at=AT + 2 * HOUR)
    assert concern.ref not in get(USES, cast.martin, at=AT + 2 * HOUR).content.decode()
    services.note_stopped_glass(ref=concern.ref, by=cast.imran, at=AT + 3 * HOUR)
    assert cast.sunita.pk in told("concern.glass_stopped")
    assert concern.ref in get(USES, cast.sunita, at=AT + 3 * HOUR).content.decode()


# --- Told and judged --------------------------------------------------------------------------


def test_with_the_office_judging_ends_and_somebody_else_is_asked(cast: Cast, concern: Concern) -> None:
    use = smash(concern, cast.dev)
    assert use is not None
    assert use.judge == cast.ruth
    clock = Deadline.objects.get(kind="glass")
    people.end_role(person=cast.ruth, role=Role.SAFEGUARDING_LEAD, by=None, at=AT + 2 * HOUR)
    services.note_stopped_glass(ref=UNKNOWN, by=cast.mei, at=AT + 2 * HOUR)
    before = User.objects.get(pk=cast.ruth.pk)
    assert get(USES, before, at=AT + 3 * HOUR).status_code == 404
    assert get(f"{USES}{use.ref}/", before, at=AT + 3 * HOUR).status_code == 404
    with pytest.raises(NotAllowed):
        services.judge_break_glass(use_id=use.pk, is_justified=True, words="Fine", by=before, at=AT + 3 * HOUR)
    heard = OutboxMessage.objects.filter(kind="concern.glass_broken", recipient_id=cast.imran.pk)
    assert heard.count() == 1  # as one of the leads
    for _ in range(2):
        sweep(at=AT + 3 * HOUR)
        use.refresh_from_db()
        assert use.judge == cast.imran
    assert heard.count() == 2, "now as the judge"
    event = Event.objects.get(code="concern.glass_judge_changed")
    assert (event.actor_id, event.data) == (None, {"use": use.ref, "judge": cast.imran.pk})
    assert Deadline.objects.get(kind="glass").due_at == clock.due_at
    services.judge_break_glass(use_id=use.pk, is_justified=True, words="They did ask", by=cast.imran, at=AT + 4 * HOUR)


def test_a_senior_manager_whose_office_ended_judges_no_lead_any_more(cast: Cast) -> None:
    """A lead reads everything, so this takes somebody who was made deputy lead since; nobody was there to be asked."""
    concern = cases.submitted(cast, intake=NAMED)
    use = smash(concern, cast.joyce)
    assert use is not None
    BreakGlass.objects.update(judge=None)
    people.give_role(person=cast.joyce, role=Role.DEPUTY_LEAD, by=None, at=AT + HOUR)
    sweep(at=AT + HOUR + MINUTE)
    use.refresh_from_db()
    assert use.judge == cast.martin, "no lead judges a lead"
    assert get(f"{USES}{use.ref}/", cast.martin, at=AT + 2 * HOUR).status_code == 200
    people.end_role(person=cast.martin, role=Role.DESIGNATED_SENIOR_MANAGER, by=None, at=AT + 2 * HOUR)
    assert get(f"{USES}{use.ref}/", User.objects.get(pk=cast.martin.pk), at=AT + 2 * HOUR).status_code == 404
    sweep(at=AT + 2 * HOUR)
    use.refresh_from_db()
    assert use.judge == cast.sunita
    assert cast.sunita.pk in told("concern.glass_broken")


def test_the_leads_are_told_at_once_by_a_reference_and_a_link(cast: Cast, concern: Concern) -> None:
    use = smash(concern, cast.dev)
    assert use is not None
    assert told("concern.glass_broken") == {cast.ruth.pk, cast.imran.pk}
    outbox.deliver_due(at=AT + HOUR)
    mine = [message for message in mail.outbox if "Break-glass was used" in message.subject]
    assert len(mine) == 2
    assert f"Reference: {use.ref}" in mine[0].body
    for words in (concern.ref, "Dev", WORDS, "Jean"):
        assert words not in mine[0].body


def test_it_is_due_in_two_working_days_and_judged_by_somebody_else(cast: Cast, concern: Concern) -> None:
    use = smash(concern, cast.dev)
    assert use is not None
    # Tuesday 11:00; two working days later is Thursday 11:00.
    clock = Deadline.objects.get(kind="glass")
    assert (clock.about, clock.due_at) == (use.ref, datetime(2026, 2, 5, 11, 0, tzinfo=UTC))
    assert Concern.objects.get(pk=concern.pk).next_due_at != clock.due_at
    assert [row.ref for row in uses_to_judge(cast.ruth, at=AT + 2 * HOUR)] == [use.ref]
    assert uses_to_judge(cast.dev, at=AT + 2 * HOUR) == []
    assert use.ref in get("/", cast.ruth, at=AT + 2 * HOUR).content.decode()
    for stranger in (cast.dev, cast.nadia, cast.karen, cast.martin, cast.gwen):
        with pytest.raises(NotAllowed):
            services.judge_break_glass(use_id=use.pk, is_justified=True, words="Fine", by=stranger, at=AT + 2 * HOUR)
        assert get(f"/break-glass/uses/{use.ref}/", stranger, at=AT + 2 * HOUR).status_code == 404
    services.judge_break_glass(use_id=use.pk, is_justified=False, words="He could ring", by=cast.ruth, at=AT + DAY)
    use.refresh_from_db()
    assert (use.is_justified, use.judged_by, use.judged_words) == (False, cast.ruth, "He could ring")
    assert Deadline.objects.get(kind="glass").met_at == AT + DAY
    assert Event.objects.get(code="concern.glass_judged").data == {"use": use.ref, "justified": False}
    with pytest.raises(NotNow):
        services.judge_break_glass(use_id=use.pk, is_justified=True, words="Fine", by=cast.imran, at=AT + DAY)


def test_the_judge_reads_why_and_what_was_opened_and_answers_on_the_page(cast: Cast, concern: Concern) -> None:
    use = smash(concern, cast.dev)
    assert use is not None
    get(f"/concerns/{concern.ref}/", cast.dev, at=AT + HOUR + MINUTE)
    url = f"/break-glass/uses/{use.ref}/"
    page = get(url, cast.ruth, at=AT + 2 * HOUR).content.decode()
    for words in ("Dev Patel", WORDS, "The police, an ambulance or another agency asks now", "Concern opened"):
        assert words in page
    client = proven(cast.ruth, at=AT + 2 * HOUR)
    with time_machine.travel(AT + 2 * HOUR, tick=False):
        assert "Choose whether it was justified" in client.post(url, {"words": "Because"}).content.decode()
        assert client.post(url, {"view": "yes", "words": "They did ask"}).status_code == 302
    use.refresh_from_db()
    assert use.is_justified is True


def test_what_a_lead_opened_is_judged_by_the_senior_manager_and_next_the_chief_executive(cast: Cast) -> None:
    """A lead reads everything, so this takes an auditor who was made deputy lead since."""
    concern = cases.submitted(cast, intake=NAMED)
    people.give_role(person=cast.joyce, role=Role.DEPUTY_LEAD, by=None, at=AT)
    use = BreakGlass(concern=concern, by=User.objects.get(pk=cast.joyce.pk), ref="BG-TEST", at=AT, ends_at=AT + HOUR)
    assert judges_of(use, at=AT) == [cast.martin]
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.martin.pk, reason="Named", by=cast.ruth, at=AT)
    assert judges_of(use, at=AT) == [cast.sunita]


def test_whoever_was_asked_to_judge_is_on_the_page_of_who_can_see_it_while_they_may(
    cast: Cast, concern: Concern
) -> None:
    """Martin, who judges what a lead did, reads the words and the reference; leads read the case."""
    joyce = people.give_role(person=cast.joyce, role=Role.DEPUTY_LEAD, by=None, at=AT).user
    for number, judge in enumerate((cast.martin, cast.martin, cast.ruth)):
        BreakGlass.objects.create(
            concern=concern, by=joyce, ref=f"BG-{number}", reason="agency", words=WORDS, at=AT, ends_at=AT + HOUR,
            judge=judge,
        )  # fmt: skip

    def said() -> list[str]:
        parts = who_sees(Concern.objects.get(pk=concern.pk), reader=cast.imran, at=AT + HOUR).parts
        return [part.user.full_name for part in parts if "judge a use of break-glass" in part.what]

    assert said() == ["Martin Ellis"]
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.martin.pk, reason="Named", by=cast.ruth, at=AT)
    assert said() == []


def test_unjudged_it_is_chased_and_goes_up_and_closing_the_concern_does_not_end_it(cast: Cast) -> None:
    with cases.everyone_decided():
        concern = cases.closing_proposed(cast)
        smash(concern, cast.martin, at=AT + 4 * HOUR)
        use = BreakGlass.objects.get()
        services.agree_closure(concern_id=concern.pk, words="Agreed.", by=cast.dev, at=AT + 5 * HOUR)
    clock = Deadline.objects.get(kind="glass")
    assert (clock.met_at, clock.dropped_at) == (None, None)
    sweep(at=clock.due_at)
    sweep(at=clock.due_at)
    assert told("concern.glass_late") == {cast.ruth.pk}
    # Martin did it, so above the leads comes the chief executive. Three working days after: Friday.
    sweep(at=clock.due_at + DAY)
    use.refresh_from_db()
    assert use.judge == cast.sunita
    assert told("concern.glass_late") == {cast.ruth.pk, cast.sunita.pk}
    assert Event.objects.filter(code="concern.glass_passed_up").count() == 1
    assert Concern.objects.get(pk=concern.pk).responsible_id is None
    assert use.ref in get("/", cast.sunita, at=clock.due_at + DAY).content.decode()
    services.judge_break_glass(
        use_id=use.pk, is_justified=True, words="He had to", by=cast.sunita, at=clock.due_at + DAY
    )
    sweep(at=clock.due_at + 20 * DAY)
    assert OutboxMessage.objects.filter(kind="concern.glass_late").count() == 2


def test_counts_for_the_quarterly_report(cast: Cast, concern: Concern) -> None:
    first, second = smash(concern, cast.dev), smash(concern, cast.mei)
    smash(concern, cast.joyce)
    assert first is not None
    assert second is not None
    services.judge_break_glass(use_id=first.pk, is_justified=True, words="Yes", by=cast.ruth, at=AT + DAY)
    services.judge_break_glass(use_id=second.pk, is_justified=False, words="No", by=cast.ruth, at=AT + DAY)
    services.note_stopped_glass(ref=UNKNOWN, by=cast.dev, at=AT + DAY)
    counts = glass_counts(start=AT, end=AT + 2 * DAY)
    assert (counts.used, counts.judged, counts.not_justified, counts.waiting) == (3, 2, 1, 1)
    assert stops_counted(start=AT, end=AT + 2 * DAY) == 1
    assert glass_counts(start=AT + 2 * DAY, end=AT + 3 * DAY).used == 0
