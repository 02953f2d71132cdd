"""`GET /healthz`: is the database there, do jobs run, which version is this."""

import logging
from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from zhike import __version__
from zhike.core import clock
from zhike.core.models import WorkerBeat

log = logging.getLogger("zhike.serving")

# A worker beats each second; a beat older than this means that no jobs run.
LATE_SECONDS = 15


@require_safe
def health(request: HttpRequest) -> JsonResponse:
    answer: dict[str, Any] = {"database": "ok", "jobs": None, "version": __version__}
    try:
        answer["jobs"] = _jobs()
    except DatabaseError:
        log.exception("the database does not answer")
        answer["database"] = "failed"
        connection.close()
        return JsonResponse(answer, status=503)
    return JsonResponse(answer)


def _jobs() -> dict[str, Any]:
    newest = WorkerBeat.objects.order_by("-at").values_list("at", flat=True).first()
    if newest is None:
        return {"state": "none", "beat_age_seconds": None}
    age = round((clock.now() - newest).total_seconds(), 1)
    return {"state": "ok" if age <= LATE_SECONDS else "late", "beat_age_seconds": age}
