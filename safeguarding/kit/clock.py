"""The one place that reads the clock. Views, tasks and commands call it; services and rules are given `at`."""

from datetime import datetime

from django.utils import timezone


def now() -> datetime:
    """This instant, aware, in UTC."""
    return timezone.now()
