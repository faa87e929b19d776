"""Keeping the register of sharing agreements (R59): added, renewed by a new version, retired, looked at in time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Case, Exists, OuterRef, Q, When
from django.utils import timezone

from accounts.models import User
from accounts.selectors import holders_of
from accounts.vocabulary import Role
from audit.models import Event
from audit.services import record as record_event
from concerns import events as of_concern
from concerns.models import Attachment
from concerns.references import new_reference
from concerns.services import Incoming, add_register_file, kept_of
from concerns.services.files import Kept
from concerns.vocabulary import FileState
from safeguarding.kit.errors import ChangedMeanwhile, NotNow, Unsound
from safeguarding.kit.sweeping import each
from sharing import events, notifications, permissions
from sharing.models import AgreementFile, AgreementVersion, SharingAgreement
from sharing.selectors.registers import possible_owners
from sharing.services.base import tell

# How long a virus in a document that has been replaced is still to be told.
_IS_NEWS = timedelta(days=7)


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


def add_agreement(
    *, details: AgreementDetails, by: User, at: datetime, file: Incoming | None = None
) -> SharingAgreement:
    """A new agreement with its first version, and the document itself where `file` is given; it opens once it is
    scanned. Raises NotAllowed, Unsound by field.
    """
    permissions.check_can_keep_agreements(by)
    with _kept(file) as kept, transaction.atomic():
        owner_id, review = _sound(details, is_new_version=False, has_file=bool(kept), at=at)
        agreement = SharingAgreement.objects.create(ref=new_reference("SA"), created_at=at)
        version = _write(agreement, 1, details, owner_id=owner_id, review=review, by=by, at=at)
        files = _attach(version, kept, by=by, at=at)
        _log(agreement, "added", number=1, by=by, at=at, keeps=(version, *files))
        return agreement


def renew_agreement(
    *, agreement_id: int, details: AgreementDetails, seen_number: int, by: User, at: datetime,
    file: Incoming | None = None,
) -> AgreementVersion:  # fmt: skip
    """The next version takes the place of the newest one. Decisions that cite the older one keep citing it.

    Raises NotAllowed, NotNow for a retired one, ChangedMeanwhile when somebody renewed it after `seen_number`,
    Unsound by field.
    """
    permissions.check_can_keep_agreements(by)
    with _kept(file) as kept, transaction.atomic():
        agreement = _lock(agreement_id)
        newest = _newest(agreement).number
        if newest != seen_number:
            raise ChangedMeanwhile("Somebody else has added a version meanwhile. Look at it before you add yours.")
        owner_id, review = _sound(details, is_new_version=True, has_file=bool(kept), at=at)
        version = _write(agreement, newest + 1, details, owner_id=owner_id, review=review, by=by, at=at)
        files = _attach(version, kept, by=by, at=at)
        _log(agreement, "new version", number=version.number, by=by, at=at, keeps=(version, *files))
        return version


def add_agreement_file(
    *, agreement_id: int, file: Incoming, seen_number: int, by: User, at: datetime
) -> AgreementVersion:
    """The newest version, which had no document yet or one with a virus, has this one.

    Raises NotAllowed, NotNow for a retired one or one with a document, ChangedMeanwhile when somebody renewed it after
    `seen_number`, and Unsound when the file is not taken.
    """
    permissions.check_can_keep_agreements(by)
    with kept_of([file]) as kept, transaction.atomic():
        agreement = _lock(agreement_id)
        version = _newest(agreement)
        if version.number != seen_number:
            raise ChangedMeanwhile("Somebody else has added a version meanwhile. Look at it before you add a document.")
        if version.standing_file is not None:
            raise NotNow("This version has its document. If there is a newer one, record a new version.")
        files = _attach(version, kept, by=by, at=at)
        _log(agreement, "document added", number=version.number, by=by, at=at, keeps=files)
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
    _log(agreement, "retired", number=_newest(agreement).number, by=by, at=at)
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


def sweep_agreement_files(*, at: datetime) -> int:
    """In whose document a virus was found, at once or later: the owner, whoever added it and whoever took it away hear
    of it, once for each file; the information governance leads too, as long as it is in a current version that has no
    other. Safe to repeat.
    """
    others = AgreementFile.objects.filter(version=OuterRef("version")).exclude(file__state=FileState.QUARANTINED)
    current = Q(version__in=AgreementVersion.objects.current())
    bad = AgreementFile.objects.filter(file__state=FileState.QUARANTINED)
    bad = bad.annotate(is_missed=Case(When(current & ~Exists(others), then=True), default=False))
    # Of an older one those hear who had it, while that is news; after a week nothing is left to tell.
    bad = bad.filter(Q(is_missed=True) | Q(file__scanned_at__gt=at - _IS_NEWS))
    rows = bad.select_related("version__agreement", "version__owner", "file__uploaded_by")
    return each(rows, lambda row: _tell_of_virus(row, is_missed=row.is_missed, at=at))


@transaction.atomic
def _tell_of_virus(row: AgreementFile, *, is_missed: bool, at: datetime) -> int:
    fetched = Event.objects.filter(
        code=of_concern.FILE_FETCHED.code, subject_type=Attachment._meta.label_lower, subject_id=row.file.pk
    )
    takers = User.objects.filter(pk__in=fetched.order_by().values("actor_id"))
    leads = holders_of(Role.IG_LEAD) if is_missed else ()
    told = (row.version.owner, row.file.uploaded_by, *leads, *takers)
    people = {user.pk for user in told if user.is_active}
    for user_id in sorted(people):
        tell(
            notifications.AGREEMENT_FILE_HELD_BACK, to=user_id, about=row.pk, reference=row.version.agreement.ref,
            path=row.version.agreement.get_absolute_url(), key=f"agreement-file:{row.pk}:{user_id}", at=at,
        )  # fmt: skip
    return len(people)


def _kept(file: Incoming | None) -> AbstractContextManager[list[Kept]]:
    return kept_of([file]) if file else nullcontext([])


def _attach(version: AgreementVersion, kept: Sequence[Kept], *, by: User, at: datetime) -> list[AgreementFile]:
    """The files are the document of `version`."""
    return [
        AgreementFile.objects.create(version=version, file=add_register_file(each_kept, by=by, at=at))
        for each_kept in kept
    ]


def _newest(agreement: SharingAgreement) -> AgreementVersion:
    return agreement.versions.order_by("-number")[0]


def _lock(agreement_id: int) -> SharingAgreement:
    agreement = SharingAgreement.objects.select_for_update(of=("self",)).get(pk=agreement_id)
    if agreement.retired_at is not None:
        raise NotNow("This agreement is retired.")
    return agreement


def _sound(details: AgreementDetails, *, is_new_version: bool, has_file: bool, at: datetime) -> tuple[int, date]:
    needed = {
        "name": (details.name, "Enter the name of the agreement."),
        "version": (details.version, "Enter the version, as the document has it."),
        "parties": (details.parties, "Write who has agreed, one on each line."),
    }
    if not has_file:
        needed["document"] = (details.document, "Add the document, or write where it is kept.")
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


def _log(
    agreement: SharingAgreement, change: str, *, number: int, by: User, at: datetime,
    keeps: Sequence[AgreementVersion | AgreementFile] = (),
) -> None:  # fmt: skip
    digests = [row.file.digest for row in keeps if isinstance(row, AgreementFile)]
    record_event(
        events.AGREEMENT_CHANGED, by=by, at=at, subject=agreement, ref=agreement.ref, keeps=keeps, change=change,
        number=number, file_digest=digests[-1] if digests else "",
    )  # fmt: skip
