"""This app's words in the ledger. Data are codes and ids, never narrative."""

from audit.vocabulary import Access, EventKind, register, register_access

RAISED = register(
    EventKind(
        "concern.raised",
        "Concern reported",
        data=frozenset({"urgency", "area", "draft"}),
    )
)
ASSIGNED = register(
    EventKind(
        "concern.assigned",
        "Given to a responsible person",
        data=frozenset({"holder", "cause"}),
    )
)
ACKNOWLEDGED = register(EventKind("concern.acknowledged", "Acknowledged"))
PASSED_ON = register(
    EventKind(
        "concern.passed_on",
        "Passed to the next person on the ladder",
        needs_reason=True,
    )
)
HANDED_ON = register(EventKind("concern.handed_on", "Handed on", needs_reason=True))
TRIAGED = register(EventKind("concern.triaged", "Considered: triage recorded", data=frozenset({"urgency"})))
URGENCY_CHANGED = register(
    EventKind(
        "concern.urgency_changed",
        "Urgency changed",
        needs_reason=True,
        data=frozenset({"before", "after"}),
    )
)
AREA_CHANGED = register(
    EventKind(
        "concern.area_changed",
        "Moved to another service area",
        needs_reason=True,
        data=frozenset({"before", "after"}),
    )
)
SHARING_DECIDED = register(EventKind("concern.sharing_decided", "Decided to share with an agency"))
NOT_SHARING_PROPOSED = register(
    EventKind(
        "concern.not_sharing_proposed",
        "Decision not to share waits for a second person",
    )
)
NOT_SHARING_AGREED = register(EventKind("concern.not_sharing_agreed", "Second person agreed not to share"))
NOT_SHARING_REFUSED = register(
    EventKind(
        "concern.not_sharing_refused",
        "Second person did not agree to not sharing",
        needs_reason=True,
    )
)
SAFER_CHOICE_STANDS = register(
    EventKind(
        "concern.safer_choice_stands",
        "They still differed: the safer choice, sharing, stands and a lead decides",
        needs_reason=True,
    )
)
SENT = register(EventKind("concern.referred", "Referral sent to an agency"))
AGENCY_ACKNOWLEDGED = register(EventKind("concern.agency_acknowledged", "Agency acknowledged the referral"))
DISPUTED = register(EventKind("concern.disputed", "Dispute with an agency opened", needs_reason=True))
REFERRED_AGAIN = register(EventKind("concern.referred_again", "Referred again"))
AGENCY_AGREED = register(EventKind("concern.agency_agreed", "Agency took it on after the dispute"))
MONITORED = register(EventKind("concern.monitored", "Agency's part ended: kept under review"))
CONSIDERED_AGAIN = register(
    EventKind(
        "concern.considered_again",
        "New information: considered again",
        needs_reason=True,
    )
)
CLOSURE_PROPOSED = register(
    EventKind(
        "concern.closure_proposed",
        "Closing proposed",
        data=frozenset({"closure_reason"}),
    )
)
CLOSED = register(EventKind("concern.closed", "Closed", data=frozenset({"closure_reason"})))
CLOSURE_REFUSED = register(EventKind("concern.closure_refused", "Closing not agreed", needs_reason=True))
# Whoever did one of these has had a say in the case, without ever holding it.
SECOND_VIEWS = (NOT_SHARING_AGREED, NOT_SHARING_REFUSED, CLOSED, CLOSURE_REFUSED)
MERGED = register(EventKind("concern.merged", "Joined to another concern", needs_reason=True, data=frozenset({"into"})))
TOOK_IN = register(EventKind("concern.took_in", "Another concern was joined to this one", data=frozenset({"merged"})))
ALARM_RAISED = register(
    EventKind("concern.alarm_raised", "Critical: nobody at lead level is there", data=frozenset({"alarm"}))
)
ALARM_ENDED = register(
    EventKind("concern.alarm_ended", "Somebody at lead level is there again", data=frozenset({"alarm"}))
)
RISK_LOWERED = register(
    EventKind(
        "concern.risk_lowered",
        "Level of risk lowered",
        needs_reason=True,
        data=frozenset({"person", "before", "after"}),
    )
)
SEPARATED = register(EventKind("concern.separated", "Separated again from another concern", needs_reason=True))
VOIDED = register(EventKind("concern.voided", "Marked as entered in error", needs_reason=True))
RESTORED = register(EventKind("concern.restored", "Not entered in error after all", needs_reason=True))
SECOND_ASKED = register(
    EventKind("concern.second_asked", "A second person was asked", needs_reason=True, data=frozenset({"act", "staff"}))
)
SECOND_AGREED = register(EventKind("concern.second_agreed", "A second person agreed", data=frozenset({"act", "staff"})))
SECOND_REFUSED = register(
    EventKind("concern.second_refused", "A second person did not agree", needs_reason=True, data=frozenset({"act"}))
)
CONFLICT_LIFTED = register(
    EventKind("concern.conflict_lifted", "A bar or recusal was lifted", needs_reason=True, data=frozenset({"staff"}))
)
RESTRICTION_LOOSENED = register(EventKind("concern.restriction_loosened", "No longer restricted", needs_reason=True))
DIED_OR_MOVED = register(
    EventKind(
        "concern.died_or_moved", "A death or a move was recorded, or put right", data=frozenset({"person", "change"})
    )
)
STAFF_STEP_OPENED = register(
    EventKind("concern.staff_step_opened", "A step about an implicated worker is to be done", data=frozenset({"step"}))
)
STAFF_STEP_ANSWERED = register(
    EventKind(
        "concern.staff_step_answered",
        "A step about an implicated worker was answered",
        needs_reason=True,
        data=frozenset({"step", "answer"}),
    )
)
DASH_RECORDED = register(
    EventKind(
        "concern.dash_recorded",
        "DASH checklist recorded",
        data=frozenset({"dash", "person", "is_correction", "meets_marac"}),
    )
)
DOMESTIC_DESCRIBED = register(
    EventKind("concern.domestic_described", "Domestic abuse described", data=frozenset({"account"}))
)
DOMESTIC_STEP_OPENED = register(
    EventKind(
        "concern.domestic_step_opened",
        "A referral because of domestic abuse is to be answered",
        data=frozenset({"step"}),
    )
)
DOMESTIC_STEP_ANSWERED = register(
    EventKind(
        "concern.domestic_step_answered",
        "A referral because of domestic abuse was answered",
        needs_reason=True,
        data=frozenset({"step", "answer"}),
    )
)
LEGAL_HOLD_CHANGED = register(
    EventKind("concern.legal_hold_changed", "Legal hold changed", needs_reason=True, data=frozenset({"hold"}))
)
REOPENED = register(EventKind("concern.reopened", "Reopened", needs_reason=True))
CONFLICT_RECORDED = register(
    EventKind(
        "concern.conflict_recorded",
        "Somebody may no longer see this concern",
        data=frozenset({"staff", "conflict"}),
    )
)
RESTRICTED = register(EventKind("concern.restricted", "Restricted to the few who must know"))
NO_CONFLICT_DECLARED = register(
    EventKind("concern.no_conflict_declared", "Said that they have no conflict of interest")
)
LADDER_EXHAUSTED = register(EventKind("concern.ladder_exhausted", "Nobody on the ladder was free to take it"))
NOTE_ADDED = register(EventKind("concern.note_added", "Note added", data=frozenset({"note", "note_kind"})))
CONTACT_RECORDED = register(
    EventKind(
        "concern.contact_recorded",
        "In touch with a person, or tried to be",
        data=frozenset({"person", "is_reached", "next_date"}),
    )
)
CONTACT_ENDED = register(
    EventKind("concern.contact_ended", "No more contact with a person is planned", data=frozenset({"person", "why"}))
)
REPORT_ADDED_TO = register(
    EventKind(
        "concern.report_added_to",
        "The reporter added to the report",
        data=frozenset({"note"}),
    )
)
EMERGENCY_CALL_RECORDED = register(
    EventKind(
        "concern.emergency_call_recorded",
        "Call to an emergency service recorded",
        data=frozenset({"service"}),
    )
)
PERSON_ADDED = register(EventKind("concern.person_added", "Person added", data=frozenset({"person", "role"})))
PERSON_CHANGED = register(
    EventKind(
        "concern.person_changed",
        "Facts about a person changed",
        data=frozenset({"person", "fields"}),
    )
)
PERSON_TAKEN_OUT = register(
    EventKind(
        "concern.person_taken_out",
        "A person was taken out again: the concerns were separated",
        data=frozenset({"person", "role"}),
    )
)
NOT_SATISFIED = register(
    EventKind("concern.not_satisfied", "The reporter is not satisfied with the response", data=frozenset({"senior"}))
)
NOT_SATISFIED_PASSED_UP = register(
    EventKind(
        "concern.not_satisfied_passed_up",
        "The reporter had no answer in time: a senior manager was asked",
        data=frozenset({"reviewer"}),
    )
)
REVIEWER_CHANGED = register(
    EventKind("concern.reviewer_changed", "Somebody else was asked to look at it afresh", data=frozenset({"reviewer"}))
)
DISSATISFACTION_ANSWERED = register(
    EventKind(
        "concern.dissatisfaction_answered",
        "The reporter's dissatisfaction was answered",
        data=frozenset({"upheld"}),
    )
)
FEEDBACK_GIVEN = register(EventKind("concern.feedback_given", "The reporter was told"))
REVIEWED = register(EventKind("concern.reviewed", "Reviewed", data=frozenset({"outcome", "revisited"})))
CLOCK_STARTED = register(
    EventKind(
        "concern.clock_started",
        "Deadline set",
        data=frozenset({"clock", "about", "due_at"}),
    )
)
CLOCK_OVERDUE = register(EventKind("concern.clock_overdue", "Overdue", data=frozenset({"clock", "about", "level"})))
VIEWED = register(EventKind("concern.viewed", "Concern opened", data=frozenset({"way"})))
RECEIPT_VIEWED = register(EventKind("concern.receipt_viewed", "Receipt opened"))
SEARCHED = register(EventKind("concern.searched", "Searched for a concern", data=frozenset({"hits"})))
QUEUE_VIEWED = register(EventKind("concern.queue_viewed", "Queue opened"))
DRAFT_DISCARDED = register(EventKind("concern.draft_discarded", "Draft thrown away by its owner"))
LIMIT_PROPOSED = register(
    EventKind(
        "concern.limit_proposed",
        "Another time limit proposed",
        needs_reason=True,
        data=frozenset({"limit", "before", "value"}),
    )
)
LIMIT_CHANGED = register(
    EventKind("concern.limit_changed", "Time limit changed", data=frozenset({"limit", "before", "value"}))
)
LIMIT_REFUSED = register(
    EventKind(
        "concern.limit_refused",
        "Another time limit not agreed",
        needs_reason=True,
        data=frozenset({"limit", "before", "value"}),
    )
)
LOOKED_AT_LONG_OPEN = register(
    EventKind("concern.looked_at_long_open", "A lead looked at why it is still open", needs_reason=True)
)
LATE_VIEWED = register(EventKind("concern.late_viewed", "List of what has taken too long opened"))
FOUND = register(EventKind("concern.found", "Shown by a search"))
LISTED = register(EventKind("concern.listed", "Shown in the queue or in the list of what has taken too long"))
ACCESS_VIEWED = register(
    EventKind(
        "concern.access_viewed",
        "Access report opened",
        data=frozenset({"staff", "access", "first_day", "last_day"}),
    )
)
ACCESS_EXPORTED = register(
    EventKind(
        "concern.access_exported",
        "Access report taken out as a file",
        needs_reason=True,
        data=frozenset({"staff", "access", "first_day", "last_day"}),
    )
)
LET_IN = register(
    EventKind(
        "concern.let_in",
        "Somebody was let in by name, to read",
        needs_reason=True,
        data=frozenset({"staff", "until", "seconded_by"}),
    )
)
LET_IN_ENDED = register(
    EventKind("concern.let_in_ended", "Somebody is no longer let in", data=frozenset({"staff", "cause"}))
)
GLASS_BROKEN = register(
    EventKind(
        "concern.glass_broken",
        "Opened by break-glass",
        needs_reason=True,
        data=frozenset({"use", "why", "until"}),
    )
)
GLASS_STOPPED = register(EventKind("concern.glass_stopped", "Break-glass was stopped", data=frozenset({"stop"})))
GLASS_JUDGED = register(
    EventKind(
        "concern.glass_judged",
        "A use of break-glass was judged",
        needs_reason=True,
        data=frozenset({"use", "justified"}),
    )
)
GLASS_PASSED_UP = register(
    EventKind(
        "concern.glass_passed_up",
        "Nobody judged a use of break-glass in time: the next person was asked",
        data=frozenset({"use", "judge"}),
    )
)
GLASS_JUDGE_CHANGED = register(
    EventKind(
        "concern.glass_judge_changed",
        "Whoever was to judge a use of break-glass may not any more: somebody else was asked",
        data=frozenset({"use", "judge"}),
    )
)
GLASS_LISTED = register(EventKind("concern.glass_listed", "List of uses of break-glass opened"))
GLASS_VIEWED = register(EventKind("concern.glass_viewed", "A use of break-glass opened", data=frozenset({"use"})))
VISIT_WARNING_SET = register(
    EventKind("concern.visit_warning_set", "Said what visitors to the home must do", data=frozenset({"advice"}))
)
VISIT_WARNING_ENDED = register(
    EventKind("concern.visit_warning_ended", "Visitors to the home need do nothing special any more")
)
VISIT_LOOKED_UP = register(
    EventKind("concern.visit_looked_up", "Looked up what to do before a visit", data=frozenset({"hits"}))
)
VISIT_SHOWN = register(EventKind("concern.visit_shown", "What visitors must do was shown, without a reason"))
WHO_VIEWED = register(EventKind("concern.who_viewed", "List of who can open it opened"))

