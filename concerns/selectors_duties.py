"""What rests with a person in this app, asked before their account is closed (`accounts.duties`)."""

from accounts.duties import Duty
from concerns.models import Concern


def concerns_held(person_id: int) -> Duty:
    """The open concerns that a person is responsible for."""
    return Duty(Concern.objects.filter(responsible_id=person_id).count(), "open concerns")
