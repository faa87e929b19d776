"""Raising a concern over HTTP: what is kept, for whom, and that it is sent once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts import services as people
from accounts.models import User
from accounts.vocabulary import Role
from audit.models import Event
from concerns.models import Concern, Draft
from concerns.selectors.drafts import drafts_of, find_staff
from concerns.selectors.receipts import receipt_for
from concerns.services import drafts as services
from concerns.services import give_feedback, raise_concern
from concerns.vocabulary import Urgency
from safeguarding.kit.errors import NotAllowed, NotNow
from safeguarding.kit.models import OutboxMessage
from tests.build.cast import Cast, make_cast
from tests.build.intakes import PLAIN

# A Wednesday, 10:30 in London.
AT = datetime(2026, 6, 17, 9, 30, tzinfo=UTC)
LEAST = {
    "facts": {"facts": "She was crying."},
    "people": {"more": "unknown"},
    "staff": {"implicated": "no"},
}
pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@dataclass
class Reporter:
    """Somebody with a browser that has no JavaScript."""

    user: User
    client: Client = field(default_factory=Client)
    key: str = ""

    def __post_init__(self) -> None:
        self.client.force_login(self.user, backend="allauth.account.auth_backends.AuthenticationBackend")

    def start(self, danger: str = "no") -> str:
        key = self.client.get("/raise/").context["key"]
        answer = self.client.post("/raise/", {"danger": danger, "key": key})
        self.key = urlsplit(answer["Location"]).path.split("/")[2]
        return str(answer["Location"])

    def send_page(self, page: str, values: dict[str, object], **more: object) -> object:
        path = f"/raise/{self.key}/{page}/"
        ticket = self.client.get(path).context["ticket"]
        return self.client.post(path, {**values, **more, "ticket": ticket})

    def fill_least(self) -> None:
        self.start()
        for page, values in LEAST.items():
            assert self.send_page(page, dict(values)).status_code == 302  # type: ignore[attr-defined]

    @property
    def draft(self) -> Draft:
        return Draft.objects.get(key=self.key)

    def send(self, **values: str) -> str:
        """The reference of the concern."""
        answer = self.client.post(f"/raise/{self.key}/check/", {"manager": "no", **values})
        assert answer.status_code == 302, answer.content.decode()
        return str(answer["Location"]).split("/")[2]


# --- Everybody can; nobody reads another's draft --------------------------------------------------


@pytest.mark.parametrize(
    "name", ["priya", "jakub", "colin", "dev", "ruth", "karen", "helen", "joyce", "alan", "bea", "quinn"]
)
def test_anyone_can_raise_a_concern(cast: Cast, name: str) -> None:
    """I20. A contractor's concern belongs to the contract manager's area."""
    reporter = Reporter(getattr(cast, name))
    reporter.fill_least()
    concern = Concern.objects.get(ref=reporter.send())
    assert concern.reporter == reporter.user
    assert concern.responsible not in (None, reporter.user)
    if name == "jakub":
        assert concern.service_area == cast.areas.repairs
        assert concern.responsible == cast.leon


def test_strangers_draft_is_not_there(cast: Cast) -> None:
    owner, stranger = Reporter(cast.amara), Reporter(cast.ruth)
    owner.fill_least()
    before = owner.draft.answers
    ticket = owner.client.get(f"/raise/{owner.key}/facts/").context["ticket"]
    for path in ("", "facts/", "check/", "discard/", "person-1-who/"):
        assert stranger.client.get(f"/raise/{owner.key}/{path}").status_code == 404
    for path in ("facts/", "facts/save/", "check/", "discard/"):
        answer = stranger.client.post(f"/raise/{owner.key}/{path}", {"facts": "Mine now", "ticket": ticket})
        assert answer.status_code == 404
    assert owner.draft.answers == before
    assert list(drafts_of(cast.ruth)) == []
    assert list(drafts_of(cast.amara)) == [owner.draft]


def test_unknown_page_is_not_there(cast: Cast) -> None:
    reporter = Reporter(cast.amara)
    reporter.start()
    for page in ("nothing", "person-0-who", "person-1-elbow"):
        assert reporter.client.get(f"/raise/{reporter.key}/{page}/").status_code == 404
        assert reporter.client.post(f"/raise/{reporter.key}/{page}/save/", {"facts": "x"}).status_code == 404


def test_deactivated_account_starts_nothing(cast: Cast) -> None:
    cast.amara.is_active = False
    with pytest.raises(NotAllowed):
        services.start_draft(key="a" * 16, by=cast.amara, at=AT)


# --- Nothing typed is lost ------------------------------------------------------------------------


def test_page_with_errors_is_kept_as_typed(cast: Cast) -> None:
    reporter = Reporter(cast.amara)
    reporter.start()
    typed = {
        "precision": "exact",
        "day_0": "31",
        "day_1": "Febtober",
        "day_2": "26",
        "clock": "late",
        "place": "Mill\r\nLane",
    }
    answer = reporter.send_page("when", dict(typed))
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert "There is a problem" in answer.content.decode()  # type: ignore[attr-defined]
    assert reporter.draft.answers["when"] == {name: [value] for name, value in typed.items()}
    again = reporter.client.get(f"/raise/{reporter.key}/when/").content.decode()
    assert 'value="Febtober"' in again
    assert "Mill\r\nLane" in again


def test_other_fields_than_the_pages_own_are_not_kept(cast: Cast) -> None:
    reporter = Reporter(cast.amara)
    reporter.start()
    reporter.send_page("facts", {"facts": "x", "csrfmiddlewaretoken": "t", "owner": "2", "facts_extra_": "y"})
    assert reporter.draft.answers["facts"] == {"facts": ["x"]}


def test_hidden_character_and_too_much_text_keep_the_words(cast: Cast) -> None:
    reporter = Reporter(cast.amara)
    reporter.start()
    answer = reporter.send_page("facts", {"facts": "He hit\x00 her 😢"})
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert "hidden character" in answer.content.decode()  # type: ignore[attr-defined]
    assert reporter.draft.answers["facts"] == {"facts": ["He hit her 😢"]}
    long = "long " * 60_000
    answer = reporter.send_page("facts", {"facts": long})
    assert "characters long" in answer.content.decode()  # type: ignore[attr-defined]
    assert reporter.draft.answers["facts"] == {"facts": [long]}


def test_page_sent_after_the_session_ended_is_kept_and_shown_to_nobody_else(cast: Cast) -> None:
    reporter = Reporter(cast.amara)
    reporter.start()
    path = f"/raise/{reporter.key}/facts/"
    ticket = reporter.client.get(path).context["ticket"]
    reporter.client.logout()
    answer = reporter.client.post(path, {"facts": "An hour's work", "ticket": ticket})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")
    assert reporter.draft.answers["facts"] == {"facts": ["An hour's work"]}
    assert reporter.client.get(path).status_code == 302
    assert reporter.client.post(f"/raise/{reporter.key}/check/").status_code == 302
    assert Concern.objects.count() == 0


def test_page_open_while_signing_in_again_elsewhere_is_kept(cast: Cast) -> None:
    """Signing in changes the form token; a form that was opened before must still arrive."""
    client = Client(enforce_csrf_checks=True)
    reporter = Reporter(cast.amara)
    reporter.start()
    ticket = reporter.client.get(f"/raise/{reporter.key}/facts/").context["ticket"]
    client.force_login(cast.amara, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post(
        f"/raise/{reporter.key}/facts/", {"facts": "Still here", "ticket": ticket, "csrfmiddlewaretoken": "old"}
    )
    assert answer.status_code == 302
    assert reporter.draft.answers["facts"] == {"facts": ["Still here"]}


@pytest.mark.parametrize("ticket", ["", "made-up", "WzEsICJ4Il0:1w:xx"])
def test_page_without_its_ticket_changes_nothing(cast: Cast, ticket: str) -> None:
    reporter = Reporter(cast.amara)
    reporter.start()
    path = f"/raise/{reporter.key}/facts/"
    assert reporter.client.post(path, {"facts": "Forged", "ticket": ticket}).status_code == 403
    reporter.client.logout()
    reporter.client.post(path, {"facts": "Forged", "ticket": ticket})
    assert "facts" not in reporter.draft.answers


def test_ticket_of_another_draft_or_of_yesterday_opens_nothing(cast: Cast) -> None:
    first, second = Reporter(cast.amara), Reporter(cast.amara)
    first.start()
    second.start()
    with time_machine.travel(AT, tick=False):
        old = first.client.get(f"/raise/{first.key}/facts/").context["ticket"]
    first.__post_init__()  # signed in again, months later
    other = second.client.get(f"/raise/{second.key}/facts/").context["ticket"]
    for ticket in (old, other):
        assert first.client.post(f"/raise/{first.key}/facts/", {"facts": "x", "ticket": ticket}).status_code == 403
    assert "facts" not in first.draft.answers


def test_autosave_keeps_one_page_and_checks_nothing(cast: Cast) -> None:
    reporter = Reporter(cast.amara)
    reporter.fill_least()
    answer = reporter.client.post(f"/raise/{reporter.key}/when/save/", {"clock": "nonsense", "other": "x"})
    assert answer.status_code == 204
    assert reporter.draft.answers["when"] == {"clock": ["nonsense"]}
    assert reporter.draft.answers["facts"] == {"facts": ["She was crying."]}
    reporter.client.post(f"/raise/{reporter.key}/when/save/", {"clock": ""})
    reporter.send()
    answer = reporter.client.post(f"/raise/{reporter.key}/when/save/", {"clock": "late"})
    assert answer.status_code == 409
    assert reporter.draft.answers == {}


def test_draft_is_carried_on_where_it_was_left(cast: Cast) -> None:
    reporter = Reporter(cast.amara)
    reporter.start()
    answer = reporter.send_page("facts", {"facts": "Half a sen"}, then="later")
    assert answer["Location"] == "/"  # type: ignore[index]
    start = reporter.client.get("/raise/").content.decode()
    assert "Carry on with what you started" in start
    assert f"/raise/{reporter.key}/" in start
    assert reporter.client.get(f"/raise/{reporter.key}/")["Location"] == f"/raise/{reporter.key}/said/"


def test_what_is_kept_for_later_is_not_taken_for_sent(cast: Cast) -> None:
    """R2: nothing was sent, nobody knows; and what cannot wait stands first, in red."""
    reporter = Reporter(cast.amara)
    reporter.start("yes")
    urgent = reporter.draft
    reporter.send_page("facts", {"facts": "He has a kni"}, then="later")
    home = reporter.client.get("/").content.decode()
    assert "Not sent yet. Your words are kept, but nobody has been told. Send it as soon as you can." in home
    assert "Important" in home
    assert ">Done<" not in home
    reporter.start()  # no danger, and touched later
    home = reporter.client.get("/").content.decode()
    assert home.count("Someone is in danger: send this now") == 1
    assert (
        home.index("Not sent yet")
        < home.index("Someone is in danger: send this now")
        < home.index(f"/raise/{urgent.key}/")
        < home.index(f"/raise/{reporter.key}/")
        < home.index("Concerns that you reported")
    )
    assert "Someone is in danger: send this now" in reporter.client.get("/raise/").content.decode()


def test_start_sent_twice_makes_one_draft(cast: Cast) -> None:
    reporter = Reporter(cast.amara)
    key = reporter.client.get("/raise/").context["key"]
    for _ in range(2):
        reporter.client.post("/raise/", {"danger": "no", "key": key})
    assert Draft.objects.count() == 1
    # Somebody else's key, or no key at all, is no way in.
    other = Reporter(cast.sian)
    for taken in (key, "", "../../etc", "x" * 500):
        other.client.post("/raise/", {"danger": "no", "key": taken})
    assert Draft.objects.filter(owner=cast.amara).count() == 1
    assert Draft.objects.filter(owner=cast.sian).count() == 4


def test_thrown_away_draft_is_gone_with_its_words(cast: Cast) -> None:
    reporter = Reporter(cast.amara)
    reporter.fill_least()
    assert reporter.client.get(f"/raise/{reporter.key}/discard/").status_code == 200
    assert reporter.client.post(f"/raise/{reporter.key}/discard/")["Location"] == "/"
    assert reporter.draft.answers == {}
    assert reporter.client.get(f"/raise/{reporter.key}/").status_code == 404
    assert Event.objects.filter(code="concern.draft_discarded", actor_id=cast.amara.pk).count() == 1
    assert list(drafts_of(cast.amara)) == []


def test_person_is_removed_after_a_question(cast: Cast) -> None:
    reporter = Reporter(cast.amara)
    reporter.start()
    reporter.send_page("people", {"more": "add"})
    reporter.send_page("person-1-who", {"name": "Jean O'Neill"})
    reporter.send_page("person-1-contact", {"address": "4 Mill Lane"})
    path = f"/raise/{reporter.key}/person-1/remove/"
    assert "Jean O&#x27;Neill" in reporter.client.get(path).content.decode()
    reporter.client.post(path)
    assert not any(page.startswith(("person", "people")) for page in reporter.draft.answers)
    assert reporter.client.get(path).status_code == 404


# --- Sending --------------------------------------------------------------------------------------


def test_form_sent_twice_makes_one_concern(cast: Cast) -> None:
    reporter = Reporter(cast.amara)
    reporter.fill_least()
    refs = {reporter.send() for _ in range(3)}
    assert len(refs) == 1
    assert Concern.objects.count() == 1
    assert reporter.draft.answers == {}
    assert reporter.client.get(f"/raise/{reporter.key}/facts/")["Location"] == f"/reports/{refs.pop()}/"


def test_what_is_missing_is_said_and_nothing_is_sent(cast: Cast) -> None:
    reporter = Reporter(cast.amara)
    reporter.start()
    answer = reporter.client.post(f"/raise/{reporter.key}/check/")
    assert answer.status_code == 200
    assert [problem.page for problem in answer.context["problems"]] == ["facts", "people", "staff"]
    assert Concern.objects.count() == 0


def test_what_is_missing_is_said_once(cast: Cast) -> None:
    """Also of a page that was sent on without an answer."""
    reporter = Reporter(cast.amara)
    reporter.start()
    reporter.send_page("staff", {}, then="check")
    shown = reporter.client.get(f"/raise/{reporter.key}/check/").content.decode()
    assert shown.count("Choose whether somebody who works for us might be a cause of this") == 1


@pytest.mark.parametrize(
    ("danger", "urgency"), [("yes", Urgency.EMERGENCY), ("today", Urgency.URGENT), ("no", Urgency.STANDARD)]
)
def test_danger_sets_the_urgency(cast: Cast, danger: str, urgency: Urgency) -> None:
    reporter = Reporter(cast.amara)
    where = reporter.start(danger)
    assert where.endswith("/emergency/" if danger == "yes" else "/facts/")
    for page, values in LEAST.items():
        reporter.send_page(page, dict(values))
    assert Concern.objects.get(ref=reporter.send()).urgency == urgency


def test_check_names_who_will_be_told(cast: Cast) -> None:
    reporter = Reporter(cast.amara)
    reporter.fill_least()
    html = reporter.client.get(f"/raise/{reporter.key}/check/").content.decode()
    assert "Gwen Pritchard" in html
    assert "also your manager" not in html
    reporter.send_page("facts", {"facts": "I saw Gwen's car outside."})
    html = reporter.client.get(f"/raise/{reporter.key}/check/").content.decode()
    assert "also your manager" in html


def test_manager_named_in_the_words_must_be_answered_about(cast: Cast) -> None:
    reporter = Reporter(cast.amara)
    reporter.fill_least()
    reporter.send_page("facts", {"facts": "Gwen Pritchard shouted at her."})
    answer = reporter.client.post(f"/raise/{reporter.key}/check/")
    assert "Choose whether they may see it" in answer.content.decode()
    concern = Concern.objects.get(ref=reporter.send(manager="yes"))
    assert concern.is_hidden_from_manager
    assert concern.responsible in (cast.dev, cast.nadia)


IS_PROTECTED = "Your name is protected: only whoever holds it and the safeguarding leads are told who raised it."
WOULD_BE = "Then your name is protected too: only whoever holds it and the safeguarding leads"


def test_whoever_accuses_their_manager_is_told_that_their_name_is_protected(cast: Cast) -> None:
    """R43: before it is sent and on the receipt, in the words of the other way."""
    reporter = Reporter(cast.amara)
    reporter.fill_least()
    check = f"/raise/{reporter.key}/check/"
    asked = reporter.client.get(check).content.decode()
    assert WOULD_BE in asked
    assert IS_PROTECTED not in asked
    reporter.send_page("staff", {"implicated": "manager"})
    accused = reporter.client.get(check).content.decode()
    assert "Your line manager, <bdi>Gwen Pritchard</bdi>, can’t see it." in accused
    assert IS_PROTECTED in accused
    assert "Must they not see it?" not in accused
    ref = reporter.send()
    assert Concern.objects.get(ref=ref).is_reporter_protected
    assert IS_PROTECTED in reporter.client.get(reverse("concerns:show-receipt", args=[ref])).content.decode()


@pytest.mark.parametrize("manager", ["yes", "no"])
def test_the_receipt_says_whether_the_name_is_protected(cast: Cast, manager: str) -> None:
    reporter = Reporter(cast.amara)
    reporter.fill_least()
    ref = reporter.send(manager=manager)
    receipt = reporter.client.get(reverse("concerns:show-receipt", args=[ref])).content.decode()
    assert (IS_PROTECTED in receipt) is (manager == "yes")


def test_a_manager_below_somebody_accused_is_asked_about(cast: Cast) -> None:
    """R43: Gwen may not hold what is about Helen, who manages her, but nobody has kept her out yet."""
    reporter = Reporter(cast.amara)
    reporter.fill_least()
    reporter.send_page("staff", {"implicated": "other_staff"})
    reporter.send_page("staff-who", {"search": "marsh", "staff_ids": [str(cast.helen.pk)]})
    html = reporter.client.get(f"/raise/{reporter.key}/check/").content.decode()
    assert "Must they not see it?" in html
    assert IS_PROTECTED in html
    concern = Concern.objects.get(ref=reporter.send(manager="yes"))
    assert concern.is_hidden_from_manager
    assert set(concern.conflicts.values_list("staff", flat=True)) == {cast.helen.pk, cast.gwen.pk}


def test_staff_are_found_by_name_or_team_and_barred(cast: Cast) -> None:
    reporter = Reporter(cast.amara)
    reporter.fill_least()
    reporter.send_page("staff", {"implicated": "other_staff"})
    answer = reporter.send_page("staff-who", {"search": "zielinski"}, then="search")
    assert "zielinski" not in answer["Location"].lower()  # type: ignore[index]
    html = reporter.client.get(f"/raise/{reporter.key}/staff-who/").content.decode()
    assert "Tomasz Zieliński, Gas engineer" in html
    reporter.send_page("staff-who", {"search": "zielinski", "staff_ids": [str(cast.tomasz.pk)]})
    concern = Concern.objects.get(ref=reporter.send(manager="no"))
    assert concern.is_restricted
    assert [row.staff for row in concern.conflicts.all()] == [cast.tomasz]


def test_a_name_that_was_only_typed_into_the_search_is_asked_about_and_never_lost(cast: Cast) -> None:
    """R2, R41: only who is ticked is kept out, so the page says so once more; the concern is sent all the same."""
    reporter = Reporter(cast.amara)
    reporter.fill_least()
    reporter.send_page("staff", {"implicated": "other_staff"})
    nobody = "You named nobody from the list, so nobody is kept out as a cause of this"
    check = f"/raise/{reporter.key}/check/"
    assert nobody in reporter.client.get(check).content.decode()

    again = reporter.send_page("staff-who", {"search": "Zielinski", "implicated_words": ""})
    assert again.status_code == 200  # type: ignore[attr-defined]
    shown = again.content.decode()  # type: ignore[attr-defined]
    assert "Tick the person, or write what you know below. Only somebody you tick is kept out." in shown
    assert "Tomasz Zieliński, Gas engineer" in shown
    unknown = reporter.send_page("staff-who", {"search": "Stuart Pike"})
    assert unknown.status_code == 200  # type: ignore[attr-defined]
    shown = unknown.content.decode()  # type: ignore[attr-defined]
    assert "Write what you know here. Only somebody you tick is kept out." in shown

    assert reporter.send_page("staff-who", {"search": "Stuart Pike"}, then="check")["Location"] == check  # type: ignore[index]
    page = reporter.client.get(check)
    assert page.context["problems"] == []
    assert "Stuart Pike" in page.content.decode()
    assert nobody in page.content.decode()
    concern = Concern.objects.get(ref=reporter.send(manager="no"))
    assert concern.implicated_words == "Stuart Pike"
    assert not concern.conflicts.exists()


@pytest.mark.parametrize(
    "values",
    [
        {"search": "zielinski", "implicated_words": "The gas man"},
        {"search": "", "implicated_words": ""},
        {"search": "  "},
    ],
)
def test_who_it_is_in_words_or_not_at_all_is_enough_to_go_on(cast: Cast, values: dict[str, object]) -> None:
    reporter = Reporter(cast.amara)
    reporter.fill_least()
    reporter.send_page("staff", {"implicated": "unsure"})
    answer = reporter.send_page("staff-who", values)
    assert answer["Location"] == f"/raise/{reporter.key}/done/"  # type: ignore[index]
    concern = Concern.objects.get(ref=reporter.send(manager="no"))
    assert concern.implicated_words == values.get("implicated_words", "")


def test_whom_somebody_named_is_not_said_to_be_nobody(cast: Cast) -> None:
    reporter = Reporter(cast.amara)
    reporter.fill_least()
    check = f"/raise/{reporter.key}/check/"
    assert "nobody is kept out" not in reporter.client.get(check).content.decode(), "no staff: nothing to name"
    reporter.send_page("staff", {"implicated": "other_staff"})
    reporter.send_page("staff-who", {"search": "zielinski", "staff_ids": [str(cast.tomasz.pk)]})
    shown = reporter.client.get(check).content.decode()
    assert "Tomasz Zieliński, Gas engineer" in shown
    assert "nobody is kept out" not in shown


def test_somebody_who_was_not_found_cannot_be_smuggled_in(cast: Cast) -> None:
    reporter = Reporter(cast.amara)
    reporter.fill_least()
    reporter.send_page("staff", {"implicated": "other_staff"})
    for smuggled in (str(cast.amara.pk), "999999", "x", "9" * 40):
        answer = reporter.send_page("staff-who", {"staff_ids": [smuggled]})
        assert answer.status_code == 200, smuggled  # type: ignore[attr-defined]


def test_search_for_staff_takes_all_words_and_never_oneself(cast: Cast) -> None:
    def names(words: str, *chosen: User) -> list[str]:
        return [member.name for member in find_staff(words, chosen={user.pk for user in chosen}, user=cast.priya)]

    assert names("siân") == names("SIAN") == ["Siân Hughes"]
    assert names("housing officer") == ["Amara Okafor", "Siân Hughes"]
    assert names("brightwater") == ["Jakub Novák"]
    assert "Femi Adeyemi" in names("repairs and maintenance")
    assert names("priya") == []
    assert names("") == []
    assert names("mei", cast.dev) == ["Dev Patel", "Mei Chen"]


def test_somebody_who_was_deactivated_is_named_and_barred_and_reads_nothing_when_they_are_back(cast: Cast) -> None:
    """R41, I3: a suspension must not be the way out of being named."""
    people.deactivate_person(person=cast.dev, reason="Suspended", by=cast.bea, at=AT)
    reporter = Reporter(cast.amara)
    reporter.fill_least()
    reporter.send_page("staff", {"implicated": "other_staff"})
    reporter.send_page("staff-who", {"search": "dev patel"}, then="search")
    html = reporter.client.get(f"/raise/{reporter.key}/staff-who/").content.decode()
    assert "Dev Patel, Tenancy specialist, Housing management" in html
    reporter.send_page("staff-who", {"search": "dev patel", "staff_ids": [str(cast.dev.pk)]})
    concern = Concern.objects.get(ref=reporter.send(manager="no"))
    assert [row.staff for row in concern.conflicts.all()] == [cast.dev]
    assert Event.objects.filter(code="concern.conflict_recorded").count() == 1
    assert [row.person.name for row in concern.involvements.filter(staff=cast.dev)] == ["Dev Patel"]
    people.reactivate_person(person=cast.dev, reason="Back", by=cast.bea, at=AT + timedelta(days=30))
    people.give_role(
        person=User.objects.get(pk=cast.dev.pk), role=Role.DEPUTY_LEAD, by=None, at=AT + timedelta(days=30)
    )
    assert not Concern.objects.visible_to(User.objects.get(pk=cast.dev.pk)).exists()
    assert Concern.objects.visible_to(cast.imran).exists()


def test_people_who_have_left_are_found_after_all_who_work_here(cast: Cast) -> None:
    people.deactivate_person(person=cast.amara, reason="Left", by=cast.bea, at=AT)
    found = [member.label for member in find_staff("housing officer", chosen=(), user=cast.priya)]
    assert found == [
        "Siân Hughes, Housing officer, Housing management",
        "Amara Okafor, Housing officer, Housing management",
    ]


def test_no_one_may_take_it_is_said_with_a_way_out(cast: Cast) -> None:
    User.objects.exclude(pk=cast.quinn.pk).update(is_active=False, deactivated_at=AT)
    reporter = Reporter(cast.quinn)
    reporter.fill_least()
    answer = reporter.client.post(f"/raise/{reporter.key}/check/")
    assert answer.status_code == 200
    assert "Go straight to the statutory agency or the police" in answer.content.decode()
    assert reporter.draft.answers["facts"] == {"facts": ["She was crying."]}


# --- The receipt ----------------------------------------------------------------------------------


def test_receipt_is_the_reporters_alone(cast: Cast) -> None:
    concern = raise_concern(intake=PLAIN, by=cast.amara, at=AT)
    for user in (cast.gwen, cast.sian, cast.ruth):
        client = Reporter(user).client
        for path in ("", "add/", "not-satisfied/"):
            assert client.get(f"/reports/{concern.ref}/{path}").status_code == 404
        assert client.post(f"/reports/{concern.ref}/add/", {"text": "x", "form_key": "k"}).status_code == 404
    assert concern.notes.count() == 0


@time_machine.travel(AT, tick=False)
def test_receipt_says_who_holds_it_and_by_when(cast: Cast) -> None:
    concern = raise_concern(intake=PLAIN, by=cast.amara, at=AT)
    reporter = Reporter(cast.amara)
    html = reporter.client.get(f"/reports/{concern.ref}/?sent=1").content.decode()
    # Standard: four working hours from half past ten.
    for words in (
        concern.ref,
        "Gwen Pritchard",
        cast.gwen.phone,
        "They will look at it by 2:30pm today.",
        "01632 960 100",
    ):
        assert words in html
    assert Event.objects.filter(code="concern.receipt_viewed", ref=concern.ref, actor_id=cast.amara.pk).count() == 1
    late = receipt_for(concern.ref, cast.amara, at=datetime(2026, 6, 17, 14, 0, tzinfo=UTC))
    assert late.promise == "This should have happened by now. Ring one of the numbers below."


def test_receipt_shows_safe_words_and_feedback_not_the_case(cast: Cast) -> None:
    concern = raise_concern(intake=PLAIN, by=cast.amara, at=AT)
    give_feedback(concern_id=concern.pk, text="The council has it now.", by=cast.gwen, at=AT)
    html = Reporter(cast.amara).client.get(f"/reports/{concern.ref}/").content.decode()
    assert "Received" in html
    assert "The council has it now." in html
    assert "waiting to be acknowledged" not in html
    assert f'"/concerns/{concern.ref}/' not in html


def test_reporter_can_record_a_call_that_they_made_to_an_agency(cast: Cast) -> None:
    """R32: the link on the receipt leads somewhere, though the case itself is closed to the reporter."""
    concern = raise_concern(intake=PLAIN, by=cast.amara, at=AT)
    client = Reporter(cast.amara).client
    path = reverse("sharing:record-direct-call", args=[concern.ref])
    assert path in client.get(f"/reports/{concern.ref}/").content.decode()
    assert client.get(path).status_code == 200
    assert client.get(f"/concerns/{concern.ref}/").status_code == 404


def test_added_words_are_kept_once(cast: Cast) -> None:
    concern = raise_concern(intake=PLAIN, by=cast.amara, at=AT)
    reporter = Reporter(cast.amara)
    path = f"/reports/{concern.ref}/add/"
    key = reporter.client.get(path).context["form"]["form_key"].value()
    assert "Write what you want to add" in reporter.client.post(path, {"text": " ", "form_key": key}).content.decode()
    for _ in range(2):
        assert reporter.client.post(path, {"text": "One more thing", "form_key": key}).status_code == 302
    assert [note.text for note in concern.notes.all()] == ["One more thing"]


def test_other_words_in_the_same_form_are_kept_too(cast: Cast) -> None:
    """R147: a reporter who presses Back, writes something else and sends again has said two things."""
    concern = raise_concern(intake=PLAIN, by=cast.amara, at=AT)
    client, path, key = Reporter(cast.amara).client, f"/reports/{concern.ref}/add/", "5a" * 16
    for text in ("He was there.", "He has a knife.", "He has a knife.", "He was there."):
        assert client.post(path, {"text": text, "form_key": key}).status_code == 302
    assert [note.text for note in concern.notes.all()] == ["He was there.", "He has a knife."]
    told = OutboxMessage.objects.filter(kind="concern.report_added_to").values_list("recipient_id", flat=True)
    assert list(told) == [concern.responsible_id] * 2


def test_not_satisfied_goes_to_somebody_else_with_all_that_is_said_until_they_answer(cast: Cast) -> None:
    concern = raise_concern(intake=PLAIN, by=cast.amara, at=AT)
    reporter = Reporter(cast.amara)
    path = f"/reports/{concern.ref}/not-satisfied/"
    assert "in your own words" in reporter.client.post(path, {"words": ""}).content.decode()
    assert reporter.client.post(path, {"words": "Nothing happens"}).status_code == 302
    assert "Say more about" in reporter.client.get(f"/reports/{concern.ref}/").content.decode()
    for words in ("Nothing happens", "He has a knife now", "He has a knife now"):
        assert reporter.client.post(path, {"words": words}).status_code == 302
    row = concern.dissatisfactions.get()
    assert row.words == "Nothing happens\n\nHe has a knife now"
    assert row.reviewer != concern.responsible
    told = OutboxMessage.objects.filter(kind="concern.not_satisfied").values_list("recipient_id", flat=True)
    assert list(told) == [row.reviewer_id] * 2


def test_list_of_own_reports_pages_by_key(cast: Cast, django_assert_max_num_queries: object) -> None:
    refs = [raise_concern(intake=PLAIN, by=cast.amara, at=AT.replace(minute=m % 60)).ref for m in range(30)]
    raise_concern(intake=PLAIN, by=cast.sian, at=AT)
    reporter = Reporter(cast.amara)
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        first = reporter.client.get("/reports/")
    shown = [ref for ref, _, _ in first.context["reports"]]
    second = reporter.client.get("/reports/" + first.context["next_url"])
    shown += [ref for ref, _, _ in second.context["reports"]]
    assert shown == refs[::-1]
    assert second.context["next_url"] == ""
    assert reporter.client.get("/reports/?before=SC-XXXX-XXXX").status_code == 404


def test_drafts_service_refuses_what_was_sent(cast: Cast) -> None:
    reporter = Reporter(cast.amara)
    reporter.fill_least()
    reporter.send()
    with pytest.raises(NotNow):
        services.save_page(key=reporter.key, page="facts", values={"facts": ["x"]}, by=cast.amara, at=AT)
    with pytest.raises(NotNow):
        services.discard_draft(key=reporter.key, by=cast.amara, at=AT)
    assert not services.keep_late_page(
        key=reporter.key, page="facts", values={"facts": ["x"]}, owner_id=cast.amara.pk, at=AT
    )
