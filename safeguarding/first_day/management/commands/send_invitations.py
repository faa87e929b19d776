"""`manage.py send_invitations`: write to everybody who has no password yet."""

from typing import Any

from django.core.management.base import BaseCommand

from accounts.invitations import invite_everybody
from safeguarding.kit.clock import now


class Command(BaseCommand):
    help = "Send each person who has no password yet, and was not invited before, an e-mail that leads to setting one."

    def handle(self, *args: Any, **options: Any) -> None:
        count = invite_everybody(by=None, at=now())
        self.stdout.write(f"{count} invitations are on their way.")
