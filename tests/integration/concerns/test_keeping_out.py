"""A lead keeps a member of staff out, whoever holds it and also when it has ended; nobody tells them (R41, R45, I3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import User
from accounts.services import deactivate_person, reactivate_person
from audit.models import Event
from concerns import services
from concerns.models import Concern, Conflict, Deadline, StaffStep
from concerns.vocabulary import ConflictKind, KeptOutBecause, State, TwoPersonAct
from safeguarding.kit import outbox
from safeguarding.kit.errors import NotAllowed, Unsound
from safeguarding.kit.models import OutboxMessage
from tests.build import cases
from tests.build.cast import Cast, make_cast
from tests.build.web import get, post

pytestmark = pytest.mark.django_db
AT = cases.AT
HOUR = timedelta(hours=1)
# After a closing.
LATER = AT + 6 * HOUR
KEY = "5a" * 16


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def path(concern: Concern) -> str:
    return reverse("concerns:keep-out", args=[concern.ref])


def fresh(concern: Concern) -> Concern:
    return Concern.objects.get(pk=concern.pk)


def words(response: Any) -> str:
    return str(response.content.decode())


def reads(concern: Concern, user: User) -> bool:
    status: int = get(concern.get_absolute_url(), user, at=LATER).status_code
    return status == 200


def closed(cast: Cast) -> Concern:
    """Gwen held it, and Dev agreed to close it."""
    with cases.everyone_decided():
        return cases.closed(cast)


def keep_out(
    concern: Concern, staff: User, cast: Cast, because: KeptOutBecause = KeptOutBecause.CAUSE, text: str = "He said so."
) -> None:
    services.keep_out(concern_id=concern.pk, staff=staff, because=because, words=text, by=cast.ruth, at=LATER)


def said(staff: User, because: KeptOutBecause = KeptOutBecause.CAUSE) -> dict[str, str]:
    return {"person": staff.full_name, "because": because.value, "words": "The reporter rang me."}


def told_since(user: User, concern: Concern) -> list[str]:
    """What goes to `user` about `concern` from `LATER` on."""
    outbox.deliver_due(at=LATER + HOUR)
    rows = OutboxMessage.objects.filter(recipient_id=user.pk, reference=concern.ref, sent_at__gte=LATER)
    return [row.kind for row in rows]


# --- What it does ---


def test_whoever_holds_it_loses_it_unheard_and_without_anybody_taking_it_first(cast: Cast) -> None:
    """The accused holds it. Before, a lead took it, and she was told that somebody had."""
    concern = cases.acknowledged(cast)
    services.add_to_report(concern_id=concern.pk, text="Gwen takes it.", form_key=KEY, by=cast.amara, at=LATER)
    response = post(path(concern), cast.ruth, said(cast.gwen), at=LATER)
    assert response["Location"] == concern.get_absolute_url()
    concern = fresh(concern)
    assert concern.responsible in (cast.dev, cast.nadia)
    assert concern.is_restricted
    assert not reads(concern, cast.gwen)
    assert told_since(cast.gwen, concern) == []
    assert told_since(concern.responsible, concern) == ["concern.assigned"]
    assert cast.gwen.email not in [address for each in mail.outbox for address in each.to]
    assert concern.ref not in words(get("/", cast.gwen, at=LATER))
    kinds = set(StaffStep.objects.filter(concern=concern).values_list("kind", flat=True))
    assert {"hr", "dbs"} <= kinds, "R46"
    conflict = Conflict.objects.get(concern=concern)
    assert (conflict.staff, conflict.kind, conflict.recorded_by) == (cast.gwen, ConflictKind.BARRED, cast.ruth)
    assert conflict.reason == "They may be a cause of this. The reporter rang me."
    listed = words(get(reverse("concerns:list-conflicts", args=[concern.ref]), cast.imran, at=LATER))
    assert "The reporter rang me." in listed
    codes = list(Event.objects.filter(concern_id=concern.pk, actor_id=cast.ruth.pk).values_list("code", flat=True))
    assert {"concern.conflict_recorded", "concern.restricted"} <= set(codes)


@pytest.mark.parametrize(
    ("because", "kind", "is_restricted", "has_steps"),
    [
        (KeptOutBecause.CAUSE, ConflictKind.BARRED, True, True),
        (KeptOutBecause.AT_RISK, ConflictKind.RECUSED, True, False),
        (KeptOutBecause.CLOSE, ConflictKind.RECUSED, False, False),
    ],
)
def test_why_they_are_kept_out_says_what_follows(
    cast: Cast, because: KeptOutBecause, kind: ConflictKind, is_restricted: bool, has_steps: bool
) -> None:
    concern = cases.acknowledged(cast)
    assert post(path(concern), cast.imran, said(cast.nadia, because), at=LATER).status_code == 302
    assert Conflict.objects.get(concern=concern).kind == kind
    assert fresh(concern).is_restricted == is_restricted
    assert fresh(concern).responsible == cast.gwen, "who may hold it goes on holding it"
    assert StaffStep.objects.filter(concern=concern).exists() == has_steps
    assert not reads(concern, cast.nadia)
    assert told_since(cast.nadia, concern) == []


def test_barring_the_holders_own_manager_moves_it_up(cast: Cast) -> None:
    """R45: whom the barred person manages may not hold it."""
    concern = cases.acknowledged(cast)
    keep_out(concern, cast.helen, cast)
    assert fresh(concern).responsible in (cast.ruth, cast.imran)


def test_what_was_joined_to_it_is_closed_to_them_too(cast: Cast) -> None:
    """t20: on the survivor, for all of them; the joined one says where."""
    survivor, joined = cases.acknowledged(cast), cases.submitted(cast, by=cast.sian)
    services.merge(concern_id=joined.pk, into_id=survivor.pk, reason="The same.", by=cast.ruth, at=AT + HOUR)
    assert "Keep somebody out" not in words(get(joined.get_absolute_url(), cast.ruth, at=LATER))
    sent_back = get(path(joined), cast.ruth, at=LATER)
    assert sent_back["Location"] == joined.get_absolute_url()
    with pytest.raises(NotAllowed, match="joined to another"):
        keep_out(joined, cast.nadia, cast)
    keep_out(survivor, cast.nadia, cast)
    assert not reads(survivor, cast.nadia)
    assert not reads(joined, cast.nadia)
    assert fresh(joined).is_restricted


def test_sent_twice_it_happens_once_and_other_words_are_kept(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    for _ in range(2):
        keep_out(concern, cast.gwen, cast)
    rows = Event.objects.filter(concern_id=concern.pk, code="concern.conflict_recorded")
    assert (Conflict.objects.filter(concern=concern).count(), rows.count()) == (1, 1)
    services.keep_out(
        concern_id=concern.pk, staff=cast.gwen, because=KeptOutBecause.CAUSE, words="His sister too.", by=cast.imran,
        at=LATER + HOUR,
    )  # fmt: skip
    reason = Conflict.objects.get(concern=concern).reason
    assert "He said so." in reason
    assert "His sister too." in reason


def test_whoever_has_left_is_kept_out_when_they_come_back(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    deactivate_person(person=cast.nadia, reason="Suspended", by=cast.bea, at=AT)
    keep_out(concern, cast.nadia, cast)
    reactivate_person(person=cast.nadia, reason="Back", by=cast.bea, at=LATER)
    assert not reads(concern, User.objects.get(pk=cast.nadia.pk))


# --- Who may, and what is asked ---


@pytest.mark.parametrize("state", ["acknowledged", "closed", "void"])
def test_a_lead_finds_it_in_every_state(cast: Cast, state: str) -> None:
    concern = closed(cast) if state == "closed" else cases.acknowledged(cast)
    if state == "void":
        step = services.ask_second_person(
            concern_id=concern.pk, act=TwoPersonAct.VOID, reason="A test.", by=cast.ruth, at=AT + HOUR
        )
        services.give_second_view(step_id=step.pk, is_agreed=True, words="", by=cast.imran, at=AT + HOUR)
    assert path(concern) in words(get(concern.get_absolute_url(), cast.ruth, at=LATER))
    assert path(concern) not in words(get(concern.get_absolute_url(), cast.karen, at=LATER))
    assert post(path(concern), cast.ruth, said(cast.dev), at=LATER).status_code == 302
    assert Conflict.objects.get(concern=concern).staff == cast.dev


def test_nobody_below_a_lead_and_no_lead_who_is_kept_out(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    for user in (cast.gwen, cast.dev, cast.karen):
        with pytest.raises(NotAllowed):
            services.keep_out(
                concern_id=concern.pk, staff=cast.nadia, because=KeptOutBecause.CAUSE, words="So.", by=user, at=LATER
            )
    keep_out(concern, cast.imran, cast)
    assert get(path(concern), cast.imran, at=LATER).status_code == 404
    assert list(Conflict.objects.values_list("staff", flat=True)) == [cast.imran.pk]


def test_what_is_missing_is_said_and_nobody_names_themselves(cast: Cast) -> None:
    concern = cases.acknowledged(cast)
    shown = words(post(path(concern), cast.ruth, {"words": "kept words"}, at=LATER))
    assert "Enter a name or e-mail address" in shown
    assert "Choose why they must be kept out" in shown
    assert "kept words" in shown
    shown = words(post(path(concern), cast.ruth, {**said(cast.gwen), "words": " "}, at=LATER))
    assert "Say what makes you think so." in shown
    with pytest.raises(Unsound):
        keep_out(concern, cast.gwen, cast, text=" ")
    shown = words(post(path(concern), cast.ruth, said(cast.ruth), at=LATER))
    assert "You can’t keep yourself out here." in shown
    assert reverse("concerns:declare-conflict", args=[concern.ref]) in shown
    assert not Conflict.objects.exists()


# --- F2: what is added later accuses somebody ---


def test_a_closed_concern_is_not_opened_again_for_whom_it_accuses(cast: Cast) -> None:
    """Gwen held it and would hold it again as the line manager."""
    concern = closed(cast)
    services.add_to_report(concern_id=concern.pk, text="Gwen takes it.", form_key=KEY, by=cast.amara, at=LATER)
    keep_out(concern, cast.gwen, cast)
    assert fresh(concern).state == State.CLOSED
    assert not StaffStep.objects.filter(concern=concern).exists(), "nobody could answer them, and no clock runs on it"
    assert not Deadline.objects.filter(concern=concern, met_at=None, dropped_at=None).exists()
    services.reopen(concern_id=concern.pk, reason="There is more.", by=cast.ruth, at=LATER)
    concern = fresh(concern)
    assert concern.responsible in (cast.dev, cast.nadia)
    assert StaffStep.objects.filter(concern=concern, kind="hr").exists(), "R46"
    assert not reads(concern, cast.gwen)
    assert told_since(cast.gwen, concern) == []


def test_a_closed_concern_that_accuses_a_lead_is_closed_to_them_by_another(cast: Cast) -> None:
    """The mail that more was added waits; it does not go to the one who was kept out meanwhile."""
    concern = closed(cast)
    services.add_to_report(concern_id=concern.pk, text="Imran takes it.", form_key=KEY, by=cast.amara, at=LATER)
    keep_out(concern, cast.imran, cast)
    assert not reads(concern, cast.imran)
    assert told_since(cast.imran, concern) == []
    assert "concern.report_added_to" in told_since(cast.ruth, concern)
    services.reopen(concern_id=concern.pk, reason="There is more.", by=cast.ruth, at=LATER)
    assert fresh(concern).responsible == cast.gwen
    assert told_since(cast.imran, concern) == []


def test_the_reporter_is_told_where_not_to_write_it(cast: Cast) -> None:
    """R41: whoever holds it reads what is added."""
    concern = cases.acknowledged(cast)
    shown = words(get(reverse("concerns:add-to-report", args=[concern.ref]), cast.amara, at=LATER))
    warning = shown.index("Is it about somebody who works here or with us?")
    assert shown.index("<h1") < warning < shown.index("<textarea")
    assert f'href="{reverse("concerns:start-raise")}">Raise a new concern</a>' in shown
    assert '<label class="govuk-label govuk-label--l" for="id_text">' in shown
