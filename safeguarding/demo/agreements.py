"""The sharing agreements of Larkfield Homes (R59): one with its document, one that is to be looked at again."""

from datetime import datetime, timedelta
from tempfile import TemporaryFile

from accounts.models import User
from accounts.selectors import holders_of
from accounts.vocabulary import Role
from concerns.services import Incoming
from safeguarding.demo.calendar import LONDON
from sharing.services.agreements import AgreementDetails, add_agreement

PROTOCOL = """Larkshire safeguarding information sharing protocol
Version 2.1, made up for this demonstration

1. Between: Larkshire Council, Larkshire Police and Larkfield Homes.
2. What for: keeping adults at risk and children safe.
3. What is shared: what is needed, by whoever needs it, in time and securely.
4. Nobody waits for this protocol when somebody is in danger.
5. Each party says once a year whether this still works.
"""


def sign_agreements(*, opened_at: datetime, at: datetime) -> None:
    """Put them in, by the information governance lead."""
    lead: User = holders_of(Role.IG_LEAD).get()
    today = opened_at.astimezone(LONDON).date()
    protocol = AgreementDetails(
        name="Larkshire safeguarding information sharing protocol",
        version="2.1",
        parties="Larkshire Council\nLarkshire Police\nLarkfield Homes",
        review_date=today + timedelta(days=120),
        document="",
        owner_id=lead.pk,
    )
    with TemporaryFile() as file:
        file.write(PROTOCOL.encode())
        add_agreement(details=protocol, file=Incoming("Larkshire protocol 2.1.txt", file), by=lead, at=at)
    marac = AgreementDetails(
        name="Larkshire MARAC operating protocol",
        version="4, 2024",
        parties="Larkshire MARAC\nLarkfield Homes",
        review_date=max(today - timedelta(days=6), at.astimezone(LONDON).date() + timedelta(days=1)),
        document="Policy library, IG-22",
        owner_id=lead.pk,
    )
    add_agreement(details=marac, by=lead, at=at)
