"""The employer's sign-on (OpenID Connect): whose account it opens, and what its word is worth.

It opens the active account with the e-mail address that it vouches for, and from then on knows the account by the
directory's own id, which is never given to somebody else as an address may be. When it is asked for fresh proof it must
say that the person has just signed in (`prompt=login`, `auth_time`). Nothing that it tells is kept but that id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import events
from accounts.models import User
from audit.services import record
from safeguarding.kit.clock import now

PROVIDER = "employer"
# Clocks of two servers.
LEEWAY = timedelta(seconds=30)
FRESH = timedelta(minutes=5)
# Session: who proved it, and when.
_PROOF = "accounts_sign_on_proof"
# What travels with a sign-on that was asked for as proof: when it was asked for.
_ASKED_AT = "proof_asked_at"

UNKNOWN = "unknown"
UNVERIFIED = "unverified"
SOMEBODY_ELSE = "somebody_else"
STALE = "stale"


def is_offered() -> bool:
    return bool(settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"])


def name() -> str:
    """What the button says: "Larkfield Homes account"."""
    return str(settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]["name"])


def arrive(request: HttpRequest, login: Any) -> None:
    """Somebody comes back from the sign-on: answers when there is an account to open, else raises the page to show.

    A sign-on that was asked for as proof ends here and opens nothing new.
    """
    told = login.account.extra_data
    _keep_nothing_told(login)  # allauth has saved it, also where we refuse
    if login.state.get("process") != "login":
        # allauth would connect whoever signs on to the account of this session, for good.
        _refuse(request, UNKNOWN)
    address = _verified_address(told)
    asked_at = (login.state.get("data") or {}).get(_ASKED_AT)
    if not login.is_existing:
        if address is None:
            _refuse(request, UNVERIFIED)
        person = User.objects.filter(email=address, is_active=True).first()
        # Somebody else in the directory has had this address before: it is not for us to say that they are one.
        if person is None or SocialAccount.objects.filter(user=person).exists():
            _refuse(request, UNKNOWN, person)
        _connect(request, login, person)
        _keep_nothing_told(login)
    elif not login.user.is_active:
        _refuse(request, UNKNOWN, login.user)
    if asked_at is not None:
        _prove(request, login, told, asked_at)


def vouches_for_second_factor(login: Any) -> bool:
    """Whether the sign-on says that it asked for more than a password: `amr` holds "mfa", or `acr` is one of ours."""
    claims = _about_the_sign_on(login.account.extra_data)
    methods = claims.get("amr")
    return (isinstance(methods, list) and "mfa" in methods) or claims.get("acr") in settings.OIDC_MFA_ACR


def opens(user: User | AnonymousUser) -> bool:
    """Whether the sign-on opens this account: its person has come by it, and it is there."""
    return is_offered() and bool(SocialAccount.objects.filter(user_id=user.pk).exists())


def ways_to_prove(user: User | AnonymousUser) -> Sequence[dict[str, str]]:
    """The sign-on as a way to prove who one is, for whoever has signed in by it."""
    if not opens(user):
        return []
    url = reverse("accounts:prove-by-sign-on")
    return [{"id": "sign_on", "description": f"Sign in again with {name()}", "url": url}]


def ask_for_proof(request: HttpRequest, *, next_url: str) -> HttpResponse:
    """Send the person to the sign-on, which must ask them again (`prompt=login`), and then on to `next_url`."""
    provider = get_adapter(request).get_provider(request, provider=PROVIDER)
    answer: HttpResponse = provider.redirect(
        request,
        process="login",
        next_url=next_url if url_has_allowed_host_and_scheme(next_url, allowed_hosts=None) else "/",
        data={_ASKED_AT: now().timestamp()},
        auth_params={"prompt": "login", "max_age": "0"},
    )
    return answer


def proved_at(request: HttpRequest) -> datetime | None:
    """When this session's person last proved by the sign-on who they are."""
    proof = request.session.get(_PROOF)
    if not isinstance(proof, dict) or proof.get("person") != request.user.pk:
        return None
    return datetime.fromtimestamp(proof["at"], tz=UTC)


def is_fresh(auth_time: object, *, asked_at: float, at: datetime) -> bool:
    """Whether somebody who signed in at `auth_time` (seconds, as the sign-on says) did so when asked."""
    if isinstance(auth_time, bool) or not isinstance(auth_time, int | float):
        return False
    signed_in = datetime.fromtimestamp(auth_time, tz=UTC)
    asked = datetime.fromtimestamp(asked_at, tz=UTC)
    return asked - LEEWAY <= signed_in <= at + LEEWAY and at - signed_in < FRESH


def _prove(request: HttpRequest, login: Any, told: Mapping[str, Any], asked_at: float) -> NoReturn:
    if not request.user.is_authenticated or login.user.pk != request.user.pk:
        _refuse(request, SOMEBODY_ELSE)
    moment = now()
    if not is_fresh(_about_the_sign_on(told).get("auth_time"), asked_at=asked_at, at=moment):
        _refuse(request, STALE, login.user)
    request.session[_PROOF] = {"person": request.user.pk, "at": moment.timestamp()}
    with transaction.atomic():
        record(events.IDENTITY_PROVED, by=login.user, at=moment, method="sign_on")
    raise ImmediateHttpResponse(redirect(login.state.get("next") or "/"))


def _keep_nothing_told(login: Any) -> None:
    SocialAccount.objects.filter(pk=login.account.pk).update(extra_data={})


def _connect(request: HttpRequest, login: Any, person: User) -> None:
    with transaction.atomic():
        locked = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
        login.connect(request, locked)  # written down by accounts.sign_in


def _about_the_sign_on(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the signed token says; the directory's entry about a person says nothing of how they signed in."""
    token = told.get("id_token")
    return token if isinstance(token, dict) else {}


def _verified_address(told: Mapping[str, Any]) -> str | None:
    for claims in (told.get("userinfo"), told.get("id_token")):
        if isinstance(claims, dict) and claims.get("email"):
            verified = claims.get("email_verified", settings.OIDC_EMAILS_ARE_VERIFIED)
            return str(claims["email"]).strip().lower() if verified in (True, "true") else None
    return None


def _refuse(request: HttpRequest, why: str, person: User | None = None) -> NoReturn:
    """Show why, in words that do not say whether an account exists. What the sign-on told is written down nowhere."""
    with transaction.atomic():
        record(events.SIGN_IN_FAILED, by=None, at=now(), subject=person)
    raise ImmediateHttpResponse(render(request, "socialaccount/refused.html", {"why": why}, status=403))
