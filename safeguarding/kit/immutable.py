"""Tables whose rows the database itself refuses to change or delete, on PostgreSQL and on SQLite; of some, only the
columns that are written once, or what was said until it was answered.

Each app names its tables in its AppConfig: `immutable.protect("sharing_record")`. The triggers are installed after
every `migrate`, again and again, because SQLite rebuilds a table for many schema changes and drops its triggers with
the old one; a system check sees that they are there. On PostgreSQL the application's role also loses the right to
UPDATE, DELETE and TRUNCATE them; against DROP and disabled triggers stands that it owns nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

REFUSAL = "This table is append-only."
REFUSAL_OF_INSERT = "This table is append-only, and this row does not follow what is there."


@dataclass(frozen=True)
class Protection:
    """What holds for one table. `allow_delete_with`: an SQL condition on OLD under which a row may go ("" = never).
    `columns`: those that no UPDATE may change (none named = the whole row). `grows`: words that an UPDATE may only add
    to. `stays_when`: SQL conditions on OLD, each with the columns that stay once it holds. `whole_when`: one from which
    on the whole row stays. `allow_insert_with`: an SQL condition on NEW under which a row is taken ("" = always)."""

    table: str
    allow_delete_with: str = ""
    columns: tuple[str, ...] = ()
    grows: tuple[str, ...] = ()
    stays_when: tuple[tuple[str, tuple[str, ...]], ...] = ()
    whole_when: str = ""
    allow_insert_with: str = ""

    @property
    def _keep(self) -> str:
        return f"NOT ({self.allow_delete_with})" if self.allow_delete_with else "1 = 1"

    def _is_rewritten(self, differs: str) -> str:
        """The SQL condition under which an UPDATE is refused; `differs` is how the engine says it of two values."""

        def change(names: Sequence[str]) -> list[str]:
            return [f'OLD."{name}" {differs} NEW."{name}"' for name in names]

        changes = change(self.columns)
        changes += [f"({condition}) AND ({' OR '.join(change(names))})" for condition, names in self.stays_when]
        changes += [f'OLD."{name}" {differs} substr(NEW."{name}", 1, length(OLD."{name}"))' for name in self.grows]
        return " OR ".join([*changes, *filter(None, [self.whole_when])]) or "1 = 1"

    def trigger_names(self, vendor: str) -> list[str]:
        """The triggers that must be there. SQLite's third stops INSERT OR REPLACE by the primary key; by another unique
        column the delete trigger does, which fires where `recursive_triggers` is on, as in our connections."""
        kinds = ["no_update", "no_delete"] + (["no_replace"] if vendor == "sqlite" else [])
        kinds += ["in_order"] if self.allow_insert_with else []
        return [f"{self.table}_{kind}" for kind in kinds]

    def statements(self, vendor: str, primary_key: str) -> list[str]:
        """The SQL that installs the triggers, whether or not they are there already."""
        if vendor == "postgresql":
            return self._for_postgresql()
        if vendor == "sqlite":
            return self._for_sqlite(primary_key)
        raise NotImplementedError(f"Append-only tables are not known on {vendor}.")

    def postgresql_bodies(self) -> list[tuple[str, str, str]]:
        """Trigger, event, and what its function runs."""
        refuse = f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';"
        bodies = [
            (f"{self.table}_no_update", "UPDATE", self._body_of_update(refuse)),
            (f"{self.table}_no_delete", "DELETE", f" BEGIN IF {self._keep} THEN {refuse} END IF; RETURN OLD; END "),
        ]
        if self.allow_insert_with:
            refuse = refuse.replace(REFUSAL, REFUSAL_OF_INSERT)
            body = f" BEGIN IF NOT ({self.allow_insert_with}) THEN {refuse} END IF; RETURN NEW; END "
            bodies.append((f"{self.table}_in_order", "INSERT", body))
        return bodies

    def _body_of_update(self, refuse: str) -> str:
        if not self.columns:
            return f" BEGIN {refuse} END "
        return f" BEGIN IF {self._is_rewritten('IS DISTINCT FROM')} THEN {refuse} END IF; RETURN NEW; END "

    def _for_postgresql(self) -> list[str]:
        statements = []
        for trigger, event, body in self.postgresql_bodies():
            each_row = f'FOR EACH ROW EXECUTE FUNCTION "{trigger}"()'
            statements += [
                f'CREATE OR REPLACE FUNCTION "{trigger}"() RETURNS trigger LANGUAGE plpgsql AS $${body}$$',
                f'CREATE OR REPLACE TRIGGER "{trigger}" BEFORE {event} ON "{self.table}" {each_row}',
                f'ALTER TABLE "{self.table}" ENABLE ALWAYS TRIGGER "{trigger}"',
            ]
        return [*statements, self._take_rights()]

    def _take_rights(self) -> str:
        """Whoever but the owner may do more than read and add (deploy/database-rights.sql) loses the right to."""
        kept = {"UPDATE": bool(self.columns), "DELETE": bool(self.allow_delete_with), "TRUNCATE": False}
        rights = ", ".join(right for right, is_kept in kept.items() if not is_kept)
        return f"""
            DO $$ DECLARE other text; BEGIN
                FOR other IN
                    SELECT DISTINCT grantee FROM information_schema.role_table_grants
                    WHERE table_schema = current_schema() AND table_name = '{self.table}'
                    AND grantee NOT IN (current_user, 'PUBLIC')
                LOOP
                    EXECUTE format('REVOKE {rights} ON TABLE %I FROM %I', '{self.table}', other);
                END LOOP;
            END $$
        """  # noqa: S608 - names of ours, in a statement of the owner's

    def _for_sqlite(self, primary_key: str) -> list[str]:
        known = f'(SELECT "{primary_key}" FROM "{self.table}")'  # noqa: S608 - names of ours, in a trigger
        refusals = [
            (f"{self.table}_no_update", "UPDATE", self._is_rewritten("IS NOT"), REFUSAL),
            (f"{self.table}_no_delete", "DELETE", self._keep, REFUSAL),
            (f"{self.table}_no_replace", "INSERT", f'NEW."{primary_key}" IN {known}', REFUSAL),
        ]
        if self.allow_insert_with:
            condition = f"NOT ({self.allow_insert_with})"
            refusals.append((f"{self.table}_in_order", "INSERT", condition, REFUSAL_OF_INSERT))
        statements = []
        for trigger, event, condition, refusal in refusals:
            refuse = f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
            statements += [
                f'DROP TRIGGER IF EXISTS "{trigger}"',
                f'CREATE TRIGGER "{trigger}" BEFORE {event} ON "{self.table}" FOR EACH ROW {refuse}',
            ]
        return statements


_protections: dict[str, Protection] = {}


def protect(
    table: str,
    *,
    allow_delete_with: str = "",
    columns: Sequence[str] = (),
    grows: Sequence[str] = (),
    stays_when: Mapping[str, Sequence[str]] = MappingProxyType({}),
    whole_when: str = "",
    allow_insert_with: str = "",
) -> None:
    """Make `table` append-only from the next `migrate` on; with `columns`, only these of a row never change, and no row
    goes. Beside them, `grows` names columns whose words are only added to, `stays_when` others by the SQL condition on
    OLD under which they do not change any more, and under `whole_when` nothing of a row does. Called from an
    AppConfig's `ready`.

    `allow_delete_with` is an SQL condition that may use OLD, valid on both engines, under which a single row may be
    deleted: 'EXISTS (SELECT 1 FROM disposal WHERE disposal.record_id = OLD.id)'. Nothing allows an UPDATE.
    `allow_insert_with` is one that may use NEW, without which no row is added.
    """
    stays = tuple((condition, tuple(names)) for condition, names in stays_when.items())
    _protections[table] = Protection(
        table, allow_delete_with, tuple(columns), tuple(grows), stays, whole_when, allow_insert_with
    )


def protections() -> Mapping[str, Protection]:
    """Every protected table with what holds for it. Read-only."""
    return MappingProxyType(_protections)


def install(connection: BaseDatabaseWrapper) -> None:
    """Put the triggers on every protected table that exists; safe to repeat."""
    with connection.cursor() as cursor:
        for protection in _existing(connection, cursor):
            primary_key = connection.introspection.get_primary_key_column(cursor, protection.table) or "id"
            for statement in protection.statements(connection.vendor, primary_key):
                cursor.execute(statement)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The triggers that should be there, as `install` makes them, and are not: by name.

    One that stands on another table, runs something else, or is switched off for some session is not there.
    """
    with connection.cursor() as cursor:
        is_there = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
        return [
            name
            for protection in _existing(connection, cursor)
            for name, stands in is_there(connection, cursor, protection).items()
            if not stands
        ]


