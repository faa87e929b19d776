"""Every read of a concern that is worth a name. All of them start from what the reader may see."""

from concerns.selectors.case import (
    CasePage,
    case_page,
    changes_since,
    conditions_of,
    get_concern,
    get_involvement,
    highest_risk,
    id_of,
    people_in,
    waiting_dissatisfaction,
    waiting_proposal,
)
from concerns.selectors.queue import Place, QueueFilter, areas_in_reach, queue_page
from concerns.selectors.search import find_by_reference, search
from concerns.selectors.two_people import (
    get_staff_step,
    likely_the_same,
    other_to_join,
    standing_conflicts,
    standing_merge,
    steps_for,
    waiting_steps,
    what_stops_joining,
)

__all__ = [
    "CasePage",
    "Place",
    "QueueFilter",
    "areas_in_reach",
    "case_page",
    "changes_since",
    "conditions_of",
    "find_by_reference",
    "get_concern",
    "get_involvement",
    "get_staff_step",
    "highest_risk",
    "id_of",
    "likely_the_same",
    "other_to_join",
    "people_in",
    "queue_page",
    "search",
    "standing_conflicts",
    "standing_merge",
    "steps_for",
    "waiting_dissatisfaction",
    "waiting_proposal",
    "waiting_steps",
    "what_stops_joining",
]
