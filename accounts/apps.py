from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        # allauth's modules need the app registry, so this can't stand at the top.
        from accounts import lockout, sign_in

        lockout.connect()
        sign_in.connect()
