"""Which doors a person sees in the menu. Seeing a door grants nothing: every page asks its own permission again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse

from accounts.selectors import Standing
from accounts.vocabulary import Role
from champions.models import reads_released


@dataclass(frozen=True)
class Link:
    """One entry of the menu; `is_active` when the page shown lies at or below it."""

    text: str
    href: str
    is_active: bool


@dataclass(frozen=True)
class Navigation:
    """`raise_href` is empty while a concern is being raised: one such button on a page is enough."""

    links: tuple[Link, ...] = ()
    raise_href: str = ""


def _everyone(standing: Standing) -> bool:
    return True


def _handles_concerns(standing: Standing) -> bool:
    return standing.is_champion or standing.is_lead or standing.is_operational_lead


def _reads_records(standing: Standing) -> bool:
    return _handles_concerns(standing) or standing.is_auditor or standing.has(Role.IG_LEAD)


def _handles_requests(standing: Standing) -> bool:
    return not standing.never_reads_cases and (_reads_records(standing) or standing.manages_people)


def _reads_ledger(standing: Standing) -> bool:
    return standing.is_auditor or standing.has(Role.IG_LEAD)


def _reads_people(standing: Standing) -> bool:
    return standing.is_administrator or standing.is_lead or standing.is_operational_lead or standing.has(Role.IG_LEAD)


RAISE = "concerns:start-raise"
PLACES: tuple[tuple[str, str, Callable[[Standing], bool]], ...] = (
    ("My work", "concerns:show-home", _everyone),
    ("Queue", "concerns:list-queue", _handles_concerns),
    ("Search", "concerns:search", _everyone),
    ("Before a visit", "concerns:look-up-visit", _everyone),
    ("Reports", "champions:list-reports", reads_released),
    ("Requests", "sharing:list-requests", _handles_requests),
    ("Records", "sharing:list-records", _reads_records),
    ("Access", "concerns:list-access", _reads_ledger),
    ("Agencies", "sharing:list-agencies", _everyone),
    ("Champions", "champions:list-champions", _everyone),
    ("People", "people:list-people", _reads_people),
    ("Whistleblowing", "show-whistleblowing", _everyone),
    ("Account", "accounts:show-account", _everyone),
)


def navigation_for(standing: Standing, path: str) -> Navigation:
    """The menu of a person of `standing` who looks at the address `path`."""
    links = [
        Link(text, href, path == href or (href != "/" and path.startswith(href)))
        for text, name, may_see in PLACES
        if may_see(standing) and (href := reverse(name))
    ]
    raise_href = reverse(RAISE)
    return Navigation(tuple(links), "" if path.startswith(raise_href) else raise_href)
