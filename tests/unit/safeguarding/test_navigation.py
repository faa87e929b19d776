"""Who sees which doors in the menu."""

import pytest

from accounts.selectors import NOBODY, Standing
from accounts.vocabulary import Role
from safeguarding.navigation import PLACES, navigation_for

CHAMPION = Standing(frozenset(), frozenset({7}), manages_people=False, is_contractor=False)
MANAGER = Standing(frozenset(), frozenset(), manages_people=True, is_contractor=False)


def _with(role: Role) -> Standing:
    return Standing(frozenset({role}), frozenset(), manages_people=False, is_contractor=False)


@pytest.mark.parametrize(
    ("standing", "doors"),
    [
        (NOBODY, {"My work", "Search", "Before a visit", "Agencies", "Champions", "Whistleblowing", "Account"}),
        (
            CHAMPION,
            {
                "My work",
                "Queue",
                "Search",
                "Before a visit",
                "Reports",
                "Requests",
                "Records",
                "Agencies",
                "Champions",
                "Whistleblowing",
                "Account",
            },
        ),
        (
            MANAGER,
            {
                "My work",
                "Search",
                "Before a visit",
                "Reports",
                "Requests",
                "Agencies",
                "Champions",
                "Whistleblowing",
                "Account",
            },
        ),
        (
            _with(Role.AUDITOR),
            {
                "My work",
                "Search",
                "Before a visit",
                "Reports",
                "Requests",
                "Records",
                "Access",
                "Agencies",
                "Champions",
                "Whistleblowing",
                "Account",
            },
        ),
        (
            _with(Role.SAFEGUARDING_LEAD),
            {
                "My work",
                "Queue",
                "Search",
                "Before a visit",
                "Reports",
                "Requests",
                "Records",
                "Agencies",
                "Champions",
                "Whistleblowing",
                "Account",
            },
        ),
        (
            _with(Role.SENIOR_MANAGER),
            {"My work", "Search", "Before a visit", "Reports", "Agencies", "Champions", "Whistleblowing", "Account"},
        ),
        (
            _with(Role.ADMINISTRATOR),
            {"My work", "Search", "Before a visit", "Agencies", "Champions", "Whistleblowing", "Account"},
        ),
    ],
)
def test_each_standing_has_its_doors(standing: Standing, doors: set[str]) -> None:
    assert {text for text, _, may_see in PLACES if may_see(standing)} == doors


def test_the_door_of_the_page_shown_is_marked() -> None:
    links = navigation_for(NOBODY, "/account/leave/").links
    assert [link.text for link in links if link.is_active] == ["Account"]
