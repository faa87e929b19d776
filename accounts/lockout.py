"""What django-axes counts wrong passwords by: the account that was tried and the address that they came from.

Both together: counting by account alone would let anybody lock a colleague out, counting by address alone would lock
out a whole office behind one router. What was typed into the box for the e-mail address may be a password or a name, so
axes' table never holds it: it counts by a keyed digest, keeps nothing else of the form, and forgets a row once it no
longer counts (ADR 26).
"""

from collections.abc import Mapping
from datetime import datetime
from ipaddress import IPv6Address, ip_address
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core.internal.ratelimit import truncate_ip
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models.signals import pre_save
from django.http import HttpRequest
from django.utils.crypto import salted_hmac


def connect() -> None:
    """From here on axes keeps nothing of a form or an address; called once, when the app is ready."""
    pre_save.connect(_keep_nothing_typed, sender=AccessAttempt, dispatch_uid="accounts.keep_nothing_typed")


def account_tried(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """A digest of the e-mail address that was tried, in the one spelling that accounts are kept in
    (AXES_USERNAME_CALLABLE). Nobody without the secret key can tell what was typed, or try guesses at it.

    allauth hands over `email`, axes itself `username` when somebody has signed in; on the lock-out page only the form
    is left.
    """
    given = credentials or {}
    tried = given.get("email") or given.get("username") or request.POST.get("login", "")
    return salted_hmac("accounts.lockout", str(tried).strip().lower(), algorithm="sha256").hexdigest()


def client_address(request: HttpRequest) -> str | None:
    """Where the request comes from, behind as many proxies as ALLAUTH_TRUSTED_PROXY_COUNT says.

    Of IPv6 the network alone (/64), as allauth's limits count: one line has more addresses than anybody can try. None
    for one that was made inside this process and came from nowhere.
    """
    if "REMOTE_ADDR" not in request.META:
        return None
    address = ip_address(get_adapter().get_client_ip(request))
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped  # as a server for both says IPv4
    return str(truncate_ip(str(address)))


def forget_old_tries(*, at: datetime) -> int:
    """Tries that count no more are gone, network address and all; how many rows. Axes itself only does so when
    somebody signs in or fails to."""
    gone: int
    gone, _ = AccessAttempt.objects.filter(attempt_time__lte=at - settings.AXES_COOLOFF_TIME).delete()
    return gone


def _keep_nothing_typed(*, instance: AccessAttempt, **kwargs: Any) -> None:
    """Axes would keep each field of the form but those that it is told to mask."""
    instance.get_data = instance.post_data = ""
