"""Keeping the register of sharing agreements (R59): added, renewed by a new version, retired, looked at in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.selectors import holders_of
from accounts.vocabulary import Role
from audit.services import record as record_event
from concerns.references import new_reference
from safeguarding.kit.errors import ChangedMeanwhile, NotNow, Unsound
from safeguarding.kit.sweeping import each
from sharing import events, notifications, permissions
from sharing.models import AgreementVersion, SharingAgreement
from sharing.selectors.registers import possible_owners
from sharing.services.base import tell


@dataclass(frozen=True)
class AgreementDetails:
    """One version of an agreement, as the document has it."""

    name: str
    version: str
    parties: str
    review_date: date | None
    document: str
    owner_id: int | None
    change_words: str = ""


@transaction.atomic
def add_agreement(*, details: AgreementDetails, by: User, at: datetime) -> SharingAgreement:
    """A new agreement with its first version. Raises NotAllowed, Unsound by field."""
    permissions.check_can_keep_agreements(by)
    owner_id, review = _sound(details, is_new_version=False, at=at)
    agreement = SharingAgreement.objects.create(ref=new_reference("SA"), created_at=at)
    _write(agreement, 1, details, owner_id=owner_id, review=review, by=by, at=at)
    _log(agreement, "added", number=1, by=by, at=at)
    return agreement


@transaction.atomic
def renew_agreement(
    *, agreement_id: int, details: AgreementDetails, seen_number: int, by: User, at: datetime
) -> AgreementVersion:
    """The next version takes the place of the newest one. Decisions that cite the older one keep citing it.

    Raises NotAllowed, NotNow for a retired one, ChangedMeanwhile when somebody renewed it after `seen_number`,
    Unsound by field.
    """
    permissions.check_can_keep_agreements(by)
    agreement = _lock(agreement_id)
    newest = agreement.versions.order_by("-number").values_list("number", flat=True)[0]
    if newest != seen_number:
        raise ChangedMeanwhile("Somebody else has added a version meanwhile. Look at it before you add yours.")
    owner_id, review = _sound(details, is_new_version=True, at=at)
    version = _write(agreement, newest + 1, details, owner_id=owner_id, review=review, by=by, at=at)
    _log(agreement, "new version", number=version.number, by=by, at=at)
    return version


@transaction.atomic
def retire_agreement(*, agreement_id: int, reason: str, by: User, at: datetime) -> SharingAgreement:
    """It is cited no more. Raises NotAllowed, NotNow when it is retired, Unsound without a reason."""
    permissions.check_can_keep_agreements(by)
    agreement = _lock(agreement_id)
    if not reason.strip():
        raise Unsound("Give a reason.", {"reason": ["Write why it is retired."]})
    agreement.retired_at, agreement.retired_by, agreement.retired_reason = at, by, reason
    agreement.save(update_fields=["retired_at", "retired_by", "retired_reason"])
    newest = agreement.versions.order_by("-number").values_list("number", flat=True)[0]
    _log(agreement, "retired", number=newest, by=by, at=at)
    return agreement


def sweep_agreements(*, at: datetime) -> int:
    """Whose review is due, and nobody was told yet: the owner and the information governance leads, once for each
    version. Safe to repeat.
    """
    due = AgreementVersion.objects.current().filter(review_date__lte=timezone.localdate(at))
    return each(due.select_related("agreement", "owner"), lambda version: _tell_of_review(version, at=at))


@transaction.atomic
def _tell_of_review(version: AgreementVersion, *, at: datetime) -> int:
    people = {user.pk for user in (version.owner, *holders_of(Role.IG_LEAD)) if user.is_active}
    for user_id in sorted(people):
        tell(
            notifications.AGREEMENT_REVIEW, to=user_id, about=version.pk, reference=version.agreement.ref,
            path=version.agreement.get_absolute_url(), key=f"agreement:{version.pk}:{user_id}", at=at,
        )  # fmt: skip
    return len(people)


def _lock(agreement_id: int) -> SharingAgreement:
    agreement = SharingAgreement.objects.select_for_update(of=("self",)).get(pk=agreement_id)
    if agreement.retired_at is not None:
        raise NotNow("This agreement is retired.")
    return agreement


def _sound(details: AgreementDetails, *, is_new_version: bool, at: datetime) -> tuple[int, date]:
    needed = {
        "name": (details.name, "Enter the name of the agreement."),
        "version": (details.version, "Enter the version, as the document has it."),
        "parties": (details.parties, "Write who has agreed, one on each line."),
        "document": (details.document, "Write where the document is kept."),
    }
    if is_new_version:
        needed["change_words"] = (details.change_words, "Write what is new.")
    problems = {name: [sentence] for name, (words, sentence) in needed.items() if not words.strip()}
    if details.review_date is None:
        problems["review_date"] = ["Enter the date on which it is looked at again."]
    elif details.review_date <= timezone.localdate(at):
        problems["review_date"] = ["The next review must be after today."]
    if details.owner_id is None or not possible_owners().filter(pk=details.owner_id).exists():
        problems["owner"] = ["Choose who looks after it."]
    if details.owner_id is None or details.review_date is None or problems:
        raise Unsound("Something is missing.", problems)
    return details.owner_id, details.review_date


def _write(
    agreement: SharingAgreement, number: int, details: AgreementDetails, *, owner_id: int, review: date, by: User,
    at: datetime,
) -> AgreementVersion:  # fmt: skip
    return AgreementVersion.objects.create(
        agreement=agreement, number=number, name=details.name, version=details.version, parties=details.parties,
        review_date=review, document=details.document, owner_id=owner_id,
        change_words=details.change_words if number > 1 else "", recorded_at=at, recorded_by=by,
    )  # fmt: skip


def _log(agreement: SharingAgreement, change: str, *, number: int, by: User, at: datetime) -> None:
    record_event(
        events.AGREEMENT_CHANGED, by=by, at=at, subject=agreement, ref=agreement.ref, change=change, number=number
    )
