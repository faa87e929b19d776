"""Every kind of tampering is found and named, on both engines, by somebody who has got past the triggers."""

import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import override_settings

from audit import seals, selectors, services, settling, tasks, verification
from audit.inclusion import InvalidProof, verify_inclusion
from audit.marks import mark_of
from audit.models import Event, Seal
from audit.seals import merkle_root
from audit.verification import Verification, verify
from tests.build.append_only import lifted, unchecked
from tests.integration.audit.conftest import AT, MOVED

pytestmark = pytest.mark.django_db


def record(count: int) -> list[int]:
    return [
        services.record(MOVED, by=None, at=AT + timedelta(minutes=step), concern_id=7, step=step).pk
        for step in range(count)
    ]


@pytest.fixture
def ids() -> list[int]:
    """Eleven events: three seals of three, then two that wait."""
    found: list[int] = []
    for minute in range(3):
        found += record(3)
        assert services.seal(at=AT + timedelta(minutes=minute)) == 3
    return found + record(2)


def sql(statement: str, *values: Any) -> None:
    with lifted(connection), connection.cursor() as cursor:
        cursor.execute(statement, values)


def named(result: Verification) -> list[tuple[str, int]]:
    return [(finding.what, finding.number) for finding in result.findings]


def reseal(seal: Seal, leaves: list[list[Any]], previous_digest: str) -> str:
    """What a forger who knows how seals are made would write."""
    seal.leaves, seal.previous_digest = leaves, previous_digest
    seal.through_id = leaves[-1][0]
    seal.root = merkle_root(seal.events())
    seal.digest = seal.content_digest()
    seal.save()
    return seal.digest


def test_an_untouched_ledger_is_sound(ids: list[int]) -> None:
    result = verify()
    assert result.is_sound
    assert (result.events, result.seals, result.unsealed) == (11, 3, 2)
    newest = selectors.newest_seal()
    assert newest is not None
    assert result.newest == f"3:{newest.digest}"


def test_sealing_twice_seals_nothing_twice(ids: list[int]) -> None:
    tasks.seal_events()
    tasks.seal_events()
    assert Seal.objects.count() == 4
    assert verify().unsealed == 0


def test_a_seal_has_a_largest_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "MOST_PER_SEAL", 4)
    record(10)
    assert services.seal(at=AT) == 10
    assert [len(seal.leaves) for seal in Seal.objects.order_by("number")] == [4, 4, 2]
    assert verify().is_sound


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("code", "test.other"),
        ("actor_id", 99),
        ("concern_id", None),
        ("data", json.dumps({"step": 9})),
        ("ref", "SC-ZZZZ-ZZZZ"),
        ("digest", "0" * 64),
        ("reason_digest", "1" * 64),
    ],
)
def test_one_altered_field_names_its_event(ids: list[int], column: str, value: Any) -> None:
    sql(f"UPDATE audit_event SET {column} = %s WHERE id = %s", value, ids[4])  # noqa: S608
    assert named(verify()) == [("altered", ids[4])]


def test_an_altered_moment_names_its_event(ids: list[int]) -> None:
    with lifted(connection):
        Event.objects.filter(pk=ids[4]).update(at=AT + timedelta(microseconds=1))
    assert named(verify()) == [("altered", ids[4])]


def test_an_alteration_with_a_fitting_digest_names_its_event(ids: list[int]) -> None:
    event = Event.objects.get(pk=ids[4])
    event.actor_id = 99
    event.digest = event.content_digest()
    with lifted(connection):
        event.save()
    assert named(verify()) == [("altered", ids[4])]


def test_an_event_that_waits_for_its_seal_is_checked_too(ids: list[int]) -> None:
    sql("UPDATE audit_event SET code = 'test.other' WHERE id = %s", ids[10])
    assert named(verify()) == [("altered", ids[10])]


@pytest.mark.parametrize("place", [0, 4, 8])
def test_a_removed_event_is_named(ids: list[int], place: int) -> None:
    sql("DELETE FROM audit_event WHERE id = %s", ids[place])
    assert named(verify()) == [("removed", ids[place])]


def test_an_emptied_ledger_names_every_event(ids: list[int]) -> None:
    sql("DELETE FROM audit_event")
    assert named(verify()) == [("removed", event_id) for event_id in ids[:9]]


def forge(event_id: int) -> None:
    """An event as whoever knows how they are made would put it in."""
    forged = Event(pk=event_id, at=AT, code="test.thing_moved", data={})
    forged.digest = forged.content_digest()
    forged.save(force_insert=True)


