"""Which events are settled: no event with a lower id can appear any more.

PostgreSQL hands out ids before the commit, so a row can become visible after one with a higher id. Whoever records
holds a shared advisory lock until the end of the transaction; the sealer takes it exclusively for a moment, so that
every id given out by then is either committed or lost for good. SQLite has one writer at a time: always settled.

What counts is which ids were given out, not which are there: whoever may add a row can write any id into it, and one
far ahead would otherwise end the sealing of all that comes after.
"""

from dataclasses import dataclass

from django.db import OperationalError, connection, transaction
from django.db.models import Max, Q

from audit.models import Event

# Any constant that nothing else in this database uses for an advisory lock.
_LOCK = 5_120_077
_SEALING = 5_120_078
_WAIT = "2s"
# SQLite's own counter jumps to whatever id is written. A billion events a year would take a thousand years to get here.
_SQLITE_STOPS_BEFORE = 2**40


def hold_open() -> None:
    """Called inside the transaction of every recorder, before it writes."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])


@dataclass(frozen=True)
class Ids:
    """The highest id of an event that is there, and the highest that the database has given out; 0 before the first.

    What stands above `drawn` was put there by somebody.
    """

    there: int
    drawn: int


def highest_ids() -> Ids:
    """Both at one moment, in one statement: of what is recorded meanwhile only `drawn` can tell.

    The application's role may draw ids and not set the counter (deploy/database-rights.sql). On SQLite, which
    production refuses, only a jump beyond all that can be drawn is told from an id that was.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT COALESCE((SELECT MAX(id) FROM audit_event), 0), CASE WHEN is_called THEN last_value ELSE 0 END"
                " FROM audit_event_id_seq"
            )
            return Ids(*cursor.fetchone())
    found = Event.objects.aggregate(there=Max("id"), drawn=Max("id", filter=Q(pk__lt=_SQLITE_STOPS_BEFORE)))
    return Ids(found["there"] or 0, found["drawn"] or 0)


def settled_through() -> int | None:
    """The highest id that was given out, below which nothing can appear any more (0 before the first).

    None when a long transaction is still recording: ask again later. Recorders wait 2 seconds at most for this.
    """
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_WAIT])
                    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
                    cursor.execute("SELECT set_config('lock_timeout', '0', true)")
            return highest_ids().drawn
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") == "55P03":  # lock_not_available
            return None
        raise


def wait_for_other_sealers() -> None:
    """One sealer at a time, until the end of its transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SEALING])
