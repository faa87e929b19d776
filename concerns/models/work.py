"""What is done with a concern: who held it, what was written, what is due, what was decided about it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from concerns.models.concern import Concern, Conflict
from concerns.models.people import Involvement, Person
from concerns.vocabulary import (
    ClockKind,
    ClosureReason,
    EmergencyService,
    HolderCause,
    NoteKind,
    ReviewOutcome,
    RiskLevel,
    State,
    TwoPersonAct,
    Urgency,
    YesNoUnknown,
)

STAFF = settings.AUTH_USER_MODEL


class Assignment(models.Model):
    """One person's time of holding a concern. Exactly one row of an open concern has no end (I1)."""

    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="assignments")
    holder = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    cause = models.CharField(max_length=20, choices=HolderCause.choices)
    # None when the system moved it.
    moved_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField("hand-over note", blank=True)
    # Replaced by a time-out, a conflict or inadequacy: not chosen again for this concern (domain.md 2.3).
    is_passed_over = models.BooleanField(default=False)

    class Meta:
        ordering = ["started_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["concern"],
                condition=Q(ended_at__isnull=True),
                name="assignment_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.concern.ref}: {self.get_cause_display()}"


class Deadline(models.Model):
    """Something is due on a concern at `due_at`: "due and not yet handled", never "is it today".

    `about` names what is timed when it is not the concern itself: the reference of a referral, say. Ended by `met_at`
    (it was done) or `dropped_at` (it no longer applies). `level` counts how far it has been escalated (0-3).
    """

    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="deadlines")
    kind = models.CharField(max_length=10, choices=ClockKind.choices)
    about = models.CharField(max_length=40, blank=True)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    met_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    level = models.PositiveSmallIntegerField(default=0)
    # The last reminder sent for it: 0 none, 1 before, 2 on, 3 after the due time (R125).
    reminded = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["due_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["concern", "kind", "about"],
                condition=Q(met_at__isnull=True, dropped_at__isnull=True),
                name="deadline_one_running",
            ),
            models.CheckConstraint(
                name="deadline_ends_once",
                condition=Q(met_at__isnull=True) | Q(dropped_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(met_at__isnull=True, dropped_at__isnull=True),
                name="deadline_running",
            ),
            models.Index(fields=["kind", "due_at"], name="deadline_kind_due"),
        ]

    def __str__(self) -> str:
        return f"{self.concern.ref}: {self.get_kind_display()}"

    @property
    def is_running(self) -> bool:
        return self.met_at is None and self.dropped_at is None


def one_of_one_form(name: str, *, by: str) -> models.UniqueConstraint:
    """One row for one press of the button. A key counts on its own concern and for its own author only, so that nobody
    can take one that somebody else will need, or learn that it is taken; what no form sent has none. It is made of the
    form's own key and of what the form says, so that other words make another row.
    """
    return models.UniqueConstraint(fields=["concern", by, "form_key"], condition=~Q(form_key=""), name=name)


class Note(models.Model):
    """Words added to a concern. Never changed: a correction is another note (R147)."""

    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="notes")
    kind = models.CharField(max_length=12, choices=NoteKind.choices, default=NoteKind.NOTE)
    text = models.TextField()
    event_at = models.DateTimeField("when it happened", null=True, blank=True)
    author = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    author_title = models.CharField(max_length=120, blank=True)
    written_at = models.DateTimeField()
    form_key = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["written_at", "pk"]
        constraints = [one_of_one_form("note_of_one_form", by="author")]

    def __str__(self) -> str:
        return f"{self.concern.ref}: {self.get_kind_display()}"


