"""`GET /probe`: what arrives here of a request that `zhike doctor` sent to the address browsers open.

Only the doctor of this installation is answered: it writes a word into the data folder and shows it.
"""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hmac import compare_digest
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

HEADER = "X-Zhike-Probe"
FILE = "probe"
KEPT_SECONDS = 60


@require_safe
def probe(request: HttpRequest) -> JsonResponse:
    if not _is_ours(request.headers.get(HEADER, "")):
        raise Http404
    forwarded = request.headers.get("X-Forwarded-For", "")
    told = {
        "address": request.META.get("REMOTE_ADDR", ""),
        "forwarded": [part.strip() for part in forwarded.split(",") if part.strip()],
        "secure": request.is_secure(),
    }
    return JsonResponse(told)


@contextmanager
def word(folder: Path) -> Iterator[str]:
    """A word that opens `/probe` while it is looked at."""
    made, file = secrets.token_urlsafe(24), folder / FILE
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(made)
    try:
        yield made
    finally:
        file.unlink(missing_ok=True)


def _is_ours(shown: str) -> bool:
    file = Path(settings.DATA) / FILE
    try:
        # Left behind by a doctor that was killed, it opens nothing any more.
        if time.time() - file.stat().st_mtime > KEPT_SECONDS:
            return False
        wanted = file.read_text()
    except OSError:
        return False
    return bool(wanted) and compare_digest(shown.encode(), wanted.encode())
