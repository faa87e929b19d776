"""The words for who people are (domain.md 5). Only what is appointed is a role.

Line manager, champion, contractor and frontline staff are relations and are read from the rows that make them so: who
manages whom, who is appointed champion of which area, who employs them.
"""

from django.db import models


class Role(models.TextChoices):
    """An appointment that a person holds for the whole organisation."""

    SAFEGUARDING_LEAD = "safeguarding_lead", "Safeguarding Lead"
    DEPUTY_LEAD = "deputy_lead", "Deputy Safeguarding Lead"
    OPERATIONAL_LEAD = "operational_lead", "Operational lead"
    DESIGNATED_SENIOR_MANAGER = "designated_senior_manager", "Designated senior manager"
    SENIOR_MANAGER = "senior_manager", "Senior manager"
    CHIEF_EXECUTIVE = "chief_executive", "Chief executive"
    IG_LEAD = "ig_lead", "Information governance lead"
    AUDITOR = "auditor", "Auditor"
    ADMINISTRATOR = "administrator", "Administrator"


CHAMPION = "champion"


class Post(models.TextChoices):
    """What takes two people to give (domain.md 5): it opens cases or signed records, or gives the second view itself.

    The chief executive gets a case when nobody else may have it, and judges what leads did. Senior managers read what
    is late and the released report, no case; administrators none. Of those that one person gives the others are told.
    """

    SAFEGUARDING_LEAD = Role.SAFEGUARDING_LEAD.value, Role.SAFEGUARDING_LEAD.label
    DEPUTY_LEAD = Role.DEPUTY_LEAD.value, Role.DEPUTY_LEAD.label
    OPERATIONAL_LEAD = Role.OPERATIONAL_LEAD.value, Role.OPERATIONAL_LEAD.label
    DESIGNATED_SENIOR_MANAGER = Role.DESIGNATED_SENIOR_MANAGER.value, Role.DESIGNATED_SENIOR_MANAGER.label
    CHIEF_EXECUTIVE = Role.CHIEF_EXECUTIVE.value, Role.CHIEF_EXECUTIVE.label
    IG_LEAD = Role.IG_LEAD.value, Role.IG_LEAD.label
    AUDITOR = Role.AUDITOR.value, Role.AUDITOR.label
    CHAMPION = CHAMPION, "Safeguarding Champion"


class Employment(models.TextChoices):
    """How a person belongs to the organisation. A contractor's service area is that of their contract manager."""

    EMPLOYEE = "employee", "Employee"
    CONTRACTOR = "contractor", "Contractor"
    AGENCY_WORKER = "agency_worker", "Agency worker"
    VOLUNTEER = "volunteer", "Volunteer"
    BOARD_MEMBER = "board_member", "Board member"


class AbsenceKind(models.TextChoices):
    LEAVE = "leave", "Leave"
    SICKNESS = "sickness", "Sickness"
    TRAINING = "training", "Training or course"
    OTHER = "other", "Away for another reason"
