from django.apps import AppConfig

from safeguarding.kit import immutable

IMMUTABLE = (
    "sharing_signedrecord",
    "sharing_coveredperson",
    "sharing_secondview",
    "sharing_supersession",
    "sharing_disclosure",
    "sharing_receiptcheck",
    "sharing_telling",
    "sharing_referralstep",
    "sharing_correction",
    "sharing_capacityrecord",
    "sharing_questionstep",
    "sharing_requestunlinked",
    "sharing_agreementversion",
    "sharing_agreementfile",
    "sharing_enquirystep",
    "sharing_recordcopy",
    "sharing_draftcopy",
)


class SharingConfig(AppConfig):
    name = "sharing"

    def ready(self) -> None:
        for table in IMMUTABLE:
            immutable.protect(table)
        # Models can be imported only now.
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
