"""Items that could be shared, offered from what the concern holds.

Offered only: nothing is on the list by itself (R51).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from concerns.models import Concern, Involvement
from concerns.vocabulary import PersonRole
from sharing.answers import Item
from sharing.models import Consultation
from sharing.reading import CONTACT_LABELS
from sharing.record import Record
from sharing.vocabulary import ItemKind


@dataclass(frozen=True)
class Suggestion:
    """One item with a short name for the page."""

    label: str
    item: Item


def items_for(concern: Concern, record: Record) -> list[Suggestion]:
    """What the report says and how the people at risk can be found, without what is on the list already."""
    on_list = {item.what.strip() for item in record.items}
    offered = [*_from_report(concern), *_from_people(concern)]
    return [each for each in offered if each.item.what.strip() not in on_list]


def advice_for(concern: Concern, record: Record) -> list[Consultation]:
    """Advice that was asked without names and answered, without what is on the list already (field 12)."""
    on_list = {advice.ref for advice in record.advice}
    answered = Consultation.objects.filter(concern=concern, recorded_at__isnull=False)
    return [each for each in answered if each.ref not in on_list]


def _from_report(concern: Concern) -> list[Suggestion]:
    reported = timezone.localtime(concern.reported_at).date()
    found = []
    for label, words, kind, evidence in (
        ("What was seen or heard", concern.facts, ItemKind.FACT, ""),
        ("What was said", concern.said, ItemKind.FACT, ""),
        ("What others told the reporter", concern.hearsay, ItemKind.FACT, ""),
        ("What the reporter thinks", concern.opinion, ItemKind.OPINION, concern.opinion_evidence),
    ):
        if words.strip():
            found.append(Suggestion(label, Item(what=words, kind=kind, evidence=evidence, checked_on=reported)))
    return found


def _from_people(concern: Concern) -> list[Suggestion]:
    found = []
    safe_way, not_by = CONTACT_LABELS
    rows = Involvement.objects.filter(concern=concern, role=PersonRole.AT_RISK).select_related("person")
    for row in rows:
        person = row.person
        facts = {
            "Date of birth": person.date_of_birth and f"{person.date_of_birth.day} {person.date_of_birth:%B %Y}",
            "Address": person.address,
            "Phone": person.phone,
            "Language": person.language,
            safe_way: person.safe_contact,
            not_by: person.unsafe_contact,
            "What life is like day to day": row.daily_life,
        }
        for label, words in facts.items():
            if words:
                what = f"{label} of {person.display_name}: {words}"
                item = Item(what=what, kind=ItemKind.FACT, about=person.display_name)
                found.append(Suggestion(f"{label} of {person.display_name}", item))
    return found
