from django.apps import AppConfig


class ConcernsConfig(AppConfig):
    name = "concerns"

    def ready(self) -> None:
        from concerns import written_once

        written_once.protect()
        from accounts import duties
        from concerns.selectors_duties import concerns_held
        from concerns.services.escalating import pass_on_held
        from concerns.services.grants import close_ways
        from concerns.services.unsent import tell_of_left_drafts

        duties.register(concerns_held)
        duties.register_pass_on(pass_on_held)
        duties.register_closing(close_ways)
        duties.register_leaving(tell_of_left_drafts)
