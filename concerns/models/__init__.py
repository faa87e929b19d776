"""What a concern is made of. The shape only: the writing is done by services, the rules stand in workflow and rules."""

from concerns.models.alarm import Alarm
from concerns.models.concern import (
    AbuseType,
    Concern,
    ConcernQuerySet,
    Conflict,
)
from concerns.models.domestic import DashRecord, DomesticAccount, DomesticStep
from concerns.models.draft import Draft
from concerns.models.files import Attachment, AttachmentQuerySet
from concerns.models.grants import BreakGlass, BreakGlassStop, ConcernGrant
from concerns.models.limits import LimitChange
from concerns.models.people import Involvement, Person
from concerns.models.staff_steps import StaffStep
from concerns.models.visits import VisitWarning
from concerns.models.work import (
    Assignment,
    ClosureProposal,
    Contact,
    Deadline,
    Dissatisfaction,
    EmergencyCall,
    Feedback,
    Merge,
    Note,
    Review,
    Triage,
    TwoPersonStep,
)

__all__ = [
    "AbuseType",
    "Alarm",
    "Assignment",
    "Attachment",
    "AttachmentQuerySet",
    "BreakGlass",
    "BreakGlassStop",
    "ClosureProposal",
    "Concern",
    "ConcernGrant",
    "ConcernQuerySet",
    "Conflict",
    "Contact",
    "DashRecord",
    "Deadline",
    "Dissatisfaction",
    "DomesticAccount",
    "DomesticStep",
    "Draft",
    "EmergencyCall",
    "Feedback",
    "Involvement",
    "LimitChange",
    "Merge",
    "Note",
    "Person",
    "Review",
    "StaffStep",
    "Triage",
    "TwoPersonStep",
    "VisitWarning",
]
