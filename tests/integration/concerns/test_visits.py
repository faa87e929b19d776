"""What visitors to a home must do: no reason, the same for everybody, every look-up kept (domain.md 5, ADR 13)."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

import pytest

from accounts import services as people
from accounts.models import User
from audit.models import Event
from concerns import services
from concerns.models import Concern, VisitWarning
from concerns.selectors.visits import BeforeVisit
from concerns.services.conflicts import bar
from safeguarding.kit.errors import NotAllowed, NotNow, Unsound
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.web import get, post

pytestmark = pytest.mark.django_db
AT = cases.AT
HOUR = timedelta(hours=1)
PAGE = "/visits/"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def concern(cast: Cast) -> Concern:
    """About Jean Ashworth of 4 Mill Lane; Dev holds it."""
    return cases.acknowledged(cast, holder=cast.dev)


def warn(concern: Concern, by: User, advice: str = "both", *, speak_to: User | None = None) -> VisitWarning | None:
    return services.warn_visitors(
        concern_id=concern.pk, advice=advice, address="4 Mill Lane, Derby", tenancy_ref="T-10442",
        speak_to=speak_to.pk if speak_to else None, by=by, at=AT + HOUR,
    )  # fmt: skip


def look(words: str, by: User) -> BeforeVisit | None:
    return services.look_up_visit(words=words, by=by, at=AT + 2 * HOUR)


def test_what_is_told_is_an_instruction_and_nothing_else() -> None:
    assert [field.name for field in fields(BeforeVisit)] == ["in_pairs", "speak_first", "speak_to"]


def test_whoever_looks_the_home_up_is_told_what_to_do(cast: Cast, concern: Concern) -> None:
    warn(concern, cast.dev, speak_to=cast.dev)
    expected = BeforeVisit(True, True, (("Dev Patel", cast.dev.phone),))
    same = ("4 Mill Lane", "4 mill lane, derby", "4 Mill Lane, Derby, DE1 1AA", "t-10442", "Flat 1, 4 Mill Lane, Derby")
    for words in same:
        assert look(words, cast.priya) == expected, words
    for words in ("14 Mill Lane", "Mill Lane", "4", "T-1044", "5 Mill Lane, Derby", "4 Mill Lane, Leeds"):
        assert look(words, cast.priya) is None, words


def test_everybody_is_told_the_same_also_the_barred_and_a_contractor(cast: Cast, concern: Concern) -> None:
    warn(concern, cast.dev, "in_pairs")
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.colin.pk, reason="Named", by=cast.ruth, at=AT + HOUR)
    pages = set()
    for user in (cast.colin, cast.priya, cast.jakub, cast.bea):
        answer = post(PAGE, user, {"words": "4 Mill Lane"}, at=AT + 2 * HOUR)
        body = answer.content.decode()
        main = body[body.index("<main") : body.index("</main>")]
        assert concern.ref not in main
        assert "cupboards" not in main
        pages.add(main[main.index('id="advice-heading"') : main.index("</section>")])
    assert len(pages) == 1
    assert "Visit in pairs. Do not go alone." in pages.pop()


def test_two_concerns_at_one_address_are_told_as_one(cast: Cast, concern: Concern) -> None:
    other = cases.acknowledged(cast, holder=cast.ruth)
    warn(concern, cast.dev, "speak_first", speak_to=cast.ruth)
    warn(other, cast.ruth, "both", speak_to=cast.ruth)
    assert look("4 Mill Lane", cast.priya) == BeforeVisit(True, True, (("Ruth Abrahams", cast.ruth.phone),))


def test_only_the_holder_or_a_lead_says_so_and_names_somebody_who_may_know(cast: Cast, concern: Concern) -> None:
    for stranger in (cast.nadia, cast.karen, cast.amara, cast.alan, cast.bea):
        with pytest.raises(NotAllowed):
            warn(concern, stranger, "in_pairs")
    with pytest.raises(Unsound) as caught:
        warn(concern, cast.dev, "both", speak_to=cast.colin)
    assert list(caught.value.problems) == ["speak_to"]
    with pytest.raises(Unsound) as nowhere:
        services.warn_visitors(
            concern_id=concern.pk, advice="in_pairs", address="Mill Lane", tenancy_ref="", speak_to=None, by=cast.dev,
            at=AT + HOUR,
        )  # fmt: skip
    assert list(nowhere.value.problems) == ["address"]
    assert not VisitWarning.objects.exists()


def test_no_lead_says_so_who_may_decide_nothing_here(cast: Cast, concern: Concern) -> None:
    """R45: the chief executive is named, and manages Ruth; the holder says it."""
    warn(concern, cast.dev, "in_pairs")
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.sunita.pk, reason="Named", by=cast.karen, at=AT + HOUR)
    with pytest.raises(NotAllowed):
        warn(concern, User.objects.get(pk=cast.ruth.pk), "")
    warn(concern, User.objects.get(pk=cast.dev.pk), "both", speak_to=cast.dev)
    assert VisitWarning.objects.filter(ended_at=None).get().set_by == cast.dev


def test_whoever_was_to_be_spoken_to_and_is_barred_or_gone_gives_way_to_the_duty_line(
    cast: Cast, concern: Concern
) -> None:
    warn(concern, cast.dev, "speak_first", speak_to=cast.imran)
    bar(Concern.objects.get(pk=concern.pk), staff_id=cast.imran.pk, reason="Named", by=cast.ruth, at=AT + HOUR)
    assert look("4 Mill Lane", cast.priya) == BeforeVisit(False, True, ())
    page = post(PAGE, cast.priya, {"words": "4 Mill Lane"}, at=AT + 2 * HOUR).content.decode()
    assert "the duty line" in page
    warn(concern, cast.dev, "speak_first", speak_to=cast.dev)
    people.deactivate_person(person=cast.dev, reason="Left", by=cast.bea, at=AT + HOUR)
    assert look("4 Mill Lane", cast.priya) == BeforeVisit(False, True, ())


def test_the_newest_stands_and_it_is_ended_by_hand_or_with_the_concern(cast: Cast) -> None:
    with cases.everyone_decided():
        concern = cases.closing_proposed(cast)
        warn(concern, cast.ruth, "in_pairs")
        warn(concern, cast.ruth, "speak_first", speak_to=cast.ruth)
        assert look("4 Mill Lane", cast.priya) == BeforeVisit(False, True, (("Ruth Abrahams", cast.ruth.phone),))
        services.agree_closure(concern_id=concern.pk, words="Agreed.", by=cast.dev, at=AT + 4 * HOUR)
    assert look("4 Mill Lane", cast.priya) is None
    with pytest.raises(NotNow):
        warn(concern, cast.ruth, "in_pairs")
    other = cases.acknowledged(cast, holder=cast.dev)
    warn(other, cast.dev, "in_pairs")
    warn(other, cast.dev, "")
    assert look("4 Mill Lane", cast.priya) is None


def test_every_look_up_is_kept_and_what_was_typed_is_not(cast: Cast, concern: Concern) -> None:
    warn(concern, cast.dev, "in_pairs")
    warn(concern, cast.dev, "")
    warn(concern, cast.dev, "in_pairs")
    look("4 Mill Lane", cast.colin)
    look("99 Nowhere Street", cast.colin)
    looked = Event.objects.filter(code="concern.visit_looked_up", actor_id=cast.colin.pk).order_by("pk")
    assert [event.data for event in looked] == [{"hits": 1}, {"hits": 0}]
    shown = Event.objects.get(code="concern.visit_shown")
    assert (shown.actor_id, shown.concern_id, shown.ref) == (cast.colin.pk, concern.pk, concern.ref)
    assert Event.objects.filter(code="concern.visit_warning_set", concern_id=concern.pk).count() == 2
    assert Event.objects.filter(code="concern.visit_warning_ended", concern_id=concern.pk).count() == 1
    report = get(f"/concerns/{concern.ref}/access/", cast.ruth, at=AT + 3 * HOUR).content.decode()
    assert "What visitors must do was shown, without a reason" in report


def test_the_pages(cast: Cast, concern: Concern) -> None:
    url = f"/concerns/{concern.ref}/visits/"
    assert "4 Mill Lane" in get(url, cast.dev, at=AT + HOUR).content.decode()
    form = {"advice": "both", "speak_to": str(cast.dev.pk), "address": "4 Mill Lane", "tenancy_ref": ""}
    assert post(url, cast.dev, form, at=AT + HOUR).status_code == 302
    page = post(PAGE, cast.jakub, {"words": "4 Mill Lane"}, at=AT + 2 * HOUR).content.decode()
    assert "Speak to somebody before you visit." in page
    assert "Dev Patel" in page
    nothing = post(PAGE, cast.jakub, {"words": "99 Nowhere Street"}, at=AT + 2 * HOUR).content.decode()
    assert "That does not mean that it is safe" in nothing
    assert "Enter the number and street" in post(PAGE, cast.jakub, {"words": "?"}, at=AT + 2 * HOUR).content.decode()
