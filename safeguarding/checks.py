"""What production refuses to start with: one check for each weak setting, with the sentence that puts it right.

`manage.py check --deploy` runs them, and `refuse_weak_start` runs them when a web or Celery process starts.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from safeguarding.kit import immutable

PRODUCTION = "production"
SHORTEST_SECRET = 50  # characters; Django's own floor
SECURE_COOKIES = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY")
HSTS_AT_LEAST = 180 * 24 * 3600  # seconds
IDLE_AT_MOST = 60 * 60  # seconds
SESSION_AT_MOST = timedelta(hours=12)
TRIES_AT_MOST = 10
SHORTEST_PASSWORD = 12  # characters
SLOW_HASHERS = {
    "PBKDF2PasswordHasher",
    "PBKDF2SHA1PasswordHasher",
    "Argon2PasswordHasher",
    "BCryptSHA256PasswordHasher",
    "ScryptPasswordHasher",
}
# domain.md 5: who reads or decides other people's cases, reads the records, or gives rights.
SECOND_FACTOR_LEAST = {
    "safeguarding_lead",
    "deputy_lead",
    "operational_lead",
    "designated_senior_manager",
    "chief_executive",
    "ig_lead",
    "auditor",
    "administrator",
    "champion",
}
ASKS_FOR_SECOND_FACTOR = "accounts.middleware.AskForSecondFactor"
ENDS_LONG_SESSIONS = "accounts.middleware.end_long_sessions"
CONTENT_POLICY = "csp.middleware.CSPMiddleware"
WITHOUT_PERSONAL_DATA = "safeguarding.logs.WithoutPersonalData"
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
    if all(map(_is_strong, keys)):
        return []
    return _error(
        4,
        "The secret key is missing, short or a well-known one.",
        f"Give SAFEGUARDING_SECRET_KEY (or the file SAFEGUARDING_SECRET_KEY_FILE) {SHORTEST_SECRET} or more "
        "random characters, and so each key of SAFEGUARDING_SECRET_KEY_FALLBACKS.",
    )


def second_factor_keys_are_strong(app_configs: Apps, **kwargs: Any) -> list[checks.CheckMessage]:
    if settings.SECOND_FACTOR_KEYS and all(map(_is_strong, settings.SECOND_FACTOR_KEYS)):
        return []
    return _error(
        22,
        "The key of the second steps is missing, short or a well-known one.",
        f"Give SAFEGUARDING_SECOND_FACTOR_KEYS (or the file SAFEGUARDING_SECOND_FACTOR_KEYS_FILE) {SHORTEST_SECRET} or "
        "more random characters, and so each of several.",
    )


def _is_strong(key: str) -> bool:
    return len(key) >= SHORTEST_SECRET and len(set(key)) >= 10 and "demo" not in key


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


def form_origins_are_https(app_configs: Apps, **kwargs: Any) -> list[checks.CheckMessage]:
    origins = [urlsplit(origin) for origin in settings.CSRF_TRUSTED_ORIGINS]
    if all(
        origin.hostname and "*" not in origin.netloc and origin.geturl() == f"https://{origin.netloc}"
        for origin in origins
    ):
        return []
    return _error(
        21,
        "Forms could be sent from another site, or without encryption.",
        "Set SAFEGUARDING_CSRF_TRUSTED_ORIGINS to whole https addresses, without *, or leave it empty.",
    )


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


def second_factor_is_required(app_configs: Apps, **kwargs: Any) -> list[checks.CheckMessage]:
    asked = ASKS_FOR_SECOND_FACTOR in settings.MIDDLEWARE and settings.MFA_ADAPTER == "accounts.adapter.MFAAdapter"
    if asked and set(settings.SECOND_FACTOR_ROLES) >= SECOND_FACTOR_LEAST:
        return []
    return _error(
        10,
        "Somebody who reads cases or gives rights could sign in with a password alone.",
        "Leave SECOND_FACTOR_ROLES as it comes; SAFEGUARDING_SECOND_FACTOR_ALSO_FOR only adds to it.",
    )


def sign_on_is_https(app_configs: Apps, **kwargs: Any) -> list[checks.CheckMessage]:
    apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
    if all(urlsplit(app["settings"]["server_url"]).scheme == "https" for app in apps):
        return []
    return _error(11, "The employer's sign-on is not https.", "Set SAFEGUARDING_OIDC_SERVER_URL to its https address.")


def content_policy_is_strict(app_configs: Apps, **kwargs: Any) -> list[checks.CheckMessage]:
    policy = settings.CONTENT_SECURITY_POLICY.get("DIRECTIVES", {})
    bounded = all(
        source in ("'self'", "'none'")
        for name in ("default-src", "script-src", "style-src", "object-src", "base-uri", "frame-ancestors")
        for source in policy.get(name, ["missing"])
    )
    loose = {str(source) for sources in policy.values() for source in sources if _is_loose(str(source))}
    if CONTENT_POLICY in settings.MIDDLEWARE and bounded and not loose and settings.X_FRAME_OPTIONS == "DENY":
        return []
    return _error(
        12, "Pages could run scripts of somebody else, or be framed.", "Leave CONTENT_SECURITY_POLICY as it comes."
    )


def _is_loose(source: str) -> bool:
    return source.startswith("'unsafe") or source in ("*", "http:", "https:", "data:", "blob:")


def transport_is_strict(app_configs: Apps, **kwargs: Any) -> list[checks.CheckMessage]:
    if (
        settings.SECURE_HSTS_SECONDS >= HSTS_AT_LEAST
        and settings.SECURE_CONTENT_TYPE_NOSNIFF
        and settings.SECURE_REFERRER_POLICY in ("same-origin", "no-referrer")
    ):
        return []
    return _error(
        13, "Browsers are not told to keep to https, or tell other sites our addresses.", "Leave SECURE_* as it comes."
    )


def sessions_are_short(app_configs: Apps, **kwargs: Any) -> list[checks.CheckMessage]:
    if (
        settings.SESSION_COOKIE_AGE <= IDLE_AT_MOST
        and settings.SESSION_LONGEST <= SESSION_AT_MOST
        and ENDS_LONG_SESSIONS in settings.MIDDLEWARE
        and settings.SESSION_ENGINE.endswith((".db", ".cached_db"))
    ):
        return []
    return _error(
        14,
        "Sessions last too long, or are kept where they cannot be ended.",
        "SESSION_COOKIE_AGE: at most 60 minutes. SESSION_LONGEST: at most 12 hours. SESSION_ENGINE: the database.",
    )


def logs_hold_no_details(app_configs: Apps, **kwargs: Any) -> list[checks.CheckMessage]:
    logging: dict[str, Any] = settings.LOGGING
    levels = [logging.get("root", {}).get("level", "WARNING")]
    levels += [one.get("level", "INFO") for one in [*logging["loggers"].values(), *logging["handlers"].values()]]
    formats = {name for name, one in logging["formatters"].items() if one.get("()") == WITHOUT_PERSONAL_DATA}
    if not {"DEBUG", "NOTSET"} & set(levels) and all(
        one.get("formatter") in formats for one in logging["handlers"].values()
    ):
        return []
    return _error(15, "Logs could hold what people typed.", "Leave LOGGING as it comes: nothing below INFO.")


def wrong_passwords_lock_out(app_configs: Apps, **kwargs: Any) -> list[checks.CheckMessage]:
    if (
        getattr(settings, "AXES_ENABLED", True)
        and settings.AUTHENTICATION_BACKENDS[0] == "axes.backends.AxesStandaloneBackend"
        and settings.MIDDLEWARE[-1] == "axes.middleware.AxesMiddleware"
        and 0 < settings.AXES_FAILURE_LIMIT <= TRIES_AT_MOST
        and settings.AXES_COOLOFF_TIME is not None
    ):
        return []
    return _error(
        16, "Passwords could be guessed without end.", "Leave AXES_* as it comes: at most 10 tries, then a wait."
    )


def passwords_are_kept_well(app_configs: Apps, **kwargs: Any) -> list[checks.CheckMessage]:
    hashers = [name.rpartition(".")[2] for name in settings.PASSWORD_HASHERS]
    validators: Any = settings.AUTH_PASSWORD_VALIDATORS
    shortest = [
        one.get("OPTIONS", {}).get("min_length", 8)
        for one in validators
        if one["NAME"].endswith(".MinimumLengthValidator")
    ]
    if hashers and set(hashers) <= SLOW_HASHERS and shortest and max(shortest) >= SHORTEST_PASSWORD:
        return []
    return _error(
        17,
        "Passwords are short, or kept in a form that is quick to guess.",
        "Leave PASSWORD_HASHERS and AUTH_PASSWORD_VALIDATORS as they come.",
    )


def mail_is_encrypted(app_configs: Apps, **kwargs: Any) -> list[checks.CheckMessage]:
    # The catcher of docker-compose.yml, on a network of its own, for trying out.
    is_caught = (settings.EMAIL_HOST, settings.EMAIL_PORT) == ("mail", 1025) and not settings.EMAIL_HOST_PASSWORD
    if settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL or is_caught:
        return []
    return _error(18, "E-mail travels without encryption.", "Set SAFEGUARDING_MAIL_STARTTLS=yes.")


def role_owns_nothing(connection: BaseDatabaseWrapper) -> list[checks.CheckMessage]:
    """Whether the role that serves could empty, drop or alter an append-only table, or set a counter that numbers
    rows: what the ledger’s counter gave out is what is sealed. Asked of PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolcreaterole OR rolbypassrls FROM pg_roles WHERE rolname = session_user")
        is_mighty = bool(cursor.fetchone()[0])
        cursor.execute(
            "SELECT bool_or(pg_has_role(session_user, relowner, 'MEMBER')"
            " OR has_table_privilege(session_user, pg_class.oid, 'TRUNCATE')"
            # Who owns the schema may drop what is in it; so may the database's owner, who owns "public".
            " OR pg_has_role(session_user, nspowner, 'MEMBER')"
            " OR has_schema_privilege(session_user, pg_namespace.oid, 'CREATE')"
            " OR pg_has_role(session_user, datdba, 'MEMBER'))"
            " FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
            " JOIN pg_database ON datname = current_database()"
            " WHERE relkind = 'r' AND relname = ANY(%s) AND pg_table_is_visible(pg_class.oid)",
            [list(immutable.protections())],
        )
        can_alter = bool(cursor.fetchone()[0])
        cursor.execute(
            "SELECT bool_or(has_sequence_privilege(session_user, oid, 'UPDATE')) FROM pg_class"
            " WHERE relkind = 'S' AND pg_table_is_visible(oid)"
        )
        can_count = bool(cursor.fetchone()[0])
    if not (is_mighty or can_alter or can_count):
        return []
    return _error(
        19,
        "The database role could empty or alter the ledger.",
        "Serve with a role that owns nothing, as deploy/database-rights.sql sets it up (SAFEGUARDING_DB_USER).",
    )