@pytest.mark.parametrize("is_sealed", [True, False])
@pytest.mark.parametrize("event_id", [0, -1, -(2**63)])
def test_an_event_put_in_front_of_all_others_is_named(event_id: int, is_sealed: bool) -> None:
    record(3)
    if is_sealed:
        services.seal(at=AT)
    with unchecked(connection, "audit_event", "audit_event_id_from_one"):
        forge(event_id)
        assert named(verify()) == [("inserted", event_id)]
        assert services.seal(at=AT) == (0 if is_sealed else 3)  # it is never sealed


def test_the_database_takes_no_event_and_no_seal_in_front_of_all_others(ids: list[int]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        forge(0)
    seal_zero = Seal(number=0, at=AT, through_id=ids[0], leaves=[], root="0" * 64, digest="1" * 64)
    with lifted(connection), pytest.raises(IntegrityError), transaction.atomic():
        seal_zero.save(force_insert=True)


# PostgreSQL takes each of these for a moment, and Python reads none; to SQLite they are text like any other.
NO_CLOCK_SAYS = [
    "infinity",
    "-infinity",
    "10000-01-01",
    "0044-03-15 BC",
    "1969-12-31 23:59:59+00",
    "9999-01-01 00:00:00+00",
]


@pytest.mark.parametrize("moment", NO_CLOCK_SAYS)
@pytest.mark.parametrize("table", ["audit_event", "audit_seal"])
def test_the_database_takes_no_moment_that_no_clock_says(ids: list[int], table: str, moment: str) -> None:
    """It could never be read: every page and task that came by the row would fail for good."""
    with pytest.raises(IntegrityError), transaction.atomic():
        put_in_at(table, moment, through_id=ids[10])


def put_in_at(table: str, moment: str, *, through_id: int) -> None:
    """One plain INSERT, as the application's role may, of a row that is as it should be but for its moment."""
    with connection.cursor() as cursor:
        if table == "audit_event":
            cursor.execute(
                "INSERT INTO audit_event (at, code, subject_type, ref, reason_digest, data, digest, concern_id)"
                " VALUES (%s, 'test.thing_moved', '', '', '', '{}', %s, 7)",
                [moment, "a" * 64],
            )
            return
        last = Seal.objects.latest("number")
        cursor.execute(
            "INSERT INTO audit_seal (number, at, through_id, leaves, root, previous_digest, digest)"
            " VALUES (%s, %s, %s, '[]', %s, %s, %s)",
            [last.number + 1, moment, through_id, "b" * 64, last.digest, "c" * 64],
        )


@pytest.mark.parametrize("table", ["audit_event", "audit_seal"])
def test_a_moment_that_cannot_be_read_is_named_and_stops_the_migration_before_it_changes_anything(
    ids: list[int], table: str
) -> None:
    """Put in by whoever owns the database, or from before the database refused it."""
    migration = import_module("audit.migrations.0004_moments_that_can_be_read")
    migration.refuse_what_cannot_be_read(apps, SimpleNamespace(connection=connection))
    with unchecked(connection, table, f"{table}_at_can_be_read"):
        put_in_at(table, "10000-01-01", through_id=ids[10])
        there = Event.objects.values_list("pk", flat=True).latest("pk") if table == "audit_event" else 4
        named_so = ("altered", there) if table == "audit_event" else ("seal_altered", 4)
        assert named_so in named(verify())
        with pytest.raises(CommandError, match=rf"no clock says: {table.removeprefix('audit_')} {there}\. Nothing was"):
            migration.refuse_what_cannot_be_read(apps, SimpleNamespace(connection=connection))


def test_a_seal_put_in_front_of_all_others_is_named_and_proves_nothing(ids: list[int]) -> None:
    with lifted(connection), unchecked(connection, "audit_seal", "audit_seal_number_from_one"):
        Seal(
            number=0, at=AT, through_id=ids[0], leaves=[[ids[0], "0" * 64]], root="0" * 64, digest="1" * 64
        ).save(force_insert=True)  # fmt: skip
        assert named(verify()) == [("seal_inserted", 0)]
        assert verify_inclusion(selectors.inclusion_proof(Event.objects.get(pk=ids[0]))).seal_number == 1


def test_an_event_put_into_a_gap_is_named() -> None:
    first, gap, last = record(3)
    sql("DELETE FROM audit_event WHERE id = %s", gap)
    services.seal(at=AT)
    assert verify().is_sound  # a gap that was there before the seal is no removal
    forge(gap)  # the triggers do not stop an insert; the seal does
    assert named(verify()) == [("inserted", gap)]
    assert services.seal(at=AT) == 0
    assert first < gap < last


def test_two_swapped_events_are_named(ids: list[int]) -> None:
    spare = 10**9
    for old, new in ((ids[1], spare), (ids[7], ids[1]), (spare, ids[7])):
        sql("UPDATE audit_event SET id = %s WHERE id = %s", new, old)
    # Steps 1 and 1 of two seals hold the same content: nothing to be seen. Steps 0 and 2 do not.
    assert verify().is_sound
    for old, new in ((ids[0], spare), (ids[8], ids[0]), (spare, ids[8])):
        sql("UPDATE audit_event SET id = %s WHERE id = %s", new, old)
    assert named(verify()) == [("swapped", ids[0]), ("swapped", ids[8])]


@pytest.mark.parametrize("place", range(0, 64, 7))
@pytest.mark.parametrize("column", ["code", "ref", "reason_digest", "digest", "subject_type"])
def test_one_altered_byte_names_its_event(ids: list[int], column: str, place: int) -> None:
    old = Event.objects.values_list(column, flat=True).get(pk=ids[4])
    cut = min(place, len(old))
    changed = old[:cut] + ("0" if old[cut : cut + 1] != "0" else "1") + old[cut + 1 :]
    sql(f"UPDATE audit_event SET {column} = %s WHERE id = %s", changed[:40], ids[4])  # noqa: S608
    assert named(verify()) == [("altered", ids[4])]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2026-13-41 10:00:00"),
        ("at", "yesterday"),
        ("data", "[1]"),
        ("data", '{"step": 1e999}'),
        ("actor_id", "Ruth"),
        ("code", b"\xff\xfe"),
    ],
)
def test_bytes_that_cannot_even_be_read_name_their_event(ids: list[int], column: str, value: Any) -> None:
    """SQLite takes anything into any column; the check must name the row, not fall over it."""
    if connection.vendor != "sqlite":
        value = {"at": "2026-05-05 10:00:01+00", "data": "[1]", "actor_id": 3, "code": "x"}[column]
    with unchecked(connection, "audit_event", "audit_event_at_can_be_read"):
        sql(f"UPDATE audit_event SET {column} = %s WHERE id = %s", value, ids[4])  # noqa: S608
        assert named(verify()) == [("altered", ids[4])]


