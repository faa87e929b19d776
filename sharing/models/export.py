"""Exports of signed decision records: who asked for what and why, how far it is, and where the private file
lies.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q

from sharing.models.decision import Decision, SignedRecord
from sharing.vocabulary import ExportState


def new_export_key() -> str:
    return secrets.token_urlsafe(12)


class Export(models.Model):
    """A selection of signed records as one ZIP with an index of digests.

    Its file goes when it expires; the row stays.
    """

    LONGEST_RECIPIENT = 150

    key = models.CharField(max_length=24, unique=True, default=new_export_key)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    reason = models.TextField()
    # Who it is handed to; printed on every page. Exports asked for before it was asked have none.
    recipient = models.CharField(max_length=150, blank=True)
    is_masked = models.BooleanField(default=True)
    naming_reason = models.TextField(blank=True)
    # Ids of the records, newest first; frozen when it is asked for.
    record_ids = models.JSONField(default=list)
    done = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=ExportState.choices, default=ExportState.WAITING)
    # The last sign of life of the worker that makes it.
    touched_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    purged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.CheckConstraint(
                name="export_finished_whole",
                condition=~Q(state=ExportState.READY) | (Q(finished_at__isnull=False) & ~Q(digest="")),
            )
        ]
        indexes = [models.Index(fields=["state", "finished_at"])]

    def __str__(self) -> str:
        return self.key

    @property
    def total(self) -> int:
        return len(self.record_ids)

    @property
    def folder(self) -> Path:
        """Where its pieces lie while it is made. Outside everything that is served."""
        return Path(settings.MEDIA_ROOT) / "exports" / self.key

    @property
    def file(self) -> Path:
        return Path(settings.MEDIA_ROOT) / "exports" / f"{self.key}.zip"


class Copy(models.Model):
    """A PDF that left: for whom, why, by whom, and the digest of its bytes. Never changed."""

    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()
    recipient = models.CharField(max_length=150)
    reason = models.TextField()
    is_masked = models.BooleanField()
    naming_reason = models.TextField(blank=True)
    file_digest = models.CharField(max_length=64, db_index=True)

    class Meta:
        abstract = True
        ordering = ["pk"]


class RecordCopy(Copy):
    """A PDF of a signed record that left."""

    record = models.ForeignKey(SignedRecord, on_delete=models.PROTECT, related_name="copies")
    export = models.ForeignKey(Export, on_delete=models.PROTECT, null=True, blank=True, related_name="copies")

    class Meta(Copy.Meta):
        abstract = False
        constraints = [
            models.CheckConstraint(name="copy_naming_has_reason", condition=Q(is_masked=True) | ~Q(naming_reason=""))
        ]

    def __str__(self) -> str:
        return f"{self.record}: copy"


class DraftCopy(Copy):
    """A PDF of a draft that left."""

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="draft_copies")

    class Meta(Copy.Meta):
        abstract = False
        constraints = [
            models.CheckConstraint(
                name="draft_copy_naming_has_reason", condition=Q(is_masked=True) | ~Q(naming_reason="")
            )
        ]

    def __str__(self) -> str:
        return f"{self.decision}: copy of the draft"
