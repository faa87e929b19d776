"""What fails stops nothing else, stays as it was, and is not quoted in the log, which says where it failed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accounts.models import ServiceArea
from safeguarding.kit.sweeping import each, every
from tests.build.logs import production_log

pytestmark = pytest.mark.django_db
AT = datetime(2026, 5, 5, 10, 0, tzinfo=UTC)


def test_a_failure_stops_no_other_and_leaves_nothing_half_done(caplog: pytest.LogCaptureFixture) -> None:
    areas = [ServiceArea.objects.create(code=f"area-{n}", name=f"Area {n}") for n in range(3)]

    def rename(area: ServiceArea) -> int:
        ServiceArea.objects.filter(pk=area.pk).update(name=f"Renamed {area.pk}")
        if area == areas[1]:
            raise RuntimeError("Jean Ashworth")
        return 1

    with production_log() as log:
        assert each(ServiceArea.objects.order_by("pk"), rename) == 2
    names = list(ServiceArea.objects.order_by("pk").values_list("name", flat=True))
    assert names == [f"Renamed {areas[0].pk}", "Area 1", f"Renamed {areas[2].pk}"]
    (line,) = caplog.messages
    assert line == f"Sweep failed for row {areas[1].pk} (tests.integration.kit.test_sweeping): RuntimeError"
    assert "test_sweeping.py" in log.getvalue()
    assert "in rename" in log.getvalue()
    assert "Ashworth" not in log.getvalue()


def test_a_step_that_fails_stops_no_other() -> None:
    taken: list[datetime] = []

    def good(*, at: datetime) -> int:
        taken.append(at)
        return 2

    def bad(*, at: datetime) -> int:
        raise RuntimeError("Jean Ashworth")

    with production_log() as log:
        assert every((good, bad, good), at=AT) == 4
    assert taken == [AT, AT]
    assert "A step of a sweep failed: RuntimeError" in log.getvalue()
    assert "in bad" in log.getvalue()
    assert "Ashworth" not in log.getvalue()