def test_a_seal_that_cannot_even_be_read_is_named(ids: list[int]) -> None:
    sql("UPDATE audit_seal SET leaves = %s WHERE number = 3", json.dumps({"leaves": 1}))
    assert ("seal_altered", 3) in named(verify())


def forge_leaves(ids: list[int], leaves: str) -> None:
    """One more seal at the end, whose digest fits, with `leaves` as JSON text."""
    last = Seal.objects.latest("number")
    seal = Seal(number=4, at=AT, through_id=ids[10], leaves=[0], root="0" * 64, previous_digest=last.digest)
    seal.digest = seal.content_digest()
    seal.save(force_insert=True)
    sql("UPDATE audit_seal SET leaves = %s WHERE number = 4", leaves)


LEAF = "0" * 64
DEEP = "[" * 985 + "]" * 985


@pytest.mark.parametrize(
    "leaves",
    [
        '[["x", "y"]]',
        '[[null, "y"]]',
        '[[[1], "y"]]',
        '[[{"a": 1}, "y"]]',
        '[[1.5, "y"]]',
        '[[true, "y"]]',
        '[["1", "y"]]',
        "[[1, 2]]",
        "[[1]]",
        "[1]",
        "null",
        '"leaves"',
        f'[[2, "{LEAF}"], [1, "{LEAF}"]]',
        f'[[1, "{LEAF}"], [1, "{LEAF}"]]',
        DEEP,
        json.dumps([[step, ""] for step in range(5001)]),
        json.dumps([[1, "0" * 2_500_001]]),
    ],
    ids=[
        "word", "nothing", "list", "object", "fraction", "boolean", "number in words", "number for digest", "half",
        "number", "null", "text", "out of order", "twice", "nested deep", "one too many", "too long",
    ],
)  # fmt: skip
def test_a_seal_with_leaves_that_no_sealing_writes_is_named(ids: list[int], leaves: str) -> None:
    """One plain INSERT, as the application's role may: named, and nothing falls over it."""
    forge_leaves(ids, leaves)
    assert named(verify()) == [("seal_altered", 4)]
    with pytest.raises(InvalidProof):
        selectors.inclusion_proof(Event.objects.get(pk=ids[10]))


