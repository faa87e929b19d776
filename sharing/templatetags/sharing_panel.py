"""The sharing panel on the page of a concern: the floor below loads it and knows nothing else of this one."""

from __future__ import annotations

from typing import Any

from django import template
from django.db.models import Count, Q
from django.urls import reverse

from concerns.models import Concern
from concerns.vocabulary import ENDED_STATES
from sharing import permissions, selectors
from sharing.models import Consultation, Correction, InformationRequest, Question
from sharing.selectors_registers import enquiries_of
from sharing.services.deciding import OPEN_FOR_DECISIONS
from sharing.vocabulary import DecisionStatus

register = template.Library()


@register.inclusion_tag("sharing/_panel.html", takes_context=True)
def sharing_panel(context: dict[str, Any], concern: Concern) -> dict[str, Any]:
    """Decisions, referrals and promises of `concern`, and what the reader may do about them."""
    user = context["request"].user
    sharing = selectors.sharing_of(concern)
    can_decide = permissions.can_decide(user, concern)
    drafts = [d for d in sharing.decisions if d.status == DecisionStatus.DRAFT and d.supersedes_id is None]
    waiting = [d.signed for d in sharing.decisions if not d.is_draft and d.signed.needs_second]
    return {
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
        "concern": concern,
        "sharing": sharing,
        "requests": InformationRequest.objects.visible_to(user).filter(concern=concern),
        "questions": Question.objects.filter(concern=concern).select_related("agency"),
        "enquiries": enquiries_of(concern),
        "consultations": Consultation.objects.filter(concern=concern),
        "corrections": Correction.objects.filter(concern=concern).annotate(
            open_notices=Count("notices", filter=Q(notices__told_at=None))
        ),
        "can_correct": any(referral.sent_at for referral in sharing.referrals)
        and permissions.can_correct(user, concern),
        "can_ask": permissions.can_refer(user, concern) and concern.state not in ENDED_STATES,
        "can_decide": can_decide,
        "can_start": can_decide and concern.state in OPEN_FOR_DECISIONS,
        "start_url": reverse("sharing:start-decision", args=[concern.ref]),
        "start_label": "Go on with the decision" if drafts else "Decide about sharing",
        "can_call": permissions.can_record_direct_referral(user, concern),
        "may_second": {
            record.pk
            for record in waiting
            if not hasattr(record, "second_view")
            and record.decision.status in {DecisionStatus.SIGNED, DecisionStatus.AWAITING_SECOND}
            and permissions.can_second_record(user, record)
        },
    }
