from django.apps import AppConfig

from safeguarding.kit import immutable


class ConcernsConfig(AppConfig):
    name = "concerns"

    def ready(self) -> None:
        # R21, X4: a DASH record is corrected by a new one, never changed.
        immutable.protect("concerns_dashrecord")
        immutable.protect("concerns_domesticaccount")
        immutable.protect("concerns_contact")
        from accounts import duties
        from concerns.selectors_duties import concerns_held
        from concerns.services.escalating import pass_on_held
        from concerns.services.grants import close_ways
        from concerns.services.unsent import tell_of_left_drafts

        duties.register(concerns_held)
        duties.register_pass_on(pass_on_held)
        duties.register_closing(close_ways)
        duties.register_leaving(tell_of_left_drafts)
