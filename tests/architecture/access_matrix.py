"""Who may open what: domain.md 5 for each address, written by hand and never derived from the code.

How to read it. Six tables say, for each kind of case (tests/build/world.py), who may read each kind of thing in it:
the case itself, a signed record, a request, the receipt, who opened it. Whoever is not named gets the same 404 as
for something that does not exist. Then one row for each address: which of these tables lets people come near it, and,
where a page is only for some of them, who gets the page (`for_`, by kind of case); the others among the readers are
sent back with a sentence (302). A kind of case that `for_` leaves out: nobody gets the page there.

A new address needs a row here; tests/architecture/test_access_sweep.py says so, and asks every row of everybody. Where
the code and this table differ, the code is wrong, or the policy has changed and its clause goes here with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Who = frozenset[str]
ByCase = Mapping[str, Who]


def _who(*names: str) -> Who:
    return frozenset(names)


NOBODY = _who()
# Safeguarding Lead, deputy, operational lead: "all unrestricted + restricted", each unless in conflict.
LEADS = _who("lead", "deputy", "operational lead")
# "R unrestricted" of decisions by office; the information governance lead and the auditor.
BY_OFFICE = _who("ig lead", "auditor")
STAFF = _who(
    "reporter", "colleague", "contractor", "manager", "other manager", "champion", "other champion", "lead", "deputy",
    "operational lead", "designated manager", "senior manager", "chief executive", "ig lead", "auditor",
    "administrator", "nobody",
)  # fmt: skip

# --- Who may read what belongs to a case ---------------------------------------------------------

# "Read concern narrative": line manager while responsible, champions of the area unless restricted, leads. The
# reporter has a receipt (ADR 5). Nobody in conflict, whatever they are; never an administrator or a contractor's
# worker, whomever they manage and whatever they hold (ADR 29, tests/integration/concerns/test_never_reads.py). Whoever
# had access and lost it is a stranger from that second on (tests/integration/concerns/test_access_ends.py).
CASE: ByCase = {
    "open": LEADS | {"manager", "champion"},
    # The champion took it from the line manager, whose reading ended with that.
    "passed on": LEADS | {"champion"},
    "elsewhere": LEADS | {"other manager"},
    "restricted": LEADS,
    # Let in by name. The colleague's time is over.
    "granted": LEADS | {"nobody"},
    # A worker is implicated, so that it is restricted; the line manager has been given it.
    "worker": LEADS | {"manager"},
    "domestic": LEADS | {"manager", "champion"},
    "implicated": NOBODY,
    "recused": NOBODY,
    # R40: the reporter's manager, champions of the area and the leads are told together.
    "emergency": LEADS | {"manager", "champion"},
    # I1: nobody is responsible any more, so the line manager's reading has ended too.
    "closed": LEADS | {"champion"},
    "merged": LEADS | {"champion"},
    # 2.1: what was entered in error is for leads alone.
    "void": LEADS,
}
# "Decision PDF export": the auditor and the information governance lead read the decisions of unrestricted concerns.
RECORD: ByCase = {
    **CASE,
    "open": CASE["open"] | BY_OFFICE,
    "passed on": CASE["passed on"] | BY_OFFICE,
    "elsewhere": CASE["elsewhere"] | BY_OFFICE,
    # "Own decisions": the line manager signed it.
    "closed": CASE["closed"] | BY_OFFICE | {"manager"},
}
# "Requests for information": the same.
REQUEST: ByCase = {**RECORD}
# "Read concern narrative: own", as a receipt; nothing once the reporter is named as implicated (I3).
RECEIPT: ByCase = {
    **dict.fromkeys(
        (
            "open",
            "passed on",
            "restricted",
            "granted",
            "worker",
            "domestic",
            "recused",
            "emergency",
            "closed",
            "merged",
            "void",
        ),
        _who("reporter"),
    ),
    "elsewhere": NOBODY,
    "implicated": NOBODY,
}
# "Audit log": leads at case level, auditor and information governance lead everywhere but where they are in conflict.
ACCESS: ByCase = {case: (readers & LEADS) | BY_OFFICE for case, readers in CASE.items()} | {
    "implicated": NOBODY,
    "recused": NOBODY,
}
# R32, I20: whoever reported it or may read it, unless shut out.
CALLED: ByCase = {case: readers | RECEIPT[case] for case, readers in CASE.items()} | {"recused": NOBODY}
# A draft of a decision, a referral, a question: as the case.

# --- Who acts in a case ----------------------------------------------------------------------------

# Whoever holds it.
HOLDER: ByCase = {
    "open": _who("manager"),
    "passed on": _who("champion"),
    "elsewhere": _who("other manager"),
    "restricted": _who("deputy"),
    "granted": _who("deputy"),
    "worker": _who("manager"),
    "domestic": _who("manager"),
    "emergency": _who("manager"),
}
# While it is open: leads, and champions of the area.
CHAMPIONS_AND_LEADS: ByCase = {
    "open": LEADS | {"champion"},
    "passed on": LEADS | {"champion"},
    "elsewhere": LEADS,
    "restricted": LEADS,
    "granted": LEADS,
    "worker": LEADS,
    "domestic": LEADS | {"champion"},
    "emergency": LEADS | {"champion"},
}
# Whoever works on it: the holder too.
WORKERS: ByCase = {case: who | HOLDER[case] for case, who in CHAMPIONS_AND_LEADS.items()}
# Acts of the Safeguarding Lead or deputy.
LEAD_ALONE: ByCase = {case: _who("lead", "deputy") for case in CHAMPIONS_AND_LEADS}


def _only(table: ByCase, *cases: str) -> ByCase:
    return {case: table[case] for case in cases}


ALL = "whoever reads"


@dataclass(frozen=True)
class Row:
    """One address. `thing` names what fills it in (World.cases[...].names, or World.things); "" for none.

    `near` is who may come near it, `for_` which of them get the page. `get` and `post` are what those get for a plain
    GET and for an empty POST: 405 where there is no such method. `others` is what the rest of those near get.
    """

    thing: str
    near: ByCase | Who
    for_: ByCase | Who | str = ALL
    get: int = 200
    post: int = 405
    others: int = 302
    # Whether a look at it must stand on the concern's own report; if not, the row says why.
    tells: bool = True
    # Open to people who are not signed in.
    is_public: bool = False
    # Where those who get the page get something else for an empty POST, by kind of case.
    post_in: Mapping[str, int] = field(default_factory=dict)


def _page(near: ByCase, for_: ByCase | str = ALL, *, thing: str = "concern", **more: Any) -> Row:
    """A page with a form: shown, and shown again when it comes back empty."""
    return Row(thing, near, for_, post=200, **more)


def _button(near: ByCase, *, thing: str = "concern") -> Row:
    """A button: done, or refused with a sentence; either way back to the page."""
    return Row(thing, near, get=405, post=302)


def _site(who: Who, for_: Who | str = ALL, *, thing: str = "", **more: Any) -> Row:
    """A page that belongs to no case."""
    return Row(thing, who, for_, **more)


MANAGERS = _who("manager", "other manager", "senior manager", "chief executive")
CHAMPIONS = _who("champion", "other champion")
SEE_PEOPLE = LEADS | {"ig lead", "administrator"}
# "Quarterly report": managers and champions read what is released; leads, information governance lead and auditor too.
REPORT_READERS = MANAGERS | CHAMPIONS | LEADS | BY_OFFICE | {"designated manager"}

MATRIX: dict[str, Row] = {
    # --- One concern -------------------------------------------------------------------------------
    "concerns:show-concern": Row("concern", CASE),
    "concerns:show-access": Row("concern", ACCESS, post=200),
    # R127, t22: champions of the area and leads, unless they hold it; one press while nobody has acknowledged it.
    "concerns:take-concern": _page(
        CASE, {case: who - HOLDER[case] for case, who in CHAMPIONS_AND_LEADS.items()},
        post_in={"worker": 302, "emergency": 302},
    ),
    # R40: in an emergency whoever was told may be first.
    "concerns:acknowledge-concern": _page(CASE, {
        "worker": _who("manager"), "emergency": _who("manager", "champion", "lead", "deputy"),
    }),
    "concerns:decline-concern": _page(CASE, {"worker": _who("manager"), "emergency": _who("manager")}),
    # R45: whoever can read it can say that they must not.
    "concerns:declare-conflict": _page(CASE),
    "concerns:hand-on-concern": _page(CASE, WORKERS),
    "concerns:change-area": _page(CASE, WORKERS),
    "concerns:record-contact": _page(CASE, WORKERS),
    # Also once it has ended; people let in to read add nothing.
    "concerns:add-note": _page(CASE, {
        **WORKERS, "closed": LEADS | {"champion"}, "merged": LEADS | {"champion"}, "void": LEADS,
    }),
    "concerns:add-files": _page(CASE, {
        **WORKERS, "closed": LEADS | {"champion"}, "merged": LEADS | {"champion"}, "void": LEADS,
    }),
    "concerns:show-file": Row("file", CASE),
    "concerns:fetch-file": Row("file", CASE),
    # Until its owner has answered for the place in it there is no picture (tests/integration/concerns/test_files.py).
    "concerns:show-picture": Row("file", {}),
    # Whoever holds the concern, or a lead.
    "concerns:mark-file": _page(CASE, {
        case: who | {"lead", "deputy"} for case, who in HOLDER.items()
    }, thing="file"),
    # One's own photo: whoever added it, unless shut out of the concern.
    "concerns:settle-place": _page(HOLDER, thing="photo", tells=False),
    "concerns:record-emergency-call": _page(CASE),
    "concerns:give-feedback": _page(CASE, HOLDER),
    # Nobody has complained in any of them.
    "concerns:answer-dissatisfaction": _page(CASE, {}),
    "concerns:add-person": _page(CASE, HOLDER),
    "concerns:change-person": _page(CASE, HOLDER),
    # From when it is acknowledged until it is decided.
    "concerns:triage-concern": _page(CASE, _only(HOLDER, "domestic")),
    "concerns:review-concern": _page(CASE, HOLDER),
    # t16: from triage; the others are before it or past it.
    "concerns:propose-closure": _page(CASE, _only(HOLDER, "domestic")),
    # None has come so far.
    "concerns:view-closure": _page(CASE, {}),
    "concerns:look-at-long-open": _page(CASE, LEAD_ALONE),
    # "Reassign, merge, void": t19, champions of the area and leads.
    "concerns:reopen-concern": _page(CASE, {"closed": LEADS | {"champion"}}),
    "concerns:join-concern": _page(CASE, CHAMPIONS_AND_LEADS),
    # Asked with the concern itself as the other one.
    "concerns:confirm-join": _page(CASE, {}),
    "concerns:separate-concern": _page(CASE, {"merged": _who("lead", "deputy")}),
    "concerns:void-concern": _page(CASE, LEAD_ALONE),
    "concerns:restore-concern": _page(CASE, {"void": _who("lead", "deputy")}),
    "concerns:end-restriction": _page(CASE, _only(LEAD_ALONE, "restricted", "granted", "worker")),
    # Somebody is shut out of this one alone.
    "concerns:list-conflicts": _page(CASE, _only(LEAD_ALONE, "worker")),
    "concerns:give-second-view": _page(CASE, {}),
    "concerns:record-death-or-move": _page(CASE, HOLDER),
    "concerns:set-legal-hold": _page(CASE, {
        **LEAD_ALONE, **dict.fromkeys(("closed", "merged", "void"), _who("lead", "deputy")),
    }),
    # R46: whoever holds it, or a lead.
    "concerns:answer-staff-step": _page(CASE, {"worker": LEADS | {"manager"}}, thing="staff step"),
    # R21: whoever works on it; of a child there is no DASH.
    "concerns:record-dash": _page(CASE, WORKERS),
    "concerns:show-dash": Row("dash", CASE),
    "concerns:correct-dash": _page(CASE, WORKERS, thing="dash"),
    # R21: whoever works on it, where domestic abuse is among the kinds.
    "concerns:describe-domestic": _page(CASE, _only(WORKERS, "domestic")),
    # X4: whoever holds it, or a lead.
    "concerns:answer-domestic-step": _page(CASE, {"domestic": LEADS | {"manager"}}, thing="domestic step"),
    # Who can see it, and letting somebody in by name: for leads, also once it has ended.
    "concerns:show-who": Row("concern", CASE, {
        **LEAD_ALONE, **dict.fromkeys(("closed", "merged", "void"), _who("lead", "deputy")),
    }),
    "concerns:let-in": _page(CASE, {
        **LEAD_ALONE, **dict.fromkeys(("closed", "merged", "void"), _who("lead", "deputy")),
    }),
    # R41, R45: for leads, also once it has ended; of joined ones on the survivor.
    "concerns:keep-out": _page(CASE, {**LEAD_ALONE, **dict.fromkeys(("closed", "void"), _who("lead", "deputy"))}),
    # Somebody broke glass on the one elsewhere.
    "concerns:end-let-in": _page(CASE, _only(LEAD_ALONE, "granted", "elsewhere")),
    # "Visit-safety flag": whoever holds it, or a lead.
    # One that was joined to another still tells.
    "concerns:warn-visitors": _page(CASE, {
        case: HOLDER.get(case, NOBODY) | {"lead", "deputy"} for case in (*HOLDER, "merged")
    }),
    # --- What its reporter sees ----------------------------------------------------------------------
    "concerns:show-receipt": Row("receipt", RECEIPT),
    # The form shows the reference and nothing else.
    "concerns:add-to-report": _page(RECEIPT, thing="receipt", tells=False),
    "concerns:say-not-satisfied": _page(RECEIPT, thing="receipt", tells=False),
    "concerns:add-report-files": _page(RECEIPT, thing="receipt", tells=False),
    # --- Deciding about sharing ----------------------------------------------------------------------
    "sharing:start-decision": _button(CASE),
    # The form shows the reference and nothing else.
    "sharing:record-direct-call": _page(CALLED, tells=False),
    "sharing:ask-agency": _page(CASE, HOLDER),
    # VR22: a draft belongs to whoever holds the concern.
    "sharing:show-draft": Row("draft", CASE, HOLDER),
    "sharing:check-draft": _page(CASE, HOLDER, thing="draft"),
    "sharing:print-draft": _page(CASE, HOLDER, thing="draft"),
    "sharing:withdraw-draft": _page(CASE, HOLDER, thing="draft"),
    "sharing:add-suggested": _button(CASE, thing="draft"),
    "sharing:add-advice": _button(CASE, thing="draft"),
    # What is sent is kept, empty boxes too, and the next page follows.
    "sharing:edit-page": Row("draft", CASE, HOLDER, post=302),
    "sharing:remove-row": _button(CASE, thing="draft"),
    "sharing:show-record": Row("record", RECORD),
    # "Decision PDF export": not for somebody let in by name.
    "sharing:export-record": _page(RECORD, {case: who - {"nobody"} for case, who in RECORD.items()}, thing="record"),
    # Champions and leads, never whoever signed or holds it.
    "sharing:give-second-view": _page(RECORD, {
        "open": LEADS | {"champion"}, "passed on": LEADS, "elsewhere": LEADS,
        "restricted": _who("lead", "operational lead"), "granted": _who("lead", "operational lead"),
        "closed": LEADS | {"champion"},
    }, thing="record"),
    "sharing:start-new-version": _page(RECORD, HOLDER, thing="record"),
    "sharing:finish-follow-up": _page(RECORD, HOLDER, thing="promise"),
    # --- Referrals, questions and requests -------------------------------------------------------------
    "sharing:show-referral": Row("referral", CASE),
    "sharing:show-document": Row("referral", CASE),
    "sharing:fetch-document": Row("referral", CASE, {case: who - {"nobody"} for case, who in CASE.items()}),
    "sharing:act-on-referral": _page(CASE, HOLDER, thing="referral"),
    "sharing:show-question": Row("question", CASE),
    "sharing:record-question-step": _page(CASE, HOLDER, thing="question"),
    # R35: advice without names is asked by whoever holds the concern.
    "sharing:check-question": _page(CASE, HOLDER),
    "sharing:show-consultation": Row("consultation", CASE),
    "sharing:record-advice": _page(CASE, HOLDER, thing="consultation"),
    # R100: the holder; once it has ended, whoever may open it again.
    "sharing:record-correction": _page(CASE, {
        **HOLDER, "closed": LEADS | {"champion"}, "merged": LEADS | {"champion"}, "void": LEADS,
    }),
    "sharing:show-correction": Row("correction", CASE),
    "sharing:told-of-correction": _page(CASE, HOLDER, thing="correction"),
    # R108: whoever leads the enquiry, here whoever holds the concern.
    "sharing:record-enquiry": _page(CASE, HOLDER),
    "sharing:show-enquiry": Row("enquiry", CASE),
    "sharing:record-enquiry-step": _page(CASE, HOLDER, thing="enquiry"),
    "sharing:add-enquiry-task": _page(CASE, HOLDER, thing="enquiry"),
    "sharing:finish-enquiry-task": _page(CASE, HOLDER, thing="enquiry"),
    "sharing:show-request": Row("request", REQUEST),
    "sharing:decide-request": _button(REQUEST, thing="request"),
    # "Requests for information": line managers and champions log, leads and the information governance lead decide,
    # the auditor reads.
    "sharing:act-on-request": _page(
        REQUEST, {case: who - {"auditor", "nobody"} for case, who in REQUEST.items()}, thing="request"
    ),
    # --- One's own reports in writing ---------------------------------------------------------------------
    "concerns:carry-on-draft": _site(_who("reporter"), thing="own draft", get=302),
    "concerns:check-draft": _site(_who("reporter"), thing="own draft", post=200),
    "concerns:discard-draft": _site(_who("reporter"), thing="own draft", post=302),
    "concerns:remove-draft-person": _site(_who("reporter"), thing="own draft", post=302),
    "concerns:list-draft-files": _site(_who("reporter"), thing="own draft", post=200),
    "concerns:remove-draft-file": _site(_who("reporter"), thing="own draft", get=405, post=302),
    # Without the page's own ticket nothing is taken in (403), from its owner neither.
    "concerns:write-draft": _site(_who("reporter"), thing="own draft", post=403),
    "concerns:save-draft": _site(_who("reporter"), thing="own draft", get=405, post=204),
    # --- The whole of it, each as far as they may see -------------------------------------------------------
    "concerns:show-home": _site(STAFF),
    "concerns:start-raise": _site(STAFF, post=200),
    "concerns:list-reports-of-mine": _site(STAFF),
    "concerns:list-queue": _site(STAFF),
    "concerns:search": _site(STAFF, post=200),
    "concerns:list-late": _site(STAFF),
    "concerns:list-limits": _site(STAFF),
    # "Time limits": a lead proposes, a second person agrees; nothing waits for one here.
    "concerns:propose-limit": _site(STAFF, _who("lead", "deputy"), thing="limit", post=200),
    "concerns:view-limit": _site(STAFF, NOBODY, thing="limit", post=200),
    # "Audit log": R for both, taken out by the auditor alone.
    "concerns:list-access": _site(BY_OFFICE, post=200),
    "concerns:export-access": _site(_who("auditor"), post=200),
    "sharing:list-requests": _site(STAFF),
    "sharing:log-request": _site(STAFF, MANAGERS | CHAMPIONS | LEADS | {"ig lead"}, post=200),
    "sharing:list-records": _site(STAFF),
    "sharing:verify-record": _site(STAFF, _who("lead", "deputy") | BY_OFFICE, post=200),
    "sharing:start-export": _site(STAFF, MANAGERS | CHAMPIONS | LEADS | BY_OFFICE, post=200),
    "sharing:list-exports": _site(STAFF),
    # The button starts one that failed again.
    "sharing:show-export": _site(_who("champion"), thing="export", post=302),
    # It is not ready yet, so it is there for nobody (tests/integration/sharing/test_records.py fetches one).
    "sharing:fetch-export": _site(NOBODY, thing="foreign export"),
    "sharing:list-agencies": _site(STAFF),
    "sharing:add-agency": _site(STAFF, LEADS, post=200),
    "sharing:edit-agency": _site(STAFF, LEADS, thing="agency", post=200),
    # R59: everybody reads the register, the information governance lead and the leads keep it.
    "sharing:list-agreements": _site(STAFF),
    "sharing:show-agreement": _site(STAFF, thing="agreement"),
    "sharing:add-agreement": _site(STAFF, LEADS | {"ig lead"}, post=200),
    "sharing:renew-agreement": _site(STAFF, LEADS | {"ig lead"}, thing="agreement", post=200),
    "sharing:add-agreement-file": _site(STAFF, LEADS | {"ig lead"}, thing="agreement", post=200),
    "sharing:fetch-agreement-file": _site(STAFF, thing="agreement"),
    "sharing:retire-agreement": _site(STAFF, LEADS | {"ig lead"}, thing="agreement", post=200),
    # "Break-glass": champions, leads, the designated senior manager and the information governance lead.
    "concerns:break-glass": _site(CHAMPIONS | LEADS | {"designated manager", "ig lead"}, post=200),
    "concerns:list-break-glass": _site(_who("lead", "deputy")),
    "concerns:judge-break-glass": _site(_who("lead", "deputy"), thing="glass", post=200),
    # Everybody who visits homes.
    "concerns:look-up-visit": _site(STAFF, post=200),
    # --- Oversight ---------------------------------------------------------------------------------------
    "champions:list-champions": _site(STAFF),
    "champions:confirm-entry": _site(STAFF, get=405, post=302),
    "champions:list-reports": _site(REPORT_READERS),
    "champions:show-report": _site(REPORT_READERS, thing="released report"),
    "champions:download-report-pdf": _site(REPORT_READERS, thing="released report"),
    "champions:download-report-csv": _site(REPORT_READERS, thing="released report"),
    # R138: the operational lead alone.
    "champions:write-commentary": _site(_who("operational lead"), thing="draft report", post=200),
    "champions:keep-commentary": _site(_who("operational lead"), thing="draft report", get=405, post=204),
    "champions:release-report": _site(_who("operational lead"), thing="draft report", post=302),
    "champions:restate-report": _site(_who("operational lead"), thing="draft report", post=200),
    # --- One's own account ---------------------------------------------------------------------------------
    "accounts:show-account": _site(STAFF),
    "accounts:stay-signed-in": _site(STAFF, get=405, post=204),
    "accounts:set-up-second-factor": _site(STAFF, get=302),
    "accounts:list-leave": _site(STAFF),
    "accounts:add-leave": _site(STAFF, post=200),
    # Without a row that is theirs there is nothing to cancel.
    "accounts:cancel-leave": _site(NOBODY, get=405, post=302),
    "accounts:list-rota": _site(STAFF),
    "accounts:add-shift": _site(STAFF, CHAMPIONS | LEADS, post=200),
    "accounts:cancel-shift": _site(NOBODY, get=405, post=302),
    "show-whistleblowing": _site(STAFF),
    # --- People ------------------------------------------------------------------------------------------------
    # "Users, roles": administrators; leads appoint champions, and they and the information governance lead give the
    # second view on a role that takes two people.
    "people:list-people": _site(SEE_PEOPLE, post=200),
    "people:show-person": _site(SEE_PEOPLE, thing="member"),
    "people:add-person": _site(_who("administrator"), post=200),
    "people:change-person": _site(_who("administrator"), thing="member", post=200),
    "people:deactivate-person": _site(_who("administrator"), thing="member", post=200),
    "people:reactivate-person": _site(_who("administrator"), thing="former member", post=200),
    "people:reset-second-factor": _site(_who("administrator"), thing="member", post=200),
    "people:give-post": _site(LEADS | {"administrator"}, thing="member", post=200),
    "people:end-role": _site(_who("administrator"), thing="role", post=302),
    "people:end-champion": _site(LEADS | {"administrator"}, thing="member", post=302),
    "people:view-post": _site(SEE_PEOPLE, LEADS | {"ig lead"}, thing="proposal", post=200),
    # --- Open to the world ------------------------------------------------------------------------------------
    "show-theme": _site(STAFF, is_public=True),
    "show-health": _site(STAFF, is_public=True),
    "show-ledger-health": _site(STAFF, is_public=True),
    "show-second-step-health": _site(STAFF, is_public=True),
    "show-accessibility": _site(STAFF, is_public=True),
    "show-privacy": _site(STAFF, is_public=True),
}  # fmt: skip

# Signing in: allauth's own pages, which show nothing but one's own account (tests/integration/accounts), and the mails
# of the demo, which is not there in production.
NOT_OURS = (
    "account_login", "account_logout", "account_inactive", "account_reauthenticate", "account_change_password",
    "account_set_password", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key", "account_reset_password_from_key_done", "mfa_index", "mfa_authenticate",
    "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes", "mfa_download_recovery_codes", "mfa_list_webauthn", "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn", "mfa_remove_webauthn", "mfa_edit_webauthn", "socialaccount_login_cancelled",
    "socialaccount_login_error", "socialaccount_signup", "openid_connect_login", "openid_connect_callback",
    "accounts:prove-by-sign-on", "demo:list-mails",
)  # fmt: skip
