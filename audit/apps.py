from django.apps import AppConfig

from safeguarding.kit import immutable


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        immutable.protect("audit_event")
        immutable.protect("audit_seal")
