"""Calls to addresses somebody typed in: webhooks, robots of a messenger, a telephone system.

Whoever may enter an address could else make this machine ask what only it can reach: its own services, the office
network, the metadata of a cloud. So a name is resolved once, every address it has is checked, and the connection
goes to the one that was checked, whatever the name says a moment later. Redirects are never followed.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from zhike.core.errors import RuleError

SECONDS = 10.0
MOST_BYTES = 1024 * 1024
PORTS = {"http": 80, "https": 443}

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressRefused(RuleError):
    """This address is not called at all."""


class NotReached(RuleError):
    """It was called, and did not answer, too slowly or with too much. What came of it there is not known."""

    status = 502


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True)
class _Target:
    scheme: str
    host: str
    port: int
    path: str

    @property
    def named(self) -> str:
        """As the Host header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def call(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    resolve: Resolve | None = None,
    seconds: float = SECONDS,
) -> Answer:
    """One request and its answer. Raises AddressRefused before anything is sent, NotReached afterwards."""
    target = _parsed(url)
    address = _checked(target, resolve or _resolved)
    late = threading.Event()
    open_now: list[socket.socket] = []
    # A peer that sends a byte now and then would else keep us for ever.
    alarm = threading.Timer(seconds, _cut, [late, open_now])
    alarm.daemon = True
    try:
        where = (str(address), target.port)
        open_now.append(socket.create_connection(where, timeout=seconds))
        alarm.start()
        answer = _exchange(open_now, target, method, body, headers or {})
    except (OSError, http.client.HTTPException) as error:
        raise _not_reached() from error
    finally:
        alarm.cancel()
        for one in open_now:
            one.close()
    if late.is_set():
        # What was cut off reads like an end.
        raise _not_reached()
    return answer


def check(url: str, *, resolve: Resolve | None = None) -> None:
    """For the form in which an address is entered: raises AddressRefused."""
    _checked(_parsed(url), resolve or _resolved)


def _parsed(url: str) -> _Target:
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii") if parts.hostname else ""
    except (ValueError, UnicodeError):
        raise _refused() from None
    # A name and password in an address would end up in every log on the way.
    if parts.scheme not in PORTS or not host or parts.username is not None or port == 0:
        raise _refused()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii() or not path.isprintable() or " " in path:
        raise _refused()
    return _Target(parts.scheme, host.rstrip("."), port or PORTS[parts.scheme], path)


def _resolved(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def _checked(target: _Target, resolve: Resolve) -> Address:
    """The address to connect to. One bad address among several refuses the name: it may be chosen next time."""
    try:
        found = [ipaddress.ip_address(text) for text in resolve(target.host, target.port)]
    except (OSError, ValueError, UnicodeError):
        raise _not_reached() from None
    if not found:
        raise _not_reached()
    if target.host not in settings.OUTGOING_ALLOWED.names:
        for address in found:
            if not is_open_to_all(address) and not _is_allowed(address):
                raise _refused()
    return found[0]


def is_open_to_all(address: Address) -> bool:
    """Whether anybody on the internet could call it as well; an IPv4 address inside an IPv6 one is taken out."""
    inner = _within(address)
    if inner is not None:
        return is_open_to_all(inner)
    # `is_global` leaves out loopback, private, link-local, shared and documentation networks.
    return address.is_global and not address.is_multicast and not address.is_reserved


def _within(address: Address) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _is_allowed(address: Address) -> bool:
    inner = _within(address) or address
    return any(inner in network for network in settings.OUTGOING_ALLOWED.networks)


def _exchange(
    open_now: list[socket.socket],
    target: _Target,
    method: str,
    body: bytes,
    headers: Mapping[str, str],
) -> Answer:
    if target.scheme == "https":
        # The certificate must be the name's, although the connection goes to an address.
        sealed = ssl.create_default_context().wrap_socket(
            open_now[-1], server_hostname=target.host, do_handshake_on_connect=False
        )
        open_now.append(sealed)
        sealed.do_handshake()
    talk = http.client.HTTPConnection(target.host, target.port)
    talk.sock = open_now[-1]
    with closing(talk):
        sent = {"Host": target.named, **headers, "Connection": "close"}
        talk.request(method, target.path, body, sent)
        answer = talk.getresponse()
        kept = answer.read(MOST_BYTES + 1)
        if len(kept) > MOST_BYTES:
            raise _not_reached()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, kept)


def _cut(late: threading.Event, open_now: list[socket.socket]) -> None:
    late.set()
    with suppress(OSError):
        open_now[-1].shutdown(socket.SHUT_RDWR)


def _refused() -> AddressRefused:
    # One sentence for all: it must not tell which names exist inside.
    return AddressRefused(
        "address_refused",
        _(
            "This address is not called: it is no web address, or lies inside this network. "
            "An administrator of the machine can allow it (ZHIKE_OUTGOING_ALLOW)."
        ),
        field="url",
    )


def _not_reached() -> NotReached:
    return NotReached("address_not_reached", _("This address does not answer as it should."))
