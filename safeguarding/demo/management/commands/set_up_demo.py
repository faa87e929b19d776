"""`manage.py set_up_demo`: make Larkfield Homes, or bring it up to date when it is there already."""

import time
from typing import Any

from django.core.management.base import BaseCommand

from concerns.models import Concern
from safeguarding.demo import history
from safeguarding.kit.clock import now


class Command(BaseCommand):
    help = "Make the demo organisation and its past; run again later, carry it on to the present moment."

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        before = Concern.objects.count()
        history.tell(at=now(), say=self.stdout.write)
        if (made := Concern.objects.count() - before) or not before:
            self.stdout.write(f"{made} concerns told in {time.monotonic() - began:.0f} seconds.")
