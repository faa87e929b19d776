"""The outbox's table: messages that wait to be sent, each to one person, each about one thing."""

from typing import ClassVar

from django.db import models


class OutboxMessage(models.Model):
    """One message to one person. Holds codes, ids and a reference, never personal data; `key` makes it unique.

    A row ends in one of two ways: `sent_at`, or `dropped_at` with a `drop_reason`. Until then it is tried again from
    `due_at` on, as often as it takes.
    """

    class DropReason(models.TextChoices):
        """Why a message was not sent after all."""

        RECIPIENT_GONE = "recipient_gone", "The account no longer exists"
        RECIPIENT_INACTIVE = "recipient_inactive", "The account is no longer active"
        NO_ADDRESS = "no_address", "The account has no e-mail address"
        MAY_NOT_KNOW = "may_not_know", "The recipient may no longer know of it"
        HISTORY = "history", "It was about something long past when it could have been sent"

    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=80)
    recipient_id = models.BigIntegerField()
    about_id = models.BigIntegerField()
    reference = models.CharField(max_length=40)
    path = models.CharField(max_length=200)
    queued_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)
    drop_reason = models.CharField(max_length=30, choices=DropReason.choices, blank=True)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["due_at", "id"],
                condition=models.Q(sent_at=None, dropped_at=None),
                name="kit_outbox_waiting",
            ),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(sent_at=None) | models.Q(dropped_at=None),
                name="kit_outbox_one_end",
            ),
            models.CheckConstraint(
                condition=models.Q(dropped_at=None, drop_reason="")
                | (models.Q(dropped_at__isnull=False) & ~models.Q(drop_reason="")),
                name="kit_outbox_drop_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"Message {self.pk}: {self.kind}"
