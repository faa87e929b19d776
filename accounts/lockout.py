"""What django-axes counts wrong passwords by: the account that was tried and the address that they came from.

Both together: counting by account alone would let anybody lock a colleague out, counting by address alone would lock
out a whole office behind one router.
"""

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import get_adapter
from django.http import HttpRequest


def account_tried(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """The e-mail address that was tried, in the one spelling that accounts are kept in (AXES_USERNAME_CALLABLE).

    allauth hands over `email`, axes itself `username` when somebody has signed in; on the lock-out page only the form
    is left.
    """
    given = credentials or {}
    tried = given.get("email") or given.get("username") or request.POST.get("login", "")
    return str(tried).strip().lower()


def client_address(request: HttpRequest) -> str | None:
    """Where the request comes from, behind as many proxies as ALLAUTH_TRUSTED_PROXY_COUNT says.

    None for one that was made inside this process and came from nowhere.
    """
    if "REMOTE_ADDR" not in request.META:
        return None
    address: str = get_adapter().get_client_ip(request)
    return address
