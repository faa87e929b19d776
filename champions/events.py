"""This app's words in the ledger. Data are codes and digests, never figures."""

from audit.vocabulary import Access, EventKind, register, register_access

REPORT_BUILT = register(EventKind("report.built", "Quarterly report built", data=frozenset({"quarter", "version"})))
REPORT_RESTATED = register(
    EventKind(
        "report.restated",
        "Quarterly report restated as a new version",
        needs_reason=True,
        data=frozenset({"quarter", "version"}),
    )
)
COMMENTARY_WRITTEN = register(EventKind("report.commentary_written", "Commentary on a quarterly report written"))
REPORT_RELEASED = register(EventKind("report.released", "Quarterly report released", data=frozenset({"digest"})))
REPORT_READ = register(EventKind("report.read", "Quarterly report read", data=frozenset({"form"})))

register_access(Access.READ, REPORT_READ)