def test_a_digest_that_is_none_is_sealed_as_it_was_found_and_names_its_event_alone(ids: list[int]) -> None:
    """Somebody adds an event with a digest of no digits: the seal over it holds, with all others under it."""
    forged = Event.objects.create(at=AT, code="test.thing_moved", digest="é")
    assert services.seal(at=AT) == 3
    assert named(verify()) == [("altered", forged.pk)]


@pytest.mark.parametrize("is_sealed", [True, False])
def test_an_event_with_no_digest_that_says_what_nobody_records_is_named(ids: list[int], is_sealed: bool) -> None:
    """It was put in so: nothing that it says can be hashed, and the digest beside it is as empty."""
    forged = [Event.objects.create(at=AT, code="test.thing_moved").pk for _ in range(2)]
    sql("UPDATE audit_event SET data = '[1]' WHERE id >= %s", forged[0])
    if is_sealed:
        assert services.seal(at=AT) == 4
    assert named(verify()) == [("altered", event_id) for event_id in forged]


@pytest.mark.parametrize(
    "data",
    [f'{{"step": {DEEP}}}', DEEP, json.dumps({"step": "x" * 20_001}), '[["step", 1]]', '{"step": [1]}', '"step"'],
    ids=["nested deep", "deep", "too long", "pairs", "list", "text"],
)
@pytest.mark.parametrize("is_sealed", [True, False])
def test_an_event_that_says_what_nobody_records_is_named(ids: list[int], data: str, is_sealed: bool) -> None:
    """Of step 1 the pairs would say the same as the object that was recorded."""
    event_id = ids[4] if is_sealed else ids[10]
    sql("UPDATE audit_event SET data = %s WHERE id = %s", data, event_id)
    assert named(verify()) == [("altered", event_id)]
    assert Event.objects.get(pk=event_id).sentence == "Thing moved", "and a report that shows it can be read"


def test_an_event_of_a_time_to_come_is_named(ids: list[int]) -> None:
    """Two machines may differ by five minutes."""
    at = AT + timedelta(minutes=10)
    early = services.record(MOVED, by=None, at=at + timedelta(minutes=6))
    services.record(MOVED, by=None, at=at + timedelta(minutes=4))
    assert named(verify(at=at)) == [("of_time_to_come", early.pk)]
    assert verify(at=at + timedelta(minutes=2)).is_sound


def test_what_is_recorded_and_sealed_during_a_check_disturbs_nothing(
    ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    digest_now = verification._digest_now

    def meanwhile(event: Event) -> str:
        if event.pk == ids[10]:
            record(2)
            services.seal(at=AT)
        return digest_now(event)

    monkeypatch.setattr(verification, "_digest_now", meanwhile)
    result = verify()
    assert result.is_sound
    assert (result.seals, result.events, result.unsealed) == (3, 11, 2), "what came meanwhile is for the next check"


def test_a_ledger_longer_than_one_page_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "_CHUNK", 4)
    found = record(13)
    services.seal(at=AT)
    assert verify().is_sound
    sql("UPDATE audit_event SET ref = 'x' WHERE id = %s", found[8])
    assert named(verify()) == [("altered", found[8])]


def test_an_event_proves_that_it_was_sealed(ids: list[int]) -> None:
    proof = json.loads(json.dumps(selectors.inclusion_proof(Event.objects.get(pk=ids[4]))))
    shown = verify_inclusion(proof)
    assert (shown.event_id, shown.seal) == (ids[4], Seal.objects.get(number=2).name)
    assert shown.content["code"] == "test.thing_moved"


def test_an_event_that_waits_or_was_altered_proves_nothing(ids: list[int]) -> None:
    with pytest.raises(InvalidProof, match="waits"):
        selectors.inclusion_proof(Event.objects.get(pk=ids[10]))
    sql("UPDATE audit_event SET actor_id = 99 WHERE id = %s", ids[4])
    with pytest.raises(InvalidProof):
        selectors.inclusion_proof(Event.objects.get(pk=ids[4]))


