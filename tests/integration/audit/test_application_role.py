"""What the running application may do to the ledger: add to it. Tried on a login of its own, as production has it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from audit import services
from audit.models import Event, Seal
from audit.selectors import is_sealing_late, seal_over
from audit.verification import verify
from safeguarding import checks
from safeguarding.kit import immutable
from tests.integration.audit.conftest import AT, MOVED

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]

ROLE = "safeguarding_app"
APPEND_ONLY = ("audit_event", "audit_seal", "sharing_signedrecord")
NO_RIGHT = "42501"  # PostgreSQL's insufficient_privilege
NOT_ALLOWED_BY_CHECK = "23514"  # check_violation
NOT_IN_ORDER = "23000"  # integrity_constraint_violation, as the triggers raise it


@pytest.fixture
def application() -> Iterator[BaseDatabaseWrapper]:
    """A connection that signed in as the application, not the owner's acting as it."""
    own = connection.copy()
    own.settings_dict = {**connection.settings_dict, "USER": ROLE}
    with transaction.atomic():
        services.record(MOVED, by=None, at=AT)
    services.seal(at=AT)
    yield own
    own.close()


def run(application: BaseDatabaseWrapper, statement: str) -> None:
    with application.cursor() as cursor:
        cursor.execute(statement)


def refused(application: BaseDatabaseWrapper, statement: str) -> str:
    """The code with which PostgreSQL refuses `statement`."""
    with pytest.raises(DatabaseError) as caught:
        run(application, statement)
    return str(getattr(caught.value.__cause__, "pgcode", ""))


def test_it_signed_in_as_itself_and_owns_nothing(application: BaseDatabaseWrapper) -> None:
    with application.cursor() as cursor:
        cursor.execute("SELECT session_user, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication "
                       "FROM pg_roles WHERE rolname = session_user")  # fmt: skip
        assert cursor.fetchone() == (ROLE, False, False, False, False, False)
        cursor.execute("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = session_user")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM pg_proc WHERE pg_get_userbyid(proowner) = session_user")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM pg_auth_members WHERE member = session_user::regrole")
        assert cursor.fetchone() == (0,), "it can become nobody else"


def test_a_start_with_it_is_sound_and_one_as_the_owner_is_refused(application: BaseDatabaseWrapper) -> None:
    assert checks.role_owns_nothing(application) == []
    as_owner = checks.role_owns_nothing(connection)
    assert [message.id for message in as_owner] == ["safeguarding.E019"]
    assert "could empty or alter the ledger" in as_owner[0].msg


@pytest.mark.parametrize("right", ["TRUNCATE ON audit_event", "UPDATE ON SEQUENCE audit_event_id_seq"])
def test_one_right_too_many_is_found(application: BaseDatabaseWrapper, right: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT {right} TO {ROLE}")
        try:
            assert [message.id for message in checks.role_owns_nothing(application)] == ["safeguarding.E019"]
        finally:
            cursor.execute(f"REVOKE {right} FROM {ROLE}")


@pytest.mark.parametrize(
    ("statement", "undo"),
    [
        (f"GRANT CREATE ON SCHEMA public TO {ROLE}", f"REVOKE CREATE ON SCHEMA public FROM {ROLE}"),
        ('ALTER DATABASE "{name}" OWNER TO ' + ROLE, 'ALTER DATABASE "{name}" OWNER TO "{owner}"'),
    ],
)
def test_a_role_that_owns_the_database_or_makes_tables_in_it_is_refused(
    application: BaseDatabaseWrapper, statement: str, undo: str
) -> None:
    """A database's owner may drop every table of the schema "public", whoever owns the table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), pg_get_userbyid(datdba) FROM pg_database"
                       " WHERE datname = current_database()")  # fmt: skip
        name, owner = cursor.fetchone()
        cursor.execute(statement.format(name=name))
        try:
            assert [message.id for message in checks.role_owns_nothing(application)] == ["safeguarding.E019"]
        finally:
            cursor.execute(undo.format(name=name, owner=owner))
    assert checks.role_owns_nothing(application) == []


def test_a_trigger_that_refuses_nothing_stops_the_start() -> None:
    """Its name is right, and what it runs was replaced."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE FUNCTION audit_event_no_update() RETURNS trigger LANGUAGE plpgsql"
                       " AS $$ BEGIN RETURN NEW; END $$")  # fmt: skip
        try:
            assert immutable.missing(connection) == ["audit_event_no_update"]
        finally:
            immutable.install(connection)
    assert immutable.missing(connection) == []


