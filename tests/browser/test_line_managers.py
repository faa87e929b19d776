"""A line manager is changed by an administrator: not to themselves; and a lead sees who did it, in a real browser with
axe."""

from __future__ import annotations

import pytest

from tests.browser.conftest import DESK, PHONE, Device, OpenPage
from tests.browser.test_casework import Look, Reader, Shoot, SignIn
from tests.build.cast import make_cast


@pytest.mark.parametrize("device", [PHONE, DESK], ids=lambda device: device.name)
def test_a_line_manager_is_changed_and_a_lead_sees_by_whom(
    transactional_db: None,
    open_page: OpenPage,
    sign_in: SignIn,
    assert_accessible: Look,
    screenshot: Shoot,
    device: Device,
) -> None:
    cast = make_cast()
    page = open_page(device)
    sign_in(page, cast.bea)
    bea = Reader(page, assert_accessible, screenshot, f"manager-bea-{device.name}")
    page.goto(f"/people/{cast.amara.pk}/change/")
    page.get_by_label("Line manager").select_option(label="Bea Costa")
    page.get_by_role("button", name="Save").click()
    bea.told("You can’t make yourself somebody’s line manager. Ask another administrator.")
    page.get_by_label("Line manager").select_option(label="Colin Baker")
    page.get_by_role("button", name="Save").click()
    bea.told("Saved.")

    lead = open_page(device)
    sign_in(lead, cast.ruth)
    ruth = Reader(lead, assert_accessible, screenshot, f"manager-ruth-{device.name}")
    lead.goto(f"/people/{cast.amara.pk}/")
    ruth.see("Amara Okafor")
    ruth.told("Changes of line manager")
    row = lead.get_by_role("table", name="Changes of line manager").get_by_role("row").nth(1)
    assert row.inner_text().split("\n")[-1].endswith("Colin Baker")
    for name in ("Bea Costa", "Gwen Pritchard"):
        assert name in row.inner_text()
