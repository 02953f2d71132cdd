"""The site as a browser reaches it: name, certificate, proxies, page assets, and what must not be open."""

import http.client
import json
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from zhike.core import clock
from zhike.core.checkup.codes import Finding, Said
from zhike.core.serving import ports
from zhike.core.serving.probe import HEADER, word

TIMEOUT_SECONDS = 8
CERTIFICATE_DAYS = 14
# Of the networks kept for documentation: nobody has it, so whoever is said to come from it was made up by us.
MADE_UP = "203.0.113.77"


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes
    days_left: int | None = None


def own_address() -> str:
    """What browsers open, as the settings tell; empty when it is this machine alone."""
    names = [host.lstrip(".") for host in settings.ALLOWED_HOSTS if host not in {"", "*"}]
    outside = [name for name in names if not ports.is_loopback(name.strip("[]"))]
    scheme = "https" if settings.SESSION_COOKIE_SECURE else "http"
    return f"{scheme}://{outside[0]}" if outside else ""


def looked_at(folder: Path, address: str) -> Iterator[Finding]:
    if not address:
        return
    with word(folder) as shown:
        try:
            answer = _ask(address, "/probe", {HEADER: shown, "X-Forwarded-For": MADE_UP})
        except (OSError, ValueError, http.client.HTTPException) as error:
            why = getattr(error, "reason", "") or getattr(error, "strerror", "") or error
            yield Finding(Said.SITE_UNREACHABLE, {"address": address, "why": why})
            return
    seen = _seen(answer)
    if seen is None:
        refused = answer.status == 400
        said = Said.SITE_NAME_REFUSED if refused else Said.SITE_OTHER
        name = urlsplit(address).hostname
        yield Finding(said, {"address": address, "name": name, "status": answer.status})
        return
    yield from _line(address, answer, seen)
    yield _proxies(seen)
    yield _assets(address)
    if _ask(address, "/metrics").status == 200:
        yield Finding(Said.FIGURES_PUBLIC, {"address": f"{address}/metrics"})


def _line(address: str, answer: Answer, seen: dict[str, Any]) -> Iterator[Finding]:
    if address.startswith("https:") and not seen["secure"]:
        yield Finding(Said.SITE_PLAIN, {"address": address})
    elif answer.days_left is not None and answer.days_left < CERTIFICATE_DAYS:
        yield Finding(Said.SITE_CERTIFICATE, {"address": address, "days": answer.days_left})
    else:
        yield Finding(Said.SITE_OK, {"address": address})


def _proxies(seen: dict[str, Any]) -> Finding:
    """`forwarded` holds what the proxies wrote, and before it our made-up address unless one threw it away."""
    written = [one for one in seen["forwarded"] if one != MADE_UP]
    values = {"set": settings.ZHIKE_PROXIES, "seen": len(written)}
    if seen["address"] == MADE_UP:
        return Finding(Said.PROXIES_BELIEVED, values)
    if len(written) != settings.ZHIKE_PROXIES:
        return Finding(Said.PROXIES_UNCOUNTED, values)
    return Finding(Said.PROXIES_OK, values)


def _assets(address: str) -> Finding:
    page = _ask(address, reverse("accounts:sign-in")).body.decode("utf-8", "replace")
    found = re.search(r'href="(/static/[^"]+\.css)"', page)
    path = found[1] if found else "/static/"
    answer = _ask(address, path)
    good = answer.status == 200 and bool(answer.body)
    values = {"address": f"{address}{path}", "status": answer.status}
    return Finding(Said.ASSETS_OK if good else Said.ASSETS_MISSING, values)


def _seen(answer: Answer) -> dict[str, Any] | None:
    if answer.status != 200:
        return None
    try:
        told = json.loads(answer.body)
        return {name: told[name] for name in ("address", "forwarded", "secure")}
    except (ValueError, KeyError, TypeError):
        return None


def _ask(address: str, path: str, headers: dict[str, str] | None = None) -> Answer:
    parts = urlsplit(address)
    make = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = make(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", path, headers=headers or {})
        got = connection.getresponse()
        days = _days_left(connection.sock)
        return Answer(got.status, got.read(2_000_000), days)
    finally:
        connection.close()


def _days_left(channel: socket.socket | None) -> int | None:
    certificate = channel.getpeercert() if isinstance(channel, ssl.SSLSocket) else None
    if not certificate:
        return None
    ends = ssl.cert_time_to_seconds(str(certificate["notAfter"]))
    return int((ends - clock.now().timestamp()) // 86400)
