"""Capacity records (R66, R112, R113): of one decision version, never changed, asked before signing, in part 6."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from audit.models import Event
from safeguarding.kit.errors import ChangedMeanwhile, NotAllowed, Unsound
from sharing import paths, services
from sharing.answers import Capacity, Ground
from sharing.models import CapacityRecord, Decision
from sharing.reading import Later, Reader, parts
from sharing.record import Record, from_json
from sharing.selectors import record_of
from sharing.vocabulary import SupersessionReason
from tests.build import decisions
from tests.build import sharing as build
from tests.build.cast import Cast
from tests.build.sharing import SIGNED_AT, case, holder_of
from tests.build.web import BACKEND

HOUR = timedelta(hours=1)


def lacking() -> Record:
    """Shared on ground C1, the capacity record being whole."""
    record = decisions.against_a_refusal()
    return decisions.change_first_person(
        decisions.change(record, grounds=decisions.grounds(C1=Ground("C1", "applies", "See the capacity record."))),
        agreement=decisions.change(record.people[0].agreement, status="cannot_capacity"),
        capacity=decisions.LACKS,
    )


def written(cast: Cast, capacity: Capacity = decisions.LACKS) -> tuple[Decision, str]:
    """A draft whose capacity page is filled in, and nothing recorded yet."""
    concern = case(cast)
    decision = build.draft(concern, decisions.change_first_person(lacking(), capacity=Capacity(doubted="yes")))
    key = decision.record.people[0].key
    decision = services.save_page(
        decision_id=decision.pk, page=f"capacity.{key}", answers={f"people.{key}.capacity": capacity}, typed=None,
        seen_edit=decision.edit, by=cast.gwen, at=SIGNED_AT,
    )  # fmt: skip
    return decision, key


def record(cast: Cast, decision: Decision, key: str, *, reason: str = "") -> CapacityRecord:
    return services.record_capacity(
        decision_id=decision.pk, person_key=key, seen_edit=decision.edit, correction_reason=reason, by=cast.gwen,
        at=SIGNED_AT,
    )  # fmt: skip


def change(cast: Cast, decision: Decision, key: str, field: str, answer: object) -> Decision:
    return services.save_page(
        decision_id=decision.pk, page=f"capacity.{key}", answers={f"people.{key}.capacity.{field}": answer},
        typed=None, seen_edit=decision.edit, by=cast.gwen, at=SIGNED_AT,
    )  # fmt: skip


def test_a_decision_on_ground_c1_is_signed_only_with_the_record(cast: Cast) -> None:
    decision, key = written(cast)
    with pytest.raises(Unsound) as refused:
        services.sign_decision(decision_id=decision.pk, seen_edit=decision.edit, by=cast.gwen, at=SIGNED_AT)
    assert f"people.{key}.capacity.ref" in refused.value.problems
    assert "grounds.C1.evidence" in refused.value.problems
    made = record(cast, decision, key)
    signed = services.sign_decision(decision_id=decision.pk, seen_edit=decision.edit, by=cast.gwen, at=SIGNED_AT)
    kept = from_json(signed.document["record"]).people[0].capacity
    assert (kept.ref, kept.recorded_by, kept.recorded_at) == (made.ref, "Gwen Pritchard", SIGNED_AT)
    read = dict(parts(Reader(signed.document), Later())[5].answers)
    name = from_json(signed.document["record"]).people[0].name
    assert read[f"{name}: capacity record, for this decision only"].startswith(f"{made.ref}, 17 March 2026, 11:00")
    assert read[f"{name}: wishes and beliefs"] == "She wants to keep her money for her grandson."
    assert read[f"{name}: capacity assumed to begin with"] == "Yes"


def test_nothing_changes_a_record_but_a_new_one_that_says_why(cast: Cast) -> None:
    decision, key = written(cast)
    first = record(cast, decision, key)
    assert record(cast, decision, key) == first, "a form sent twice is one record"
    decision = change(cast, decision, key, "consulted", "Her niece and her doctor.")
    assert record_of(decision).people[0].capacity.ref == "", "changed since: it must be recorded again"
    with pytest.raises(Unsound) as refused:
        record(cast, decision, key)
    assert list(refused.value.problems) == ["correction_reason"]
    second = record(cast, decision, key, reason="The doctor was left out.")
    assert (second.corrects, second.correction_reason) == (first, "The doctor was left out.")
    capacity = record_of(decision).people[0].capacity
    assert (capacity.ref, capacity.corrects) == (second.ref, first.ref)
    for act in (lambda: first.save(), lambda: first.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


@pytest.mark.parametrize(
    ("field", "answer"),
    [
        ("assumed", ""),
        ("matter", " "),
        ("for_this_decision", "no"),
        ("assessed_on", None),
        ("assessed_on", date(2026, 3, 18)),
        ("why_doubted", ""),
        ("help_given", ""),
        ("understands", ""),
        ("retains", ""),
        ("weighs", ""),
        ("communicates", ""),
        ("impairment", ""),
        ("conclusion", ""),
        ("assessor", ""),
        ("consulted", ""),
        ("best_interests", ""),
        ("wishes", ""),
        ("least_restrictive", ""),
    ],
)
def test_an_assessment_is_recorded_whole_or_not(cast: Cast, field: str, answer: object) -> None:
    """R112, R113: each part is asked; a date that lies ahead is none."""
    decision, key = written(cast, dataclasses.replace(decisions.LACKS, **{field: answer}))  # type: ignore[arg-type]
    with pytest.raises(Unsound) as refused:
        record(cast, decision, key)
    assert list(refused.value.problems) == [f"capacity.{field}"]
    assert not CapacityRecord.objects.exists()


@pytest.mark.parametrize("conclusion", ["inconclusive", "awaiting"])
def test_an_open_question_can_be_recorded_but_carries_no_ground(cast: Cast, conclusion: str) -> None:
    """VR2: "inconclusive" and "awaiting" do not satisfy C1."""
    decision, key = written(cast, dataclasses.replace(decisions.LACKS, conclusion=conclusion))
    record(cast, decision, key)
    with pytest.raises(Unsound) as refused:
        services.sign_decision(decision_id=decision.pk, seen_edit=decision.edit, by=cast.gwen, at=SIGNED_AT)
    assert list(refused.value.problems) == ["grounds.C1.evidence"]


def test_only_the_holder_and_only_what_was_read(cast: Cast) -> None:
    decision, key = written(cast)
    with pytest.raises(NotAllowed):
        services.record_capacity(
            decision_id=decision.pk, person_key=key, seen_edit=decision.edit, by=cast.dev, at=SIGNED_AT
        )
    with pytest.raises(ChangedMeanwhile):
        services.record_capacity(
            decision_id=decision.pk, person_key=key, seen_edit=decision.edit - 1, by=cast.gwen, at=SIGNED_AT
        )


def test_the_next_version_needs_a_record_of_its_own(cast: Cast) -> None:
    """R112: valid for this decision only; the words of the last one are there to begin with."""
    decision, key = written(cast)
    old = record(cast, decision, key)
    signed = services.sign_decision(decision_id=decision.pk, seen_edit=decision.edit, by=cast.gwen, at=SIGNED_AT)
    again = services.start_new_version(
        record_id=signed.pk, reason=SupersessionReason.REVIEW, words="Seen again.", by=cast.gwen, at=SIGNED_AT + HOUR
    )
    capacity = record_of(again).people[0].capacity
    assert (capacity.ref, capacity.for_this_decision, capacity.assessed_on) == ("", "", None)
    assert capacity.why_doubted == old.assessment["why_doubted"]


def test_the_pages(cast: Cast) -> None:
    """The task list leads from the capacity page to recording it; a correction is asked for its reason."""
    decision, key = written(cast)
    client = Client()
    client.force_login(cast.gwen, backend=BACKEND)
    listed = client.get(decision.get_absolute_url()).content.decode()
    assert "Recording the assessment of capacity" in listed
    url = reverse("sharing:edit-page", args=[decision.ref, 1, f"assessment.{key}"])
    before = Event.objects.filter(code="concern.viewed", actor_id=cast.gwen.pk).count()
    page = client.get(url).content.decode()
    assert Event.objects.filter(code="concern.viewed", actor_id=cast.gwen.pk).count() == before + 1
    assert "Dementia, diagnosed 2024." in page
    assert "Record this assessment" in page
    client.post(url, {"seen_edit": str(decision.edit)})
    assert CapacityRecord.objects.count() == 1
    page = client.get(url).content.decode()
    assert "This assessment is recorded." in page
    decision = change(cast, decision, key, "consulted", "Her doctor.")
    page = client.post(url, {"seen_edit": str(decision.edit)}).content.decode()
    assert "Say why the record before is corrected." in page
    client.post(url, {"seen_edit": str(decision.edit), "words": "The doctor was left out."})
    assert CapacityRecord.objects.count() == 2
    decision = change(cast, decision, key, "help_given", "")
    page = client.get(url).content.decode()
    assert "Write what was done to help them decide." in page
    assert "Record this assessment" not in page
    assert paths.get(record_of(decision), f"people.{key}.capacity.ref") == ""
    client.force_login(cast.dev, backend=BACKEND)
    assert client.get(url).status_code == 302, "a champion who does not hold it is sent back"
    assert holder_of(decision.concern) == cast.gwen
