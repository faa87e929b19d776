"""Reads about the registers beside the decisions: sharing agreements (R59) and enquiries caused to us (R108)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from accounts.models import User
from accounts.selectors import holders_of
from accounts.vocabulary import Role
from concerns.models import Concern
from concerns.models.ways import people_let_in
from concerns.permissions import denied_ids, ineligible_ids
from concerns.services import possible_holders
from concerns.vocabulary import READ_ONLY_WAYS
from safeguarding.kit.clock import now
from sharing import permissions
from sharing.models import Agency, AgreementFile, AgreementVersion, Enquiry, SharingAgreement
from sharing.vocabulary import AgencyKind, EnquiryState

# Who may look after an agreement: everybody with an office that shares.
OWNERS = (
    Role.IG_LEAD,
    Role.SAFEGUARDING_LEAD,
    Role.DEPUTY_LEAD,
    Role.OPERATIONAL_LEAD,
    Role.SENIOR_MANAGER,
    Role.DESIGNATED_SENIOR_MANAGER,
)


# --- Sharing agreements ---------------------------------------------------------------------------


def agreements(*, is_retired: bool) -> QuerySet[AgreementVersion]:
    """The newest version of each agreement; the one to be looked at again first comes first."""
    found = AgreementVersion.objects.newest().filter(agreement__retired_at__isnull=not is_retired)
    return found.select_related("agreement", "owner").order_by("review_date", "pk")


def find_agreement(ref: str) -> SharingAgreement | None:
    return SharingAgreement.objects.select_related("retired_by").filter(ref=ref).first()


def versions_of_agreement(agreement: SharingAgreement) -> QuerySet[AgreementVersion]:
    """Every version with its document, the newest first."""
    found = agreement.versions.select_related("owner", "recorded_by", "agreement")
    return found.prefetch_related("files__file__uploaded_by").order_by("-number")


def find_agreement_file(agreement: SharingAgreement, key: str) -> AgreementFile | None:
    """A document of any version of `agreement`. Whoever may read the register may have it: that is all staff."""
    return AgreementFile.objects.select_related("file").filter(version__agreement=agreement, file__key=key).first()


def citable_agreements() -> list[AgreementVersion]:
    """What a decision may cite (field 33), by name."""
    return list(AgreementVersion.objects.current().select_related("agreement").order_by("name", "pk"))


def agreements_to_review(user: User, *, on: date) -> int:
    """How many agreements wait to be looked at again, for those who keep the register; 0 for everybody else."""
    if not permissions.can_keep_agreements(user):
        return 0
    return AgreementVersion.objects.current().filter(review_date__lte=on).count()


def possible_owners() -> QuerySet[User]:
    return holders_of(*OWNERS).order_by("full_name", "pk")


# --- Enquiries --------------------------------------------------------------------------------------


def enquiries_of(concern: Concern) -> QuerySet[Enquiry]:
    return Enquiry.objects.filter(concern=concern).select_related("agency", "lead")


def find_enquiry(ref: str, *, by: User) -> Enquiry | None:
    """The enquiry, in a concern that `by` may read."""
    found = Enquiry.objects.filter(ref=ref, concern__in=Concern.objects.visible_to(by).values("pk"))
    return found.select_related("concern", "agency", "lead", "recorded_by").first()


def enquiries_led_by(user: User, *, limit: int = 25) -> list[Enquiry]:
    """The open enquiries that `user` leads, in concerns that they may read; the one due first on top."""
    found = Enquiry.objects.filter(lead=user, concern__in=Concern.objects.visible_to(user).values("pk"))
    return list(found.exclude(state=EnquiryState.ENDED).select_related("agency").order_by("due_date", "pk")[:limit])


def authorities() -> QuerySet[Agency]:
    """Who can cause an enquiry (D14): the local authorities' adult social care teams of the directory."""
    return Agency.objects.filter(kind=AgencyKind.ADULTS, is_in_use=True).order_by("name", "pk")


def possible_leads(concern: Concern) -> list[User]:
    """Who may lead an enquiry into `concern`: whoever may hold it and may work on it, by name (R45).

    A constant number of statements, however many people there are.
    """
    may_hold = (possible_holders(concern) | {concern.responsible_id}) - denied_ids(concern) - ineligible_ids(concern)
    may_work = {found.user.pk for found in people_let_in(concern, at=now()) if found.way not in READ_ONLY_WAYS}
    return list(User.objects.filter(pk__in=may_work & may_hold, is_active=True).order_by("full_name", "pk"))


REMIND_BEFORE = timedelta(days=2)


def enquiries_to_remind(*, at: datetime, today: date) -> QuerySet[Enquiry]:
    """Open ones whose report is due within two days, today, or was due."""
    found = Enquiry.objects.filter(state=EnquiryState.OPEN, due_date__lte=today + REMIND_BEFORE)
    return found.select_related("concern", "lead")
