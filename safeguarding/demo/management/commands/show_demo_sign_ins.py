"""`manage.py show_demo_sign_ins`: whom to sign in as, and what to try."""

from typing import Any

from django.core.management.base import BaseCommand

from safeguarding.demo.people import PASSWORD, SIGN_INS, address_of


class Command(BaseCommand):
    help = "List the demo's sign-ins."

    def handle(self, *args: Any, **options: Any) -> None:
        rows = [("Name", "E-mail address", "Who they are", "What to try")]
        rows += [(name, address_of(name), role, what) for name, role, what in SIGN_INS]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        for number, row in enumerate(rows):
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
            self.stdout.write("  ".join([*cells, row[3]]))
            if number == 0:
                self.stdout.write("  ".join([*("-" * width for width in widths), "-" * 11]))
        self.stdout.write(f"\nPassword for all of them: {PASSWORD}")
