"""Recording an assessment of capacity: append-only, for this decision only (R66, R112, R113)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from concerns.models import Involvement
from concerns.references import new_reference
from safeguarding.kit.errors import ChangedMeanwhile, NotNow, Unsound
from sharing import events
from sharing.models import CapacityRecord
from sharing.record import to_json
from sharing.rules import problems_with_capacity
from sharing.selectors import assessed_of, capacity_records_of, facts_for
from sharing.services.base import log
from sharing.services.deciding import lock_draft


@transaction.atomic
def record_capacity(
    *, decision_id: int, person_key: str, seen_edit: int, correction_reason: str = "", by: User, at: datetime
) -> CapacityRecord:
    """The assessment on the draft's page becomes a record that nobody can change.

    A second one corrects the first and says why. Raises Unsound with what is missing, by field; ChangedMeanwhile when
    the draft was changed after it was read.
    """
    decision = lock_draft(decision_id, by=by)
    if decision.edit != seen_edit:
        raise ChangedMeanwhile("The decision was changed after you opened this page. Read it again before you record.")
    person = decision.record.person(person_key)
    row = Involvement.objects.filter(concern=decision.concern, person__ref=person_key).select_related("person").first()
    if person is None or row is None:
        raise NotNow("This person is not part of the decision any more.")
    problems: dict[str, list[str]] = {}
    for problem in problems_with_capacity(person, facts_for(decision, by=by, at=at)):
        problems.setdefault(problem.field, []).append(problem.sentence)
    if problems:
        raise Unsound("The assessment is not complete.", problems)
    answers = to_json(assessed_of(person.capacity))
    last = capacity_records_of(decision).get(person_key)
    if last is not None and last.assessment == answers:
        return last
    if last is not None and not correction_reason.strip():
        raise Unsound("Something is missing.", {"correction_reason": ["Say why the record before is corrected."]})
    record = CapacityRecord.objects.create(
        ref=new_reference("CR"),
        decision=decision,
        person=row.person,
        assessment=answers,
        conclusion=person.capacity.conclusion,
        corrects=last,
        correction_reason=correction_reason if last is not None else "",
        recorded_at=at,
        recorded_by=by,
    )
    log(
        events.CAPACITY_RECORDED, decision.concern, by=by, at=at, subject=record, ref=record.ref, keeps=(record,),
        version=decision.version, is_correction=last is not None,
    )  # fmt: skip
    return record
