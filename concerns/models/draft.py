"""A concern being written, before it is sent (state DRAFT of domain.md 2.1)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.db import models

from concerns.models.concern import Concern


def new_draft_key() -> str:
    return secrets.token_urlsafe(12)


def says_danger(answers: Mapping[str, Mapping[str, Sequence[str]]]) -> bool:
    """Whether `answers`, as they were typed, say that somebody is in immediate danger."""
    return list(answers.get("danger", {}).get("danger", ()))[:1] == ["yes"]


class Draft(models.Model):
    """What a reporter has typed so far, page by page and exactly as typed, valid or not. Only they can open it.

    `answers` maps a page's name to the raw values of its fields. `sent_as` ties the draft to the one concern it
    became, so that a form that is sent twice makes one concern; the answers are emptied then.
    """

    key = models.CharField(max_length=24, unique=True, default=new_draft_key)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="drafts")
    answers = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    sent_as = models.OneToOneField(Concern, on_delete=models.PROTECT, null=True, blank=True, related_name="draft")
    discarded_at = models.DateTimeField(null=True, blank=True)
    # D1: when the owner was reminded of it, and when the champions were told that it exists; each once.
    reminded_at = models.DateTimeField(null=True, blank=True)
    champions_told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["owner", "-saved_at"])]

    def __str__(self) -> str:
        return self.key

    @property
    def is_danger(self) -> bool:
        """Somebody is in immediate danger, so it must be sent now."""
        return says_danger(self.answers)
