"""The ledger's own vocabulary."""

from audit.vocabulary import Access, EventKind, register, register_access

ACT_REFUSED = register(EventKind("audit.act_refused", "Refused", data=frozenset({"act", "why"})))

register_access(Access.REFUSAL, ACT_REFUSED)
