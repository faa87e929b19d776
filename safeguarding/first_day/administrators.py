"""The first administrators: two, so that neither can be the only one who looks after accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.utils import parseaddr

from django.db import transaction

from accounts import services
from accounts.models import User
from accounts.selectors import holders_of
from accounts.services import PersonDetails
from accounts.vocabulary import Role
from safeguarding.kit.errors import Unsound

AT_LEAST = 2


@transaction.atomic
def make_administrators(wanted: Sequence[str], *, at: datetime) -> list[User]:
    """Make each of `wanted` ("Bea Costa <bea@example.org>") an administrator; those who had no account yet come back.

    Raises Unsound when one of them can't be read, or when fewer than two people would be administrators.
    """
    made: list[User] = []
    for text in wanted:
        name, address = parseaddr(text)
        if not name or "@" not in address:
            raise Unsound(f"“{text}” is not like “Bea Costa <bea@example.org>”.")
        person = User.objects.filter(email=address.lower(), is_active=True).first()
        if person is None:
            details = PersonDetails(full_name=name, job_title="Administrator")
            person = services.create_person(email=address, details=details, by=None, at=at)
            made.append(person)
        services.give_role(person=person, role=Role.ADMINISTRATOR, by=None, at=at)
    if holders_of(Role.ADMINISTRATOR).count() < AT_LEAST:
        raise Unsound('Name two administrators: --administrator "Name <address>" twice.')
    return made
