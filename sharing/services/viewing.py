"""Reading leaves a trace too: each opening and listing of a decision or referral is an event."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit.services import record as record_event
from sharing import events
from sharing.models import Referral, SignedRecord
from sharing.services.base import log


@transaction.atomic
def record_view(*, signed: SignedRecord, by: User, at: datetime) -> None:
    """`by` opened a signed decision."""
    log(events.RECORD_VIEWED, signed.concern, by=by, at=at, subject=signed, ref=signed.ref, version=signed.version)


@transaction.atomic
def record_list_view(*, by: User, at: datetime) -> None:
    """`by` looked through the list of decision records."""
    record_event(events.RECORDS_LISTED, by=by, at=at)


@transaction.atomic
def record_referral_view(*, referral: Referral, as_pdf: bool, by: User, at: datetime) -> None:
    """`by` opened the text of a referral."""
    log(events.REFERRAL_VIEWED, referral.concern, by=by, at=at, subject=referral, ref=referral.ref, as_pdf=as_pdf)
