"""The append-only tables: database triggers refuse UPDATE and DELETE on both (audit.apps, kit.immutable)."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models.fields.json import KeyTransform

from audit import canonical, seals
from audit.vocabulary import all_kinds

# PostgreSQL takes moments that cannot be read back (infinity, years before 1 or after 9999): one such row would stop
# every page and task that comes by it, and nobody may take it away. These bounds are wider than what any clock says.
CAN_BE_READ = models.Q(at__gte=datetime(1970, 1, 1, tzinfo=UTC), at__lt=datetime(9999, 1, 1, tzinfo=UTC))


class _Labels(models.JSONField):
    """Labels and whole numbers by name, as `record` writes them.

    Anything else that somebody put there is read as the bare text that it is: so it is taken for nothing that an event
    says, and what is nested a thousand deep neither hides from `verify_ledger` nor stops a report.
    """

    def deconstruct(self) -> Any:
        name, _, arguments, options = super().deconstruct()
        return name, "django.db.models.JSONField", arguments, options

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if isinstance(expression, KeyTransform):
            return super().from_db_value(value, expression, connection)
        try:
            found = super().from_db_value(value, expression, connection)
        except (ValueError, RecursionError):
            return value
        is_ours = isinstance(found, dict) and all(isinstance(each, str | int | None) for each in found.values())
        return found if is_ours else value


class Event(models.Model):
    """One thing that happened. Holds ids, labels and digests, no narrative, and points at rows without foreign keys:
    a record may lawfully be disposed of, and its history still verifies.

    `actor_id` is the account that acted; none means the system itself. `digest` is `canonical.digest_of_content`.
    """

    at = models.DateTimeField()
    code = models.CharField(max_length=80)
    actor_id = models.BigIntegerField(null=True)
    subject_type = models.CharField(max_length=80, blank=True)
    subject_id = models.BigIntegerField(null=True)
    concern_id = models.BigIntegerField(null=True)
    ref = models.CharField(max_length=40, blank=True)
    reason_digest = models.CharField(max_length=64, blank=True)
    data = _Labels(default=dict)
    digest = models.CharField(max_length=64)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["concern_id", "id"], name="audit_event_concern"),
            models.Index(fields=["actor_id", "id"], name="audit_event_actor_id"),
            models.Index(fields=["code", "at"], name="audit_event_code"),
        ]
        # Ids are drawn upwards from 1: nothing can be put in front of what has been sealed.
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="audit_event_id_from_one", condition=models.Q(id__gte=1)),
            models.CheckConstraint(name="audit_event_at_can_be_read", condition=CAN_BE_READ),
        ]

    def __str__(self) -> str:
        return f"Event {self.pk}: {self.code}"

    @property
    def sentence(self) -> str:
        """What happened, in words; the bare code when this release no longer knows it."""
        kind = all_kinds().get(self.code)
        return kind.sentence if kind else self.code

    def content(self) -> dict[str, Any]:
        """All that this row says now, as it is hashed."""
        return canonical.content(
            at=self.at,
            code=self.code,
            actor_id=self.actor_id,
            subject_type=self.subject_type,
            subject_id=self.subject_id,
            concern_id=self.concern_id,
            ref=self.ref,
            reason_digest=self.reason_digest,
            data=self.data,
        )

    def content_digest(self) -> str:
        """The digest that this row's content has now; equal to `digest` unless somebody altered it."""
        return canonical.digest_of_content(self.content())


class Seal(models.Model):
    """One link of the chain: the events settled since the seal before it, and that seal's digest.

    `leaves` lists [event id, event digest] in order of id, so that a tampered event can be named; `root` is their
    Merkle root; `digest` covers number, time, last id, count, root and the digest before (audit.seals). Whoever holds
    one `digest` outside the database can tell whether anything up to there was rewritten.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    through_id = models.BigIntegerField()
    leaves = models.JSONField()
    root = models.CharField(max_length=64)
    previous_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["through_id"], name="audit_seal_through")]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="audit_seal_number_from_one", condition=models.Q(number__gte=1)),
            models.CheckConstraint(name="audit_seal_at_can_be_read", condition=CAN_BE_READ),
        ]

    def __str__(self) -> str:
        return f"Seal {self.number}"

    @property
    def name(self) -> str:
        """Number and digest, as they are mailed, printed and given to `verify_ledger --expect`."""
        return f"{self.number}:{self.digest}"

    def content(self) -> dict[str, Any]:
        """All that this seal says now, as it is hashed."""
        return seals.seal_content(
            number=self.number,
            at=self.at,
            through_id=self.through_id,
            count=len(self.leaves),
            root=self.root,
            previous_digest=self.previous_digest,
        )

    def content_digest(self) -> str:
        """The digest that this row's content has now; equal to `digest` unless somebody altered it."""
        return seals.seal_digest(self.content())

    def events(self) -> list[seals.Leaf]:
        """The sealed events, in order of id. Raises ValueError for what no sealing writes."""
        return seals.read_leaves(self.leaves)
