from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate

from safeguarding.kit import immutable


class KitConfig(AppConfig):
    name = "safeguarding.kit"
    label = "kit"

    def ready(self) -> None:
        register(immutable.check_triggers, Tags.database, deploy=True)
        # Once per `migrate`, when the tables of every app are there.
        post_migrate.connect(immutable.install_after_migrate, sender=self)
