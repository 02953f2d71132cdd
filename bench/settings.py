"""The program's settings for the bench, with one bare page beside the real ones."""

from zhike.config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
