"""Midnight in words: "12:00am" is misread, and nobody knows which day it belongs to."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone

register = template.Library()


@register.filter
def is_midnight(at: datetime) -> bool:
    """Whether `at` is local midnight to the minute."""
    local = timezone.localtime(at)
    return (local.hour, local.minute) == (0, 0)


@register.filter
def day_that_ends(at: datetime) -> datetime:
    """A moment of the day that ends with the midnight `at`."""
    return at - timedelta(hours=12)