def database_is_guarded() -> list[checks.CheckMessage]:
    """What only the database itself can say, asked by a process that is about to serve.

    One that does not answer yet is no weak setting: /healthz tells, and the process goes on trying.
    """
    if connection.vendor != "postgresql":
        return []
    try:
        return [*role_owns_nothing(connection), *immutable.check_triggers(databases=["default"])]
    except OperationalError:
        return []
    finally:
        connection.close()


ALL: tuple[Callable[..., list[checks.CheckMessage]], ...] = (
    mode_is_production,
    demo_is_absent,
    database_is_postgresql,
    secret_key_is_strong,
    second_factor_keys_are_strong,
    site_url_is_https,
    hosts_are_named,
    form_origins_are_https,
    cookies_are_secure,
    broker_is_a_server,
    mail_goes_out,
    files_are_scanned,
    second_factor_is_required,
    sign_on_is_https,
    content_policy_is_strict,
    transport_is_strict,
    sessions_are_short,
    logs_hold_no_details,
    wrong_passwords_lock_out,
    passwords_are_kept_well,
    mail_is_encrypted,
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
    found = [*checks.run_checks(tags=[PRODUCTION], include_deployment_checks=True), *database_is_guarded()]
    if found:
        raise ImproperlyConfigured("\n".join(["Not safe to start:", *(f"- {one.msg} {one.hint}" for one in found)]))
