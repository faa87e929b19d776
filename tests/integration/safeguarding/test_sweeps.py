"""A part of the background work that fails keeps no other part from being done (I2, I17)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail

from accounts.models import User
from concerns import tasks
from concerns.models import Concern
from concerns.services import access, sweeping
from concerns.services.sweeping import sweep
from safeguarding.kit import outbox
from sharing.models import Export
from sharing.services import answering
from sharing.tasks import sweep_sharing
from sharing.vocabulary import ExportState
from tests.build import cases
from tests.build.cast import Cast, make_cast

pytestmark = pytest.mark.django_db
# T2 of a standard concern is over.
LATER = cases.AT + timedelta(days=2)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def fail(*_: Any, **__: Any) -> Any:
    raise RuntimeError("Jean Ashworth")


@pytest.mark.parametrize(
    "broken", ["absent_at", "without_reviewer", "open_to_nobody", "watch_leads", "concerns_to_watch"]
)
def test_nothing_that_fails_stops_the_clocks_of_concerns(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """Also where it fails while it looks for what is due."""
    concern = cases.submitted(cast)
    before = concern.responsible_id
    monkeypatch.setattr(sweeping, broken, fail)
    monkeypatch.setattr(sweeping, "remind_of_drafts", lambda *, at: 7)  # the last of them
    swept = sweep(at=LATER)
    assert (swept.moved, swept.drafts) == (1, 7)
    assert Concern.objects.get(pk=concern.pk).responsible_id != before


def old_export(by: User) -> Export:
    return Export.objects.create(
        requested_by=by, requested_at=LATER - timedelta(days=8), reason="Audit", recipient="Audit", record_ids=[1],
        is_masked=True,
    )  # fmt: skip


def test_a_sweep_of_sharing_that_fails_stops_no_other(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    export = old_export(cast.alan)
    monkeypatch.setattr(answering, "each", fail)
    with time_machine.travel(LATER, tick=False):
        sweep_sharing()
    export.refresh_from_db()
    assert export.state == ExportState.PURGED


def test_one_export_that_stays_on_the_disk_keeps_no_other_there(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = old_export(cast.alan), old_export(cast.joyce)
    stuck = first.file
    unlink = type(stuck).unlink

    def refuse(path: Any, missing_ok: bool = False) -> None:
        if path == stuck:
            raise PermissionError
        unlink(path, missing_ok=missing_ok)

    monkeypatch.setattr(type(stuck), "unlink", refuse)
    with time_machine.travel(LATER, tick=False):
        sweep_sharing()
    states = dict(Export.objects.values_list("pk", "state"))
    assert states == {first.pk: ExportState.WAITING, second.pk: ExportState.PURGED}


def test_the_alarm_about_the_ledger_goes_out_though_the_mail_of_the_seal_fails(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases.submitted(cast)
    monkeypatch.setattr(access, "seal_to_keep", fail)
    with time_machine.travel(LATER, tick=False):
        tasks.mail_newest_seal()
    outbox.deliver_due(at=LATER)
    assert cast.alan.email in [message.to[0] for message in mail.outbox if "not being sealed" in message.subject]
