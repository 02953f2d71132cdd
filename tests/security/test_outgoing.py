"""Calls to addresses somebody typed in: only what everybody could call, and only what was checked."""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from zhike.config.outgoing import Allowed, outgoing_allowed
from zhike.core import outgoing
from zhike.core.outgoing import AddressRefused, NotReached

INSIDE = (
    "127.0.0.1", "127.255.0.9", "0.0.0.0", "10.0.0.8", "172.16.9.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "192.0.0.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "239.1.1.1",
    "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
    # IPv4 inside IPv6: mapped, 6to4, NAT64, Teredo.
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::", "64:ff9b::a00:1", "2001:0:102:304::f5ff:fffe",
)  # fmt: skip
OUTSIDE = ("8.8.8.8", "114.114.114.114", "2400:3200::1", "::ffff:8.8.8.8", "64:ff9b::808:808")


@pytest.fixture(autouse=True)
def _nothing_allowed(settings: Any) -> None:
    settings.OUTGOING_ALLOWED = outgoing_allowed("")


def named(*addresses: str) -> Callable[[str, int], list[str]]:
    return lambda _host, _port: list(addresses)


@pytest.mark.parametrize("address", INSIDE)
def test_nothing_inside_is_called(address: str) -> None:
    assert not outgoing.is_open_to_all(ipaddress.ip_address(address))
    with pytest.raises(AddressRefused):
        outgoing.check("https://hooks.example/", resolve=named(address))
    # Not even as one of several: the next time it might be the one taken.
    with pytest.raises(AddressRefused):
        outgoing.check("https://hooks.example/", resolve=named("8.8.8.8", address))


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_everybody_can_call_may_be_called(address: str) -> None:
    outgoing.check("https://hooks.example/", resolve=named(address))


@pytest.mark.parametrize(
    "url",
    [
        "", "hooks.example", "ftp://hooks.example/", "file:///etc/passwd", "gopher://hooks.example/", "https://",
        "https:///x", "https://user:word@hooks.example/", "https://@hooks.example/", "http://hooks.example:99999/",
        "http://hooks.example:0/", "http://[::1", "http://hooks.example/a b", "http://hooks.example/\r\nX: y",
        "http://hooks.example/中", "javascript:alert(1)", "http://" + "a" * 300 + ".example/",
    ],
)  # fmt: skip
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        outgoing.check(url, resolve=named("8.8.8.8"))


@pytest.mark.parametrize(
    "url",
    ["http://127.1/", "http://2130706433/", "http://0x7f.1/", "http://localhost/", "http://[::1]/"],
)
def test_other_spellings_of_this_machine_are_refused(url: str) -> None:
    with pytest.raises((AddressRefused, NotReached)):
        outgoing.check(url)


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    seen: list[tuple[str, str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            seen.append((self.path, self.headers["Host"], body))
            if self.path == "/away":
                self.send_response(302)
                self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("X-Kind", "test")
            self.end_headers()
            size = 2_000_000 if self.path == "/large" else 2
            self.wfile.write(b"k" * size)

        def log_message(self, *_args: Any) -> None:
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.seen = seen  # type: ignore[attr-defined]  # ours, read by the tests
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture
def url(server: ThreadingHTTPServer, settings: Any) -> str:
    settings.OUTGOING_ALLOWED = outgoing_allowed("127.0.0.0/8")
    return f"http://hooks.example:{server.server_address[1]}"


def test_the_checked_address_is_called_under_the_name(url: str, server: Any) -> None:
    answer = outgoing.call("POST", f"{url}/hook?a=1", body=b"{}", resolve=named("127.0.0.1"))
    assert (answer.status, answer.body, answer.headers["x-kind"]) == (200, b"kk", "test")
    assert answer.is_good
    assert server.seen == [("/hook?a=1", url.removeprefix("http://"), b"{}")]


def test_a_name_that_changes_its_mind_is_asked_once(
    server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the first answer is harmless, the next one is this machine."""
    answers = [["8.8.8.8"], ["127.0.0.1"]]
    asked: list[str] = []
    called: list[Any] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers.pop(0)

    def connect(address: Any, timeout: float) -> socket.socket:
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr("zhike.core.outgoing.socket.create_connection", connect)
    port = server.server_address[1]
    with pytest.raises(NotReached):
        outgoing.call("POST", f"http://hooks.example:{port}/", resolve=resolve)
    assert asked == ["hooks.example"]
    assert called == [("8.8.8.8", port)]
    assert server.seen == []


def test_a_refused_address_hears_nothing(server: Any) -> None:
    port = server.server_address[1]
    for address in (f"http://127.0.0.1:{port}/", f"http://localhost:{port}/"):
        with pytest.raises(AddressRefused):
            outgoing.call("POST", address)
    assert server.seen == []


def test_no_redirect_is_followed(url: str, server: Any) -> None:
    answer = outgoing.call("POST", f"{url}/away", resolve=named("127.0.0.1"))
    assert (answer.status, answer.is_good) == (302, False)
    assert [path for path, _host, _body in server.seen] == ["/away"]


def test_an_answer_without_end_is_broken_off(url: str) -> None:
    with pytest.raises(NotReached):
        outgoing.call("POST", f"{url}/large", resolve=named("127.0.0.1"))


def test_a_peer_that_dawdles_is_left(settings: Any) -> None:
    settings.OUTGOING_ALLOWED = outgoing_allowed("127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            peer, _where = listening.accept()
            with peer:
                try:
                    peer.sendall(b"HTTP/1.1 200 OK\r\n")
                    for n in range(200):
                        peer.sendall(b"X-%d: y\r\n" % (n % 90))
                        time.sleep(0.1)
                except OSError:
                    return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        started = time.monotonic()
        with pytest.raises(NotReached):
            outgoing.call("GET", f"http://127.0.0.1:{listening.getsockname()[1]}/", seconds=1)
        assert time.monotonic() - started < 8
        thread.join(10)


def test_a_certificate_nobody_vouches_for_ends_the_call(
    url: str, server: Any, tmp_path: Any
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_own_certificate(tmp_path))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with pytest.raises(NotReached):
        outgoing.call("POST", url.replace("http:", "https:"), resolve=named("127.0.0.1"))
    assert server.seen == []


def _own_certificate(folder: Any) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    file = folder / "own.pem"
    form = serialization.PrivateFormat.PKCS8
    file.write_bytes(key.private_bytes(pem, form, plain) + made.public_bytes(pem))
    return str(file)


def test_what_is_allowed_comes_from_the_environment() -> None:
    found = outgoing_allowed("bot.corp.example, 10.2.0.0/16,192.0.2.7")
    assert found.names == {"bot.corp.example"}
    assert [str(network) for network in found.networks] == ["10.2.0.0/16", "192.0.2.7/32"]
    assert outgoing_allowed("") == Allowed(frozenset(), ())
    for wrong in ("10.2.0.0/99", "http://x/", "a b", "10.2.0.1/16", "300.1.2.3"):
        with pytest.raises(ValueError, match="ZHIKE_OUTGOING_ALLOW"):
            outgoing_allowed(wrong)


def test_an_allowed_name_may_lie_inside(settings: Any) -> None:
    settings.OUTGOING_ALLOWED = outgoing_allowed("bot.corp.example")
    outgoing.check("http://bot.corp.example/", resolve=named("10.2.3.4"))
    with pytest.raises(AddressRefused):
        outgoing.check("http://other.corp.example/", resolve=named("10.2.3.4"))