# pg_trigger.tgtype of a trigger before each row: 1 (row) + 2 (before) + 4 (insert), 8 (delete) or 16 (update).
_BEFORE_EACH = {"INSERT": 7, "DELETE": 11, "UPDATE": 19}


def _on_postgresql(connection: BaseDatabaseWrapper, cursor: CursorWrapper, protection: Protection) -> dict[str, bool]:
    cursor.execute(
        "SELECT tgname, tgtype, prosrc FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
        " JOIN pg_proc ON pg_proc.oid = tgfoid WHERE relname = %s AND pg_table_is_visible(pg_class.oid)"
        " AND tgenabled = 'A' AND tgqual IS NULL AND tgattr::text = ''",
        [protection.table],
    )
    found = set(cursor.fetchall())
    return {
        trigger: (trigger, _BEFORE_EACH[event], body) in found
        for trigger, event, body in protection.postgresql_bodies()
    }


def _on_sqlite(connection: BaseDatabaseWrapper, cursor: CursorWrapper, protection: Protection) -> dict[str, bool]:
    primary_key = connection.introspection.get_primary_key_column(cursor, protection.table) or "id"
    written = protection.statements("sqlite", primary_key)
    cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [protection.table])
    found = {sql for (sql,) in cursor.fetchall()}
    makings = [statement for statement in written if statement.startswith("CREATE")]
    return {name: making in found for name, making in zip(protection.trigger_names("sqlite"), makings, strict=True)}


def install_after_migrate(*, using: str, **_: Any) -> None:
    """Receiver of Django's post_migrate."""
    install(connections[using])


def check_triggers(
    *, app_configs: Sequence[AppConfig] | None = None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """System check, run by `check --deploy --database default`: append-only tables are guarded by their triggers.

    A deployment check, because `migrate` runs the others first and must be able to put back what is missing.
    """
    return [
        Error(f"The trigger {name} is missing.", hint="Run manage.py migrate as the owner.", id="kit.E001")
        for alias in databases or []
        for name in missing(connections[alias])
    ]


def _existing(connection: BaseDatabaseWrapper, cursor: CursorWrapper) -> list[Protection]:
    tables = set(connection.introspection.table_names(cursor))
    return [protection for table, protection in _protections.items() if table in tables]
