"""Domestic abuse: the DASH records of a person, and what is answered because of it (R21, R22, R67, X4, V5)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from concerns.dash import MOST_TICKS, Thresholds, band_of, bases_of
from concerns.models.concern import Concern
from concerns.models.people import Person
from concerns.models.work import one_of_one_form
from concerns.vocabulary import (
    ChildAggravator,
    ChildImpact,
    DomesticBehaviour,
    DomesticFlag,
    DomesticPattern,
    DomesticStepAnswer,
    DomesticStepKind,
    MaracBasis,
    PersonallyConnected,
    YesNoUnknown,
)

STAFF = settings.AUTH_USER_MODEL


class DashRecord(models.Model):
    """One DASH checklist about one person, as it was on its day. Never changed and never averaged with another.

    A mistake is corrected by a new record, which names the one that it takes the place of. The thresholds in force
    when it was written stand on it, so that changing them later changes nothing here.
    """

    ref = models.CharField(max_length=12, unique=True)
    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="dash_records")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="dash_records")
    assessed_on = models.DateField()
    assessor = models.CharField("who did the assessment", max_length=150)
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    not_scored_reason = models.TextField("why the questions could not be asked", blank=True)
    own_view = models.TextField("how the person sees the risk", blank=True)
    own_view_not_asked = models.TextField(blank=True)
    is_high_by_judgement = models.BooleanField()
    judgement_reason = models.TextField(blank=True)
    incidents = models.PositiveSmallIntegerField("incidents in 12 months", null=True, blank=True)
    medium_from = models.PositiveSmallIntegerField()
    high_from = models.PositiveSmallIntegerField()
    incidents_from = models.PositiveSmallIntegerField()
    corrects = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by"
    )
    correction_reason = models.TextField(blank=True)
    recorded_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    form_key = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["-assessed_on", "-pk"]
        constraints = [
            one_of_one_form("dash_of_one_form", by="recorded_by"),
            models.CheckConstraint(
                name="dash_score_or_reason",
                condition=Q(score__isnull=True) & ~Q(not_scored_reason="")
                | Q(score__gte=0, score__lte=MOST_TICKS, not_scored_reason=""),
            ),
            models.CheckConstraint(
                name="dash_own_view_or_reason", condition=~Q(own_view="") | ~Q(own_view_not_asked="")
            ),
            models.CheckConstraint(
                name="dash_judgement_has_reason", condition=Q(is_high_by_judgement=False) | ~Q(judgement_reason="")
            ),
            models.CheckConstraint(
                name="dash_correction_has_reason",
                condition=Q(corrects__isnull=True, correction_reason="")
                | Q(corrects__isnull=False) & ~Q(correction_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def thresholds(self) -> Thresholds:
        """Those in force when it was written."""
        return Thresholds(self.medium_from, self.high_from, self.incidents_from)

    @property
    def band(self) -> str:
        return band_of(self.score, self.thresholds)

    @property
    def bases(self) -> tuple[MaracBasis, ...]:
        """What in it calls for a MARAC referral (X4)."""
        return bases_of(
            score=self.score,
            is_high_by_judgement=self.is_high_by_judgement,
            incidents=self.incidents,
            thresholds=self.thresholds,
        )

    @property
    def meets_marac(self) -> bool:
        return bool(self.bases)

    @property
    def score_words(self) -> str:
        """ "16 of 24 (high)"."""
        if self.score is None:
            return "The questions were not asked"
        return f"{self.score} of {MOST_TICKS} ({self.band.lower()})"


class DomesticAccount(models.Model):
    """What the domestic abuse is, in the terms of the Domestic Abuse Act 2021, and what it does to children (V5, V6).

    What was described, never a finding (R4). Never changed: what is learnt later is a newer one, and the newest counts.
    """

    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="domestic_accounts")
    behaviours = models.JSONField(default=list)
    pattern = models.CharField(max_length=10, choices=DomesticPattern.choices)
    connected = models.JSONField("how they are personally connected", default=list)
    both_over_16 = models.CharField("are both 16 or over?", max_length=8, choices=YesNoUnknown.choices)
    flags = models.JSONField(default=list)
    # Asked where a child or an unborn child is in the concern.
    impacts = models.JSONField(default=list)
    aggravators = models.JSONField(default=list)
    words = models.TextField(blank=True)
    recorded_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    form_key = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["-recorded_at", "-pk"]
        constraints = [one_of_one_form("domestic_account_of_one_form", by="recorded_by")]

    def __str__(self) -> str:
        return f"{self.concern.ref}: domestic abuse described"

    @property
    def rows(self) -> tuple[tuple[str, str], ...]:
        """Question and answer, in the words of the lists; without what was not answered."""
        asked: tuple[tuple[str, type[models.TextChoices], list[str]], ...] = (
            ("Behaviour", DomesticBehaviour, self.behaviours),
            ("Pattern", DomesticPattern, [self.pattern]),
            ("Personally connected", PersonallyConnected, self.connected),
            ("Both 16 or over", YesNoUnknown, [self.both_over_16]),
            ("Part of it", DomesticFlag, self.flags),
            ("What it does to the children", ChildImpact, self.impacts),
            ("What makes that worse", ChildAggravator, self.aggravators),
        )
        found = ((label, "; ".join(str(kinds(code).label) for code in codes)) for label, kinds, codes in asked)
        rows = tuple((label, words) for label, words in found if words)
        return (*rows, ("In words", self.words)) if self.words else rows

    @property
    def in_words(self) -> str:
        """The whole in one text, as a signed decision keeps it."""
        return "\n".join(f"{label}: {words}" for label, words in self.rows)


class DomesticStep(models.Model):
    """A referral that domestic abuse asks for: made, or not and why. Closing waits for the answer (X4, scenario 4).

    Answered once; what is found later opens another. At most one of a kind waits on a concern.
    """

    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="domestic_steps")
    kind = models.CharField(max_length=8, choices=DomesticStepKind.choices)
    started_at = models.DateTimeField()
    answer = models.CharField(max_length=14, choices=DomesticStepAnswer.choices, blank=True)
    # When the referral went, what it rests on (MARAC), and the words: to whom and their reference, or why not.
    referred_on = models.DateField(null=True, blank=True)
    basis = models.CharField(max_length=12, choices=MaracBasis.choices, blank=True)
    words = models.TextField(blank=True)
    answered_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["concern", "kind"], condition=Q(answer=""), name="domestic_step_one_waiting"
            ),
            models.CheckConstraint(
                name="domestic_step_answered_whole",
                condition=Q(answer="", words="", referred_on__isnull=True, basis="")
                & Q(answered_by__isnull=True, answered_at__isnull=True)
                | ~Q(answer="") & ~Q(words="") & Q(answered_by__isnull=False, answered_at__isnull=False),
            ),
            models.CheckConstraint(
                name="domestic_step_referral_dated",
                condition=~Q(answer=DomesticStepAnswer.REFERRED) | Q(referred_on__isnull=False),
            ),
            models.CheckConstraint(
                name="domestic_step_marac_has_basis",
                condition=~Q(kind=DomesticStepKind.MARAC, answer=DomesticStepAnswer.REFERRED) | ~Q(basis=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.concern.ref}: {self.get_kind_display()}"
