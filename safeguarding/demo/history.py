"""The demo's whole past, told in the order in which it happened, and carried on when the demo is opened again.

All dates hang on the moment of the first opening. Opened again after days or months, the people of the demo have gone
on with their work meanwhile, so that queues are alive and not a pile of overdue things, and no mail is sent about it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta

from django.db import transaction

from accounts.models import User
from accounts.services import record_absence
from concerns.services.drafts import save_page, start_draft
from concerns.services.sweeping import sweep
from safeguarding.demo.agencies import fill_directory
from safeguarding.demo.agreements import sign_agreements
from safeguarding.demo.calendar import LONDON, arrivals, first_day
from safeguarding.demo.models import Chronicle
from safeguarding.demo.people import CAST, ON_LEAVE, address_of, hire_everybody
from safeguarding.demo.plan import Act, Life, Step, life_of, posed
from safeguarding.demo.telling import Teller
from safeguarding.kit import outbox
from safeguarding.kit.errors import Unsound
from safeguarding.kit.working_time import is_working_day

SEED = 2014
# Shorter pauses are not worth a step: whoever tries the demo out today finds everything as they left it.
PAUSE = timedelta(hours=12)
BATCH = 400
UNSENT_BY = "Sophie Bennett"
UNSENT = {
    "danger": {"danger": ["no"]},
    "facts": {
        "facts": ["Called at 14 Kiln Street about the gutter. A boy of about ten answered and said that Mum is in bed"]
    },
}


def tell(*, at: datetime, say: Callable[[str], None]) -> None:
    """Bring the demo up to `at`: from nothing the first time, else from where it was left. Safe to run again."""
    chronicle = Chronicle.objects.first()
    with outbox.telling_history():
        if chronicle is None:
            with transaction.atomic():
                chronicle = _begin(at=at)
            _go_on(chronicle, since=chronicle.began_at, until=at, is_strict=True, say=say)
            _leave_unsent(at=at)
        elif at - chronicle.told_until >= PAUSE:
            say("Bringing the demo up to date ...")
            _go_on(chronicle, since=chronicle.told_until, until=at, is_strict=False, say=say)
        else:
            return
        outbox.drop_before(at + timedelta(seconds=1), at=at)
    chronicle.told_until = at
    chronicle.save(update_fields=["told_until"])


def _begin(*, at: datetime) -> Chronicle:
    began_at = datetime.combine(first_day(at), time(8), tzinfo=LONDON)
    hire_everybody(at=began_at - timedelta(days=30))
    fill_directory(at=began_at - timedelta(days=20))
    sign_agreements(opened_at=at, at=began_at - timedelta(days=19))
    return Chronicle.objects.create(seed=SEED, began_at=began_at, opened_at=at, told_until=began_at)


def _go_on(
    chronicle: Chronicle, *, since: datetime, until: datetime, is_strict: bool, say: Callable[[str], None]
) -> None:
    if since == chronicle.began_at:
        with transaction.atomic():
            _record_leave(chronicle)
    raised = arrivals(chronicle.seed, opened_at=chronicle.opened_at, until=until)
    lives = posed(
        [life_of(chronicle.seed, number, raised_at=moment) for number, moment in enumerate(raised)],
        opened_at=chronicle.opened_at,
    )
    steps: list[tuple[Step, Life | None]] = [
        (step, life) for life in lives for step in life.steps if since < step.at <= until
    ]
    told = sorted([*steps, *_sweeps(since, until)], key=lambda entry: entry[0])
    teller = Teller(chronicle.seed, is_strict=is_strict)
    for start in range(0, len(told), BATCH):
        # In batches: one transaction for each step would wait for the disk each time.
        with transaction.atomic():
            for step, life in told[start : start + BATCH]:
                if life is None or step.act == Act.SWEEP:
                    sweep(at=step.at)
                else:
                    teller.take(life, step)
        if start:
            say(f"  {100 * start // len(told)} % of {len(lives)} concerns told")
    sweep(at=until)


def _leave_unsent(*, at: datetime) -> None:
    """Somebody was called away while they wrote."""
    writer = User.objects.get(email=address_of(UNSENT_BY))
    draft = start_draft(key="demo-unsent-report-1", by=writer, at=at - timedelta(minutes=50))
    for page, answers in UNSENT.items():
        save_page(key=draft.key, page=page, values=answers, by=writer, at=at - timedelta(minutes=47))


def _sweeps(since: datetime, until: datetime) -> Iterator[tuple[Step, Life | None]]:
    """The clock looks round on the evening of every working day (and whenever a life says so)."""
    day = since.astimezone(LONDON).date()
    while day <= until.astimezone(LONDON).date():
        if is_working_day(day):
            moment = datetime.combine(day, time(18, 5), tzinfo=LONDON)
            if since < moment <= until:
                yield Step(moment, -1, Act.SWEEP), None
        day += timedelta(days=1)


def _record_leave(chronicle: Chronicle) -> None:
    """Two weeks for every manager and champion at some time, and one who is away when the demo is opened."""
    dice = random.Random(f"{chronicle.seed}:leave")  # noqa: S311  (a story, no secret)
    managers = {member.manager for member in CAST}
    whole = (chronicle.opened_at - chronicle.began_at).days
    for member in CAST:
        person = User.objects.get(email=address_of(member.name))
        if member.name == ON_LEAVE:
            _away(person, chronicle.opened_at - timedelta(days=3), days=12)
        elif member.area and (member.champion or member.name in managers):
            first = chronicle.began_at + timedelta(days=dice.randint(20, max(21, whole - 40)))
            _away(person, first, days=dice.randint(5, 14))


def _away(person: User, first: datetime, *, days: int) -> None:
    start = datetime.combine(first.astimezone(LONDON).date(), time.min, tzinfo=LONDON)
    try:
        record_absence(person=person, starts_at=start, ends_at=start + timedelta(days=days), by=None, at=start)
    except Unsound:  # the same days drawn twice
        return
