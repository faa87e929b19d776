"""The pages of joining, second views, bars, death or move and legal hold: works; refused; bad input; nothing leaks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from audit.models import Event
from concerns import services
from concerns.dash import DashDetails
from concerns.models import Concern, Conflict, TwoPersonStep
from concerns.services.contacts import ContactDetails
from concerns.services.describing import DomesticDetails
from concerns.vocabulary import AdultAbuse, ConflictKind, Implicated, State, TwoPersonAct
from safeguarding.kit.errors import NotNow
from safeguarding.kit.models import OutboxMessage
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.intakes import ABOUT_MANAGER, ADULT, PLAIN
from tests.build.web import get, post, signed_in

pytestmark = pytest.mark.django_db
AT = cases.AT
LATER = AT + timedelta(hours=2)
UNRELATED = replace(PLAIN, people=(replace(ADULT, name="Ivy Stone", address="9 Hill Road"),))

DOMESTIC = replace(PLAIN, abuse_codes=(AdultAbuse.DOMESTIC.value,))


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def path(name: str, concern: Concern, *more: str) -> str:
    return reverse(f"concerns:{name}", args=[concern.ref, *more])


def fresh(concern: Concern) -> Concern:
    return Concern.objects.get(pk=concern.pk)


def words(response: Any) -> str:
    return str(response.content.decode())


def page(concern: Concern, user: User) -> str:
    return words(get(concern.get_absolute_url(), user, at=LATER))


def refused(concern: Concern, who: User, act: str) -> bool:
    rows = Event.objects.filter(code="audit.act_refused", concern_id=concern.pk, actor_id=who.pk)
    return any(row.data["act"] == f"concerns.{act}" for row in rows)


def ask(concern: Concern, act: TwoPersonAct, by: User, conflict: Conflict | None = None) -> TwoPersonStep:
    return services.ask_second_person(
        concern_id=concern.pk, act=act, reason="A mix-up.", by=by, at=AT, conflict_id=conflict.pk if conflict else None
    )


PAGES = [
    ("join-concern", "join"),
    ("separate-concern", "separate"),
    ("void-concern", "void"),
    ("restore-concern", "restore"),
    ("end-restriction", "end-restriction"),
    ("list-conflicts", "list-conflicts"),
    ("keep-out", "keep-out"),
    ("give-second-view", "give-second-view"),
    ("record-death-or-move", "record-death-or-move"),
    ("set-legal-hold", "set-legal-hold"),
]


# --- Who may -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name, _ in PAGES])
def test_nothing_exists_for_strangers_other_areas_the_barred_and_the_recused(cast: Cast, name: str) -> None:
    about_gwen = cases.submitted(cast, intake=ABOUT_MANAGER)
    plain = cases.submitted(cast)
    services.declare_conflict(concern_id=plain.pk, by=cast.dev, at=AT, words="My aunt.")
    for concern, user in ((about_gwen, cast.gwen), (plain, cast.dev), (plain, cast.femi), (plain, cast.amara)):
        assert get(path(name, concern), user, at=LATER).status_code == 404
        assert post(path(name, concern), user, {}, at=LATER).status_code == 404


@pytest.mark.parametrize(("name", "act"), PAGES)
def test_a_reader_who_may_not_is_sent_back_and_it_is_kept(cast: Cast, name: str, act: str) -> None:
    concern = cases.acknowledged(cast)
    # Nadia is a champion of the area, who may join; Martin holds it and is neither champion nor lead.
    services.hand_on(concern_id=concern.pk, to=cast.dev, note="Yours.", by=cast.gwen, at=AT + timedelta(minutes=20))
    reader = cast.nadia if name != "join-concern" else cast.martin
    if reader == cast.martin:
        services.hand_on(
            concern_id=concern.pk, to=cast.martin, note="Yours.", by=cast.dev, at=AT + timedelta(minutes=30)
        )
    before = fresh(concern)
    response = get(path(name, concern), reader, at=LATER)
    assert (response.status_code, response["Location"]) == (302, concern.get_absolute_url())
    assert refused(concern, reader, act)
    assert fresh(concern).version == before.version


@pytest.mark.parametrize("name", [name for name, _ in PAGES])
def test_a_wrong_method_changes_nothing(cast: Cast, name: str) -> None:
    concern = cases.triaged(cast)
    assert signed_in(cast.ruth).delete(path(name, concern)).status_code in (302, 405)
    assert fresh(concern).version == concern.version


# --- Joining -------------------------------------------------------------------------------------------------


def test_only_open_concerns_that_one_may_read_and_that_share_something_are_suggested(cast: Cast) -> None:
    concern = cases.submitted(cast)
    same = cases.submitted(cast, by=cast.sian)
    elsewhere = cases.submitted(cast, by=cast.priya)
    unrelated = cases.submitted(cast, intake=UNRELATED)
    other_case = cases.submitted(
        cast, intake=replace(PLAIN, people=(replace(ADULT, name="JEAN ASHWORTH", address=""),))
    )
    with cases.everyone_decided():
        closed = cases.closed(cast)
    shown = words(get(path("join-concern", concern), cast.dev, at=LATER))
    assert same.ref in shown
    assert other_case.ref in shown, "the name in capitals is the same name"
    for ref in (elsewhere.ref, unrelated.ref, closed.ref):
        assert ref not in shown
    # A lead reads the other area's as well.
    assert elsewhere.ref in words(get(path("join-concern", concern), cast.ruth, at=LATER))


def test_a_reference_that_is_unknown_unreadable_closed_or_its_own_gets_the_same_words(cast: Cast) -> None:
    concern = cases.submitted(cast)
    elsewhere = cases.submitted(cast, by=cast.priya)
    with cases.everyone_decided():
        closed = cases.closed(cast)
    for ref in ("SC-2222-2222", elsewhere.ref, closed.ref, concern.ref, "nonsense"):
        answer = words(post(path("join-concern", concern), cast.dev, {"other": "", "ref": ref}, at=LATER))
        assert "There is no other open concern with this reference that you can read" in answer
    assert "Choose a concern, or enter its reference" in words(
        post(path("join-concern", concern), cast.dev, {}, at=LATER)
    )
    assert get(path("confirm-join", concern, elsewhere.ref), cast.dev, at=LATER).status_code == 404


def test_joining_walks_over_two_pages_and_both_say_where_it_is(cast: Cast) -> None:
    survivor = cases.submitted(cast)
    other = cases.submitted(
        cast, intake=replace(PLAIN, facts="Her purse was empty again.", opinion="He drinks."), by=cast.sian
    )
    chosen = post(path("join-concern", other), cast.dev, {"other": "", "ref": survivor.ref.lower()}, at=LATER)
    confirm = path("confirm-join", other, survivor.ref)
    assert (chosen.status_code, chosen["Location"]) == (302, confirm)
    shown = words(get(confirm, cast.dev, at=LATER))
    assert "Of each time limit, the earlier one counts." in shown
    assert "Her purse was empty again." in shown
    silent = post(confirm, cast.dev, {"reason": " "}, at=LATER)
    assert "Say why they are about the same person and the same matter." in words(silent)
    assert fresh(other).state == State.SUBMITTED
    sent = post(confirm, cast.dev, {"reason": "Same visit."}, at=LATER)
    assert sent.status_code == 302
    assert fresh(other).merged_into == survivor

    gone = page(other, cast.dev)
    assert survivor.get_absolute_url() in gone
    assert "Joined by" in gone
    assert "Separate it again" not in gone
    assert "Separate it again" in page(other, cast.ruth)
    stays = page(survivor, cast.dev)
    assert "Reported by others about the same matter" in stays
    assert "Her purse was empty again." in stays
    assert "He drinks." in stays
    # Gwen holds the survivor; the other is hers to read only there.
    held = page(survivor, cast.gwen)
    assert "Her purse was empty again." in held
    assert other.get_absolute_url() not in held


def test_a_joined_concern_names_the_other_without_a_link_to_whoever_may_not_read_it(cast: Cast) -> None:
    survivor = cases.submitted(cast, by=cast.priya)
    other = cases.submitted(cast)
    services.merge(concern_id=other.pk, into_id=survivor.pk, reason="Same.", by=cast.ruth, at=AT)
    shown = page(other, cast.dev)
    assert survivor.ref in shown
    assert survivor.get_absolute_url() not in shown


def test_a_lead_separates_with_a_reason(cast: Cast) -> None:
    survivor, other = cases.submitted(cast), cases.submitted(cast, by=cast.sian)
    services.merge(concern_id=other.pk, into_id=survivor.pk, reason="Same.", by=cast.dev, at=AT)
    silent = post(path("separate-concern", other), cast.ruth, {"reason": ""}, at=LATER)
    assert "Say why they are not about the same matter after all." in words(silent)
    post(path("separate-concern", other), cast.ruth, {"reason": "Another day."}, at=LATER)
    assert fresh(other).state == State.TRIAGE
    assert "Reported by others" not in page(survivor, cast.dev)


def test_what_was_joined_is_not_told_to_whoever_was_kept_out_of_it(cast: Cast) -> None:
    """Issue 5, I3: also where the bar stands on that part alone, as it could once."""
    survivor = cases.acknowledged(cast, intake=DOMESTIC)
    other = cases.acknowledged(cast, intake=replace(DOMESTIC, facts="The story that was joined."), holder=cast.nadia)
    at = AT + timedelta(hours=1)
    services.add_to_report(concern_id=other.pk, text="Words added to it.", form_key="", by=cast.amara, at=at)
    person = cases.person_on(other).person
    services.record_dash(
        concern_id=other.pk, person_ref=person.ref, form_key="", by=cast.nadia, at=at,
        details=DashDetails(
            assessed_on=date(2026, 2, 3), assessor="PC Lund", score=9, own_view="The view.", is_high_by_judgement=False
        ),
    )  # fmt: skip
    services.describe_domestic(
        concern_id=other.pk, form_key="", by=cast.nadia, at=at,
        details=DomesticDetails(
            behaviours=("controlling",), pattern="course", connected=("relatives",), both_over_16="yes",
            words="What the abuse is.",
        ),
    )  # fmt: skip
    services.record_contact(
        concern_id=other.pk, form_key="", by=cast.nadia, at=at,
        details=ContactDetails(
            person_id=person.pk, on=date(2026, 2, 3), how="Phone", is_reached=True, words="Said on the phone."
        ),
    )  # fmt: skip
    services.merge(concern_id=other.pk, into_id=survivor.pk, reason="Why it was joined.", by=cast.ruth, at=at)
    checklist = other.dash_records.get().ref
    dash = path("show-dash", survivor, checklist)
    told = (
        "The story that was joined.", "Words added to it.", "What the abuse is.", "Said on the phone.",
        "Why it was joined.", checklist, other.ref,
    )  # fmt: skip
    shown = page(survivor, cast.karen)
    assert [each for each in told if each not in shown] == []
    assert get(dash, cast.karen, at=LATER).status_code == 200
    Conflict.objects.create(concern=other, staff=cast.karen, kind="barred", recorded_at=at, recorded_by=cast.ruth)
    shown = page(survivor, cast.karen)
    assert [each for each in told if each in shown] == []
    assert get(dash, cast.karen, at=LATER).status_code == 404
    shown = page(survivor, cast.ruth)
    assert [each for each in told if each not in shown] == []


def test_a_reporter_follows_the_survivor_on_their_own_receipt(cast: Cast) -> None:
    survivor = cases.acknowledged(cast)
    other = cases.submitted(cast, intake=replace(PLAIN, facts="Siân’s own words."), by=cast.sian)
    services.merge(concern_id=other.pk, into_id=survivor.pk, reason="Same.", by=cast.dev, at=AT + timedelta(hours=1))
    receipt = path("show-receipt", other)
    shown = words(get(receipt, cast.sian, at=LATER))
    assert "Being considered" in shown
    assert "Gwen Pritchard" in shown
    assert "Siân’s own words." in shown
    assert survivor.ref not in shown
    # What she adds reaches whoever holds the survivor, and stands on its page.
    services.add_to_report(concern_id=other.pk, text="It happened again.", form_key="k", by=cast.sian, at=LATER)
    told = OutboxMessage.objects.filter(kind="concern.report_added_to").values_list("recipient_id", "reference")
    assert list(told) == [(cast.gwen.pk, survivor.ref)]
    assert "It happened again." in page(survivor, cast.gwen)
    with cases.everyone_decided():
        services.record_triage(
            concern_id=survivor.pk, findings=cases.findings_for(fresh(survivor)), by=cast.gwen, at=LATER
        )
        cases.answer_outcomes(fresh(survivor), at=LATER)
        services.propose_closure(concern_id=survivor.pk, closure=cases.CLOSURE, by=cast.gwen, at=LATER)
        services.agree_closure(concern_id=survivor.pk, words="Yes.", by=cast.dev, at=LATER)
    assert "<strong>Closed</strong>" in words(get(receipt, cast.sian, at=LATER))
    assert "Closed" in words(get("/", cast.sian, at=LATER))
    assert "Closed" in words(get("/reports/", cast.sian, at=LATER))


# --- A second person -----------------------------------------------------------------------------------------


def test_voiding_asks_waits_and_happens(cast: Cast) -> None:
    concern = cases.submitted(cast)
    silent = post(path("void-concern", concern), cast.ruth, {"reason": ""}, at=LATER)
    assert "Say why. The second person reads it." in words(silent)
    post(path("void-concern", concern), cast.ruth, {"reason": "A training exercise."}, at=LATER)
    assert fresh(concern).state == State.SUBMITTED
    second = path("give-second-view", concern)
    for user in (cast.imran, cast.karen, cast.joyce):
        home = words(get("/", user, at=LATER))
        assert "waits for your second view" in home
        assert concern.ref in home
        assert second in page(concern, user)
    for user in (cast.ruth, cast.dev, cast.gwen):
        assert "waits for your second view" not in words(get("/", user, at=LATER))
        shown = page(concern, user)
        assert "Waiting for a second person" in shown
        assert second not in shown
    own = get(second, cast.ruth, at=LATER)
    assert (own.status_code, own["Location"]) == (302, concern.get_absolute_url())
    assert refused(concern, cast.ruth, "give-second-view")

    assert "A training exercise." in words(get(second, cast.imran, at=LATER))
    unsure = words(post(second, cast.imran, {"words": "Looks right."}, at=LATER))
    assert "Choose whether you agree" in unsure
    assert "Looks right." in unsure
    silent = post(second, cast.imran, {"view": "refuse", "words": ""}, at=LATER)
    assert "Say why you do not agree." in words(silent)
    post(second, cast.imran, {"view": "agree", "words": ""}, at=LATER)
    assert fresh(concern).state == State.VOID
    for user in (cast.dev, cast.joyce, cast.gwen):
        assert get(concern.get_absolute_url(), user, at=LATER).status_code == 404
    shown = page(concern, cast.ruth)
    assert "entered in error by two people" in shown
    assert path("restore-concern", concern) in shown
    assert path("take-concern", concern) not in shown

    silent = post(path("restore-concern", concern), cast.imran, {"reason": ""}, at=LATER)
    assert "Say why it was no error." in words(silent)
    post(path("restore-concern", concern), cast.imran, {"reason": "It was real."}, at=LATER)
    assert fresh(concern).state == State.TRIAGE


def test_a_refusal_changes_nothing_and_stands_on_the_page(cast: Cast) -> None:
    concern = cases.submitted(cast)
    ask(concern, TwoPersonAct.VOID, cast.ruth)
    post(path("give-second-view", concern), cast.imran, {"view": "refuse", "words": "It is real."}, at=LATER)
    assert fresh(concern).state == State.SUBMITTED
    shown = page(concern, cast.gwen)
    assert "Second person did not agree" in shown
    assert "It is real." in shown
    assert "Waiting for a second person" not in shown
    again = get(path("give-second-view", concern), cast.imran, at=LATER)
    assert again.status_code == 302


def test_a_mistaken_bar_is_lifted_over_the_pages(cast: Cast) -> None:
    intake = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=(cast.colin.pk, cast.nadia.pk))
    concern = cases.submitted(cast, intake=intake)
    listed = words(get(path("list-conflicts", concern), cast.ruth, at=LATER))
    assert "Colin Baker" in listed
    assert "Nadia Rahman" in listed
    nobody = post(path("list-conflicts", concern), cast.ruth, {"reason": "Wrong one."}, at=LATER)
    assert "Choose who should be let in again" in words(nobody)
    assert "Wrong one." in words(nobody)
    bars = {bar.staff_id: bar for bar in Conflict.objects.filter(concern=concern)}
    for staff in (cast.colin, cast.nadia):
        data = {"conflict": bars[staff.pk].handle, "reason": "Another of that name."}
        assert post(path("list-conflicts", concern), cast.ruth, data, at=LATER).status_code == 302
    second = path("give-second-view", concern)
    which = words(post(second, cast.imran, {"view": "agree"}, at=LATER))
    assert "Choose what your view is about" in which
    step = TwoPersonStep.objects.get(conflict__staff=cast.nadia)
    post(second, cast.imran, {"step": step.handle, "view": "agree", "words": ""}, at=LATER)
    bars[cast.nadia.pk].refresh_from_db()
    bars[cast.colin.pk].refresh_from_db()
    assert bars[cast.nadia.pk].lift_seconded_by == cast.imran
    assert bars[cast.colin.pk].lifted_at is None
    # Somebody else's bar can't be lifted from here.
    foreign = cases.submitted(cast, intake=ABOUT_MANAGER)
    other = Conflict.objects.get(concern=foreign)
    for guess in (other.handle, str(other.pk), str(bars[cast.colin.pk].pk)):
        data = {"conflict": guess, "reason": "x"}
        assert "Choose one of the answers on this page" in words(
            post(path("list-conflicts", concern), cast.ruth, data, at=LATER)
        ), guess


MONEY = "He saw her take the money."


def barred_in_both(cast: Cast) -> tuple[Concern, Concern]:
    """Karen is named in two concerns, in each with words of its own; the second is joined to the first."""
    survivor, other = (
        cases.submitted(
            cast, by=by,
            intake=replace(
                PLAIN, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=(cast.karen.pk,), implicated_words=why
            ),
        )
        for by, why in ((cast.amara, "Somebody called Karen."), (cast.sian, MONEY))
    )  # fmt: skip
    services.merge(concern_id=other.pk, into_id=survivor.pk, reason="Same.", by=cast.ruth, at=AT)
    return survivor, other


def test_both_people_read_why_somebody_is_kept_out_of_each_of_the_joined_concerns(cast: Cast) -> None:
    """R41, I3: what is right in one concern is not lifted because it was a mistake in another."""
    survivor, other = barred_in_both(cast)
    asks = words(get(path("list-conflicts", survivor), cast.ruth, at=LATER))
    for each in (survivor.ref, "Somebody called Karen.", other.ref, MONEY):
        assert each in asks
    assert asks.count("Barred: named as implicated</td>") == 2
    assert "If it was a mistake in one of the joined concerns but right in another, separate them first." in asks
    bar = Conflict.objects.get(concern=survivor, staff=cast.karen)
    ask(survivor, TwoPersonAct.LIFT_CONFLICT, cast.ruth, bar)
    asked = words(get(path("list-conflicts", survivor), cast.imran, at=LATER))
    assert "A second person has not answered yet." in asked
    assert "Ask a second person" not in asked
    answers = words(get(path("give-second-view", survivor), cast.imran, at=LATER))
    for each in ("Somebody called Karen.", other.ref, MONEY, "A mix-up."):
        assert each in answers
    assert answers.count("Barred: named as implicated</dt>") == 2
    assert "The concerns have to be separated first." in answers


def test_a_lead_who_is_kept_out_of_what_was_joined_reads_nothing_of_it(cast: Cast) -> None:
    survivor, other = barred_in_both(cast)
    Conflict.objects.create(concern=other, staff=cast.ruth, kind="barred", recorded_at=AT, recorded_by=cast.imran)
    shown = words(get(path("list-conflicts", survivor), cast.ruth, at=LATER))
    assert "Somebody called Karen." in shown
    for each in (other.ref, MONEY, "Other concerns were joined", "separate them"):
        assert each not in shown


def test_somebody_kept_out_of_a_joined_concern_alone_is_let_in_again_on_its_own_page(cast: Cast) -> None:
    """R41: as it could stand once. Whoever is kept out of both is asked for where both are lifted."""
    survivor, other = barred_in_both(cast)
    there = path("list-conflicts", other)
    shown = words(get(there, cast.ruth, at=LATER))
    assert "Ask there: whoever is let in again there can see this one again too." in shown
    assert "Who should be let in again?" not in shown
    rows = Conflict.objects.filter(concern=survivor, staff=cast.karen)
    rows.update(lifted_at=AT, lifted_by=cast.ruth, lift_seconded_by=cast.imran)
    shown = words(get(there, cast.ruth, at=LATER))
    assert "Ask there" not in shown
    assert "Who should be let in again?" in shown
    left = Conflict.objects.get(concern=other, staff=cast.karen)
    sent = post(there, cast.ruth, {"conflict": left.handle, "reason": "Another Karen."}, at=LATER)
    assert (sent.status_code, sent["Location"]) == (302, other.get_absolute_url())
    second = path("give-second-view", other)
    assert MONEY in words(get(second, cast.imran, at=LATER))
    assert post(second, cast.imran, {"view": "agree", "words": ""}, at=LATER).status_code == 302
    left.refresh_from_db()
    assert (left.lifted_by, left.lift_seconded_by) == (cast.ruth, cast.imran)
    assert get(other.get_absolute_url(), cast.karen, at=LATER).status_code == 200


def test_the_restriction_ends_only_when_nobody_is_barred(cast: Cast) -> None:
    intake = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_staff_ids=(cast.colin.pk,))
    concern = cases.submitted(cast, intake=intake)
    early = post(path("end-restriction", concern), cast.ruth, {"reason": "Mix-up."}, at=LATER)
    assert "Somebody is barred from this concern, so it stays restricted." in words(early)
    assert "Mix-up." in words(early)
    bar = Conflict.objects.get(concern=concern)
    step = ask(concern, TwoPersonAct.LIFT_CONFLICT, cast.ruth, bar)
    services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=cast.imran, at=AT)
    post(path("end-restriction", concern), cast.ruth, {"reason": "Mix-up."}, at=LATER)
    post(path("give-second-view", concern), cast.imran, {"view": "agree", "words": ""}, at=LATER)
    assert not fresh(concern).is_restricted
    over = get(path("end-restriction", concern), cast.ruth, at=LATER)
    assert over.status_code == 302


SECRET = "Somebody of the repairs team hits him."


def restricted_story(cast: Cast) -> tuple[Concern, Concern]:
    """What names nobody but is about staff was joined to what Amara reported, and restricts it (I13)."""
    about_staff = replace(PLAIN, implicated=Implicated.OTHER_STAFF, implicated_words="Repairs", facts=SECRET)
    joined = cases.acknowledged(cast, intake=about_staff, by=cast.sian, holder=cast.ruth)
    survivor = cases.acknowledged(cast, holder=cast.ruth)
    services.merge(concern_id=joined.pk, into_id=survivor.pk, reason="One visit.", by=cast.ruth, at=AT)
    assert fresh(survivor).is_restricted
    return joined, survivor


def test_the_restriction_of_joined_concerns_ends_for_all_of_them_by_one_act_that_says_so(cast: Cast) -> None:
    """I13: nobody reads a restricted report by way of a survivor whose restriction alone was ended."""
    joined, survivor = restricted_story(cast)
    says = "Their restriction ends too: champions can read them again too."
    assert get(survivor.get_absolute_url(), cast.dev, at=LATER).status_code == 404
    assert says in words(get(path("end-restriction", survivor), cast.ruth, at=LATER))
    # On the joined concern the answer names the place to ask.
    with pytest.raises(NotNow, match=survivor.ref):
        ask(joined, TwoPersonAct.LOOSEN_RESTRICTION, cast.ruth)
    post(path("end-restriction", survivor), cast.ruth, {"reason": "Mix-up."}, at=LATER)
    assert says in words(get(path("give-second-view", survivor), cast.imran, at=LATER))
    post(path("give-second-view", survivor), cast.imran, {"view": "agree", "words": ""}, at=LATER)
    assert not fresh(survivor).is_restricted
    assert not fresh(joined).is_restricted
    # What Amara answered on hers stays as it was; Siân's row says what is thought now.
    assert (fresh(survivor).implicated, fresh(joined).implicated) == (Implicated.NO, Implicated.UNSURE)
    assert SECRET in page(survivor, cast.dev)
    assert get(joined.get_absolute_url(), cast.dev, at=LATER).status_code == 200
    loosened = Event.objects.filter(code="concern.restriction_loosened")
    assert {event.concern_id for event in loosened} == {joined.pk, survivor.pk}


def test_the_restriction_of_one_concern_alone_says_nothing_of_others(cast: Cast) -> None:
    concern = cases.submitted(cast, intake=ABOUT_MANAGER)
    assert "Their restriction ends too" not in words(get(path("end-restriction", concern), cast.ruth, at=LATER))


def test_no_restriction_ends_of_what_was_joined_after_it_was_asked_for(cast: Cast) -> None:
    joined, survivor = restricted_story(cast)
    step = ask(survivor, TwoPersonAct.LOOSEN_RESTRICTION, cast.ruth)
    third = cases.acknowledged(cast, by=cast.priya, holder=cast.ruth)
    services.merge(concern_id=third.pk, into_id=survivor.pk, reason="One visit.", by=cast.ruth, at=LATER)
    with pytest.raises(NotNow, match="joined to this one after"):
        services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=cast.imran, at=LATER)
    assert fresh(survivor).is_restricted
    assert fresh(joined).is_restricted


@pytest.mark.parametrize("kind", [ConflictKind.BARRED, ConflictKind.RECUSED])
def test_the_restriction_stays_while_one_who_asks_or_agrees_is_kept_out_of_a_part(
    cast: Cast, kind: ConflictKind
) -> None:
    """As it could once, a bar stands on the joined concern alone (ADR 16)."""
    joined, survivor = restricted_story(cast)
    step = ask(survivor, TwoPersonAct.LOOSEN_RESTRICTION, cast.ruth)
    Conflict.objects.create(
        concern=joined, staff=cast.imran, kind=kind, reason="Old.", recorded_at=AT, recorded_by=cast.ruth
    )
    with pytest.raises(NotNow):
        services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=cast.imran, at=LATER)
    assert fresh(survivor).is_restricted
    assert fresh(joined).is_restricted


# --- Death or move, legal hold -------------------------------------------------------------------------------


def test_a_death_is_recorded_with_prompts_and_closes_nothing(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    target = path("record-death-or-move", concern)
    shown = words(get(target, cast.gwen, at=LATER))
    for prompt in ("This does not close the concern", "others in the home", "(SAR)", "coroner", "local authority"):
        assert prompt in shown
    person = concern.involvements.get(role="at_risk").person
    data = {
        "person": person.ref,
        "change": "moved",
        "on_0": "1",
        "on_1": "1",
        "on_2": "2027",
        "words": "",
        "form_key": "k",
    }
    wrong = words(post(target, cast.gwen, {**data, "moved_to": ""}, at=LATER))
    for sentence in (
        "The date can’t be in the future.",
        "Say who else may be at risk now, and who was told.",
        "Name the local authority they moved to. It has to be told.",
    ):
        assert sentence in wrong
    nothing = words(post(target, cast.gwen, {}, at=LATER))
    for sentence in ("Choose who it is about", "Choose what happened", "Enter the day."):
        assert sentence in nothing
    data |= {"change": "died", "on_1": "2", "on_2": "2026", "words": "Her sister was told.", "is_legal_hold": "on"}
    assert post(target, cast.gwen, data, at=LATER).status_code == 302
    person.refresh_from_db()
    assert person.died_on == date(2026, 2, 1)
    after = page(concern, cast.gwen)
    assert "Died on 1 February 2026." in after
    assert "If that is wrong, put it right" in after
    assert "Legal hold: nothing in this concern may be destroyed." in after
    assert fresh(concern).is_open
    mistake = {"person": person.ref, "change": "mistake", "words": "", "form_key": "l"}
    assert "Say how you know, and who was told the wrong thing." in words(post(target, cast.gwen, mistake, at=LATER))
    mistake["words"] = "It was her neighbour. The GP was told."
    assert post(target, cast.gwen, mistake, at=LATER).status_code == 302
    after = page(concern, cast.gwen)
    assert "Died on" not in after
    assert "It was her neighbour. The GP was told." in after
    refused = words(post(target, cast.gwen, {**mistake, "form_key": "m"}, at=LATER))
    assert 'value="mistake"' not in refused


def test_a_lead_puts_it_on_hold_and_ends_the_hold_with_reasons(cast: Cast) -> None:
    concern = cases.submitted(cast)
    target = path("set-legal-hold", concern)
    silent = words(post(target, cast.ruth, {"hold": "start", "reason": ""}, at=LATER))
    assert "Say why." in silent
    post(target, cast.ruth, {"hold": "start", "reason": "Inquest."}, at=LATER)
    assert fresh(concern).is_legal_hold
    shown = words(get(target, cast.ruth, at=LATER))
    assert "End the legal hold" in shown
    # A page from before, sent again, does not end the hold.
    post(target, cast.ruth, {"hold": "start", "reason": "Inquest."}, at=LATER)
    assert fresh(concern).is_legal_hold
    post(target, cast.ruth, {"hold": "end", "reason": "Inquest over."}, at=LATER)
    assert not fresh(concern).is_legal_hold
