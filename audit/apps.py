from django.apps import AppConfig

from safeguarding.kit import immutable

# The next number, and further on than every seal before it: one that went back would have all sealed a second time.
_FOLLOWS = (
    "NEW.number = (SELECT COALESCE(MAX(number), 0) + 1 FROM audit_seal)"
    " AND NEW.through_id > (SELECT COALESCE(MAX(through_id), 0) FROM audit_seal)"
)


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        immutable.protect("audit_event")
        immutable.protect("audit_seal", allow_insert_with=_FOLLOWS)
