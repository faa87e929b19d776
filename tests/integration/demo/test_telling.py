"""The demo's past, told on a small scale through the real services: whole, quiet, and able to go on a month later."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from accounts.selectors import absent_at
from audit.models import Event
from concerns.models import Concern, Deadline, Draft, Note
from concerns.services.sweeping import sweep
from concerns.vocabulary import State
from safeguarding.demo import calendar, history
from safeguarding.demo.people import CAST, ON_LEAVE, PASSWORD, SIGN_INS, address_of
from safeguarding.demo.plan import Act, Step, life_of
from safeguarding.demo.telling import Teller
from safeguarding.kit import outbox
from safeguarding.kit.errors import Refusal
from safeguarding.kit.models import OutboxMessage
from sharing.models import Agency, Referral, SignedRecord

pytestmark = pytest.mark.django_db

OPENED = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MONTH = timedelta(days=31)


@pytest.fixture
def tell(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    monkeypatch.setattr(calendar, "QUARTERS", 1)
    monkeypatch.setattr(calendar, "TOLD", 14)
    monkeypatch.setattr(calendar, "FRESH", (0.3, 5.5, 20, 27, 75))
    return lambda at: history.tell(at=at, say=lambda line: None)


def test_the_past_is_whole_and_nobody_is_written_to(tell: Callable[[datetime], None]) -> None:
    tell(OPENED)
    assert Concern.objects.count() in range(18, 21)
    assert {State.CLOSED} < set(Concern.objects.values_list("state", flat=True))
    assert SignedRecord.objects.count() >= 14
    assert Referral.objects.exists()
    assert not Concern.objects.filter(reported_at__gt=OPENED).exists()
    assert not Event.objects.filter(at__gt=OPENED).exists()
    moments = list(Event.objects.filter(code="concern.raised").order_by("id").values_list("at", flat=True))
    assert moments == sorted(moments)
    assert OutboxMessage.objects.filter(dropped_at__isnull=False, drop_reason="history").count() > 50
    assert outbox.deliver_due(at=OPENED + timedelta(minutes=1)) == 0
    assert mail.outbox == []


def test_a_month_later_work_has_gone_on_and_no_mail_comes(tell: Callable[[datetime], None]) -> None:
    tell(OPENED)
    open_then = set(Concern.objects.open().values_list("pk", flat=True))
    tell(OPENED + timedelta(hours=2))
    assert set(Concern.objects.open().values_list("pk", flat=True)) == open_then
    tell(OPENED + MONTH)
    later = OPENED + MONTH
    still_open = set(Concern.objects.open().values_list("pk", flat=True))
    assert still_open - open_then
    assert len(open_then & still_open) < len(open_then) / 2
    late = Deadline.objects.filter(met_at=None, dropped_at=None, due_at__lt=later - timedelta(days=3))
    assert late.values("concern").distinct().count() <= 2
    assert outbox.deliver_due(at=later) == 0
    sweep(at=later + timedelta(minutes=1))
    assert outbox.deliver_due(at=later + timedelta(minutes=1)) <= 3


def test_a_concern_that_somebody_took_another_way_is_left_to_them(tell: Callable[[datetime], None]) -> None:
    tell(OPENED)
    raised = calendar.arrivals(history.SEED, opened_at=OPENED, until=OPENED)
    life = next(life for life in (life_of(history.SEED, n, raised_at=at) for n, at in enumerate(raised)))
    closing = Step(OPENED, life.number, Act.AGREE_CLOSURE)
    note = Step(OPENED, life.number, Act.NOTE)
    with pytest.raises(Refusal):
        Teller(history.SEED, is_strict=True).take(life, closing)
    before = Note.objects.count()
    later = Teller(history.SEED, is_strict=False)
    later.take(life, closing)
    later.take(life, note)
    assert Note.objects.count() == before


def test_cast_can_sign_in_and_one_of_them_is_away(tell: Callable[[datetime], None], client: Client) -> None:
    tell(OPENED)
    assert User.objects.count() == len(CAST)
    assert {User.objects.get(pk=pk).full_name for pk in absent_at(OPENED)} >= {ON_LEAVE}
    assert Agency.objects.filter(verified_on__isnull=False).count() == Agency.objects.count() >= 8
    assert Draft.objects.filter(sent_as=None, owner__full_name="Sophie Bennett").count() == 1
    for name, _, _ in SIGN_INS:
        response = client.post("/account/login/", {"login": address_of(name), "password": PASSWORD})
        assert response.status_code == 302, name
        assert client.get("/").status_code == 200, name
        client.post("/account/logout/")


def test_the_table_of_sign_ins_names_everybody_and_the_password() -> None:
    out = StringIO()
    call_command("show_demo_sign_ins", stdout=out)
    for name, role, what in SIGN_INS:
        assert name in out.getvalue()
        assert address_of(name) in out.getvalue()
        assert role in out.getvalue()
        assert what in out.getvalue()
    assert PASSWORD in out.getvalue()
