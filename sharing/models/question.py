"""What we ask other agencies: who else may hold information, and what became of it (R103, R104; 003 K6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from concerns.models import Concern
from sharing.models.agency import Agency
from sharing.models.decision import Decision
from sharing.vocabulary import QuestionState, QuestionStepKind

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

STAFF = settings.AUTH_USER_MODEL


class Question(models.Model):
    """One request of ours to one agency of the directory, about one concern."""

    ref = models.CharField(max_length=12, unique=True)
    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="questions")
    # Field 11: the decision in which this agency is named as a holder of information.
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, blank=True, related_name="questions")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="questions")
    what = models.TextField()
    why = models.TextField()
    legal_basis = models.TextField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    due_date = models.DateField()
    state = models.CharField(max_length=10, choices=QuestionState.choices, default=QuestionState.ASKED)

    if TYPE_CHECKING:
        steps: RelatedManager[QuestionStep]

    class Meta:
        ordering = ["asked_at", "pk"]
        indexes = [
            models.Index(
                fields=["due_date"],
                condition=Q(state__in=[QuestionState.ASKED, QuestionState.ESCALATED]),
                name="question_waiting",
            )
        ]

    def __str__(self) -> str:
        return self.ref

    def get_absolute_url(self) -> str:
        return reverse("sharing:show-question", args=[self.ref])

    @property
    def is_waiting(self) -> bool:
        """The agency owes an answer."""
        return self.state in (QuestionState.ASKED, QuestionState.ESCALATED)


class QuestionStep(models.Model):
    """One thing that happened with the agency. Never changed."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=10, choices=QuestionStepKind.choices)
    at = models.DateTimeField("when it happened")
    by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    who = models.CharField("person at the agency", max_length=150, blank=True)
    words = models.TextField()
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["recorded_at", "pk"]

    def __str__(self) -> str:
        return f"{self.question}: {self.get_kind_display()}"
