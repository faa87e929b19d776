"""The Celery app and its timetable.

Every entry is a sweep ("what is due and not yet done?"), so what a missed one left is done by the next.
"""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import beat_init, setup_logging, worker_init
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.log import configure_logging

from safeguarding.checks import refuse_weak_start
from safeguarding.kit.nudging import WORTH

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safeguarding.settings")
app = Celery("safeguarding")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# name of the entry: (name of the task, when, in London time)
TIMETABLE: dict[str, tuple[str, crontab]] = {
    "deliver what the outbox holds": ("kit.deliver_due_messages", crontab()),
    "seal the ledger": ("audit.seal_events", crontab()),
    "find what is due on concerns": ("concerns.sweep", crontab()),
    "find what is due on referrals and exports": ("sharing.sweep", crontab()),
    "scan the files that wait": ("concerns.scan_waiting_files", crontab()),
    "scan kept files again with newer signatures": ("concerns.scan_files_again", crontab(minute="*/10")),
    "forget wrong passwords that count no more": ("accounts.forget_old_tries", crontab(minute="*/5")),
    "clear up added files": ("concerns.clear_up_files", crontab(minute="40")),
    "forget sessions that have ended": ("accounts.forget_ended_sessions", crontab(hour="3", minute="30")),
    "mail the newest seal to the auditors": ("concerns.mail_newest_seal", crontab(minute="10")),
    "build the report of a quarter that has ended": ("champions.build_due_reports", crontab(minute="20")),
}
# A nudge of every minute is thrown away before the next one comes: after a day without a worker none of them is left.
_EVERY_MINUTE = crontab()
app.conf.beat_schedule = {
    name: {"task": task, "schedule": when, "options": {"expires": WORTH} if when == _EVERY_MINUTE else {}}
    for name, (task, when) in TIMETABLE.items()
}


@setup_logging.connect
def _log_as_django_does(**kwargs: Any) -> None:
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)


@worker_init.connect
@beat_init.connect
def _refuse_weak_start(**kwargs: Any) -> None:
    try:
        refuse_weak_start()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from None  # Celery would only log anything milder, and go on
