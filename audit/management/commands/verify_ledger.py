from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from audit.verification import verify
from safeguarding.kit import immutable


class Command(BaseCommand):
    """Ends with status 1, naming each event and seal, if anything is not as it was sealed."""

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
        result = verify(dict(_anchor(text) for text in options["expect"]))
        for finding in result.findings:
            self.stderr.write(finding.sentence)
        missing = immutable.missing(connection)
        for trigger in missing:
            self.stderr.write(f"The trigger {trigger} is missing.")
        if missing or not result.is_sound:
            raise CommandError("The ledger is not what was sealed.")
        self.stdout.write(
            f"{result.events:,} events in {result.seals:,} seals are as they were sealed"
            f" ({result.unsealed:,} wait for their seal)."
        )
        if result.newest:
            self.stdout.write(f"Newest seal: {result.newest}")


def _anchor(text: str) -> tuple[int, str]:
    number, _, digest = text.partition(":")
    if not number.isdecimal() or len(digest) != 64:
        raise CommandError("Give --expect as NUMBER:DIGEST, as printed with the newest seal.")
    return int(number), digest.lower()
