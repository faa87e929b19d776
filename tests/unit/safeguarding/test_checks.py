"""Every weak setting is refused by itself, and a sound production by none. Written out by hand, one weakness a line."""

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
    "SITE_URL": "https://safeguarding.example.org",
    "ALLOWED_HOSTS": ["safeguarding.example.org"],
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_HTTPONLY": True,
    "CSRF_COOKIE_SECURE": True,
    "SECURE_SSL_REDIRECT": True,
    "CELERY_BROKER_URL": "redis://redis:6379/0",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "EMAIL_HOST": "mail.example.org",
    "SCANNER": "clamav:3310",
}


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
        ("safeguarding.E005", {"SITE_URL": "http://safeguarding.example.org"}),
        ("safeguarding.E005", {"SITE_URL": "https://"}),
        ("safeguarding.E005", {"SITE_URL": "https://safeguarding.example.org/"}),
        ("safeguarding.E006", {"ALLOWED_HOSTS": []}),
        ("safeguarding.E006", {"ALLOWED_HOSTS": ["*"]}),
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
    ],
)
def test_each_weak_setting_is_refused(
    monkeypatch: pytest.MonkeyPatch, identifier: str, changed: dict[str, Any]
) -> None:
    assert found(monkeypatch, **changed) == [identifier]


def test_the_demo_may_be_weak_and_an_unknown_mode_may_not(settings: Any) -> None:
    settings.MODE = "demo"
    checks.refuse_weak_start()
    settings.MODE = "debug"
    with pytest.raises(ImproperlyConfigured, match="demo, test or debug mode"):
        checks.refuse_weak_start()
