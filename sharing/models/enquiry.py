"""Safeguarding enquiries that a local authority causes us to make (R108; Care Act 2014 s42(2))."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from concerns.models import Concern
from sharing.models.agency import Agency
from sharing.vocabulary import EnquiryAsker, EnquiryOutcome, EnquiryState, EnquiryStepKind

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

STAFF = settings.AUTH_USER_MODEL


class Enquiry(models.Model):
    """One enquiry about one concern: who asked, what, under which terms, who leads it, by when we report.

    It is the local authority that causes it and that says what came of it (D14); nothing here is a finding of ours
    (R4). Open until the outcome is recorded or the authority took it back.
    """

    ref = models.CharField(max_length=12, unique=True)
    concern = models.ForeignKey(Concern, on_delete=models.PROTECT, related_name="enquiries")
    asked_as = models.CharField(max_length=10, choices=EnquiryAsker.choices)
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="enquiries")
    asked_by = models.CharField("who there asked", max_length=150)
    agency_reference = models.CharField(max_length=80, blank=True)
    asked_on = models.DateField()
    scope = models.TextField()
    terms = models.TextField()
    lead = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    due_date = models.DateField()
    state = models.CharField(max_length=10, choices=EnquiryState.choices, default=EnquiryState.OPEN)
    report_sent_on = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=30, choices=EnquiryOutcome.choices, blank=True)
    recorded_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    if TYPE_CHECKING:
        steps: RelatedManager[EnquiryStep]
        tasks: RelatedManager[EnquiryTask]

    class Meta:
        ordering = ["recorded_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="enquiry_reported_dated",
                condition=~Q(state=EnquiryState.REPORTED) | Q(report_sent_on__isnull=False),
            ),
            models.CheckConstraint(
                name="enquiry_outcome_after_report",
                condition=Q(outcome="") | Q(state=EnquiryState.ENDED, report_sent_on__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["due_date"], condition=Q(state=EnquiryState.OPEN), name="enquiry_open_by_due"),
        ]

    def __str__(self) -> str:
        return self.ref

    def get_absolute_url(self) -> str:
        return reverse("sharing:show-enquiry", args=[self.ref])

    @property
    def is_open(self) -> bool:
        return self.state != EnquiryState.ENDED


class EnquiryTask(models.Model):
    """Something to be done for an enquiry: who, by when; done, or not needed and why."""

    enquiry = models.ForeignKey(Enquiry, on_delete=models.PROTECT, related_name="tasks")
    what = models.TextField()
    who = models.CharField(max_length=150)
    due_date = models.DateField()
    added_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(STAFF, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    done_words = models.TextField(blank=True)

    class Meta:
        ordering = ["due_date", "pk"]
        constraints = [
            models.CheckConstraint(
                name="enquiry_task_done_whole",
                condition=Q(done_at__isnull=True, done_by__isnull=True, done_words="")
                | (Q(done_at__isnull=False, done_by__isnull=False) & ~Q(done_words="")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.enquiry}: task"


class EnquiryStep(models.Model):
    """One thing that happened with the enquiry. Never changed."""

    enquiry = models.ForeignKey(Enquiry, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=12, choices=EnquiryStepKind.choices)
    on = models.DateField("when it happened")
    who = models.CharField("person at the agency, or the new lead", max_length=150, blank=True)
    words = models.TextField()
    by = models.ForeignKey(STAFF, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["recorded_at", "pk"]

    def __str__(self) -> str:
        return f"{self.enquiry}: {self.get_kind_display()}"