FILE_ADDED = register(
    EventKind("concern.file_added", "File added", data=frozenset({"file", "file_kind", "sort", "file_digest"}))
)
FILE_REMOVED = register(
    EventKind(
        "concern.file_removed",
        "File taken out of a report that was not sent",
        data=frozenset({"file", "file_kind", "file_digest", "is_held_back"}),
    )
)
FILE_CHECKED = register(
    EventKind(
        "concern.file_checked", "File checked: no virus found", data=frozenset({"file", "file_digest", "signatures"})
    )
)
FILE_HELD_BACK = register(
    EventKind(
        "concern.file_held_back", "File held back: a virus was found", data=frozenset({"file", "threat", "signatures"})
    )
)
FILE_HELD_BACK_LATER = register(
    EventKind(
        "concern.file_held_back_later",
        "File held back: newer signatures found a virus",
        data=frozenset({"file", "threat", "signatures"}),
    )
)
# Without a count of files, which somebody could set against those that they see (I3). Each row says what saw it last.
FILES_CHECKED_AGAIN = register(
    EventKind("concern.files_checked_again", "Kept files checked again for viruses", data=frozenset({"signatures"}))
)
FILE_PLACE_SETTLED = register(
    EventKind(
        "concern.file_place_settled",
        "Where a photo was taken: kept or taken out",
        data=frozenset({"file", "place", "file_digest"}),
    )
)
FILE_IN_ERROR = register(
    EventKind("concern.file_in_error", "File marked as added in error", needs_reason=True, data=frozenset({"file"}))
)
FILE_VIEWED = register(EventKind("concern.file_viewed", "File looked at", data=frozenset({"file"})))
FILE_FETCHED = register(EventKind("concern.file_fetched", "File downloaded", data=frozenset({"file", "file_digest"})))

register_access(Access.READ, FILE_VIEWED)
register_access(Access.EXPORT, FILE_FETCHED)
register_access(
    Access.READ,
    VIEWED,
    RECEIPT_VIEWED,
    QUEUE_VIEWED,
    LATE_VIEWED,
    ACCESS_VIEWED,
    GLASS_BROKEN,
    GLASS_LISTED,
    GLASS_VIEWED,
    WHO_VIEWED,
)
register_access(Access.SEARCH, VISIT_LOOKED_UP, VISIT_SHOWN)
register_access(Access.REFUSAL, GLASS_STOPPED)
register_access(Access.SEARCH, SEARCHED, FOUND, LISTED)
register_access(Access.EXPORT, ACCESS_EXPORTED)
