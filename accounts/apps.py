from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        # allauth's modules need the app registry, so this can't stand at the top.
        from accounts import sign_in

        sign_in.connect()
