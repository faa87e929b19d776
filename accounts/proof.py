"""Fresh proof of who is sitting there, asked for before signing, exporting and the like.

A password or a second factor given within the last five minutes counts, and so does the employer's sign-on when it
was made to ask again and says when it did (accounts.sign_on). An account that has none of these is refused: allauth
would count it as freshly proven.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render

from accounts import sign_on
from accounts.http import SignedInRequest
from audit.services import record_refusal
from safeguarding.kit.clock import now

FRESH = timedelta(minutes=5)
PROOFS = frozenset({"password", "mfa"})

P = ParamSpec("P")
View = Callable[Concatenate[SignedInRequest, P], HttpResponseBase]


def is_proof_fresh(request: HttpRequest, *, at: datetime) -> bool:
    """True when this session's person proved who they are less than five minutes before `at`."""
    given = [
        datetime.fromtimestamp(step["at"], tz=UTC)
        for step in get_authentication_records(request, request.user)
        if step.get("method") in PROOFS
    ]
    by_sign_on = sign_on.proved_at(request)
    moments = given if by_sign_on is None else [*given, by_sign_on]
    return any(timedelta(0) <= at - moment < FRESH for moment in moments)


def proof_wanted(request: SignedInRequest) -> HttpResponseBase | None:
    """The answer that asks for fresh proof and comes back to the same page; None when there is some.

    What a POST carries is dropped, never kept in the session: the page that the person comes back to holds their
    words, because every form that asks for proof saves them first.
    """
    if is_proof_fresh(request, at=now()):
        return None
    ways = get_adapter().get_reauthentication_methods(request.user)
    if not ways:
        record_refusal(by=request.user, at=now(), act="accounts.prove_identity")
        return render(request, "accounts/proof_impossible.html", status=403)
    return redirect(f"{ways[0]['url']}?{urlencode({'next': request.get_full_path()})}")


def require_fresh_proof(view: View[P]) -> View[P]:
    """Let `view` answer only on fresh proof; otherwise ask for it (`proof_wanted`)."""

    @wraps(view)
    def proven(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        wanted = proof_wanted(request)
        return view(request, *args, **kwargs) if wanted is None else wanted

    return proven