@pytest.mark.parametrize("mode", ["ENABLE", "ENABLE REPLICA"])
def test_a_trigger_that_some_sessions_pass_by_stops_the_start(mode: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE audit_event {mode} TRIGGER audit_event_no_update")
        try:
            assert immutable.missing(connection) == ["audit_event_no_update"]
        finally:
            immutable.install(connection)


def test_a_missing_trigger_stops_the_start() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER audit_event_no_update")
        try:
            found = [message.msg for message in immutable.check_triggers(databases=["default"])]
        finally:
            cursor.execute("ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_no_update")
    assert found == ["The trigger audit_event_no_update is missing."]
    assert immutable.check_triggers(databases=["default"]) == []


def test_every_table_under_this_test_is_append_only() -> None:
    assert set(APPEND_ONLY) <= set(immutable.protections())


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE {table} CASCADE",
        "DROP TABLE {table} CASCADE",
        "DROP TRIGGER {table}_no_update ON {table}",
        "DROP TRIGGER {table}_no_delete ON {table}",
        "DROP FUNCTION {table}_no_update() CASCADE",
        "CREATE OR REPLACE FUNCTION {table}_no_delete() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'",
        "CREATE TRIGGER other AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_no_update()",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "ALTER TABLE {table} DISABLE TRIGGER {table}_no_update",
        "ALTER TABLE {table} DISABLE TRIGGER USER",
        "ALTER TABLE {table} RENAME TO {table}_old",
        "ALTER TABLE {table} OWNER TO safeguarding_app",
        "ALTER TABLE {table} ADD COLUMN note text",
        "CREATE RULE quiet AS ON DELETE TO {table} DO INSTEAD NOTHING",
    ],
)
def test_it_cannot_empty_drop_alter_or_disarm(application: BaseDatabaseWrapper, table: str, statement: str) -> None:
    assert refused(application, statement.format(table=table)) == NO_RIGHT
    assert immutable.missing(connection) == []


@pytest.mark.parametrize(
    "statement",
    [
        "SET session_replication_role = replica",
        "SET SESSION AUTHORIZATION safeguarding_owner",
        "SET ROLE safeguarding_owner",
        "GRANT safeguarding_owner TO safeguarding_app",
        "ALTER ROLE safeguarding_app SUPERUSER",
        "CREATE TABLE public.audit_event_copy (id bigint)",
        "SET log_error_verbosity = default",
        "SET log_min_error_statement = error",
        "ALTER ROLE safeguarding_app SET log_error_verbosity = default",
        "ALTER ROLE safeguarding_app RESET log_error_verbosity",
        "CREATE ROLE other",
    ],
)
def test_it_cannot_become_more_than_it_is(application: BaseDatabaseWrapper, statement: str) -> None:
    assert refused(application, statement) == NO_RIGHT


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["DELETE FROM {table}", "UPDATE {table} SET digest = 'x'"])
def test_it_has_no_right_to_change_or_take_away_a_row(
    application: BaseDatabaseWrapper, table: str, statement: str
) -> None:
    before = Event.objects.count(), Seal.objects.count()
    assert refused(application, statement.format(table=table)) == NO_RIGHT
    assert (Event.objects.count(), Seal.objects.count()) == before != (0, 0)


@pytest.mark.parametrize("table", ["audit_event", "audit_seal"])
@pytest.mark.parametrize("statement", ["DELETE FROM {table}", "UPDATE {table} SET digest = 'x'"])
def test_not_even_the_owner_can_while_the_triggers_stand(
    application: BaseDatabaseWrapper, table: str, statement: str
) -> None:
    with pytest.raises(IntegrityError, match="append-only"):
        run(connection, statement.format(table=table))


def test_every_append_only_table_gives_it_reading_and_adding_alone(application: BaseDatabaseWrapper) -> None:
    """All of them, also those that no statement above names."""
    with application.cursor() as cursor:
        for table, protection in immutable.protections().items():
            cursor.execute(
                "SELECT has_table_privilege(%(t)s, 'SELECT'), has_table_privilege(%(t)s, 'INSERT'),"
                " has_table_privilege(%(t)s, 'UPDATE'), has_table_privilege(%(t)s, 'DELETE'),"
                " has_table_privilege(%(t)s, 'TRUNCATE')",
                {"t": table},
            )
            may_change, may_go = bool(protection.columns), bool(protection.allow_delete_with)
            assert cursor.fetchone() == (True, True, may_change, may_go, False), table


