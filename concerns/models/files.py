"""Files that people add: photos, scanned orders, documents. The row; the bytes lie on disk."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Exists, Q
from django.db.models.expressions import RawSQL

from accounts.models import User
from accounts.selectors import standing
from concerns.models.concern import Concern, is_kept_out
from concerns.models.draft import Draft
from concerns.models.joined import with_joined
from concerns.vocabulary import FileSort, FileState, PlaceKept
from safeguarding.kit.filetypes import PICTURES, FileKind, name_to_save
from safeguarding.kit.scanner import Version


def new_file_key() -> str:
    """Random: the name on disk and in addresses, from which nothing about the file can be told."""
    return secrets.token_hex(16)


def survivor_of(concern: Concern) -> Concern:
    """The concern that holds the duties of `concern`: itself, or where it ended by being joined, however often."""
    while concern.merged_into is not None:
        concern = concern.merged_into
    return concern


def story_of(concern: Concern) -> RawSQL:
    """The ids of every part of the story that `concern` belongs to: what holds its duties, and all that ended there."""
    return with_joined(survivor_of(concern).pk)


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def waiting_with(self, draft: Draft) -> AttachmentQuerySet:
        """The files of a report that was not sent, without those that were taken out of it and stay locked away."""
        return self.filter(draft=draft, hidden_at__isnull=True)

    def seen_by_older(self, version: Version) -> AttachmentQuerySet:
        """The files that were found clean, and not by `version` of the scanner or one with newer signatures."""
        older = Q(signatures__lt=version.signatures)
        other = Q(signatures=version.signatures) & ~Q(scanned_with=version.words)
        return self.filter(older | other, state=FileState.CLEAN)

    def visible_to(self, user: User, *, on: Concern, at: datetime | None = None) -> AttachmentQuerySet:
        """The files that `user` sees on the page of `on`: its own and those of the concerns joined to it (t20).

        None when they may not read `on`. None of a joined concern that is closed to them. Papers of a MARAC or MAPPA
        for the holder, leads and whoever added them (R137). What was added in error for leads alone.
        """
        readable = Concern.objects.visible_to(user, at=at).filter(pk=on.pk)
        rows = self.filter(Exists(readable), ~is_kept_out(user, of="concern"), concern__in=with_joined(on.pk))
        who = standing(user)
        if not (who.is_lead or who.is_operational_lead):
            rows = rows.filter(hidden_at__isnull=True)
            if on.responsible_id != user.pk:
                rows = rows.filter(~Q(sort=FileSort.MEETING) | Q(uploaded_by=user))
        return rows


class Attachment(models.Model):
    """One file. It belongs to a draft until that is sent, then to the concern for good; or to a register of the house,
    of no case, and then what names it says who may have it. One that was held back and taken out of its draft belongs
    to that for good, hidden from everybody.

    The bytes lie under `key` in a private folder that no address leads to. Nobody deletes it; what was added in error
    is marked so (`hidden_*`). `digest` is the SHA-256 of what is kept, `digest_as_sent` of what arrived.
    """

    key = models.CharField(max_length=32, unique=True, default=new_file_key)
    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, null=True, blank=True, related_name="attachments")
    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, null=True, blank=True, related_name="attachments")
    # R59: a document of a register of the floor above, which points here.
    is_of_register = models.BooleanField(default=False)
    # As the person called it, cleaned. Data: never part of a path or an address.
    name = models.CharField(max_length=150)
    kind = models.CharField(max_length=8, choices=FileKind.choices)
    sort = models.CharField(max_length=8, choices=FileSort.choices, default=FileSort.OTHER)
    description = models.TextField(blank=True)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    digest_as_sent = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=FileState.choices, default=FileState.WAITING)
    scanned_at = models.DateTimeField(null=True, blank=True)
    # By what it was scanned at `scanned_at`: for people, and the number of its signatures (kit.scanner.Version).
    scanned_with = models.CharField(max_length=100, blank=True)
    signatures = models.PositiveIntegerField(default=0)
    # How often in a row a look got no verdict: those wait behind the others.
    missed = models.PositiveIntegerField(default=0)
    threat = models.CharField("what the scanner found", max_length=150, blank=True)
    place = models.CharField(max_length=8, choices=PlaceKept.choices, default=PlaceKept.NONE)
    hidden_at = models.DateTimeField(null=True, blank=True)
    hidden_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    hidden_reason = models.TextField(blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["uploaded_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="attachment_has_one_place",
                condition=Q(concern__isnull=True, draft__isnull=False, is_of_register=False)
                | Q(concern__isnull=False, draft__isnull=True, is_of_register=False)
                | Q(concern__isnull=True, draft__isnull=True, is_of_register=True),
            ),
            models.CheckConstraint(
                name="attachment_hidden_whole",
                condition=Q(hidden_at__isnull=True, hidden_by__isnull=True, hidden_reason="")
                | (Q(hidden_at__isnull=False, hidden_by__isnull=False) & ~Q(hidden_reason="")),
            ),
            models.CheckConstraint(
                name="attachment_verdict_whole",
                condition=Q(
                    state__in=[FileState.WAITING, FileState.UNCHECKED],
                    scanned_at__isnull=True,
                    scanned_with="",
                    signatures=0,
                    threat="",
                )
                | Q(state=FileState.CLEAN, scanned_at__isnull=False, threat="")
                | (Q(state=FileState.QUARANTINED, scanned_at__isnull=False) & ~Q(threat="")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["uploaded_at"],
                condition=Q(state__in=[FileState.WAITING, FileState.UNCHECKED]),
                name="attachment_to_scan",
            ),
            models.Index(
                fields=["missed", "scanned_at", "id"],
                condition=Q(state=FileState.CLEAN),
                name="attachment_to_scan_again",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def is_picture(self) -> bool:
        return self.kind in PICTURES

    @property
    def final_digest(self) -> str | None:
        """The digest of what is kept; None while its uploader is asked what becomes of the place in it."""
        return None if self.place == PlaceKept.ASKED else self.digest

    @property
    def name_to_save(self) -> str:
        """What a browser is told to call it: with the ending of what it really is."""
        return name_to_save(self.name, self.kind)

    @property
    def file(self) -> Path:
        """Where its bytes lie."""
        return files_folder() / self.key[:2] / self.key

    @property
    def original(self) -> Path:
        """The photo as it was sent, while its uploader has not said what becomes of the place in it."""
        return self.file.with_suffix(".original")

    @property
    def preview(self) -> Path:
        """A smaller picture made from its pixels."""
        return self.file.with_suffix(".preview")

    @property
    def quarantine(self) -> Path:
        """Where a file lies in which a virus was found."""
        return Path(settings.MEDIA_ROOT) / "quarantine" / self.key


def files_folder() -> Path:
    """The private folder of all added files."""
    return Path(settings.MEDIA_ROOT) / "attachments"


def lost_folder() -> Path:
    """Where files lie of which no row tells any more."""
    return Path(settings.MEDIA_ROOT) / "lost"
