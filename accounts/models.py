"""Who works here: people, service areas, who manages whom, who is appointed to what, and who is away."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.vocabulary import CHAMPION, AbsenceKind, Employment, Post, Role


class ServiceArea(models.Model):
    """A part of the landlord's service with its own champions and its own queue (000 §9.1)."""

    code = models.SlugField(max_length=30, unique=True)
    name = models.CharField(max_length=80, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Makes people. There is no `create_superuser`: nobody in this system may pass every check."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        """A saved person who signs in with `email`; without a password they can't sign in until they set one."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        if password is None:
            user.set_unusable_password()
        else:
            user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who can sign in: staff, contractor's worker, volunteer or board member.

    Deactivated, never deleted: what they reported and decided stays theirs (every foreign key is PROTECT).
    """

    email = models.EmailField("e-mail address", unique=True, max_length=254)
    full_name = models.CharField(max_length=150)
    job_title = models.CharField(max_length=120, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    employment = models.CharField(max_length=20, choices=Employment.choices, default=Employment.EMPLOYEE)
    firm = models.CharField("contractor's firm", max_length=120, blank=True)
    service_area = models.ForeignKey(
        ServiceArea,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="people",
    )
    # For a contractor's worker this is the contract manager.
    line_manager = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="direct_reports",
    )
    is_active = models.BooleanField(default=True)
    deactivated_at = models.DateTimeField(null=True, blank=True)
    date_joined = models.DateTimeField(default=timezone.now)
    invited_at = models.DateTimeField(null=True, blank=True)
    # Part of every session's check: one more, and all that are open end.
    session_generation = models.PositiveIntegerField(default=0)

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["full_name"]
    # Django asks for it; nobody here enters a back office.
    is_staff = False

    class Meta:
        ordering = ["full_name", "pk"]
        constraints = [
            models.CheckConstraint(name="user_never_superuser", condition=Q(is_superuser=False)),
            models.CheckConstraint(
                name="user_not_own_manager",
                condition=Q(line_manager__isnull=True) | ~Q(line_manager=F("id")),
            ),
            models.CheckConstraint(
                name="user_inactive_since",
                condition=Q(is_active=True, deactivated_at__isnull=True)
                | Q(is_active=False, deactivated_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name.split(" ", 1)[0]

    @property
    def is_contractor(self) -> bool:
        return self.employment == Employment.CONTRACTOR

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must still agree with: the password, and that no change of rights has ended it."""
        return salted_hmac(
            "accounts.User.session", f"{self.password}:{self.session_generation}", secret=secret, algorithm="sha256"
        ).hexdigest()


class Appointment(models.Model):
    """Something a person is, from one moment until another; ended, never deleted."""

    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    appointed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True


class RoleAssignment(Appointment):
    """A person holds a role. One open row per person and role."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="role_assignments")
    role = models.CharField(max_length=30, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(ended_at__isnull=True),
                name="role_held_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}"


class ChampionAppointment(Appointment):
    """A person is a Safeguarding Champion of one service area (000 §9.1; R126-R128)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="champion_appointments")
    service_area = models.ForeignKey(ServiceArea, on_delete=models.PROTECT, related_name="champion_appointments")
    # R126: the directory says when its entry was last confirmed.
    confirmed_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "service_area"],
                condition=Q(ended_at__isnull=True),
                name="champion_of_area_once",
            )
        ]

    def __str__(self) -> str:
        return f"Champion, {self.service_area}"


class PostProposal(models.Model):
    """An administrator proposed that a person be given a post that opens cases or records; a lead agreed or refused.

    domain.md 5: "two-person for lead/auditor". I6: never the proposer, never the person themselves. Rows stay for good.
    """

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="post_proposals")
    post = models.CharField(max_length=30, choices=Post.choices)
    # Of a champion only.
    service_area = models.ForeignKey(ServiceArea, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField()
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    is_agreed = models.BooleanField(null=True, blank=True)
    viewed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    viewed_at = models.DateTimeField(null=True, blank=True)
    view_words = models.TextField(blank=True)

    class Meta:
        ordering = ["proposed_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="post_area_for_champions",
                condition=Q(post=CHAMPION, service_area__isnull=False)
                | (~Q(post=CHAMPION) & Q(service_area__isnull=True)),
            ),
            models.CheckConstraint(name="post_not_for_oneself", condition=~Q(proposed_by=F("person"))),
            models.CheckConstraint(
                name="post_given_by_two",
                condition=Q(is_agreed__isnull=True, viewed_by__isnull=True, viewed_at__isnull=True)
                | (
                    Q(is_agreed__isnull=False, viewed_by__isnull=False, viewed_at__isnull=False)
                    & ~Q(viewed_by=F("proposed_by"))
                    & ~Q(viewed_by=F("person"))
                ),
            ),
            models.UniqueConstraint(
                fields=["person", "post"],
                condition=Q(is_agreed__isnull=True, service_area__isnull=True),
                name="post_one_waiting",
            ),
            models.UniqueConstraint(
                fields=["person", "service_area"], condition=Q(is_agreed__isnull=True), name="post_champion_one_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_post_display()}, {self.service_area}" if self.service_area else self.get_post_display()


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def at(self, moment: datetime) -> AbsenceQuerySet:
        """Absences running at `moment`; the end is exclusive."""
        return self.filter(starts_at__lte=moment, ends_at__gt=moment, cancelled_at__isnull=True)


class Absence(models.Model):
    """A person is away from `starts_at` until, not including, `ends_at` (R28)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="absences")
    kind = models.CharField(max_length=20, choices=AbsenceKind.choices, default=AbsenceKind.LEAVE)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    # A champion or lead whom the ladder asks first for what the absent person holds or would be given.
    cover = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(name="absence_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="absence_covered_by_another", condition=Q(cover__isnull=True) | ~Q(cover=F("user"))
            ),
        ]
        indexes = [models.Index(fields=["user", "ends_at"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} until {timezone.localtime(self.ends_at):%d %B %Y}"

    @property
    def in_words(self) -> str:
        """The days, in local time, the last one included: "3 March 2027 to 14 March 2027"."""
        first = timezone.localtime(self.starts_at)
        last = timezone.localtime(self.ends_at - timedelta(microseconds=1))
        words = [f"{day.day} {day:%B %Y}" for day in (first, last)]
        return words[0] if words[0] == words[1] else " to ".join(words)


class DutyShiftQuerySet(models.QuerySet["DutyShift"]):
    def at(self, moment: datetime) -> DutyShiftQuerySet:
        """Shifts running at `moment`; the end is exclusive."""
        return self.filter(starts_at__lte=moment, ends_at__gt=moment, cancelled_at__isnull=True)


class DutyShift(models.Model):
    """A person is on duty for a service area from `starts_at` until, not including, `ends_at` (domain.md 2.3, R28).

    In working hours whoever is on duty is asked first; outside them emergencies and urgent concerns go to them.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="duty_shifts")
    service_area = models.ForeignKey(ServiceArea, on_delete=models.PROTECT, related_name="duty_shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = DutyShiftQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [models.CheckConstraint(name="duty_ends_after_start", condition=Q(ends_at__gt=F("starts_at")))]
        indexes = [models.Index(fields=["service_area", "ends_at"])]

    def __str__(self) -> str:
        return f"On duty until {timezone.localtime(self.ends_at):%d %B %Y}"
