"""What production refuses to start with: one check for each weak setting, with the sentence that puts it right.

`manage.py check --deploy` runs them, and `refuse_weak_start` runs them when a web or Celery process starts.
"""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

PRODUCTION = "production"
SHORTEST_SECRET = 50  # characters; Django's own floor
SECURE_COOKIES = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY")
MAIL_THAT_GOES_NOWHERE = ("console", "dummy", "filebased", "locmem")
Apps = Sequence[AppConfig] | None


def _error(number: int, message: str, hint: str) -> list[checks.CheckMessage]:
    return [checks.Error(message, hint=hint, id=f"safeguarding.E{number:03}")]


def mode_is_production(app_configs: Apps, **kwargs: Any) -> list[checks.CheckMessage]:
    if settings.MODE == "production" and not settings.DEBUG:
        return []
    return _error(
        1, "The service is in demo, test or debug mode.", "Unset SAFEGUARDING_MODE; real people need the real thing."
    )


def demo_is_absent(app_configs: Apps, **kwargs: Any) -> list[checks.CheckMessage]:
    if "safeguarding.demo" not in settings.INSTALLED_APPS:
        return []
    return _error(2, "The demo people can be made here.", "Remove safeguarding.demo from INSTALLED_APPS.")


def database_is_postgresql(app_configs: Apps, **kwargs: Any) -> list[checks.CheckMessage]:
    if all(database["ENGINE"].endswith(".postgresql") for database in settings.DATABASES.values()):
        return []
    return _error(3, "The database is not PostgreSQL.", "Set SAFEGUARDING_DB_NAME, _USER, _PASSWORD and _HOST.")


def secret_key_is_strong(app_configs: Apps, **kwargs: Any) -> list[checks.CheckMessage]:
    try:
        keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    except ImproperlyConfigured:  # Django's own word for an empty one
        keys = [""]
    if all(len(key) >= SHORTEST_SECRET and len(set(key)) >= 10 and "demo" not in key for key in keys):
        return []
    return _error(
        4,
        "The secret key is missing, short or a well-known one.",
        f"Give SAFEGUARDING_SECRET_KEY (or the file SAFEGUARDING_SECRET_KEY_FILE) {SHORTEST_SECRET} or more "
        "random characters.",
    )


def site_url_is_https(app_configs: Apps, **kwargs: Any) -> list[checks.CheckMessage]:
    address = urlsplit(settings.SITE_URL)
    if address.scheme == "https" and address.hostname and not settings.SITE_URL.endswith("/"):
        return []
    return _error(
        5, "The site's address is not https.", "Set SAFEGUARDING_SITE_URL, such as https://safeguarding.example.org"
    )


def hosts_are_named(app_configs: Apps, **kwargs: Any) -> list[checks.CheckMessage]:
    if settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS:
        return []
    return _error(6, "The host names of the site are not named.", "Set SAFEGUARDING_ALLOWED_HOSTS, without *.")


def cookies_are_secure(app_configs: Apps, **kwargs: Any) -> list[checks.CheckMessage]:
    if all(getattr(settings, name) for name in SECURE_COOKIES) and settings.SECURE_SSL_REDIRECT:
        return []
    return _error(7, "Cookies could travel without encryption.", "Leave the cookie and TLS settings as they come.")


def broker_is_a_server(app_configs: Apps, **kwargs: Any) -> list[checks.CheckMessage]:
    if settings.CELERY_BROKER_URL.partition("://")[0] not in ("", "memory", "filesystem"):
        return []
    return _error(8, "Background work has no Redis.", "Set SAFEGUARDING_REDIS_URL, such as redis://redis:6379/0")


def mail_goes_out(app_configs: Apps, **kwargs: Any) -> list[checks.CheckMessage]:
    kind = settings.EMAIL_BACKEND.split(".")[-2]
    if kind not in MAIL_THAT_GOES_NOWHERE and settings.EMAIL_HOST not in ("", "localhost"):
        return []
    return _error(9, "E-mail reaches nobody.", "Set SAFEGUARDING_MAIL_HOST to the mail server of the organisation.")


def files_are_scanned(app_configs: Apps, **kwargs: Any) -> list[checks.CheckMessage]:
    if settings.SCANNER:
        return []
    return _error(
        20,
        "Files that people add are not checked for viruses.",
        "Set SAFEGUARDING_CLAMAV to ClamAV's daemon, such as clamav:3310",
    )


ALL: tuple[Callable[..., list[checks.CheckMessage]], ...] = (
    mode_is_production,
    demo_is_absent,
    database_is_postgresql,
    secret_key_is_strong,
    site_url_is_https,
    hosts_are_named,
    cookies_are_secure,
    broker_is_a_server,
    mail_goes_out,
    files_are_scanned,
)


def register_all() -> None:
    """Make the checks known to `manage.py check --deploy`."""
    for check in ALL:
        checks.register(check, PRODUCTION, deploy=True)


def refuse_weak_start() -> None:
    """Called when a process begins to serve. Raises ImproperlyConfigured naming every weak setting.

    The demo and the tests may be weak, and say so on every page; whatever else SAFEGUARDING_MODE says is production.
    """
    if settings.MODE in ("demo", "test"):
        return
    found = checks.run_checks(tags=[PRODUCTION], include_deployment_checks=True)
    if found:
        raise ImproperlyConfigured("\n".join(["Not safe to start:", *(f"- {one.msg} {one.hint}" for one in found)]))
