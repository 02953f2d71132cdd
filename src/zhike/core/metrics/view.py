"""`GET /metrics`, for those who may: this machine, addresses named in the settings, or who shows the token."""

import os
from hmac import compare_digest
from ipaddress import ip_address, ip_network
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from zhike.core.metrics.counted import COUNTED
from zhike.core.metrics.measured import MEASURED
from zhike.core.metrics.place import FOLDER_VARIABLE, forget_dead

# Any of these says that a proxy stands between.
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not (_has_token(request) or _comes_from_near(request)):
        # As if there were nothing: whoever may not read it need not know of it.
        raise Http404
    text = generate_latest(_counted()) + generate_latest(_measured())
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def _counted() -> CollectorRegistry:
    folder = os.environ.get(FOLDER_VARIABLE)
    if not folder:
        return COUNTED
    forget_dead(Path(folder))
    whole = CollectorRegistry()
    MultiProcessCollector(whole, folder)  # type: ignore[no-untyped-call]  # of the library
    return whole


def _measured() -> CollectorRegistry:
    whole = CollectorRegistry()
    whole.register(MEASURED)
    return whole


def _has_token(request: HttpRequest) -> bool:
    wanted = settings.ZHIKE_METRICS_TOKEN
    kind, _, shown = request.headers.get("Authorization", "").partition(" ")
    return bool(
        wanted and kind.lower() == "bearer" and compare_digest(shown.encode(), wanted.encode())
    )


def _comes_from_near(request: HttpRequest) -> bool:
    # Through a proxy that the settings do not count, everybody has the proxy's address.
    if not settings.ZHIKE_PROXIES and any(name in request.headers for name in FORWARDED):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in ip_network(one, strict=False) for one in settings.ZHIKE_METRICS_ADDRESSES)
