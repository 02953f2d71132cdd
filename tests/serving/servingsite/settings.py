"""The project's settings with only core installed, so that these tests stand on nothing else."""

import os

from zhike.config.settings import *  # noqa: F403
from zhike.config.settings import DATA

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_tasks",
    "django_tasks_db",
    "zhike.core",
    "servingsite",
]
AUTH_USER_MODEL = "auth.User"
# The house's own sessions belong to the house's own people.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
# Without the rooms there is no stamp to fetch.
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
MIDDLEWARE = [
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "servingsite.views.refuse_large_bodies",
]
ROOT_URLCONF = "servingsite.urls"
TEMPLATES: list[dict[str, object]] = []
CSRF_FAILURE_VIEW = "django.views.csrf.csrf_failure"
STATIC_ROOT = DATA / "static"
WHITENOISE_USE_FINDERS = False
WHITENOISE_AUTOREFRESH = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SECRET_KEY = os.environ.get("SITE_SECRET", "only for tests")
STATICFILES_DIRS = [DATA / "assets"]
