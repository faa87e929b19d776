"""Getting past the append-only triggers as a thief with the database password would. No production code can."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection as default
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from audit.verification import verify
from safeguarding.kit import immutable


def run(statement: str, *values: Any) -> None:
    """By hand, as whoever owns the database; a refusal leaves the test's own transaction as it was."""
    with transaction.atomic(), default.cursor() as cursor:
        cursor.execute(statement, values)


def found(*, at: datetime) -> list[tuple[str, int, str]]:
    """What `verify_ledger` finds wrong, the event that it is named by, and the rows in the sentence."""
    return [(each.what, each.number, each.sentence.rpartition(": ")[2]) for each in verify(at=at).findings]


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """The triggers of every protected table are gone for a moment."""
    _check_what_waits(connection)
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for table, protection in immutable.protections().items():
            if table in tables:
                for trigger in protection.trigger_names(connection.vendor):
                    on_table = f' ON "{table}"' if connection.vendor == "postgresql" else ""
                    cursor.execute(f'DROP TRIGGER IF EXISTS "{trigger}"{on_table}')
    try:
        yield
    finally:
        _check_what_waits(connection)
        immutable.install(connection)


def _check_what_waits(connection: BaseDatabaseWrapper) -> None:
    """PostgreSQL changes no triggers of a table while foreign keys of rows of this transaction wait to be checked."""
    if connection.vendor == "postgresql":
        connection.check_constraints()


@contextmanager
def unchecked(connection: BaseDatabaseWrapper, table: str, constraint: str) -> Iterator[None]:
    """As whoever owns the database: `table` takes rows that `constraint` refuses. Until the test is rolled back."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{constraint}"')
            yield
            return
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        try:
            yield
        finally:
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
