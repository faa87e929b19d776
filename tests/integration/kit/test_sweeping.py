"""One row that fails stops no other, stays as it was, and is not quoted in the log."""

from __future__ import annotations

import pytest

from accounts.models import ServiceArea
from safeguarding.kit.sweeping import each

pytestmark = pytest.mark.django_db


def test_a_failure_stops_no_other_and_leaves_nothing_half_done(caplog: pytest.LogCaptureFixture) -> None:
    areas = [ServiceArea.objects.create(code=f"area-{n}", name=f"Area {n}") for n in range(3)]

    def rename(area: ServiceArea) -> int:
        ServiceArea.objects.filter(pk=area.pk).update(name=f"Renamed {area.pk}")
        if area == areas[1]:
            raise RuntimeError("Jean Ashworth")
        return 1

    assert each(ServiceArea.objects.order_by("pk"), rename) == 2
    names = list(ServiceArea.objects.order_by("pk").values_list("name", flat=True))
    assert names == [f"Renamed {areas[0].pk}", "Area 1", f"Renamed {areas[2].pk}"]
    (line,) = caplog.messages
    assert line == f"Sweep failed for row {areas[1].pk} (tests.integration.kit.test_sweeping): RuntimeError"
