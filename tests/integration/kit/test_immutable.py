"""Append-only tables: the triggers come with every migrate, are missed when gone, and let a row go on one condition."""

from collections.abc import Iterator

import pytest
from django.core import checks
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from safeguarding.kit import immutable

pytestmark = pytest.mark.django_db


def run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def rows() -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, words FROM kit_test_record ORDER BY id")
        return [(number, words) for number, words in cursor.fetchall()]


@pytest.fixture
def _records(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A protected table of two rows, which a certificate may let go."""
    monkeypatch.setattr(immutable, "_protections", dict(immutable.protections()))
    run("CREATE TABLE kit_test_record (id integer PRIMARY KEY, words text)")
    run("CREATE TABLE kit_test_certificate (record_id integer)")
    immutable.protect(
        "kit_test_record",
        allow_delete_with="EXISTS (SELECT 1 FROM kit_test_certificate WHERE record_id = OLD.id)",
    )
    immutable.install(connection)
    run("INSERT INTO kit_test_record VALUES (1, 'one'), (2, 'two')")
    yield
    run("DROP TABLE kit_test_record")
    run("DROP TABLE kit_test_certificate")


@pytest.mark.usefixtures("_records")
def test_a_row_goes_only_with_its_certificate_and_never_changes() -> None:
    run("INSERT INTO kit_test_certificate VALUES (2)")
    with pytest.raises(IntegrityError, match="append-only"):
        run("DELETE FROM kit_test_record WHERE id = 1")
    with pytest.raises(IntegrityError, match="append-only"):
        run("DELETE FROM kit_test_record")  # one of the two may go, so neither does
    with pytest.raises(IntegrityError, match="append-only"):
        run("UPDATE kit_test_record SET words = 'other' WHERE id = 2")
    assert rows() == [(1, "one"), (2, "two")]
    run("DELETE FROM kit_test_record WHERE id = 2")
    assert rows() == [(1, "one")]


@pytest.mark.usefixtures("_records")
def test_installing_again_changes_nothing() -> None:
    immutable.install(connection)
    immutable.install(connection)
    assert immutable.missing(connection) == []
    run("INSERT INTO kit_test_record VALUES (3, 'three')")
    with pytest.raises(IntegrityError, match="append-only"):
        run("DELETE FROM kit_test_record WHERE id = 3")


def drop_trigger() -> None:
    on_table = " ON audit_event" if connection.vendor == "postgresql" else ""
    run(f"DROP TRIGGER audit_event_no_update{on_table}")


def found_by_check() -> list[str]:
    messages = checks.run_checks(
        tags=[checks.Tags.database], include_deployment_checks=True, databases=[connection.alias]
    )
    return [message.msg for message in messages if message.id == "kit.E001"]


def test_a_missing_trigger_is_seen_and_put_back_by_migrate() -> None:
    assert found_by_check() == []
    drop_trigger()
    assert found_by_check() == ["The trigger audit_event_no_update is missing."]
    call_command("migrate", verbosity=0)
    assert found_by_check() == []


def test_the_trigger_that_keeps_seals_in_order_is_missed_and_put_back() -> None:
    on_table = " ON audit_seal" if connection.vendor == "postgresql" else ""
    run(f"DROP TRIGGER audit_seal_in_order{on_table}")
    assert immutable.missing(connection) == ["audit_seal_in_order"]
    immutable.install(connection)
    assert immutable.missing(connection) == []


REPLACES = {
    "sqlite": "INSERT OR REPLACE INTO kit_test_record VALUES (99, 'one')",
    "postgresql": "INSERT INTO kit_test_record VALUES (99, 'one') ON CONFLICT (words) DO UPDATE SET id = 99",
}


def test_no_row_is_replaced_by_way_of_another_unique_column(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(immutable, "_protections", dict(immutable.protections()))
    run("CREATE TABLE kit_test_record (id integer PRIMARY KEY, words text UNIQUE)")
    immutable.protect("kit_test_record")
    immutable.install(connection)
    run("INSERT INTO kit_test_record VALUES (1, 'one')")
    with pytest.raises(IntegrityError, match="append-only"):
        run(REPLACES[connection.vendor])
    assert rows() == [(1, "one")]
    run("DROP TABLE kit_test_record")


REFUSES_NOTHING = {
    "sqlite": ["CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event BEGIN SELECT 1; END"],
    "postgresql": [
        "CREATE FUNCTION allow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event FOR EACH ROW EXECUTE FUNCTION allow()",
    ],
}


def test_a_trigger_that_refuses_nothing_counts_as_missing() -> None:
    drop_trigger()
    for statement in REFUSES_NOTHING[connection.vendor]:
        run(statement)
    assert immutable.missing(connection) == ["audit_event_no_update"]
    immutable.install(connection)
    assert immutable.missing(connection) == []


@pytest.mark.postgresql
def test_a_disabled_trigger_counts_as_missing() -> None:
    run("ALTER TABLE audit_event DISABLE TRIGGER audit_event_no_delete")
    assert immutable.missing(connection) == ["audit_event_no_delete"]
    immutable.install(connection)
    assert immutable.missing(connection) == []


def test_an_unknown_engine_is_refused_rather_than_left_open() -> None:
    with pytest.raises(NotImplementedError):
        immutable.Protection("audit_event").statements("oracle", "id")