class Contact(models.Model):
    """R82 (004 D8): somebody was in touch with a person, or tried to be. Never changed: a correction is a note."""

    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="contacts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    on = models.DateField("the day")
    how = models.CharField("in which way", max_length=200)
    # False: they were not reached; a repeat attempt is another row.
    is_reached = models.BooleanField()
    # Nobody was in touch, and no more contact is planned; `words` say why.
    is_last = models.BooleanField(default=False)
    words = models.TextField("what was said, or what happened")
    next_date = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    form_key = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["recorded_at", "pk"]
        constraints = [
            one_of_one_form("contact_of_one_form", by="recorded_by"),
            models.CheckConstraint(
                name="contact_next_is_later", condition=Q(next_date__gt=F("on")) | Q(next_date=None)
            ),
            models.CheckConstraint(
                name="contact_last_plans_nothing",
                condition=Q(is_last=False) | Q(is_reached=False, next_date=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.concern.ref}: contact"


class EmergencyCall(models.Model):
    """An emergency service was called (R37). No rule ever stops this from being recorded (R39)."""

    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="emergency_calls")
    service = models.CharField(max_length=12, choices=EmergencyService.choices)
    called_by = models.CharField(max_length=150)
    called_at = models.DateTimeField()
    incident_number = models.CharField(max_length=60, blank=True)
    who_attended = models.CharField(max_length=200, blank=True)
    is_safe_now = models.CharField(max_length=8, choices=YesNoUnknown.choices, default=YesNoUnknown.UNKNOWN)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["called_at", "pk"]

    def __str__(self) -> str:
        return f"{self.concern.ref}: {self.get_service_display()}"


class Triage(models.Model):
    """What the holder found when considering the concern: a screening, not a decision (R23, R26, R115)."""

    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="triages")
    by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    urgency = models.CharField(max_length=12, choices=Urgency.choices)
    household_reviewed = models.TextField("who else lives there or is close, and what you found")
    is_no_one_else = models.BooleanField()
    has_care_needs = models.CharField(max_length=8, choices=YesNoUnknown.choices)
    is_at_risk = models.CharField(max_length=8, choices=YesNoUnknown.choices)
    cannot_protect_self = models.CharField(max_length=8, choices=YesNoUnknown.choices)
    care_act_reasons = models.TextField(blank=True)
    adjustments = models.CharField(max_length=8, choices=YesNoUnknown.choices)
    adjustments_detail = models.TextField(blank=True)
    enforcement = models.CharField("live enforcement or arrears action", max_length=8, choices=YesNoUnknown.choices)
    enforcement_plan = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.concern.ref}: triage"


class Review(models.Model):
    """A review of an open concern (R124): what has changed, and when to look again."""

    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="reviews")
    deadline = models.OneToOneField(Deadline, on_delete=models.PROTECT, related_name="review")
    by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=ReviewOutcome.choices)
    # The highest level of risk to anybody when it was made: after a critical one sharing is decided again (T10).
    risk_level = models.CharField(max_length=10, choices=RiskLevel.choices, blank=True)
    findings = models.TextField()
    is_decision_revisited = models.BooleanField()
    next_date = models.DateField()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.concern.ref}: review"


