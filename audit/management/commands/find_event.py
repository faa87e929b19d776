from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.marks import find_marked
from audit.selectors import seal_over


class Command(BaseCommand):
    """For an auditor's question about one line of their file: which event of the ledger it is, and its seal."""

    help = "Find the event that an access report calls by this mark."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("mark", help="from the last column of the access report")

    def handle(self, *args: Any, **options: Any) -> None:
        events = find_marked(options["mark"].strip().lower())
        if not events:
            raise CommandError("No event has this mark.")
        for event in events:
            seal = seal_over(event)
            where = f"under seal {seal.number}" if seal else "waits for its seal"
            self.stdout.write(f"Event {event.pk}, {event.code}, {event.at.isoformat()}, {where}.")
            self.stdout.write(f"Digest: {event.digest}")
