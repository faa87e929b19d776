"""Makes the project itself an app, so that its system checks are known to every command."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class SafeguardingConfig(AppConfig):
    name = "safeguarding"

    def ready(self) -> None:
        from safeguarding import checks

        checks.register_all()
        # Every process knows every message and event: a worker imports no page that would bring them in.
        autodiscover_modules("notifications", "events")
