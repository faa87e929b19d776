"""Letting new people in: a mail to everybody without a password, and one-time links for the first administrators."""

from __future__ import annotations

from datetime import datetime

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.urls import reverse

from accounts import events, notifications
from accounts.models import User
from accounts.permissions import check_can_manage_people
from audit.services import record
from safeguarding.kit import outbox


def one_time_link(person: User) -> str:
    """Where `person` sets their password. Good once, until PASSWORD_RESET_TIMEOUT: hand it over in person."""
    key = {"uidb36": user_pk_to_url_str(person), "key": default_token_generator.make_token(person)}
    return f"{settings.SITE_URL.rstrip('/')}{reverse('account_reset_password_from_key', kwargs=key)}"


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
