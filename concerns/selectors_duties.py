"""What rests with a person in this app, asked before their account is closed (`accounts.duties`)."""

from django.db.models import Exists, OuterRef

from accounts.duties import Duty
from concerns.models import Concern, Conflict


def concerns_held(person_id: int, viewer_id: int | None) -> Duty:
    """The open concerns that a person is responsible for, without those that `viewer_id` is shut out of."""
    shut_out = Conflict.objects.filter(concern=OuterRef("pk"), staff=viewer_id, lifted_at__isnull=True)
    rows = Concern.objects.filter(responsible_id=person_id)
    return Duty((rows.filter(~Exists(shut_out)) if viewer_id is not None else rows).count(), "open concerns")