def test_a_removed_seal_is_named(ids: list[int]) -> None:
    sql("DELETE FROM audit_seal WHERE number = 2")
    assert ("seal_missing", 2) in named(verify())


def forge_seal(**words: Any) -> None:
    """One more seal at the end, as whoever may add rows writes it: its own digest fits."""
    last = Seal.objects.latest("number")
    values = {"number": 4, "at": AT, "through_id": 2**53 - 1, "leaves": [], "previous_digest": last.digest, **words}
    seal = Seal(**{"root": merkle_root([]), **values})
    seal.digest = seal.content_digest()
    seal.save(force_insert=True)


def forge_seal_over(event_ids: list[int], number: int = 4) -> None:
    """One more seal at the end, which fits itself, these events and the seal before it."""
    rows = Event.objects.filter(pk__in=event_ids).order_by("pk").values_list("pk", "digest")
    leaves = [seals.Leaf(*row) for row in rows]
    forge_seal(
        number=number,
        through_id=event_ids[-1],
        leaves=[[leaf.event_id, leaf.digest] for leaf in leaves],
        root=merkle_root(leaves),
    )


def seal_again(ids: list[int]) -> None:
    """A seal of the first event, which was sealed long ago. Only whoever owns the database can put it in; anybody with
    its password could, before the trigger was there."""
    with lifted(connection):
        forge_seal_over(ids[:1])


NEXT_YEAR = AT + timedelta(days=365)


@pytest.mark.parametrize(
    ("place", "words", "why"),
    [
        (None, {}, "forged"),
        (10, {"at": NEXT_YEAR}, f"of {NEXT_YEAR:%d %B %Y, %H:%M} UTC: forged, or a clock was wrong"),
        (0, {}, "forged"),
        (8, {}, "forged"),
        (0, {"at": NEXT_YEAR}, "forged"),
    ],
    ids=["beyond every event", "in the future", "goes back", "goes nowhere", "goes back, in the future"],
)
def test_a_forged_seal_at_the_end_neither_stops_sealing_unseen_nor_is_built_on(
    ids: list[int], place: int | None, words: dict[str, Any], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    later = AT + timedelta(minutes=5)
    assert selectors.is_sealing_late(at=later) is False, "what waits has not waited long"
    with lifted(connection):
        forge_seal(**({} if place is None else {"through_id": ids[place]}), **words)
    assert selectors.is_sealing_late(at=later) is True
    assert selectors.is_sealing_late(at=later + timedelta(days=1)) is True
    assert services.seal(at=later) == 0
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        f"Seal 4 is {why}. Nothing is sealed after it. Run manage.py verify_ledger."
    ]
    assert Seal.objects.count() == 4
    assert ("seal_altered", 4) in named(verify())


