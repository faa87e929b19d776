import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from safeguarding.kit import pdf_reading
from safeguarding.kit.clock import now
from safeguarding.kit.errors import Unsound
from sharing import proofs
from sharing.record import digest
from sharing.services.verifying import read_pdf, verify_record


class Command(BaseCommand):
    """Ends with status 1 unless the PDF is sound. With the ledger: byte for byte one that left here, its record as it
    was signed. With --offline: its proof, record and pages fit together, and, given its file proof, every byte; with
    --expect, only if the seal of each proof is one of those given.
    """

    help = "Tell whether the PDF of a decision record is unchanged, and whether a later version has replaced it."
    # Offline there may be no database to check.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.pdf")
        parser.add_argument("--offline", action="store_true", help="use what is in the file alone, no database")
        parser.add_argument("--proof", type=Path, metavar="FILE.json", help="offline: the file proof, from an export")
        parser.add_argument(
            "--expect",
            action="append",
            default=[],
            metavar="NUMBER:DIGEST",
            help="offline: a seal as it was mailed or printed; may be given more than once",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["offline"]:
                self._check_offline(options["file"], options["proof"], dict(map(_seal, options["expect"])))
            else:
                if options["proof"] or options["expect"]:
                    raise CommandError("--proof and --expect go with --offline.")
                self._ask_the_ledger(options["file"])
        except Unsound as refused:
            raise CommandError(refused.sentence) from None
        except OSError as error:
            raise CommandError(f"The file can’t be read: {error.strerror}.") from None

    def _ask_the_ledger(self, name: Path) -> None:
        self.check()
        with name.open("rb") as file:
            verdict = verify_record(file=file, by=None, at=now())
        if not verdict.is_sound:
            raise CommandError("\n".join((verdict.sentence, *verdict.wrong)))
        self.stdout.write(verdict.sentence)

    def _check_offline(self, name: Path, proof: Path | None, kept: dict[int, str]) -> None:
        with name.open("rb") as file:
            content = read_pdf(file)
        contents = pdf_reading.read(content)
        if contents is None:
            raise CommandError("This file can’t be read as a PDF.")
        try:
            file_proof = json.loads(proof.read_bytes()) if proof else None
        except (ValueError, RecursionError):
            raise CommandError("The file proof is not JSON.") from None
        checked = proofs.check(contents, file_digest=digest(content), file_proof=file_proof, kept=kept)
        for finding in checked.findings:
            self.stdout.write(str(finding))
        if checked.is_wrong:
            raise CommandError("This PDF does not hold together.")
        if not checked.is_sound:
            raise CommandError("Nothing is wrong, but nothing is proven.")
        if kept and checked.unknown_seals:
            seals = " and ".join(checked.unknown_seals)
            raise CommandError(f"Nothing is wrong, but it rests on a seal that was not given with --expect: {seals}.")
        self.stdout.write(
            "What could be checked without the ledger is sound. It can’t say whether a later version exists."
        )


def _seal(text: str) -> tuple[int, str]:
    number, _, found = text.partition(":")
    if not number.isdecimal() or len(found) != 64:
        raise CommandError("Give --expect as NUMBER:DIGEST, as mailed or printed.")
    return int(number), found.lower()
