"""The sharing panel on the page of a concern: the floor below loads it and knows nothing else of this one."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from concerns.models import Concern
from concerns.selectors.case import Due
from concerns.vocabulary import ENDED_STATES, ClockKind
from concerns.workflow import DECISIONS_OPEN
from sharing import permissions, selectors
from sharing.models import InformationRequest, SignedRecord
from sharing.selectors.registers import enquiries_of
from sharing.vocabulary import DecisionStatus

register = template.Library()


@register.inclusion_tag("sharing/_panel.html", takes_context=True)
def sharing_panel(context: dict[str, Any], concern: Concern) -> dict[str, Any]:
    """Decisions, referrals and promises of `concern`, and what the reader may do about them."""
    user = context["request"].user
    sharing = selectors.sharing_of(concern)
    can_decide = permissions.can_decide(user, concern)
    drafts = [d for d in sharing.decisions if d.status == DecisionStatus.DRAFT and d.supersedes_id is None]
    has_gone = any(each.sent_at for each in sharing.referrals)
    unseen = [d.signed for d in sharing.decisions if not d.is_draft and d.signed.needs_second]
    unseen = [record for record in unseen if not hasattr(record, "second_view")]
    return {
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
        "concern": concern,
        "hidden_ids": context["page"].hidden_ids,
        "sharing": sharing,
        "requests": InformationRequest.objects.linked_to(concern, reader=user),
        "unlinked": selectors.unlinked_from(concern, reader=user),
        "enquiries": enquiries_of(concern) if context["page"].has_enquiries else (),
        "asked": selectors.asked_of(concern),
        # Nothing can be corrected, and nothing more is asked of the database, before something has gone.
        "corrections": selectors.corrections_of(concern) if has_gone else (),
        "can_correct": has_gone and permissions.can_correct(user, concern),
        "can_ask": permissions.can_refer(user, concern) and concern.state not in ENDED_STATES,
        "can_decide": can_decide,
        "can_start": can_decide and concern.state in DECISIONS_OPEN,
        "start_url": reverse("sharing:start-decision", args=[concern.ref]),
        "start_label": "Go on with the decision" if drafts else "Decide about sharing",
        "can_call": permissions.can_record_direct_referral(user, concern),
        "may_second": {record.pk for record in _waiting(unseen) if permissions.can_second_record(user, record)},
    }


# On which page of this floor a clock is met; `about` is the reference of what has the page.
_PAGES: dict[str, str] = {
    ClockKind.SEND_REFERRAL: "sharing:show-referral",
    ClockKind.RETROSPECTIVE: "sharing:show-referral",
    ClockKind.RECEIPT_CHECK: "sharing:show-referral",
    ClockKind.AGENCY_ACKNOWLEDGEMENT: "sharing:show-referral",
    ClockKind.AGENCY_OUTCOME: "sharing:show-referral",
    ClockKind.DISPUTE: "sharing:show-referral",
    ClockKind.ENQUIRY: "sharing:show-enquiry",
}
_ON_THE_PANEL = (ClockKind.SECOND_VIEW, ClockKind.DIFFERENCE, ClockKind.CORRECTION, ClockKind.TELL_PERSON)


@register.simple_tag
def due_place(due: Due) -> str:
    """Where what is due is done; "" where the concern has no page for it."""
    if due.clock in _PAGES and due.about:
        return reverse(_PAGES[due.clock], args=[due.about])
    return "#sharing" if due.clock in (*_PAGES, *_ON_THE_PANEL) else due.href


def _waiting(unseen: list[SignedRecord]) -> list[SignedRecord]:
    """Those of `unseen` that still wait for a second person."""
    rows = SignedRecord.objects.waiting_for_view().filter(pk__in=[record.pk for record in unseen])
    waiting = set(rows.values_list("pk", flat=True))
    return [record for record in unseen if record.pk in waiting]
