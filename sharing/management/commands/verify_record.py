from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from safeguarding.kit.clock import now
from safeguarding.kit.errors import Unsound
from sharing.services.verifying import verify_record


class Command(BaseCommand):
    """Ends with status 1 unless the PDF is, byte for byte, one that left here and its record is as it was signed."""

    help = "Tell whether the PDF of a decision record is unchanged, and whether a later version has replaced it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.pdf")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with options["file"].open("rb") as file:
                verdict = verify_record(file=file, by=None, at=now())
        except Unsound as refused:
            raise CommandError(refused.sentence) from None
        except OSError as error:
            raise CommandError(f"The file can’t be read: {error.strerror}.") from None
        if not verdict.is_sound:
            raise CommandError(verdict.sentence)
        self.stdout.write(verdict.sentence)
