"""R147: the words of a case stay as they were written. The database refuses to change them, and where its owner does so
all the same, `verify_ledger` names the event with which they were written (ADR 15)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from audit import kept, services
from audit.models import Event
from audit.verification import verify
from concerns import services as concerns
from concerns.intake import IntakeEmergencyCall
from concerns.models import Concern, Dissatisfaction, EmergencyCall, Note
from concerns.vocabulary import EmergencyService, YesNoUnknown
from concerns.written_once import ANSWER, COMPLAINT, REPORT, WHOLE
from tests.build import cases
from tests.build.append_only import found, lifted, run
from tests.build.cast import Cast, make_cast
from tests.build.intakes import EMERGENCY

pytestmark = pytest.mark.django_db

LATER = cases.AT + timedelta(hours=2)
REPORT_WITH_CALL = replace(
    EMERGENCY, opinion="She is afraid of him.", opinion_evidence="She whispered.",
    emergency_calls=(IntakeEmergencyCall(
        service=EmergencyService.POLICE, called_by="Amara", called_at=cases.AT - timedelta(minutes=5),
        incident_number="77", is_safe_now=YesNoUnknown.YES,
    ),),
)  # fmt: skip


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def case(cast: Cast) -> Concern:
    """Reported with a call to the police, triaged, with a note; all of it sealed."""
    concern = cases.triaged(cast, intake=REPORT_WITH_CALL)
    concerns.add_note(concern_id=concern.pk, text="Rang the niece.", form_key="", by=cast.gwen, at=LATER)
    concerns.give_feedback(concern_id=concern.pk, text="We are looking into it.", by=cast.gwen, at=LATER)
    services.seal(at=LATER)
    assert verify(at=LATER).is_sound
    return concern


TAMPERING = [
    ("concerns_concern", "facts", "Nothing happened.", "concern.raised"),
    ("concerns_concern", "said", "He never took it.", "concern.raised"),
    ("concerns_concern", "opinion", "", "concern.raised"),
    ("concerns_concern", "reported_at", "2026-02-04 10:00:00+00:00", "concern.raised"),
    ("concerns_concern", "promised_secrecy", "yes", "concern.raised"),
    ("concerns_emergencycall", "is_safe_now", "unknown", "concern.raised"),
    ("concerns_note", "text", "Rang nobody.", "concern.note_added"),
    ("concerns_note", "written_at", "2026-02-03 09:00:00+00:00", "concern.note_added"),
    ("concerns_triage", "household_reviewed", "Nobody.", "concern.triaged"),
    ("concerns_feedback", "text", "All is well.", "concern.feedback_given"),
]


@pytest.mark.parametrize(("table", "column", "value", "code"), TAMPERING, ids=[f"{t}.{c}" for t, c, *_ in TAMPERING])
def test_words_are_refused_a_change_and_named_where_the_owner_changed_them(
    case: Concern, table: str, column: str, value: str, code: str
) -> None:
    statement = f"UPDATE {table} SET {column} = %s"  # noqa: S608
    with pytest.raises(IntegrityError, match="append-only"):
        run(statement, value)
    assert found(at=LATER) == []
    with lifted(connection):
        run(statement, value)
    event = Event.objects.get(code=code)
    assert [(what, number) for what, number, _ in found(at=LATER)] == [("rows_altered", event.pk)]


@pytest.mark.parametrize("table", ["note", "triage", "feedback"])
def test_a_row_that_is_gone_is_named(case: Concern, table: str) -> None:
    code = {"note": "concern.note_added", "triage": "concern.triaged", "feedback": "concern.feedback_given"}[table]
    event = Event.objects.get(code=code)
    statement = f"DELETE FROM concerns_{table}"  # noqa: S608
    with pytest.raises(IntegrityError, match="append-only"):
        run(statement)
    with lifted(connection):
        run(statement)
    assert [(what, number) for what, number, _ in found(at=LATER)] == [("rows_altered", event.pk)]


def test_the_sentence_names_the_rows(case: Concern) -> None:
    call = EmergencyCall.objects.get()
    event = Event.objects.get(code="concern.raised")
    with lifted(connection):
        run("UPDATE concerns_concern SET place = 'Elsewhere'")
    assert [finding.sentence for finding in verify(at=LATER).findings] == [
        f"What event {event.pk} recorded was altered or removed: report {case.pk}, call {call.pk}."
    ]


def test_two_notes_that_changed_places_are_both_named(case: Concern, cast: Cast) -> None:
    concerns.add_note(concern_id=case.pk, text="Rang the nephew.", form_key="", by=cast.gwen, at=LATER)
    with lifted(connection):
        run("UPDATE concerns_note SET text = CASE text WHEN 'Rang the niece.' THEN 'Rang the nephew.' ELSE"
            " 'Rang the niece.' END")  # fmt: skip
    notes = Event.objects.filter(code="concern.note_added").order_by("pk")
    assert [number for _, number, _ in found(at=LATER)] == [note.pk for note in notes]


@pytest.mark.parametrize("said", [{}, {"kept": "note:x"}, {"kept": "unheard_of:1", "kept_digest": "0" * 64}])
def test_an_event_from_before_is_sound_and_a_forged_one_is_answered(case: Concern, said: dict[str, str]) -> None:
    """Until November 2026 events held no digest of the rows that they tell of."""
    event = Event(at=LATER, code="concern.note_added", concern_id=case.pk, data={"note": 1, **said})
    event.digest = event.content_digest()
    event.save(force_insert=True)
    assert [what for what, *_ in found(at=LATER)] == (["rows_altered"] if said else [])


def test_bytes_that_cannot_even_be_read_name_their_event_alone(case: Concern) -> None:
    statement = "UPDATE concerns_triage SET at = 'by hand'"
    if connection.vendor == "postgresql":
        with lifted(connection), pytest.raises(DataError), transaction.atomic():
            run(statement)  # there no row can say that
        assert found(at=LATER) == []
        return
    with lifted(connection):
        run(statement)
    assert [number for _, number, _ in found(at=LATER)] == [Event.objects.get(code="concern.triaged").pk]


def test_what_is_done_with_a_concern_changes_nothing_of_the_report(case: Concern, cast: Cast) -> None:
    """State, urgency and holder change; an UPDATE that writes the same words again is none."""
    concern = Concern.objects.get(pk=case.pk)
    concern.save()
    concerns.hand_on(concern_id=case.pk, to=cast.dev, note="I am away.", by=cast.gwen, at=LATER)
    assert found(at=LATER) == []
    handed = Event.objects.get(code="concern.handed_on")
    assert handed.data["kept"] == f"note:{Note.objects.get(kind='hand_over').pk}"


def test_the_digest_can_be_made_by_hand(case: Concern) -> None:
    note = Note.objects.get(kind="note")
    by_hand = (
        f'[{{"author_id":{note.author_id},"author_title":"{note.author_title}","concern_id":{case.pk},"event_at":null,'
        f'"kind":"note","pk":{note.pk},"text":"Rang the niece.","written_at":"2026-02-03T12:00:00.000000+00:00"}}]'
    )
    event = Event.objects.get(code="concern.note_added")
    assert event.data["kept"] == f"note:{note.pk}"
    assert event.data["kept_digest"] == hashlib.sha256(by_hand.encode()).hexdigest()


def test_every_column_of_what_is_written_once_is_vouched_for() -> None:
    """But for the key of the form, which names no words."""
    for model, columns in WHOLE.values():
        every = {field.attname for field in model._meta.concrete_fields}
        assert every - set(columns) == {"id"} | ({"form_key"} & every), model


def test_what_may_change_of_a_concern_is_written_out() -> None:
    every = {field.attname for field in Concern._meta.concrete_fields}
    assert every - set(REPORT) == {
        "id", "state", "urgency", "urgency_rank", "is_restricted", "is_reporter_protected", "service_area_id",
        "version", "implicated", "responsible_id", "responsible_since", "responsible_cause", "acknowledged_at",
        "triaged_at", "decided_at", "closed_at", "closed_by_id", "merged_into_id", "is_legal_hold", "next_due_at",
        "search_text",
    }  # fmt: skip


@pytest.fixture
def complaint(case: Concern, cast: Cast) -> Dissatisfaction:
    """What Amara is not satisfied with, said in two goes; not answered yet."""
    for words in ("Nobody rang.", "Nobody wrote either."):
        row = concerns.say_not_satisfied(concern_id=case.pk, words=words, by=cast.amara, at=LATER)
    services.seal(at=LATER)
    assert row.words == "Nobody rang.\n\nNobody wrote either."
    assert found(at=LATER) == []
    return row


SAID = "UPDATE concerns_dissatisfaction SET words = %s"


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        (SAID, "Nobody rang."),
        (SAID, "All is well."),
        ("UPDATE concerns_dissatisfaction SET at = %s", cases.AT.isoformat()),
    ],
)
def test_a_complaint_is_only_added_to(complaint: Dissatisfaction, statement: str, value: str) -> None:
    """R42. The owner who cuts or changes it is found; by the first event that what stands there does not fit."""
    with pytest.raises(IntegrityError, match="append-only"):
        run(statement, value)
    with pytest.raises(IntegrityError, match="append-only"):
        run("DELETE FROM concerns_dissatisfaction")
    with lifted(connection):
        run(statement, value)
    said = list(Event.objects.filter(code="concern.not_satisfied").order_by("pk").values_list("pk", flat=True))
    named = said[1:] if value == "Nobody rang." else said
    assert [(what, number, rows) for what, number, rows in found(at=LATER)] == [
        ("rows_altered", number, f"complaint {complaint.pk}.") for number in named
    ]


@pytest.mark.parametrize(
    ("column", "value"), [("words", "Nobody rang. I was wrong."), ("answer", ""), ("is_upheld", False)]
)
def test_once_answered_a_complaint_and_its_answer_stay(complaint: Dissatisfaction, column: str, value: object) -> None:
    concerns.answer_dissatisfaction(
        concern_id=complaint.concern_id, is_upheld=True, answer="You are right.", by=complaint.reviewer, at=LATER
    )
    services.seal(at=LATER)
    statement = f"UPDATE concerns_dissatisfaction SET {column} = %s"  # noqa: S608
    with pytest.raises(IntegrityError, match="append-only"):
        run(statement, value)
    assert found(at=LATER) == []
    with lifted(connection):
        run(statement, value)
    event = Event.objects.get(code="concern.dissatisfaction_answered")
    assert ("rows_altered", event.pk, f"complaint {complaint.pk}, answer {complaint.pk}.") in found(at=LATER)


def test_every_column_of_a_complaint_is_vouched_for() -> None:
    every = {field.attname for field in Dissatisfaction._meta.concrete_fields}
    assert every - {*COMPLAINT, *ANSWER} == {"id"}


def test_a_row_that_nobody_registered_is_refused(case: Concern) -> None:
    with pytest.raises(LookupError, match=r"concerns\.Deadline"):
        kept.vouch_for([*case.deadlines.all()])
