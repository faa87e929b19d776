from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from audit.selectors import is_sealing_late
from audit.verification import verify
from safeguarding.kit import immutable
from safeguarding.kit.clock import now


class Command(BaseCommand):
    """Ends with status 1, naming each event and seal, if anything is not as it was sealed, or if nothing is sealed."""

    help = "Check every event of the ledger against the seals."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--expect",
            action="append",
            default=[],
            metavar="NUMBER:DIGEST",
            help="a seal as it was kept outside the database; may be given more than once",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        at = now()
        result = verify(dict(_anchor(text) for text in options["expect"]), at=at)
        for finding in result.findings:
            self.stderr.write(finding.sentence)
        missing = immutable.missing(connection)
        for trigger in missing:
            self.stderr.write(f"The trigger {trigger} is missing.")
        if missing or not result.is_sound:
            raise CommandError("The ledger is not what was sealed.")
        newest = f"Newest seal: {result.newest}" if result.newest else ""
        if is_sealing_late(at=at):
            self.stdout.write(newest)  # all the same: now it matters most that it is kept outside the database
            raise CommandError(
                f"Events wait for their seal for more than 10 minutes ({result.unsealed:,} in all): look at the worker,"
                " beat and Redis, and at sessions of the database that hold an advisory lock."
            )
        self.stdout.write(
            f"{result.events:,} events in {result.seals:,} seals are as they were sealed"
            f" ({result.unsealed:,} wait for their seal)."
        )
        if newest:
            self.stdout.write(newest)


def _anchor(text: str) -> tuple[int, str]:
    number, _, digest = text.partition(":")
    if not number.isdecimal() or len(digest) != 64:
        raise CommandError("Give --expect as NUMBER:DIGEST, as printed with the newest seal.")
    return int(number), digest.lower()
