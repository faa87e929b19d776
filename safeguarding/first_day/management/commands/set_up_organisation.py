"""`manage.py set_up_organisation`: the first day of a landlord, and every later change by file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import User
from accounts.one_time_links import one_time_link
from safeguarding.first_day.administrators import make_administrators
from safeguarding.first_day.importing import Outcome, Wrong, import_files
from safeguarding.kit.clock import now
from safeguarding.kit.errors import Refusal


class Command(BaseCommand):
    help = (
        "Make two administrators and bring in service areas, staff, champions and agencies from the CSV files of a "
        "folder: all of it or nothing. Can be run again. docs/set-up.md describes the files."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, help="holds service_areas.csv, staff.csv, ...")
        parser.add_argument("--preview", action="store_true", help="say what would change, and change nothing")
        parser.add_argument(
            "--administrator",
            action="append",
            default=[],
            metavar='"NAME <ADDRESS>"',
            help="give it twice on the first day; each gets a link to set a password, shown once",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path | None = options["folder"]
        is_preview: bool = options["preview"]
        if folder is None and not options["administrator"]:
            raise CommandError("Name a folder with CSV files, or two administrators, or both.")
        if folder is not None and not folder.is_dir():
            raise CommandError(f"There is no folder {folder}.")
        try:
            with transaction.atomic():
                made, outcome = self._set_up(folder, options["administrator"])
                if is_preview:
                    transaction.set_rollback(True)
        except Wrong as wrong:
            for mistake in wrong.mistakes:
                self.stderr.write(str(mistake))
            raise CommandError(f"{len(wrong.mistakes)} mistakes. Nothing was changed.") from None
        except Refusal as refusal:
            sentences = [sentence for said in getattr(refusal, "problems", {}).values() for sentence in said]
            raise CommandError(" ".join([refusal.sentence, *sentences, "Nothing was changed."])) from None
        self._report(outcome, made, is_preview=is_preview)

    def _set_up(self, folder: Path | None, administrators: list[str]) -> tuple[list[User], Outcome]:
        at = now()
        made = make_administrators(administrators, at=at) if administrators else []
        return made, import_files(folder, at=at) if folder is not None else Outcome()

    def _report(self, outcome: Outcome, made: list[User], *, is_preview: bool) -> None:
        for line in outcome.lines:
            self.stdout.write(line)
        if is_preview:
            self.stdout.write(f"{len(outcome.lines)} changes would be made, {outcome.unchanged} rows are as they are.")
            self.stdout.write("This was a preview. Nothing was changed.")
            return
        self.stdout.write(f"{len(outcome.lines)} changes made, {outcome.unchanged} rows are as they were.")
        if made:
            days = settings.PASSWORD_RESET_TIMEOUT // (24 * 3600)
            self.stdout.write(
                f"\nEach link works once, for {days} days, and is not shown again. Hand them over in person:"
            )
            for person in made:
                self.stdout.write(f"  {person.full_name}: {one_time_link(person)}")
        if outcome.new_people:
            self.stdout.write("\n`manage.py send_invitations` writes to everybody who has no password yet.")
