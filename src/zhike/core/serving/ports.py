"""Whether a port is free, and whether our server answers on it."""

import errno
import http.client
import ipaddress
import socket


class PortTaken(Exception):
    """Another program listens there."""


class BadAddress(Exception):
    """This machine has no such address, or may not use that port."""


def check_free(host: str, port: int) -> None:
    """granian shares a port with whoever has it (SO_REUSEPORT), so nobody would notice: ask first, without."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise BadAddress(str(error)) from None
    with socket.socket(family, kind, proto) as probe:
        # Connections of a server that has just ended may linger; they do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken from None
            raise BadAddress(error.strerror or str(error)) from None


def answers(host: str, port: int, path: str = "/healthz") -> bool:
    """One quick look; any answer of HTTP will do."""
    connection = http.client.HTTPConnection(reachable(host), port, timeout=1.0)
    try:
        connection.request("GET", path, headers={"Host": "localhost"})
        return connection.getresponse().status < 600
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def reachable(host: str) -> str:
    """The address at which a server bound to `host` is reached from this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def url(host: str, port: int) -> str:
    name = reachable(host)
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
