from django.apps import AppConfig


class ConcernsConfig(AppConfig):
    name = "concerns"

    def ready(self) -> None:
        from accounts import duties
        from concerns.selectors_duties import concerns_held
        from concerns.services.escalating import pass_on_held

        duties.register(concerns_held)
        duties.register_pass_on(pass_on_held)