def test_a_seal_of_a_clock_that_ran_ahead_is_told_from_a_forged_one_and_built_on_once_its_time_has_come(
    ids: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    ahead, later = AT + timedelta(days=1), AT + timedelta(minutes=5)
    assert services.seal(at=ahead) == 2
    record(1)
    assert services.seal(at=later) == 0
    assert selectors.is_sealing_late(at=later) is True
    assert "forged, or a clock was wrong. Nothing is sealed after it." in caplog.text
    assert [finding.sentence for finding in verify(at=later).findings] == [
        "Seal 4 is of a time to come: it is forged, or a clock was wrong."
    ]
    assert services.seal(at=ahead) == 1
    assert verify(at=ahead).is_sound


FAR_AHEAD = 2**53 - 1


def record_after_a_forgery(after: int, count: int) -> list[int]:
    """What is recorded next. PostgreSQL's counter goes on as before; SQLite's follows what was forged, so that there
    the ids that PostgreSQL would give are written by hand."""
    if connection.vendor == "postgresql":
        return record(count)
    for event_id in range(after + 1, after + count + 1):
        forge(event_id)
    return list(range(after + 1, after + count + 1))


def test_an_event_put_in_far_ahead_stops_no_sealing_and_is_the_one_that_is_named(
    ids: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    forge(FAR_AHEAD)
    assert selectors.is_sealing_late(at=AT + timedelta(minutes=3)) is True, "at once"
    assert services.seal(at=AT + timedelta(minutes=3)) == 2, "those that waited"
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        "Event 9007199254740991 is forged, and is never sealed. Run manage.py verify_ledger."
    ]
    later = record_after_a_forgery(ids[10], 3)
    assert services.seal(at=AT + timedelta(minutes=4)) == 3
    result = verify()
    assert [finding.sentence for finding in result.findings] == [
        "Event 9007199254740991 was put in: the database never gave out its number."
    ]
    assert named(result) == [("never_drawn", FAR_AHEAD)]
    assert (result.events, result.seals, result.unsealed) == (15, 5, 0)
    for event_id in later:
        assert verify_inclusion(selectors.inclusion_proof(Event.objects.get(pk=event_id))).seal_number == 5
    assert selectors.seal_over(Event.objects.get(pk=FAR_AHEAD)) is None
    assert selectors.is_sealing_late(at=AT + timedelta(minutes=4)) is True, "until somebody has looked into it"
    sql("DELETE FROM audit_event WHERE id = %s", FAR_AHEAD)
    assert selectors.is_sealing_late(at=AT + timedelta(minutes=4)) is False
    assert verify().is_sound


def test_a_seal_over_an_event_put_in_far_ahead_is_not_built_on(ids: list[int]) -> None:
    """Both forged, and fitting each other: nothing in the chain itself is wrong."""
    forge(FAR_AHEAD)
    digest = Event.objects.get(pk=FAR_AHEAD).digest
    waiting = [list(row) for row in Event.objects.filter(pk__in=ids[9:]).order_by("pk").values_list("pk", "digest")]
    seal = Seal(number=4, at=AT, previous_digest=Seal.objects.get(number=3).digest)
    seal.through_id, seal.leaves = FAR_AHEAD, [*waiting, [FAR_AHEAD, digest]]
    seal.root = merkle_root(seal.events())
    seal.digest = seal.content_digest()
    seal.save(force_insert=True)
    record_after_a_forgery(ids[10], 1)
    assert services.seal(at=AT + timedelta(minutes=3)) == 0
    assert selectors.is_sealing_late(at=AT + timedelta(minutes=3)) is True
    assert ("never_drawn", FAR_AHEAD) in named(verify())


def test_a_number_that_was_drawn_and_rolled_back_is_no_forgery(ids: list[int]) -> None:
    with transaction.atomic():
        record(2)
        transaction.set_rollback(True)
    record(1)
    assert services.seal(at=AT + timedelta(minutes=3)) == 3
    assert selectors.is_sealing_late(at=AT + timedelta(minutes=3)) is False
    assert verify().is_sound


def test_a_clock_that_was_put_back_a_little_is_no_forgery(ids: list[int]) -> None:
    """The third seal is of 10:02: two machines may differ by a minute."""
    assert selectors.is_sealing_late(at=AT + timedelta(minutes=1)) is False
    assert services.seal(at=AT + timedelta(minutes=1)) == 2


def test_one_event_of_next_year_hides_no_stall(ids: list[int]) -> None:
    """The application's role may add it, and hold the lock that sealing waits for."""
    assert services.seal(at=AT + timedelta(minutes=3)) == 2
    services.record(MOVED, by=None, at=AT + timedelta(days=365))
    services.record(MOVED, by=None, at=AT + timedelta(minutes=4))
    assert selectors.is_sealing_late(at=AT + timedelta(minutes=14)) is False
    assert selectors.is_sealing_late(at=AT + timedelta(minutes=15)) is True
    assert selectors.is_sealing_late(at=AT + timedelta(days=1)) is True


def test_a_seal_with_a_far_number_is_one_finding(ids: list[int]) -> None:
    with lifted(connection):
        forge_seal(number=10**15, through_id=ids[8])
    result = verify()
    assert ("seal_missing", 4) in named(result)
    assert [finding.sentence for finding in result.findings if finding.what == "seal_missing"] == [
        "Seals 4 to 999999999999999 are missing."
    ]


@pytest.mark.parametrize(
    ("number", "place"),
    [(4, 8), (4, 0), (5, 10), (3, 10), (10**15, 10)],
    ids=["goes nowhere", "goes back", "leaves a number out", "has another's number", "far number"],
)
def test_the_database_takes_no_seal_but_the_next(ids: list[int], number: int, place: int) -> None:
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        forge_seal(number=number, through_id=ids[place])
    forge_seal(number=4, through_id=ids[9])


def test_a_seal_that_goes_back_is_the_one_that_is_named_and_has_nothing_sealed_again(ids: list[int]) -> None:
    later = AT + timedelta(minutes=5)
    kept = selectors.seal_to_keep(at=later)
    assert kept is not None
    seal_again(ids)
    assert [(finding.what, finding.sentence) for finding in verify().findings] == [
        ("seal_goes_back", "Seal 4 is forged, or built on one that is: it covers what was sealed before.")
    ]
    assert selectors.is_sealing_late(at=later) is True
    assert selectors.seal_to_keep(at=later) is None, "nobody keeps it for the end of the chain"
    assert services.seal(at=later) == 0
    # What docs/deployment.md says: that one row goes, and all goes on.
    sql("DELETE FROM audit_seal WHERE number = 4")
    assert services.seal(at=later) == 2
    assert selectors.is_sealing_late(at=later) is False
    assert verify({3: kept.digest}).is_sound


def test_a_seal_that_was_built_on_goes_with_all_after_it(ids: list[int]) -> None:
    """As it was before sealing stopped at such a seal: the next one held the whole ledger a second time."""
    kept = Seal.objects.get(number=3)
    seal_again(ids)
    forge_seal_over(ids[1:], number=5)
    record(1)
    assert services.seal(at=AT + timedelta(minutes=5)) == 1
    assert named(verify()) == [("seal_goes_back", 4), ("seal_goes_back", 5)], "no event is accused"
    sql("DELETE FROM audit_seal WHERE number >= 4")
    assert services.seal(at=AT + timedelta(minutes=6)) == 3
    assert verify({3: kept.digest}).is_sound


def test_an_event_that_a_forged_seal_left_out_is_not_the_only_one_suspected(ids: list[int]) -> None:
    """One plain INSERT, as the application's role may, which nothing but the gap tells from a seal of ours."""
    forge_seal_over(ids[10:])
    record(1)
    assert services.seal(at=AT + timedelta(minutes=5)) == 1
    (finding,) = verify().findings
    assert (finding.what, finding.number) == ("inserted", ids[9])
    assert finding.sentence == (
        f"Event {ids[9]} was inserted after its neighbours had been sealed, or seal 4 is forged and left it out."
    )
    # What docs/deployment.md says of a forged seal that was built on: all from it on go, and are made again.
    sql("DELETE FROM audit_seal WHERE number >= 4")
    assert services.seal(at=AT + timedelta(minutes=6)) == 3
    assert verify().is_sound


def test_a_forged_seal_is_named(ids: list[int]) -> None:
    sql("UPDATE audit_seal SET root = %s WHERE number = 2", "0" * 64)
    assert named(verify()) == [("seal_altered", 2)]


def test_a_seal_that_lost_a_leaf_is_named_with_the_event(ids: list[int]) -> None:
    seal = Seal.objects.get(number=2)
    seal.leaves = [seal.leaves[0], seal.leaves[2]]
    with lifted(connection):
        seal.save()
        Event.objects.filter(pk=ids[4]).delete()
    assert named(verify()) == [("seal_altered", 2)]


def test_a_well_made_forgery_in_the_middle_breaks_the_chain(ids: list[int]) -> None:
    with lifted(connection):
        event = Event.objects.get(pk=ids[4])
        event.actor_id = 99
        event.digest = event.content_digest()
        event.save()
        seal = Seal.objects.get(number=2)
        reseal(seal, [[ids[3], seal.leaves[0][1]], [ids[4], event.digest], seal.leaves[2]], seal.previous_digest)
    assert named(verify()) == [("seal_rewritten", 3)]


def test_a_rewritten_tail_is_seen_by_whoever_kept_a_seal(ids: list[int]) -> None:
    newest = selectors.newest_seal()
    assert newest is not None
    kept = newest.digest
    with lifted(connection):
        event = Event.objects.get(pk=ids[4])
        event.actor_id = 99
        event.digest = event.content_digest()
        event.save()
        second, third = Seal.objects.filter(number__gte=2).order_by("number")
        leaves = [second.leaves[0], [ids[4], event.digest], second.leaves[2]]
        reseal(third, third.leaves, reseal(second, leaves, second.previous_digest))
    assert verify().is_sound  # nothing inside the database can tell
    assert named(verify({3: kept})) == [("anchor_differs", 3)]
    first = Seal.objects.get(number=1)
    found = verify({1: first.digest, 3: kept}).findings
    assert f"from event {first.through_id + 1} to event {ids[8]}" in found[0].sentence


def test_a_cut_off_tail_is_seen_by_whoever_kept_a_seal(ids: list[int]) -> None:
    newest = selectors.newest_seal()
    assert newest is not None
    sql("DELETE FROM audit_seal WHERE number = 3")
    sql("DELETE FROM audit_event WHERE id >= %s", ids[6])
    assert verify().is_sound
    assert named(verify({3: newest.digest})) == [("seal_missing", 3)]


def run(*arguments: str, at: datetime = AT + timedelta(minutes=5)) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    try:
        with time_machine.travel(at, tick=False):
            call_command("verify_ledger", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        err.write(str(error))
    return out.getvalue(), err.getvalue()


def test_the_command_says_that_all_is_well_and_what_to_keep(ids: list[int]) -> None:
    out, err = run()
    assert "11 events in 3 seals are as they were sealed (2 wait for their seal)." in out
    newest = out.strip().rpartition("Newest seal: ")[2]
    assert err == ""
    assert run("--expect", newest) == (out, "")


def test_the_command_fails_when_nothing_is_sealed_any_more(ids: list[int]) -> None:
    """What waits can still be altered unseen: that all is as it was sealed is then worth little."""
    newest = selectors.newest_seal()
    assert newest is not None
    out, err = run(at=AT + timedelta(minutes=20))
    assert out == f"Newest seal: {newest.number}:{newest.digest}\n", "now it matters most that it is kept elsewhere"
    assert err == (
        "Events wait for their seal for more than 10 minutes (2 in all): look at the worker, beat and Redis, and at "
        "sessions of the database that hold an advisory lock."
    )


def test_the_command_names_what_is_wrong(ids: list[int]) -> None:
    sql("DELETE FROM audit_event WHERE id = %s", ids[4])
    out, err = run("--expect", "3:" + "0" * 64)
    assert out == ""
    assert f"Event {ids[4]} was removed." in err
    assert "Seal 3 is not the one that was kept outside" in err
    assert "The ledger is not what was sealed." in err


def test_the_command_sees_that_a_trigger_is_gone(ids: list[int]) -> None:
    with connection.cursor() as cursor:
        on_table = " ON audit_event" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER audit_event_no_delete{on_table}")
    _, err = run()
    assert "The trigger audit_event_no_delete is missing." in err


def test_a_line_of_an_auditors_file_leads_to_its_event(ids: list[int]) -> None:
    with override_settings(SECRET_KEY="of before" * 9):
        mark = mark_of(Event.objects.get(pk=ids[4]).digest)
    out = StringIO()
    with override_settings(SECRET_KEY_FALLBACKS=["of before" * 9]):
        call_command("find_event", mark, stdout=out)
    # These four say the very same, so they share a mark.
    assert out.getvalue().splitlines()[::2] == [
        f"Event {ids[1]}, test.thing_moved, 2026-05-05T10:01:00+00:00, under seal 1.",
        f"Event {ids[4]}, test.thing_moved, 2026-05-05T10:01:00+00:00, under seal 2.",
        f"Event {ids[7]}, test.thing_moved, 2026-05-05T10:01:00+00:00, under seal 3.",
        f"Event {ids[10]}, test.thing_moved, 2026-05-05T10:01:00+00:00, waits for its seal.",
    ]
    with pytest.raises(CommandError, match="No event has this mark"):
        call_command("find_event", mark)


def test_the_command_refuses_a_seal_that_is_none() -> None:
    assert "NUMBER:DIGEST" in run("--expect", "three")[1]


def in_thread(work: Callable[[], None]) -> threading.Thread:
    def body() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=body)
    thread.start()
    return thread


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_late_commit_is_never_sealed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of two recorders commits last: its event must not fall between two seals."""
    monkeypatch.setattr(settling, "_WAIT", "100ms")
    recorded, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            services.record(MOVED, by=None, at=AT, step=1)
            recorded.set()
            assert may_commit.wait(10)

    thread = in_thread(slow)
    assert recorded.wait(10)
    with transaction.atomic():
        services.record(MOVED, by=None, at=AT, step=2)
    assert services.seal(at=AT) == 0  # not yet: a lower id is still on its way
    may_commit.set()
    thread.join()
    assert services.seal(at=AT) == 2
    assert verify().is_sound


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_parallel_sealers_make_one_chain() -> None:
    with transaction.atomic():
        record(50)
    threads = [in_thread(lambda: tasks.seal_events()) for _ in range(4)]
    for thread in threads:
        thread.join()
    result = verify()
    assert result.is_sound
    assert (result.events, result.unsealed, result.seals) == (50, 0, 1)
