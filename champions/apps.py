from django.apps import AppConfig


class ChampionsConfig(AppConfig):
    name = "champions"

    def ready(self) -> None:
        # Models can be imported only now.
        from champions import written_once

        written_once.protect()
