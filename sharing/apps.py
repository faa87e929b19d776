from django.apps import AppConfig


class SharingConfig(AppConfig):
    name = "sharing"

    def ready(self) -> None:
        # Models can be imported only now.
        from sharing import written_once

        written_once.protect()
        from concerns.facts import (
            register_declined,
            register_hidden_events,
            register_orders,
            register_sharing_facts,
            register_signers,
        )
        from sharing.selectors import cites_order, declined_concerns, events_kept_from, sharing_facts, signers

        register_sharing_facts(sharing_facts)
        register_declined(declined_concerns)
        register_signers(signers)
        register_orders(cites_order)
        register_hidden_events(events_kept_from)
