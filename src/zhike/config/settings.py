"""Django settings. Everything an installation may change comes from the environment or the data folder."""

import os
import sys
from pathlib import Path

from csp.constants import NONE, SELF

from zhike.config.contact import security_contact
from zhike.config.limits import public_limits
from zhike.config.mail import email_settings
from zhike.config.outgoing import outgoing_allowed
from zhike.config.public_url import public_url
from zhike.core.database import database_settings
from zhike.core.datafolder import prepared_data_folder, read_or_create_secret
from zhike.core.logs.configure import log_settings
from zhike.core.metrics.place import networks

PACKAGE = Path(__file__).resolve().parent.parent
DATA = prepared_data_folder()

SECRET_KEY = read_or_create_secret(DATA / "keys" / "session_secret")
DEBUG = os.environ.get("ZHIKE_DEBUG") == "1"
# This machine may always ask: whoever looks after it, and what measures it.
ALLOWED_HOSTS = [
    *filter(None, map(str.strip, os.environ.get("ZHIKE_HOSTS", "").split(","))),
    *("127.0.0.1", "localhost", "[::1]"),
]
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("ZHIKE_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "zhike.core",
    "zhike.accounts",
    "zhike.customers",
    "zhike.privacy",
    "zhike.surveys",
    "zhike.desk",
    "zhike.channels.webform",
    "zhike.channels.email",
    "zhike.complaints",
    "zhike.care",
    "zhike.listening",
    "zhike.satisfaction",
    "zhike.insight",
    # Low by its imports, late here: what rooms offer stands in this order, and customers come first.
    "zhike.reference",
    "zhike.web",
    "zhike.api",
    "zhike.demo",
]

MIDDLEWARE = [
    "zhike.core.logs.requests.RequestLogMiddleware",
    # What every answer carries comes first, so that files, redirects and refusals carry it too.
    "zhike.web.middleware.SafeAnswersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "zhike.accounts.middleware.SignInMiddleware",
    "zhike.web.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "zhike.web.middleware.RequestContextMiddleware",
]

ROOT_URLCONF = "zhike.config.urls"
WSGI_APPLICATION = "zhike.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "zhike.core.templating.Templates",
        "NAME": "pages",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "zhike.core.templating.csrf",
                "zhike.web.context.shell",
            ],
        },
    }
]

DATABASES = {"default": database_settings(os.environ.get("ZHIKE_DATABASE_URL", ""), DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["zhike.accounts.backends.StaffBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "zhike.accounts.password_rules.LongEnough"},
    {"NAME": "zhike.accounts.password_rules.NotOneself"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        # Django's own list names columns our people do not have.
        "OPTIONS": {"user_attributes": ("staff_number", "name", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# Widgets too are drawn by Jinja2, from the templates Django brings for it.
FORM_RENDERER = "django.forms.renderers.Jinja2"

LOGIN_URL = "accounts:sign-in"
LOGIN_REDIRECT_URL = "web:home"
LOGOUT_REDIRECT_URL = "accounts:sign-in"
# What strangers may open; the API has its own tokens, tracking its own codes.
PUBLIC_PATHS = (
    "/account/sign-in/",
    "/account/setup/",
    "/account/language/",
    "/api/",
    "/healthz",
    "/metrics",
    "/probe",
    "/s/",
    "/t/",
    "/q/",
    "/static/",
    "/live",
    "/poll",
    "/favicon.ico",
    "/.well-known/security.txt",
)

LANGUAGE_CODE = "zh-hans"
# Each language under its own name, in every language of the page.
LANGUAGES = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")]
# The command line is no installed app, but has texts of its own.
LOCALE_PATHS = [PACKAGE / "cli" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("ZHIKE_TIME_ZONE", "Asia/Shanghai")
FORMAT_MODULE_PATH = ["zhike.config.formats"]

# Reports are mailed when this is set: smtp://user:password@host:25, smtp+tls:// or smtps://.
ZHIKE_EMAIL_URL = os.environ.get("ZHIKE_EMAIL_URL", "")
globals().update(email_settings(ZHIKE_EMAIL_URL))
# Nothing that holds a link is sent to customers before it is set.
ZHIKE_PUBLIC_URL = public_url(os.environ.get("ZHIKE_PUBLIC_URL", ""))

# How old the figures of the weekly page may be; it says from when they are.
WEEK_KEPT_SECONDS = 60

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("ZHIKE_STATIC_ROOT", DATA / "static"))
# The plain storage serves a checkout and the tests without collecting; `serve` collects with hashes.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "zhike.core.serving.assets.HashedStorage"
            if os.environ.get("ZHIKE_COLLECTED") == "1"
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = os.environ.get("ZHIKE_COLLECTED") != "1"
WHITENOISE_AUTOREFRESH = DEBUG

FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
UPLOAD_LIMIT_BYTES = 20 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

SECURITY_CONTACT = security_contact(
    os.environ.get("ZHIKE_SECURITY_CONTACT", ""), os.environ.get("ZHIKE_SECURITY_EXPIRES", "")
)
OUTGOING_ALLOWED = outgoing_allowed(os.environ.get("ZHIKE_OUTGOING_ALLOW", ""))
PUBLIC_LIMITS = public_limits(os.environ.get("ZHIKE_PUBLIC_LIMITS", ""))

SESSION_ENGINE = "zhike.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = "zhike_session"
CSRF_COOKIE_NAME = "zhike_csrf"
# Forms and scripts take the token from the page.
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "zhike.web.views.errors.csrf_failure"
if os.environ.get("ZHIKE_HTTPS") == "1":
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    # Browsers take cookies of this prefix from this very host alone, and over HTTPS only.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-zhike_session", "__Host-zhike_csrf"
    # Half a year; 0 while a certificate is being tried out.
    SECURE_HSTS_SECONDS = int(os.environ.get("ZHIKE_HSTS_SECONDS", 180 * 86400))
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "object-src": [NONE],
    }
}

TASKS = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend",
        "QUEUES": ["default", "bulk", "outbox"],
    }
}

# How many proxies of ours stand in front, each of which adds the address it was called from.
ZHIKE_PROXIES = int(os.environ.get("ZHIKE_PROXIES", "0"))
# Who may read /metrics: whoever shows the token, or comes from one of these addresses or networks.
ZHIKE_METRICS_TOKEN = os.environ.get("ZHIKE_METRICS_TOKEN", "")
ZHIKE_METRICS_ADDRESSES = networks(os.environ.get("ZHIKE_METRICS_ADDRESSES", "127.0.0.0/8,::1"))

MIGRATION_MODULES: dict[str, str] = {}
TESTING = "pytest" in sys.modules

LOGGING = log_settings()
