"""Settings, all from the environment. Each is described in docs/reference/settings.md (a test checks that)."""

from pathlib import Path

from unknot import __version__
from unknot.config import env
from unknot.db.urls import database_settings
from unknot.kernel.zones import require_fresh_data

require_fresh_data()

PACKAGE = Path(__file__).resolve().parent.parent

DEMO = env.flag("UNKNOT_DEMO")
DEBUG = env.flag("UNKNOT_DEBUG")
UNKNOT_VERSION = __version__
UNKNOT_DEMO = DEMO
UNKNOT_DATA = Path(env.text("UNKNOT_DATA", "var")).absolute()
UNKNOT_URL = env.text("UNKNOT_URL", "http://localhost:8000").rstrip("/")
SECRET_KEY = env.text("UNKNOT_SECRET_KEY")
UNKNOT_MASTER_KEY = env.text("UNKNOT_MASTER_KEY")
UNKNOT_TRUSTED_PROXIES = frozenset(env.words("UNKNOT_TRUSTED_PROXIES"))
UNKNOT_LIMIT_FACTOR = env.number("UNKNOT_LIMIT_FACTOR", 1)
UNKNOT_CLOCK_TOLERANCE = env.number("UNKNOT_CLOCK_TOLERANCE", 2)
UNKNOT_OUTBOUND_ALLOW = tuple(env.words("UNKNOT_OUTBOUND_ALLOW"))
UNKNOT_OPERATOR_NAME = env.text("UNKNOT_OPERATOR_NAME", "Unknot")

_host = UNKNOT_URL.split("://", 1)[-1].split("/")[0].split(":")[0]
_secure = UNKNOT_URL.startswith("https://")
ALLOWED_HOSTS = [_host, *env.words("UNKNOT_HOSTS")]
CSRF_TRUSTED_ORIGINS = [UNKNOT_URL] if _secure else []

ROOMS = [
    "interop",
    "website",
    "matching",
    "reviews",
    "treatment",
    "outcomes",
    "booking",
    "payments",
    "intake",
    "travel",
    "availability",
    "practice",
    "people",
    "notifications",
    "audit",
]
INSTALLED_APPS = [
    *(f"unknot.{room}" for room in ROOMS if (PACKAGE / room / "apps.py").exists()),
    "unknot.web",
    "unknot.jobs",
    "unknot.db",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "procrastinate.contrib.django",
]
MIDDLEWARE = [
    "unknot.web.middleware.EdgeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "unknot.web.api.BearerMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "unknot.config.urls"
WSGI_APPLICATION = "unknot.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["unknot.web.templatetags.spoken"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "unknot.web.shell.shell",
            ],
        },
    }
]

DATABASES = {"default": database_settings(env.text("DATABASE_URL"), app_role=env.flag("UNKNOT_APP_ROLE", default=True))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "web_cache"}}

LANGUAGE_CODE = "en-ca"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = UNKNOT_DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

AUTH_USER_MODEL = "people.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/me/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 900
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_ADAPTER = "unknot.people.sign_in.Adapter"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
MFA_ADAPTER = "allauth.mfa.adapter.DefaultMFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _secure
MFA_TOTP_ISSUER = UNKNOT_OPERATOR_NAME

UNKNOT_PRACTICE_FINDER = "unknot.practice.queries.practice_at"
UNKNOT_ACTOR_FINDER = "unknot.practice.queries.actor"
UNKNOT_RECIPIENT_FINDER = "unknot.people.queries.recipient"
UNKNOT_STRONG_CHECK = "unknot.people.sign_in.is_strong"
UNKNOT_TOKEN_FINDER = "unknot.people.queries.account_of_token"  # noqa: S105 - a name, no secret
UNKNOT_VISIT_FINDER = "unknot.booking.queries.visit"
UNKNOT_STRENGTHEN_URL = "/sign-in/strengthen/"

SESSION_COOKIE_SECURE = _secure
SESSION_COOKIE_NAME = "__Host-session" if _secure else "session"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = _secure
CSRF_COOKIE_NAME = "__Host-csrf" if _secure else "csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "unknot.web.problems.csrf_failed"
SECURE_SSL_REDIRECT = _secure and env.flag("UNKNOT_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if UNKNOT_TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 600

EMAIL_HOST = env.text("UNKNOT_SMTP_HOST", "localhost")
EMAIL_PORT = env.number("UNKNOT_SMTP_PORT", 25)
EMAIL_HOST_USER = env.text("UNKNOT_SMTP_USER", "")
EMAIL_HOST_PASSWORD = env.text("UNKNOT_SMTP_PASSWORD", "")
EMAIL_USE_TLS = env.flag("UNKNOT_SMTP_TLS")
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("UNKNOT_MAIL_FROM", f"{UNKNOT_OPERATOR_NAME} <care@{_host}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

UNKNOT_MAIL_DELAY = env.number("UNKNOT_MAIL_DELAY", 60)

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # the account's e-mail is unique by a constraint on its lower case

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "unknot.config.logs.RedactingFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("UNKNOT_LOG_LEVEL", "WARNING")},
}
