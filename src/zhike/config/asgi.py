"""What granian serves: pages through our bridge, `/live` and `/poll` natively."""

import os

from zhike.config.wsgi import application as pages

# Django is set up by the line above; these read its settings.
from django.conf import settings  # isort: skip
from django.db import connection  # isort: skip

from zhike.core.live.endpoint import LiveEndpoint  # isort: skip
from zhike.core.serving.bridge import Bridge  # isort: skip
from zhike.core.serving.busy import busy_sentence  # isort: skip
from zhike.core.serving.front import Front  # isort: skip

MEGABYTE = 1024 * 1024


def _poll_seconds() -> float:
    # An unchanged SQLite file is known without reading it; PostgreSQL is asked for the topics' heads.
    usual = 0.1 if connection.vendor == "sqlite" else 0.2
    return float(os.environ.get("ZHIKE_LIVE_POLL", usual))


application = Front(
    pages=Bridge(
        pages,
        # A little above what Django accepts, so that Django can say 413 in the reader's language.
        body_limit=settings.UPLOAD_LIMIT_BYTES + MEGABYTE,
        proxy_count=settings.ZHIKE_PROXIES,
        busy_sentence=busy_sentence,
    ),
    live=LiveEndpoint(_poll_seconds()),
)
