"""Every weak setting is refused by itself, and a sound production by none. Written out by hand, one weakness a line."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from safeguarding import checks

SOUND: dict[str, Any] = {
    "MODE": "production",
    "DEBUG": False,
    "INSTALLED_APPS": ["accounts", "safeguarding.first_day"],
    "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql"}},
    "SECRET_KEY": "x8Lk2mPq9Rt4Vw7Yz1Bc3Df5Gh6Jn0Ks-x8Lk2mPq9Rt4Vw7Yz1Bc3",
    "SECRET_KEY_FALLBACKS": [],
    "SECOND_FACTOR_KEYS": ["Qm3Wn6Er9Tb2Yv5Uc8Ix1Oz4Pa7Sd0Fg-Qm3Wn6Er9Tb2Yv5Uc8Ix"],
    "SITE_URL": "https://safeguarding.example.org",
    "ALLOWED_HOSTS": ["safeguarding.example.org"],
    "CSRF_TRUSTED_ORIGINS": ["https://safeguarding.landlord.example"],
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_HTTPONLY": True,
    "CSRF_COOKIE_SECURE": True,
    "SECURE_SSL_REDIRECT": True,
    "CELERY_BROKER_URL": "redis://redis:6379/0",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "EMAIL_HOST": "mail.example.org",
    "EMAIL_PORT": 587,
    "EMAIL_HOST_PASSWORD": "secret",
    "EMAIL_USE_TLS": True,
    "EMAIL_USE_SSL": False,
    "MIDDLEWARE": [
        "csp.middleware.CSPMiddleware",
        "accounts.middleware.end_long_sessions",
        "accounts.middleware.AskForSecondFactor",
        "axes.middleware.AxesMiddleware",
    ],
    "MFA_ADAPTER": "accounts.adapter.MFAAdapter",
    "SECOND_FACTOR_ROLES": {
        "safeguarding_lead",
        "deputy_lead",
        "operational_lead",
        "designated_senior_manager",
        "chief_executive",
        "ig_lead",
        "auditor",
        "administrator",
        "champion",
    },
    "SOCIALACCOUNT_PROVIDERS": {
        "openid_connect": {"APPS": [{"settings": {"server_url": "https://sign-on.example.org"}}]}
    },
    "CONTENT_SECURITY_POLICY": {
        "DIRECTIVES": {
            "default-src": ["'none'"],
            "script-src": ["'self'"],
            "style-src": ["'self'"],
            "img-src": ["'self'"],
            "object-src": ["'none'"],
            "base-uri": ["'none'"],
            "frame-ancestors": ["'none'"],
            "form-action": ["'self'", "https://sign-on.example.org"],
        }
    },
    "X_FRAME_OPTIONS": "DENY",
    "SECURE_HSTS_SECONDS": 31_536_000,
    "SECURE_CONTENT_TYPE_NOSNIFF": True,
    "SECURE_REFERRER_POLICY": "same-origin",
    "SESSION_COOKIE_AGE": 1800,
    "SESSION_LONGEST": timedelta(hours=12),
    "SESSION_ENGINE": "django.contrib.sessions.backends.db",
    "LOGGING": {
        "root": {"level": "INFO"},
        "loggers": {"django": {"level": "WARNING"}},
        "handlers": {"console": {"formatter": "plain"}},
        "formatters": {"plain": {"()": "safeguarding.logs.WithoutPersonalData"}},
    },
    "AUTHENTICATION_BACKENDS": ["axes.backends.AxesStandaloneBackend", "other"],
    "AXES_FAILURE_LIMIT": 5,
    "AXES_COOLOFF_TIME": timedelta(minutes=15),
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.PBKDF2PasswordHasher"],
    "AUTH_PASSWORD_VALIDATORS": [{"NAME": "x.MinimumLengthValidator", "OPTIONS": {"min_length": 12}}],
    "SCANNER": "clamav:3310",
}


def policy(**changed: list[str]) -> dict[str, Any]:
    return {"DIRECTIVES": SOUND["CONTENT_SECURITY_POLICY"]["DIRECTIVES"] | changed}


def logs(**changed: Any) -> dict[str, Any]:
    return {"LOGGING": SOUND["LOGGING"] | changed}


def without(name: str) -> dict[str, Any]:
    return {"MIDDLEWARE": [one for one in SOUND["MIDDLEWARE"] if not one.endswith(name)]}


def found(monkeypatch: pytest.MonkeyPatch, **changed: Any) -> list[str | None]:
    """The ids of what the checks find wrong with a sound production but for `changed`."""
    monkeypatch.setattr(checks, "settings", SimpleNamespace(**SOUND | changed))
    return [message.id for check in checks.ALL for message in check(None)]


def test_a_sound_production_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch) == []


@pytest.mark.parametrize(
    ("identifier", "changed"),
    [
        ("safeguarding.E001", {"MODE": "demo"}),
        ("safeguarding.E001", {"MODE": "debug"}),
        ("safeguarding.E001", {"DEBUG": True}),
        ("safeguarding.E002", {"INSTALLED_APPS": ["accounts", "safeguarding.demo"]}),
        ("safeguarding.E003", {"DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3"}}}),
        ("safeguarding.E004", {"SECRET_KEY": "x8Lk2mPq9Rt4Vw7Yz1Bc3"}),
        ("safeguarding.E004", {"SECRET_KEY": "ab" * 40}),
        ("safeguarding.E004", {"SECRET_KEY": "only-for-the-demo-and-the-tests-" * 2}),
        ("safeguarding.E004", {"SECRET_KEY_FALLBACKS": ["short"]}),
        ("safeguarding.E022", {"SECOND_FACTOR_KEYS": []}),
        ("safeguarding.E022", {"SECOND_FACTOR_KEYS": ["only-for-the-demo-and-the-tests-" * 2]}),
        ("safeguarding.E022", {"SECOND_FACTOR_KEYS": [*SOUND["SECOND_FACTOR_KEYS"], "short"]}),
        ("safeguarding.E005", {"SITE_URL": "http://safeguarding.example.org"}),
        ("safeguarding.E005", {"SITE_URL": "https://"}),
        ("safeguarding.E005", {"SITE_URL": "https://safeguarding.example.org/"}),
        ("safeguarding.E006", {"ALLOWED_HOSTS": []}),
        ("safeguarding.E006", {"ALLOWED_HOSTS": ["*"]}),
        ("safeguarding.E021", {"CSRF_TRUSTED_ORIGINS": ["http://safeguarding.example.org"]}),
        ("safeguarding.E021", {"CSRF_TRUSTED_ORIGINS": ["https://safeguarding.example.org", "https://*.uk"]}),
        ("safeguarding.E021", {"CSRF_TRUSTED_ORIGINS": ["https://*"]}),
        ("safeguarding.E021", {"CSRF_TRUSTED_ORIGINS": ["https://safeguarding.example.org/"]}),
        ("safeguarding.E021", {"CSRF_TRUSTED_ORIGINS": ["safeguarding.example.org"]}),
        ("safeguarding.E020", {"SCANNER": ""}),
        ("safeguarding.E007", {"SESSION_COOKIE_SECURE": False}),
        ("safeguarding.E007", {"SESSION_COOKIE_HTTPONLY": False}),
        ("safeguarding.E007", {"CSRF_COOKIE_SECURE": False}),
        ("safeguarding.E007", {"SECURE_SSL_REDIRECT": False}),
        ("safeguarding.E008", {"CELERY_BROKER_URL": "memory://localhost"}),
        ("safeguarding.E008", {"CELERY_BROKER_URL": "filesystem://localhost"}),
        ("safeguarding.E008", {"CELERY_BROKER_URL": ""}),
        ("safeguarding.E009", {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}),
        ("safeguarding.E009", {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend"}),
        ("safeguarding.E009", {"EMAIL_HOST": ""}),
        ("safeguarding.E009", {"EMAIL_HOST": "localhost"}),
        *(
            ("safeguarding.E010", {"SECOND_FACTOR_ROLES": SOUND["SECOND_FACTOR_ROLES"] - {one}})
            for one in sorted(SOUND["SECOND_FACTOR_ROLES"])
        ),
        ("safeguarding.E010", {"SECOND_FACTOR_ROLES": set()}),
        ("safeguarding.E010", {"MFA_ADAPTER": "allauth.mfa.adapter.DefaultMFAAdapter"}),
        ("safeguarding.E010", without("AskForSecondFactor")),
        (
            "safeguarding.E011",
            {
                "SOCIALACCOUNT_PROVIDERS": {
                    "openid_connect": {"APPS": [{"settings": {"server_url": "http://sign-on.example.org"}}]}
                }
            },
        ),
        ("safeguarding.E012", {"CONTENT_SECURITY_POLICY": policy(**{"script-src": ["'self'", "'unsafe-inline'"]})}),
        ("safeguarding.E012", {"CONTENT_SECURITY_POLICY": policy(**{"script-src": ["'self'", "'unsafe-eval'"]})}),
        ("safeguarding.E012", {"CONTENT_SECURITY_POLICY": policy(**{"script-src": ["'self'", "https://cdn.example"]})}),
        ("safeguarding.E012", {"CONTENT_SECURITY_POLICY": policy(**{"style-src": ["'self'", "'unsafe-inline'"]})}),
        ("safeguarding.E012", {"CONTENT_SECURITY_POLICY": policy(**{"img-src": ["*"]})}),
        ("safeguarding.E012", {"CONTENT_SECURITY_POLICY": policy(**{"form-action": ["https:"]})}),
        ("safeguarding.E012", {"CONTENT_SECURITY_POLICY": policy(**{"frame-ancestors": ["*"]})}),
        ("safeguarding.E012", {"CONTENT_SECURITY_POLICY": {"DIRECTIVES": {"default-src": ["'self'"]}}}),
        ("safeguarding.E012", {"CONTENT_SECURITY_POLICY": {}}),
        ("safeguarding.E012", {"X_FRAME_OPTIONS": "SAMEORIGIN"}),
        ("safeguarding.E012", without("CSPMiddleware")),
        ("safeguarding.E013", {"SECURE_HSTS_SECONDS": 0}),
        ("safeguarding.E013", {"SECURE_HSTS_SECONDS": 3600}),
        ("safeguarding.E013", {"SECURE_CONTENT_TYPE_NOSNIFF": False}),
        ("safeguarding.E013", {"SECURE_REFERRER_POLICY": "unsafe-url"}),
        ("safeguarding.E014", {"SESSION_COOKIE_AGE": 3601}),
        ("safeguarding.E014", {"SESSION_LONGEST": timedelta(hours=13)}),
        ("safeguarding.E014", {"SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies"}),
        ("safeguarding.E014", without("end_long_sessions")),
        ("safeguarding.E015", logs(root={"level": "DEBUG"})),
        ("safeguarding.E015", logs(loggers={"django.db.backends": {"level": "DEBUG"}})),
        ("safeguarding.E015", logs(handlers={"file": {"class": "logging.FileHandler"}})),
        ("safeguarding.E015", logs(formatters={"plain": {"format": "{message}"}})),
        ("safeguarding.E016", {"AXES_ENABLED": False}),
        ("safeguarding.E016", {"AXES_FAILURE_LIMIT": 0}),
        ("safeguarding.E016", {"AXES_FAILURE_LIMIT": 11}),
        ("safeguarding.E016", {"AXES_COOLOFF_TIME": None}),
        ("safeguarding.E016", {"AUTHENTICATION_BACKENDS": ["other"]}),
        ("safeguarding.E016", without("AxesMiddleware")),
        ("safeguarding.E017", {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}),
        ("safeguarding.E017", {"PASSWORD_HASHERS": []}),
        ("safeguarding.E017", {"AUTH_PASSWORD_VALIDATORS": []}),
        ("safeguarding.E017", {"AUTH_PASSWORD_VALIDATORS": [{"NAME": "x.MinimumLengthValidator"}]}),
        ("safeguarding.E018", {"EMAIL_USE_TLS": False}),
        ("safeguarding.E018", {"EMAIL_USE_TLS": False, "EMAIL_HOST": "mail", "EMAIL_PORT": 25}),
        ("safeguarding.E018", {"EMAIL_USE_TLS": False, "EMAIL_HOST": "mail", "EMAIL_PORT": 1025}),
    ],
)
def test_each_weak_setting_is_refused(
    monkeypatch: pytest.MonkeyPatch, identifier: str, changed: dict[str, Any]
) -> None:
    assert found(monkeypatch, **changed) == [identifier]


@pytest.mark.parametrize(
    "changed",
    [
        {"SECOND_FACTOR_ROLES": SOUND["SECOND_FACTOR_ROLES"] | {"senior_manager"}},
        {"SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"APPS": []}}},
        {"EMAIL_USE_TLS": False, "EMAIL_USE_SSL": True},
        {"EMAIL_USE_TLS": False, "EMAIL_HOST": "mail", "EMAIL_PORT": 1025, "EMAIL_HOST_PASSWORD": ""},
        {"SESSION_COOKIE_AGE": 3600},
        {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"]},
    ],
)
def test_what_is_no_weakness_passes(monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any]) -> None:
    assert found(monkeypatch, **changed) == []


def test_the_demo_may_be_weak_and_an_unknown_mode_may_not(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "database_is_guarded", list)  # tests/integration/audit/test_application_role.py
    settings.MODE = "demo"
    checks.refuse_weak_start()
    settings.MODE = "debug"
    with pytest.raises(ImproperlyConfigured, match="demo, test or debug mode"):
        checks.refuse_weak_start()
