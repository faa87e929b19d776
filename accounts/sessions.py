"""How long a session lasts (R146).

Idle time is Django's own (SESSION_COOKIE_AGE, begun anew by every answer). Beyond SESSION_LONGEST since signing in, one
signs in anew. What ends all of somebody's sessions at once is `accounts.services.sessions`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.http import HttpRequest

_SIGNED_IN_AT = "accounts_signed_in_at"
# What `?ended=` says on the sign-in page.
TOO_LONG = "long"


def begin(request: HttpRequest, *, at: datetime) -> None:
    """The person of this session signs in now."""
    request.session[_SIGNED_IN_AT] = at.timestamp()


def seconds_left(request: HttpRequest, *, at: datetime) -> int:
    """Until this session ends however busy it is; 0 when it is over, or does not say when it began."""
    began: Any = request.session.get(_SIGNED_IN_AT)
    if not isinstance(began, int | float):
        return 0
    ends_at = datetime.fromtimestamp(began, tz=UTC) + settings.SESSION_LONGEST
    return max(0, int((ends_at - at).total_seconds()))


def is_too_long(request: HttpRequest, *, at: datetime) -> bool:
    return seconds_left(request, at=at) == 0


def forget_ended(*, at: datetime) -> int:
    """Sessions that nobody can use any more are deleted; how many."""
    return Session.objects.filter(expire_date__lte=at).delete()[0]
