"""What the ledger says about people and about signing in. A failed sign-in never names what was typed."""

from audit.vocabulary import Access, EventKind, register, register_access

SIGNED_IN = register(EventKind("accounts.signed_in", "Signed in"))
SIGNED_OUT = register(EventKind("accounts.signed_out", "Signed out"))
SIGN_IN_FAILED = register(EventKind("accounts.sign_in_failed", "Sign-in failed"))
LOCKED_OUT = register(EventKind("accounts.locked_out", "Locked out after wrong passwords"))
IDENTITY_PROVED = register(
    EventKind("accounts.identity_proved", "Proved who they are again", data=frozenset({"method"}))
)
SECOND_FACTOR_ADDED = register(
    EventKind("accounts.second_factor_added", "Second step of signing in added", data=frozenset({"method"}))
)
SECOND_FACTOR_REMOVED = register(
    EventKind("accounts.second_factor_removed", "Second step of signing in removed", data=frozenset({"method"}))
)
SECOND_STEP_CLOSED = register(
    EventKind("accounts.second_step_closed", "Second step closed for five minutes after wrong codes")
)
RECOVERY_CODES_MADE = register(EventKind("accounts.recovery_codes_made", "New recovery codes made"))
RECOVERY_CODES_SEEN = register(EventKind("accounts.recovery_codes_seen", "Recovery codes looked at or downloaded"))
SECOND_FACTOR_RESET = register(
    EventKind(
        "accounts.second_factor_reset", "Second step of signing in taken away by an administrator", needs_reason=True
    )
)
SIGN_ON_CONNECTED = register(EventKind("accounts.sign_on_connected", "Account connected to the employer's sign-on"))
SESSION_TOO_LONG = register(EventKind("accounts.session_too_long", "Signed out after the longest time allowed"))
PASSWORD_SET = register(EventKind("accounts.password_set", "Password set"))

AREA_ADDED = register(EventKind("accounts.area_added", "Service area added", data=frozenset({"area"})))
AREA_RENAMED = register(EventKind("accounts.area_renamed", "Service area renamed", data=frozenset({"area"})))

PERSON_ADDED = register(EventKind("accounts.person_added", "Person added"))
PERSON_INVITED = register(EventKind("accounts.person_invited", "Invited to set a password"))
PERSON_CHANGED = register(EventKind("accounts.person_changed", "Person's details changed", data=frozenset({"fields"})))
MANAGER_CHANGED = register(
    EventKind("accounts.manager_changed", "Line manager changed", data=frozenset({"before", "after"}))
)
PERSON_DEACTIVATED = register(EventKind("accounts.person_deactivated", "Person deactivated", needs_reason=True))
PERSON_REACTIVATED = register(EventKind("accounts.person_reactivated", "Person reactivated", needs_reason=True))
POST_PROPOSED = register(
    EventKind(
        "accounts.post_proposed", "Role or appointment proposed", needs_reason=True, data=frozenset({"post", "area"})
    )
)
POST_AGREED = register(
    EventKind("accounts.post_agreed", "Role or appointment agreed by a second person", data=frozenset({"post", "area"}))
)
POST_REFUSED = register(
    EventKind(
        "accounts.post_refused",
        "Role or appointment not agreed by the second person",
        needs_reason=True,
        data=frozenset({"post", "area"}),
    )
)
ROLE_GIVEN = register(EventKind("accounts.role_given", "Role given", data=frozenset({"role"})))
ROLE_ENDED = register(EventKind("accounts.role_ended", "Role ended", data=frozenset({"role"})))
CHAMPION_APPOINTED = register(
    EventKind("accounts.champion_appointed", "Safeguarding Champion appointed", data=frozenset({"area"}))
)
CHAMPION_ENDED = register(
    EventKind("accounts.champion_ended", "Safeguarding Champion's appointment ended", data=frozenset({"area"}))
)
CHAMPION_CONFIRMED = register(
    EventKind("accounts.champion_confirmed", "Champion's entry in the directory confirmed", data=frozenset({"area"}))
)
ABSENCE_RECORDED = register(
    EventKind("accounts.absence_recorded", "Absence recorded", data=frozenset({"starts_at", "ends_at"}))
)
ABSENCE_CANCELLED = register(EventKind("accounts.absence_cancelled", "Absence cancelled"))
ABSENCE_CUT_SHORT = register(EventKind("accounts.absence_cut_short", "Back from absence early"))
DUTY_RECORDED = register(
    EventKind("accounts.duty_recorded", "Put on the duty rota", data=frozenset({"area", "starts_at", "ends_at"}))
)
DUTY_CANCELLED = register(EventKind("accounts.duty_cancelled", "Taken off the duty rota", data=frozenset({"area"})))
DUTY_CUT_SHORT = register(EventKind("accounts.duty_cut_short", "Duty ended early", data=frozenset({"area"})))

register_access(
    Access.SIGN_IN, SIGNED_IN, SIGNED_OUT, SIGN_IN_FAILED, LOCKED_OUT, SECOND_STEP_CLOSED, IDENTITY_PROVED,
    SESSION_TOO_LONG,
)  # fmt: skip
