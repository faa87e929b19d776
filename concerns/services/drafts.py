"""Keeping what a reporter has typed, page by page and exactly as typed, until they send it or throw it away."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.services import record
from concerns import events
from concerns.models import Draft
from concerns.models.draft import new_draft_key
from concerns.services.files import discard_draft_files
from safeguarding.kit.errors import NotAllowed, NotNow

KEY = re.compile(r"[A-Za-z0-9_-]{16,24}")
NUL = "\x00"


@transaction.atomic
def start_draft(*, key: str, by: User, at: datetime) -> Draft:
    """A draft of `by` under `key`; the same one again when the form that carries the key is sent twice.

    A key that is malformed or somebody else's is passed over for a fresh one, and nothing is told about it.
    Raises NotAllowed for an account that is switched off; anybody else may raise a concern (I20).
    """
    if not by.is_active:
        raise NotAllowed("This account is switched off.")
    if not KEY.fullmatch(key) or Draft.objects.filter(key=key).exclude(owner=by).exists():
        key = new_draft_key()
    draft, _ = Draft.objects.get_or_create(key=key, owner=by, defaults={"started_at": at, "saved_at": at})
    return draft


@transaction.atomic
def save_page(*, key: str, page: str, values: Mapping[str, Sequence[str]], by: User, at: datetime) -> Draft:
    """Keep the raw `values` of one page, whether or not they are valid; pages saved before stay as they are.

    Only NUL characters are taken out, because PostgreSQL cannot hold them. Raises Draft.DoesNotExist when `by` has no
    such draft, NotNow when it was sent meanwhile.
    """
    draft = _lock(key, by)
    draft.answers[page] = {name: [one.replace(NUL, "") for one in many] for name, many in values.items()}
    draft.saved_at = at
    draft.save(update_fields=["answers", "saved_at"])
    return draft


@transaction.atomic
def keep_late_page(*, key: str, page: str, values: Mapping[str, Sequence[str]], owner_id: int, at: datetime) -> bool:
    """Keep a page that was sent after its writer's session had ended; whether it could be kept.

    The caller vouches that the page was made for `owner_id`. Nothing but this one page of the draft changes.
    """
    owner = User.objects.filter(pk=owner_id, is_active=True).first()
    if owner is None:
        return False
    try:
        save_page(key=key, page=page, values=values, by=owner, at=at)
    except (Draft.DoesNotExist, NotNow):
        return False
    return True


@transaction.atomic
def remove_pages(*, key: str, pages: Collection[str], by: User, at: datetime) -> Draft:
    """Take `pages` out of a draft, a person added by mistake for instance. Raises as `save_page` does."""
    draft = _lock(key, by)
    for page in pages:
        draft.answers.pop(page, None)
    draft.saved_at = at
    draft.save(update_fields=["answers", "saved_at"])
    return draft


@transaction.atomic
def discard_draft(*, key: str, by: User, at: datetime) -> None:
    """Throw a draft away with all its words and files. Raises as `save_page` does."""
    draft = _lock(key, by)
    draft.answers = {}
    draft.saved_at = draft.discarded_at = at
    draft.save(update_fields=["answers", "saved_at", "discarded_at"])
    discard_draft_files(draft, by=by, at=at)
    record(events.DRAFT_DISCARDED, by=by, at=at, subject=draft)


def _lock(key: str, by: User) -> Draft:
    draft = Draft.objects.select_for_update().get(key=key, owner=by, discarded_at__isnull=True)
    if draft.sent_as_id is not None:
        raise NotNow("You have already sent this concern. Add what is missing on its receipt.")
    return draft
