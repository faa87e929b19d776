"""What every template may use: the organisation, the menu, the idle limit and whether this is the demo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.models import User
from accounts.second_factor import is_missing
from accounts.selectors import standing
from accounts.sessions import seconds_left
from safeguarding.kit.clock import now
from safeguarding.navigation import Navigation, navigation_for

SERVICE_NAME = "Safeguarding concerns"


@dataclass(frozen=True)
class Organisation:
    name: str
    colour: str
    duty_phone: str
    adults_phone: str
    children_phone: str

    @property
    def has_example_phone(self) -> bool:
        """Whether a number is still one of those that Ofcom keeps for drama: ringing it reaches nobody."""
        numbers = (self.duty_phone, self.adults_phone, self.children_phone)
        return any(number.replace(" ", "").startswith("01632960") for number in numbers)


def organisation() -> Organisation:
    """The landlord as the settings describe it."""
    return Organisation(
        name=settings.ORGANISATION_NAME,
        colour=settings.ORGANISATION_COLOUR,
        duty_phone=settings.DUTY_PHONE,
        adults_phone=settings.ADULTS_OUT_OF_HOURS_PHONE,
        children_phone=settings.CHILDREN_OUT_OF_HOURS_PHONE,
    )


def interface(request: HttpRequest) -> dict[str, Any]:
    """Context processor for the shell (templates/base.html)."""
    user = getattr(request, "user", None)
    navigation = navigation_for(standing(user), request.path) if isinstance(user, User) else Navigation()
    if navigation.links and is_missing(request):
        navigation = Navigation((), navigation.raise_href)  # the other doors lead back to one page
    return {
        "organisation": organisation(),
        "service_name": SERVICE_NAME,
        "is_demo": settings.IS_DEMO,
        "demo_mail_url": "/demo/mail/" if settings.IS_DEMO else "",
        "session_seconds": settings.SESSION_COOKIE_AGE,
        "session_seconds_left": seconds_left(request, at=now()) if isinstance(user, User) else 0,
        "csrf_cookie_name": settings.CSRF_COOKIE_NAME,
        "navigation": navigation,
    }
