"""What every answer carries, and the timetable of the background work."""

import pytest
from celery.schedules import crontab
from django.test import Client
from django.urls import reverse

from safeguarding.celery import TIMETABLE, app


@pytest.mark.django_db
def test_pages_carry_the_strict_policy(client: Client) -> None:
    response = client.get(reverse("account_login"))
    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'self'",
        "connect-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "form-action": "'self'",
    }
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]


def test_every_entry_of_the_timetable_is_a_task_that_exists() -> None:
    app.loader.import_default_modules()
    missing = {task for task, _ in TIMETABLE.values()} - set(app.tasks)
    assert missing == set()


def test_the_outbox_is_emptied_every_minute() -> None:
    tasks = [task for task, when in TIMETABLE.values() if when == crontab()]
    assert "kit.deliver_due_messages" in tasks