def test_the_servers_log_shows_nothing_of_what_it_writes(application: BaseDatabaseWrapper) -> None:
    """Neither the statement that failed nor "Key (email)=..."; so it is for the owner, who migrates."""
    for each in (application, connection):
        with each.cursor() as cursor:
            for setting, value in (("log_min_error_statement", "panic"), ("log_error_verbosity", "terse")):
                cursor.execute(f"SHOW {setting}")
                assert cursor.fetchone() == (value,), each.settings_dict["USER"]


def test_it_makes_no_tables_for_a_session(application: BaseDatabaseWrapper) -> None:
    """Asked of the database that deploy/database-rights.sql was run in: a copy does not take such rights along."""
    with application.cursor() as cursor:
        cursor.execute("SELECT has_database_privilege('template1', 'TEMP')")
        assert cursor.fetchone() == (False,)


def test_it_draws_numbers_and_sets_no_counter(application: BaseDatabaseWrapper) -> None:
    assert refused(application, f"SELECT setval('audit_event_id_seq', {2**53 - 1})") == NO_RIGHT
    with application.cursor() as cursor:
        cursor.execute("SELECT bool_and(has_sequence_privilege(oid, 'USAGE')),"
                       " bool_or(has_sequence_privilege(oid, 'UPDATE'))"
                       " FROM pg_class WHERE relkind = 'S' AND pg_table_is_visible(oid)")  # fmt: skip
        assert cursor.fetchone() == (True, False)
        cursor.execute("SELECT last_value, is_called FROM audit_event_id_seq")  # what it seals by
        assert cursor.fetchone() == (Event.objects.latest("pk").pk, True)


def test_an_event_that_it_puts_in_far_ahead_stops_no_sealing(application: BaseDatabaseWrapper) -> None:
    run(application, "INSERT INTO audit_event (id, at, code, subject_type, ref, reason_digest, data, digest)"
                     " VALUES (9007199254740991, now(), 'test.thing_moved', '', '', '', '{}', '')")  # fmt: skip
    with transaction.atomic():
        recorded = services.record(MOVED, by=None, at=AT)
    assert services.seal(at=AT) == 1
    assert [(one.what, one.number) for one in verify().findings] == [("never_drawn", 9007199254740991)]
    assert seal_over(recorded) is not None
    assert is_sealing_late(at=AT) is True


@pytest.mark.parametrize("moment", ["infinity", "10000-01-01", "0044-03-15 BC"])
def test_it_puts_in_no_event_and_no_seal_that_could_never_be_read(
    application: BaseDatabaseWrapper, moment: str
) -> None:
    """Nothing could take the row away again, and every page and task that came by it would fail."""
    through_id = Event.objects.latest("pk").pk + 1
    columns = "at, code, subject_type, ref, reason_digest, data, digest, concern_id"
    event = f"INSERT INTO audit_event ({columns}) VALUES ('{moment}', 'test.thing_moved', '', '', '', '{{}}', '', 7)"  # noqa: S608
    assert refused(application, event) == NOT_ALLOWED_BY_CHECK
    assert refused(application, seal_put_in(number=2, at=moment, through_id=through_id)) == NOT_ALLOWED_BY_CHECK


def test_it_puts_in_no_seal_that_goes_back(application: BaseDatabaseWrapper) -> None:
    """All would be sealed a second time, and the check would call every event removed."""
    through_id = Event.objects.latest("pk").pk
    for number, through in ((2, through_id), (2, through_id - 1), (3, through_id + 1), (1, through_id + 1)):
        assert refused(application, seal_put_in(number=number, through_id=through)) == NOT_IN_ORDER
    together = seal_put_in(number=2, through_id=through_id + 1) + f", (3, now(), {through_id}, '[]', '', '', 'x')"
    assert refused(application, together) == NOT_IN_ORDER
    assert verify().is_sound


def seal_put_in(*, number: int, through_id: int, at: str = "now") -> str:
    columns = "number, at, through_id, leaves, root, previous_digest, digest"
    return f"INSERT INTO audit_seal ({columns}) VALUES ({number}, '{at}', {through_id}, '[]', '', '', '')"  # noqa: S608


def test_it_can_add(application: BaseDatabaseWrapper) -> None:
    run(application, "INSERT INTO audit_event (at, code, subject_type, ref, reason_digest, data, digest)"
                     " VALUES (now(), 'test.thing_moved', '', '', '', '{}', '')")  # fmt: skip
    assert Event.objects.count() == 2
