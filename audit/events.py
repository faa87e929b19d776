"""The ledger's own vocabulary."""

from audit.vocabulary import EventKind, register

ACT_REFUSED = register(EventKind("audit.act_refused", "Refused", data=frozenset({"act", "why"})))
