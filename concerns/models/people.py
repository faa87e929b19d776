"""The people in a concern (R115-R119)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from concerns.models.concern import Concern
from concerns.vocabulary import (
    LifeStage,
    OutcomesAchieved,
    OutcomesAsked,
    PersonRole,
    RiskLevel,
    RiskOutcome,
    YesNoUnknown,
)


class Person(models.Model):
    """A person in one or more concerns, as far as they are known. Contact facts carry their own cautions (R14)."""

    ref = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=200, blank=True)
    description = models.CharField("how they could be recognised", max_length=300, blank=True)
    date_of_birth = models.DateField(null=True, blank=True)
    estimated_age = models.PositiveSmallIntegerField(null=True, blank=True)
    estimated_on = models.DateField(null=True, blank=True)
    is_unborn = models.BooleanField(default=False)
    expected_date = models.DateField(null=True, blank=True)
    # What the reporter said, used when neither birth date nor age is known (R24).
    said_stage = models.CharField(max_length=10, choices=LifeStage.choices, default=LifeStage.UNKNOWN)
    address = models.TextField(blank=True)
    tenancy_ref = models.CharField("tenancy reference", max_length=40, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=60, blank=True)
    safe_contact = models.TextField("safe way, place and time to make contact", blank=True)
    unsafe_contact = models.TextField("do not contact by", blank=True)
    died_on = models.DateField(null=True, blank=True)
    moved_on = models.DateField(null=True, blank=True)
    moved_to = models.CharField("local authority they moved to", max_length=120, blank=True)
    search_text = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="person_estimate_dated",
                condition=Q(estimated_age__isnull=True, estimated_on__isnull=True)
                | Q(estimated_age__isnull=False, estimated_on__isnull=False),
            )
        ]
        indexes = [
            models.Index(fields=["tenancy_ref"]),
            models.Index(fields=["date_of_birth"]),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def display_name(self) -> str:
        """What to call the person on a page."""
        return self.name or (f"Name not known ({self.description})" if self.description else "Name not known")


class Involvement(models.Model):
    """A person's part in one concern. Somebody at risk who is also a source of risk has two rows (R116)."""

    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="involvements")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="involvements")
    role = models.CharField(max_length=20, choices=PersonRole.choices)
    relationship = models.CharField("relationship to the person at risk or the home", max_length=120, blank=True)
    # R115: each household or network member is marked, with a reason.
    is_thought_at_risk = models.CharField(max_length=8, choices=YesNoUnknown.choices, default=YesNoUnknown.UNKNOWN)
    thought_reason = models.TextField(blank=True)

    # For a person at risk.
    life_stage = models.CharField(max_length=10, choices=LifeStage.choices, default=LifeStage.UNKNOWN)
    daily_life = models.TextField("what life is like for this person, day to day", blank=True)
    views = models.TextField("what the person says and wants", blank=True)
    views_not_asked_reason = models.TextField(blank=True)
    risk_level = models.CharField(max_length=10, choices=RiskLevel.choices, blank=True)
    risk_reason = models.TextField(blank=True)
    outcomes_asked = models.CharField(max_length=16, choices=OutcomesAsked.choices, blank=True)
    desired_outcomes = models.TextField(blank=True)
    outcomes_achieved = models.CharField(max_length=10, choices=OutcomesAchieved.choices, blank=True)
    risk_outcome = models.CharField(max_length=16, choices=RiskOutcome.choices, blank=True)

    # Who works for or with us, and is kept out because of this part (R41, R45).
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["concern", "person", "role"], name="involvement_role_once")]

    def __str__(self) -> str:
        return f"{self.concern.ref}: {self.get_role_display()}"

    @property
    def handle(self) -> str:
        """Names this row on the pages of its concern. No number: gaps between numbers tell of other cases (I13)."""
        return f"{self.person.ref}-{self.role}"

    @property
    def counts_as_child(self) -> bool:
        """A child, an unborn child, or somebody whose age nobody knows yet (R24)."""
        return self.life_stage != LifeStage.ADULT
