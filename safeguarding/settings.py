"""Settings, read once from the environment. Every variable begins with SAFEGUARDING_; docs/deployment.md lists them.

Three modes, named by SAFEGUARDING_MODE: "demo" (what `make run` starts: fictional people, SQLite, no servers),
"test" (the test suite) and "production" (the default, which refuses to start with a weak setting: see checks.py).
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

BASE_DIR = Path(__file__).resolve().parent.parent
MODE = os.environ.get("SAFEGUARDING_MODE", "production")
IS_DEMO = MODE == "demo"
IS_PRODUCTION = MODE == "production"

# Everything that the running service writes, apart from the database of production.
VAR_DIR = Path(os.environ.get("SAFEGUARDING_VAR", BASE_DIR / "var" / "demo"))


def _secret(name: str, default: str = "") -> str:
    """The value of NAME, or the content of the file that NAME_FILE points to (container secrets)."""
    file_name = os.environ.get(f"{name}_FILE")
    if file_name:
        return Path(file_name).read_text(encoding="utf-8").strip()
    return os.environ.get(name, default)


def _words(name: str, default: str = "") -> list[str]:
    return os.environ.get(name, default).split()


DEBUG = False
_KEY_FOR_TRYING_OUT = "" if IS_PRODUCTION else "only-for-the-demo-and-the-tests-" * 2
SECRET_KEY = _secret("SAFEGUARDING_SECRET_KEY", _KEY_FOR_TRYING_OUT)
# Keys of before, several with spaces or one a line: what was signed with them still counts (docs/deployment.md).
SECRET_KEY_FALLBACKS = _secret("SAFEGUARDING_SECRET_KEY_FALLBACKS").split()
SITE_URL = os.environ.get("SAFEGUARDING_SITE_URL", "http://localhost:8000")
ALLOWED_HOSTS = _words("SAFEGUARDING_ALLOWED_HOSTS", "" if IS_PRODUCTION else "localhost 127.0.0.1 [::1]")
CSRF_TRUSTED_ORIGINS = _words("SAFEGUARDING_CSRF_TRUSTED_ORIGINS")
# How many proxies of ours stand in front: 1 with the TLS proxy of docker-compose.yml.
PROXY_COUNT = int(os.environ.get("SAFEGUARDING_PROXIES", "0"))
REDIS_URL = _secret("SAFEGUARDING_REDIS_URL")

# --- The organisation: what a landlord changes -------------------------------------------------
ORGANISATION_NAME = os.environ.get("SAFEGUARDING_ORGANISATION", "Larkfield Homes")
ORGANISATION_COLOUR = os.environ.get("SAFEGUARDING_COLOUR", "#0b4f6c")
# Whom to ring when nobody inside answers. Shown on every receipt and on the emergency page.
DUTY_PHONE = os.environ.get("SAFEGUARDING_DUTY_PHONE", "01632 960 100")
CHILDREN_OUT_OF_HOURS_PHONE = os.environ.get("SAFEGUARDING_CHILDREN_PHONE", "01632 960 111")
ADULTS_OUT_OF_HOURS_PHONE = os.environ.get("SAFEGUARDING_ADULTS_PHONE", "01632 960 122")
# The whistleblowing page (R43): left out while empty.
WHISTLEBLOWING_POLICY = os.environ.get(
    "SAFEGUARDING_WHISTLEBLOWING_POLICY", "" if IS_PRODUCTION else "Version 4 (demonstration), 1 April 2026"
)
# People beside the leads: "who, phone", with semicolons between them.
WHISTLEBLOWING_CONTACTS = os.environ.get(
    "SAFEGUARDING_WHISTLEBLOWING_CONTACTS", "" if IS_PRODUCTION else "Chair of the audit committee, 01632 960 133"
)

INSTALLED_APPS = [
    "safeguarding.apps.SafeguardingConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "crispy_forms",
    "crispy_forms_gds",
    "guardian",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "csp",
    "safeguarding.kit",
    "audit",
    "accounts",
    "concerns",
    "sharing",
    "champions",
    *(["safeguarding.demo"] if IS_DEMO or MODE == "test" else []),
    "safeguarding.first_day",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "safeguarding.pages.answer_without_session",
    "accounts.middleware.keep_out_of_caches",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "safeguarding.pages.refuse_unused_methods",
    "safeguarding.pages.refuse_null_characters",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.end_long_sessions",
    "safeguarding.sending_again.SignInOrSendAgain",
    "accounts.middleware.AskForSecondFactor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "safeguarding.urls"
WSGI_APPLICATION = "safeguarding.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "safeguarding.context.interface",
            ],
        },
    },
]

# --- Data -------------------------------------------------------------------------------------
if os.environ.get("SAFEGUARDING_DB_NAME"):
    DATABASES: dict[str, dict[str, Any]] = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": os.environ["SAFEGUARDING_DB_NAME"],
            "USER": os.environ.get("SAFEGUARDING_DB_USER", ""),
            "PASSWORD": _secret("SAFEGUARDING_DB_PASSWORD"),
            "HOST": os.environ.get("SAFEGUARDING_DB_HOST", ""),
            "PORT": os.environ.get("SAFEGUARDING_DB_PORT", ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {"connect_timeout": 10},
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": VAR_DIR / "safeguarding.sqlite3",
            "OPTIONS": {
                # Writers queue instead of failing half-way.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
                # INSERT OR REPLACE then fires the delete triggers of the append-only tables too.
                "PRAGMA recursive_triggers=ON;",
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Time and words ---------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "Europe/London"
# Office hours, Monday to Friday without bank holidays; clocks that run in working time use them.
WORKING_DAY = ("09:00", "17:00")
LANGUAGE_CODE = "en-gb"
USE_I18N = False

# --- Sign-in ----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
ANONYMOUS_USER_NAME = None  # guardian: no anonymous account
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
# A link to set or reset a password: long enough for a weekend.
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600
ALLAUTH_TRUSTED_PROXY_COUNT = PROXY_COUNT  # decides which address a lock-out counts

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]  # nobody signs up; this gives the sign-in page its password
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # administrators enter the addresses
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = False  # ours are queued with the change itself (accounts.sign_in)
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # seconds; the same five minutes as accounts.proof
# Per address, for an office behind one router; axes counts wrong passwords, accounts.sign_in wrong codes.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "60/m/ip", "second_step": "5/5m/key"}
ACCOUNT_FORMS = {
    "login": "accounts.forms_sign_in.SignInForm",
    "reauthenticate": "accounts.forms_sign_in.PasswordAgainForm",
    "change_password": "accounts.forms_sign_in.ChangePasswordForm",
    "reset_password": "accounts.forms_sign_in.ForgottenPasswordForm",
    "reset_password_from_key": "accounts.forms_sign_in.ChosenPasswordForm",
}
MFA_FORMS = {
    "authenticate": "accounts.forms_sign_in.SecondStepForm",
    "reauthenticate": "accounts.forms_sign_in.SecondStepAgainForm",
    "activate_totp": "accounts.forms_sign_in.NewAppForm",
    "edit_webauthn": "accounts.forms_sign_in.RenamedKeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = ORGANISATION_NAME
# allauth keeps each address as unverified once a link for a password was made, and would then refuse a second step:
# meant for sites where anybody signs up with any address. Here administrators enter them.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
# Under these the database keeps the secrets of second steps, several with spaces or one a line: the first writes, each
# reads. Not the secret key: a new one of that would lock out everybody who needs a second step.
SECOND_FACTOR_KEYS = _secret("SAFEGUARDING_SECOND_FACTOR_KEYS", _KEY_FOR_TRYING_OUT).split()
# Who must sign in with a second step (R146): whoever reads other people's cases or signed records, decides about them,
# or gives others their rights. Production refuses to start with fewer (checks.py); more may be named. The demo only
# offers it: its sign-ins are printed on the screen for whoever tries it out.
SECOND_FACTOR_ALWAYS = frozenset(
    {
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
)
SECOND_FACTOR_ROLES = (
    frozenset() if IS_DEMO else SECOND_FACTOR_ALWAYS | set(_words("SAFEGUARDING_SECOND_FACTOR_ALSO_FOR"))
)
SOCIALACCOUNT_ADAPTER = "accounts.adapter.SocialAccountAdapter"
# accounts.sign_on does it instead: allauth would take away the password of an account that is opened by its address.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "accounts.lockout.account_tried"
AXES_CLIENT_IP_CALLABLE = "accounts.lockout.client_address"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True  # the ledger keeps it
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "login"]  # masked in logs
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not IS_PRODUCTION  # http://localhost

# The employer's own sign-on, when there is one.
OIDC_SERVER_URL = os.environ.get("SAFEGUARDING_OIDC_SERVER_URL", "")
# For a directory that gives addresses without saying that they are checked, and lets nobody choose their own.
OIDC_EMAILS_ARE_VERIFIED = os.environ.get("SAFEGUARDING_OIDC_EMAILS_ARE_VERIFIED", "no") == "yes"
# What it says in `acr` after a second step, beside "mfa" in `amr`.
OIDC_MFA_ACR = frozenset(_words("SAFEGUARDING_OIDC_MFA_ACR"))
SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, Any]] = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "employer",
                "name": os.environ.get("SAFEGUARDING_OIDC_NAME", f"{ORGANISATION_NAME} account"),
                "client_id": os.environ.get("SAFEGUARDING_OIDC_CLIENT_ID", ""),
                "secret": _secret("SAFEGUARDING_OIDC_SECRET"),
                "settings": {"server_url": OIDC_SERVER_URL},
            }
        ]
        if OIDC_SERVER_URL
        else [],
    }
}

# --- Sessions and transport ---------------------------------------------------------------------
SESSION_COOKIE_AGE = 30 * 60  # idle time in seconds; every answer begins it anew
SESSION_LONGEST = timedelta(hours=12)  # then one signs in anew, however busy
SESSION_SAVE_EVERY_REQUEST = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_PRODUCTION
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
if IS_PRODUCTION:  # the prefix makes browsers refuse a cookie set by another host or without TLS
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
if PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = IS_PRODUCTION
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if IS_PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
# Not "no-referrer": with it browsers send "Origin: null" with every form, which the forgery check refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        # Browsers apply this to redirects after a form as well: sign-in goes on to the employer's sign-on.
        "form-action": [
            SELF,
            *(["{0.scheme}://{0.netloc}".format(urlsplit(OIDC_SERVER_URL))] if OIDC_SERVER_URL else []),
        ],
    }
}

# House rule 4: guardian's own backend passes ended grants, so visible_to() reads the grants instead.
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]

# --- Forms ------------------------------------------------------------------------------------
CRISPY_ALLOWED_TEMPLATE_PACKS = ["gds"]
CRISPY_TEMPLATE_PACK = "gds"

# --- Pages of refusal --------------------------------------------------------------------------
CSRF_FAILURE_VIEW = "safeguarding.pages.refuse_stale_form"
AXES_LOCKOUT_TEMPLATE = "429.html"

# --- Static files -----------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("SAFEGUARDING_STATIC_ROOT", VAR_DIR / "static"))
STATICFILES_DIRS = [("build", BASE_DIR / "static" / "build")]  # what npm built, without its sources
WHITENOISE_USE_FINDERS = not IS_PRODUCTION  # the demo serves what the build made, without collectstatic
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if IS_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
MEDIA_ROOT = VAR_DIR / "files"  # private: no address leads to it

# How many PDFs of an export are made side by side: half of the processors, so that pages stay quick meanwhile.
PDF_PROCESSES = max(1, int(os.environ.get("SAFEGUARDING_PDF_PROCESSES") or (os.cpu_count() or 1) // 2))

# --- Files that people add (docs/adr/0019) -------------------------------------------------------
# ClamAV's daemon: the path of its socket, or "host:port". Without one, production refuses to start.
SCANNER = os.environ.get("SAFEGUARDING_CLAMAV", "")
# A photo of a phone has 3 to 12 MB, a scanned report of 60 pages about 15; clamd looks into 25 MB by default.
FILE_MOST_BYTES = 20 * 1024 * 1024
FILES_MOST_AT_ONCE = 10
# Of one person, on one concern: some thirty photos and the papers of a long case. More than that belongs to the agency
# that leads. Reports that one person has not sent yet have no more together.
PERSON_MOST_BYTES = 200 * 1024 * 1024
# What is read off the wire and kept while a form arrives: one file (a PDF to be checked may have 50 MB), one form.
UPLOAD_MOST_BYTES = 50 * 1024 * 1024
UPLOAD_MOST_BYTES_AT_ONCE = 100 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["safeguarding.kit.uploads.ToPrivateFolder"]

# --- Mail -------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = os.environ.get("SAFEGUARDING_MAIL_FROM", "safeguarding@larkfield.example")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# In the session, so that no cookie of its own is needed; messages are fixed sentences and hold no case text.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
EMAIL_TIMEOUT = 20  # seconds
if IS_PRODUCTION:
    EMAIL_HOST = os.environ.get("SAFEGUARDING_MAIL_HOST", "")
    EMAIL_PORT = int(os.environ.get("SAFEGUARDING_MAIL_PORT", "587"))
    EMAIL_HOST_USER = os.environ.get("SAFEGUARDING_MAIL_USER", "")
    EMAIL_HOST_PASSWORD = _secret("SAFEGUARDING_MAIL_PASSWORD")
    EMAIL_USE_TLS = os.environ.get("SAFEGUARDING_MAIL_STARTTLS", "yes") == "yes"
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"

# --- Cache: rate limits of the sign-in pages, nothing personal ---------------------------------
# In the database (kit's migrations make the table): so nobody is kept from signing in while Redis is away.
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "safeguarding_cache",
        "KEY_FUNCTION": "safeguarding.kit.counting.unreadable_key",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

# --- Celery: nudges only, the database is the truth (the beat schedule: celery.py) --------------
CELERY_BROKER_URL = REDIS_URL or ("filesystem://localhost" if IS_DEMO else "memory://localhost")
if CELERY_BROKER_URL.startswith("filesystem:"):
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "data_folder_in": str(VAR_DIR / "broker" / "queue"),
        "data_folder_out": str(VAR_DIR / "broker" / "queue"),
        "control_folder": str(VAR_DIR / "broker" / "control"),
    }
elif CELERY_BROKER_URL.startswith(("redis:", "rediss:")):
    # Nobody waits long for Redis: a nudge gives up at once when it is away, and after two seconds when it is silent.
    # The worker goes on trying to reach it (its own settings), and its blocking read takes one second at a time.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"max_retries": 0, "socket_connect_timeout": 1, "socket_timeout": 2}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = 30 * 60  # seconds: exports are the longest
# What may take minutes has workers of its own (`--queues long`): the clocks of concerns, mail and seals never wait
# for it.
CELERY_TASK_ROUTES = {
    task: {"queue": "long"} for task in ("sharing.build_export", "concerns.scan_*", "champions.build_due_reports")
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")

# --- Logs: one line each, to the terminal, never with personal data (logs.py) -------------------
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "safeguarding.logs.WithoutPersonalData"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "INFO" if IS_PRODUCTION else "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django.request": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        # These write the name that somebody tried to sign in with.
        "axes": {"handlers": ["console"], "level": "CRITICAL", "propagate": False},
    },
}
