"""Two people, or a person and the sweep, at the same concern at once: one wins, the other is told."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from audit.models import Event
from concerns import services
from concerns.models import Assignment, Attachment, Concern, Contact, Note
from concerns.services.contacts import ContactDetails
from concerns.services.drafts import start_draft
from concerns.services.sweeping import sweep
from concerns.vocabulary import State
from tests.build.at_once import at_once
from tests.build.cases import AT, acknowledged, closing_proposed, everyone_decided
from tests.build.cast import Cast, make_cast
from tests.build.files import close_all, incoming
from tests.build.intakes import EMERGENCY, URGENT

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
LATER = AT + timedelta(hours=1)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


def count(concern: Concern, code: str) -> int:
    return Event.objects.filter(concern_id=concern.pk, code=code).count()


def test_two_acknowledge_an_emergency_at_once(cast: Cast) -> None:
    concern = services.raise_concern(intake=EMERGENCY, by=cast.amara, at=AT)
    refused = at_once(
        lambda: services.acknowledge(concern_id=concern.pk, by=cast.dev, at=AT, has_conflict=False),
        lambda: services.acknowledge(concern_id=concern.pk, by=cast.nadia, at=AT, has_conflict=False),
    )
    assert sum(each is None for each in refused) == 1
    assert all(each is None or each.sentence.endswith(".") for each in refused)
    concern.refresh_from_db()
    assert concern.responsible in (cast.dev, cast.nadia)
    assert count(concern, "concern.acknowledged") == 1
    assert Assignment.objects.filter(concern=concern, ended_at__isnull=True).count() == 1


def test_the_manager_acknowledges_while_the_sweep_escalates(cast: Cast) -> None:
    concern = services.raise_concern(intake=URGENT, by=cast.amara, at=AT)
    refused = at_once(
        lambda: services.acknowledge(concern_id=concern.pk, by=cast.gwen, at=LATER, has_conflict=False),
        lambda: sweep(at=LATER),
    )
    concern.refresh_from_db()
    assert refused[1] is None
    if refused[0] is None:
        assert (concern.responsible, concern.state) == (cast.gwen, State.TRIAGE)
        assert count(concern, "concern.passed_on") == 0
    else:
        assert concern.responsible in (cast.dev, cast.nadia)
        assert count(concern, "concern.acknowledged") == 0
    assert Assignment.objects.filter(concern=concern, ended_at__isnull=True).count() == 1


def test_two_sweeps_at_once_pass_it_on_once(cast: Cast) -> None:
    concern = services.raise_concern(intake=URGENT, by=cast.amara, at=AT)
    assert at_once(lambda: sweep(at=LATER), lambda: sweep(at=LATER)) == [None, None]
    assert count(concern, "concern.passed_on") == 1


def test_two_close_at_once(cast: Cast) -> None:
    with everyone_decided():
        concern = closing_proposed(cast)
        refused = at_once(
            lambda: services.agree_closure(concern_id=concern.pk, words="Yes", by=cast.dev, at=LATER),
            lambda: services.agree_closure(concern_id=concern.pk, words="Yes", by=cast.nadia, at=LATER),
        )
    assert sum(each is None for each in refused) == 1
    concern.refresh_from_db()
    assert concern.state == State.CLOSED
    assert count(concern, "concern.closed") == 1


def test_one_form_sent_twice_at_once_makes_one_row(cast: Cast) -> None:
    concern = acknowledged(cast)
    contact = ContactDetails(
        person_id=concern.involvements.get(role="at_risk").person_id, on=AT.date(), how="Phone", is_reached=True,
        words="She is well.",
    )  # fmt: skip
    key = "5a" * 16
    once: dict[str, Any] = {"concern_id": concern.pk, "form_key": key, "by": cast.gwen, "at": LATER}
    for act in (
        lambda: services.add_note(text="Rang the niece.", **once),
        lambda: services.record_contact(details=contact, **once),
    ):
        assert at_once(act, act, act) == [None, None, None]
    assert [note.text for note in Note.objects.filter(concern=concern)] == ["Rang the niece."]
    assert [row.words for row in Contact.objects.filter(concern=concern)] == ["She is well."]
    assert (count(concern, "concern.note_added"), count(concern, "concern.contact_recorded")) == (1, 1)


def test_files_of_several_reports_at_once_have_no_more_room_than_one_after_the_other(
    cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT, settings.PERSON_MOST_BYTES = tmp_path, 10
    drafts = [start_draft(key="", by=cast.amara, at=AT) for _ in range(4)]

    def add(number: int) -> None:
        files = [incoming("a.txt", str(number).encode() * 9)]
        services.add_files_to_draft(key=drafts[number].key, files=files, description="", by=cast.amara, at=AT)

    refused = at_once(*[partial(add, number) for number in range(4)])
    close_all()
    assert sum(each is None for each in refused) == 1
    assert list(Attachment.objects.values_list("size", flat=True)) == [9]
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 1