class ClosureProposal(models.Model):
    """Closing was proposed by one person and agreed or refused by another (t16-t18, 2.6, I6)."""

    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="closure_proposals")
    from_state = models.CharField(max_length=20, choices=State.choices)
    reason = models.CharField(max_length=20, choices=ClosureReason.choices)
    words = models.TextField()
    family_reconfirmed = models.TextField("Think Family: who was looked at again, and what was found")
    reporter_told = models.TextField("what the reporter was told, or why not")
    proposed_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    is_agreed = models.BooleanField(null=True, blank=True)
    viewed_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    viewed_at = models.DateTimeField(null=True, blank=True)
    view_words = models.TextField(blank=True)

    class Meta:
        ordering = ["proposed_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="closure_two_people",
                condition=Q(
                    is_agreed__isnull=True,
                    viewed_by__isnull=True,
                    viewed_at__isnull=True,
                )
                | (
                    Q(
                        is_agreed__isnull=False,
                        viewed_by__isnull=False,
                        viewed_at__isnull=False,
                    )
                    # A proposal may end without anybody's agreement when the concern itself does.
                    & (Q(is_agreed=False) | ~Q(viewed_by=F("proposed_by")))
                ),
            ),
            models.UniqueConstraint(
                fields=["concern"],
                condition=Q(is_agreed__isnull=True),
                name="closure_one_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.concern.ref}: closing"


class TwoPersonStep(models.Model):
    """Something that one person asks for with a reason and another agrees to or refuses (R44, I6)."""

    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="two_person_steps")
    act = models.CharField(max_length=20, choices=TwoPersonAct.choices)
    conflict = models.ForeignKey(
        Conflict, on_delete=models.PROTECT, null=True, blank=True, related_name="two_person_steps"
    )
    # Whose risk is to be lowered, and to which level.
    involvement = models.ForeignKey(
        Involvement, on_delete=models.PROTECT, null=True, blank=True, related_name="two_person_steps"
    )
    level = models.CharField(max_length=10, choices=RiskLevel.choices, blank=True)
    # Who is to be let in, and until when.
    let_in = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    let_in_until = models.DateTimeField(null=True, blank=True)
    reason = models.TextField()
    asked_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    is_agreed = models.BooleanField(null=True, blank=True)
    viewed_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    viewed_at = models.DateTimeField(null=True, blank=True)
    view_words = models.TextField(blank=True)

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="two_person_step_names_let_in",
                condition=Q(act=TwoPersonAct.LET_AUDITOR_IN, let_in__isnull=False, let_in_until__isnull=False)
                | (~Q(act=TwoPersonAct.LET_AUDITOR_IN) & Q(let_in__isnull=True, let_in_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="two_person_step_by_two",
                condition=Q(is_agreed__isnull=True, viewed_by__isnull=True, viewed_at__isnull=True)
                | (
                    Q(is_agreed__isnull=False, viewed_by__isnull=False, viewed_at__isnull=False)
                    & ~Q(viewed_by=F("asked_by"))
                ),
            ),
            models.UniqueConstraint(
                fields=["concern", "act"],
                condition=Q(is_agreed__isnull=True, conflict__isnull=True, involvement__isnull=True),
                name="two_person_step_one_waiting",
            ),
            models.UniqueConstraint(
                fields=["involvement"], condition=Q(is_agreed__isnull=True), name="two_person_lower_one_waiting"
            ),
            models.CheckConstraint(
                name="two_person_step_names_person",
                condition=(Q(act=TwoPersonAct.LOWER_RISK, involvement__isnull=False) & ~Q(level=""))
                | (~Q(act=TwoPersonAct.LOWER_RISK) & Q(involvement__isnull=True, level="")),
            ),
            models.UniqueConstraint(
                fields=["conflict"], condition=Q(is_agreed__isnull=True), name="two_person_lift_one_waiting"
            ),
            models.CheckConstraint(
                name="two_person_step_names_conflict",
                condition=Q(act=TwoPersonAct.LIFT_CONFLICT, conflict__isnull=False)
                | (~Q(act=TwoPersonAct.LIFT_CONFLICT) & Q(conflict__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.concern.ref}: {self.get_act_display()}"

    @property
    def handle(self) -> str:
        """Names what was asked for, and when, on the pages of its concern: asked for anew it is something else. Not
        its number: gaps between numbers tell of other cases (I13)."""
        named = self.involvement or self.conflict
        about = named.handle if named else self.let_in_id or ""
        return f"{self.act}-{about}-{self.asked_at:%Y%m%d%H%M%S%f}"


class Merge(models.Model):
    """A concern was joined to another that is about the same person and the same matter (t20); a lead can undo it."""

    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="merges")
    into = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="taken_in")
    reason = models.TextField()
    by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    # The part of each person that the survivor did not have before, with the one that it was made from (pairs of ids):
    # taken out again when the merge is undone.
    added_involvements = models.JSONField(default=list)
    undone_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(name="merge_not_with_itself", condition=~Q(concern=F("into"))),
            models.CheckConstraint(
                name="merge_undone_whole",
                condition=Q(undone_by__isnull=True, undone_at__isnull=True, undone_reason="")
                | (Q(undone_by__isnull=False, undone_at__isnull=False) & ~Q(undone_reason="")),
            ),
            models.UniqueConstraint(fields=["concern"], condition=Q(undone_at__isnull=True), name="merge_one_standing"),
        ]

    def __str__(self) -> str:
        return f"{self.concern.ref} into {self.into.ref}"


class Dissatisfaction(models.Model):
    """The reporter says that they are not satisfied with the response (R42), and what was answered."""

    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="dissatisfactions")
    by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    words = models.TextField()
    # T13, second stage: the first answer did not satisfy, or did not come in time.
    is_with_senior = models.BooleanField(default=False)
    # Somebody not involved so far, never the person complained of.
    reviewer = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    is_upheld = models.BooleanField(null=True, blank=True)
    answer = models.TextField("answer, written for the reporter", blank=True)
    answered_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="dissatisfaction_answer_whole",
                condition=Q(
                    is_upheld__isnull=True,
                    answered_by__isnull=True,
                    answered_at__isnull=True,
                )
                | Q(
                    is_upheld__isnull=False,
                    answered_by__isnull=False,
                    answered_at__isnull=False,
                ),
            ),
            models.UniqueConstraint(
                fields=["concern"],
                condition=Q(answered_at__isnull=True),
                name="dissatisfaction_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.concern.ref}: not satisfied"


class Feedback(models.Model):
    """Words written for the reporter to read (R101)."""

    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="feedback")
    text = models.TextField()
    by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.concern.ref}: feedback"
