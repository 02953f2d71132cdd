"""The program as it is, with the two channels of the proof."""

from zhike.config.settings import *  # noqa: F403
from zhike.config.settings import INSTALLED_APPS as _APPS

INSTALLED_APPS = [*_APPS, "killsite"]
# The real hasher takes 0.2 s on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The load comes from one address, faster than people do.
