"""Letting people in: a mail to everybody who has no password yet, and a one-time link for whoever asks for one."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import salted_hmac

from accounts import events, notifications
from accounts.models import User
from accounts.permissions import check_can_manage_people
from audit.services import record
from safeguarding.kit import outbox

# The recipient of what goes to nobody.
_NOBODY = 0
# Asked for more than once in so many seconds, one link is enough: else a stranger could fill somebody's mailbox.
_ONE_LINK_IN = 600


@transaction.atomic
def ask_for_link(address: str, *, at: datetime) -> None:
    """A one-time link is on its way to the account with `address`, if it is one that may have it (ADR 18).

    Which it is, is asked where the mail is delivered, and the link is made there. An address without an account costs
    the same work, to a mail that reaches nobody: how long the answer takes tells nobody who has an account. One that is
    asked for again within ten minutes brings no second one.
    """
    typed = salted_hmac("accounts.invitations", address.strip().lower(), algorithm="sha256").hexdigest()
    found = User.objects.filter(email=address.strip().lower()).values_list("pk", flat=True).first()
    person = found or _NOBODY
    outbox.queue(
        notifications.PASSWORD_LINK,
        to=person,
        about=person,
        reference="your account",
        path=reverse("account_reset_password"),
        key=f"password-link:{typed[:32]}:{int(at.timestamp()) // _ONE_LINK_IN}",
        at=at,
    )


@transaction.atomic
def invite_everybody(*, by: User | None, at: datetime) -> int:
    """Write to each active person who has no password yet and was not written to before. How many that were.

    The mail holds no secret: it leads to the page on which a link is asked for.
    """
    check_can_manage_people(by)
    waiting = User.objects.filter(is_active=True, password__startswith=UNUSABLE_PASSWORD_PREFIX, invited_at=None)
    invited = list(waiting.select_for_update().order_by("pk"))
    for person in invited:
        _invite(person, by=by, at=at)
    return len(invited)


@transaction.atomic
def invite_person(*, person: User, by: User | None, at: datetime) -> None:
    """The same for one person who has just been added."""
    check_can_manage_people(by)
    _invite(User.objects.select_for_update(of=("self",)).get(pk=person.pk), by=by, at=at)


def _invite(person: User, *, by: User | None, at: datetime) -> None:
    outbox.queue(
        notifications.INVITED,
        to=person.pk,
        about=person.pk,
        reference="your new account",
        path=reverse("account_reset_password"),
        key=f"invited:{person.pk}",
        at=at,
    )
    person.invited_at = at
    person.save(update_fields=["invited_at"])
    record(events.PERSON_INVITED, by=by, at=at, subject=person)
