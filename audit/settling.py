"""Which events are settled: no event with a lower id can appear any more.

PostgreSQL hands out ids before the commit, so a row can become visible after one with a higher id. Whoever records
holds a shared advisory lock until the end of the transaction; the sealer takes it exclusively for a moment, so that
every id given out by then is either committed or lost for good. SQLite has one writer at a time: always settled.
"""

from django.db import OperationalError, connection, transaction
from django.db.models import Max

from audit.models import Event

# Any constant that nothing else in this database uses for an advisory lock.
_LOCK = 5_120_077
_SEALING = 5_120_078
_WAIT = "2s"


def hold_open() -> None:
    """Called inside the transaction of every recorder, before it writes."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])


def settled_through() -> int | None:
    """The highest id below which nothing can appear any more (0 without events).

    None when a long transaction is still recording: ask again later. Recorders wait 2 seconds at most for this.
    """
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_WAIT])
                    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
                    cursor.execute("SELECT set_config('lock_timeout', '0', true)")
            highest: int | None = Event.objects.aggregate(highest=Max("id"))["highest"]
            return highest or 0
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", "") == "55P03":  # lock_not_available
            return None
        raise


def wait_for_other_sealers() -> None:
    """One sealer at a time, until the end of its transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SEALING])
