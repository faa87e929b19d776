"""The register of sharing agreements (R59; 004 A4): who has one with us, which version, when it is looked at again."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse

from concerns.models import Attachment
from concerns.vocabulary import FileState

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

STAFF = settings.AUTH_USER_MODEL


class SharingAgreement(models.Model):
    """One agreement or protocol through all its versions. Retired with a reason, never deleted."""

    ref = models.CharField(max_length=12, unique=True)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    retired_reason = models.TextField(blank=True)

    if TYPE_CHECKING:
        versions: RelatedManager[AgreementVersion]

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="agreement_retired_whole",
                condition=Q(retired_at__isnull=True, retired_by__isnull=True, retired_reason="")
                | (Q(retired_at__isnull=False, retired_by__isnull=False) & ~Q(retired_reason="")),
            )
        ]

    def __str__(self) -> str:
        return self.ref

    def get_absolute_url(self) -> str:
        return reverse("sharing:show-agreement", args=[self.ref])


class AgreementVersionQuerySet(models.QuerySet["AgreementVersion"]):
    def newest(self) -> AgreementVersionQuerySet:
        """Of each agreement the newest version, retired or not."""
        newest = AgreementVersion.objects.filter(agreement=OuterRef("agreement")).order_by("-number")
        return self.filter(pk=Subquery(newest.values("pk")[:1]))

    def current(self) -> AgreementVersionQuerySet:
        """The newest version of each agreement that is not retired: what a decision may cite."""
        return self.newest().filter(agreement__retired_at__isnull=True)


class AgreementVersion(models.Model):
    """One version as it was agreed. Never changed: what is new is a new version, so that a citation stays true.

    `document` says where the text is kept (a reference or an address); the text itself may be among its `files`.
    """

    agreement = models.ForeignKey(SharingAgreement, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    # As the document itself says: "2.1, June 2026".
    version = models.CharField(max_length=60)
    parties = models.TextField()
    review_date = models.DateField()
    document = models.CharField("where the document is kept", max_length=300, blank=True)
    owner = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    change_words = models.TextField("what is new", blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")

    objects = AgreementVersionQuerySet.as_manager()

    if TYPE_CHECKING:
        files: RelatedManager[AgreementFile]

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="agreement_version_once"),
            models.CheckConstraint(
                name="agreement_new_version_says_why",
                condition=Q(number=1, change_words="") | (Q(number__gt=1) & ~Q(change_words="")),
            ),
        ]
        indexes = [models.Index(fields=["review_date"], name="agreement_review")]

    def __str__(self) -> str:
        return f"{self.name}, version {self.version}"

    @property
    def key(self) -> str:
        """What a decision cites: "SA-7K3M-9QXP/2"."""
        return f"{self.agreement.ref}/{self.number}"

    @property
    def cited_words(self) -> str:
        """The words that a signed record keeps of it, with the name and SHA-256 of its document once that is clean."""
        parties = "; ".join(line.strip() for line in self.parties.splitlines() if line.strip())
        words = f"{self.name}, version {self.version} ({self.key}), between {parties}"
        file = self.standing_file
        if file is None or file.state != FileState.CLEAN:
            return words
        return f"{words}. Document: {file.name} (SHA-256 {file.digest})"

    @property
    def standing_file(self) -> Attachment | None:
        """Its document as a file: the newest in which no virus was found; None when there is none."""
        rows = [row for row in self.files.all() if row.file.state != FileState.QUARANTINED]
        return max(rows, key=attrgetter("pk")).file if rows else None

    @property
    def is_file_locked_away(self) -> bool:
        """A file was added, and a virus was found in each: it needs another copy."""
        return self.standing_file is None and bool(self.files.all())


class AgreementFile(models.Model):
    """The document of a version, as a file (R59). Another is added only when a virus was found in the one before."""

    version = models.ForeignKey(AgreementVersion, on_delete=models.PROTECT, related_name="files")
    file = models.OneToOneField(Attachment, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.version}: document"
