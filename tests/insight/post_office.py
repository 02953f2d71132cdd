"""A real SMTP server on loopback, with a certificate of its own, that refuses, breaks off or dawdles on demand."""

import asyncio
import datetime
import ipaddress
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.server import free_port

USER, PASSWORD = "desk", "p@ss word"
TAKEN = "250 Taken"


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Of 127.0.0.1, vouched for by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, private


@dataclass
class Office:
    """What it answers, and what it has taken. `rcpt` and `data` are replies; `lost` breaks off instead of one."""

    rcpt: str = ""
    data: str = TAKEN
    # Seconds before it answers to the message.
    slow: float = 0.0
    lost: bool = False
    letters: list[Envelope] = field(default_factory=list)
    tls: list[bool] = field(default_factory=list)
    signed_in: list[bool] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  (the library's names)
        self, server: Any, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.rcpt:
            return self.rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope
    ) -> str:
        if self.data == TAKEN:
            self.letters.append(envelope)
            self.tls.append(server.transport.get_extra_info("ssl_object") is not None)
            self.signed_in.append(bool(session.authenticated))
        if self.slow:
            await asyncio.sleep(self.slow)
        if self.lost:
            server.transport.abort()
        return self.data


def _welcome(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
    is_known = isinstance(given, LoginPassword) and (given.login, given.password) == (
        USER.encode(), PASSWORD.encode(),
    )  # fmt: skip
    return AuthResult(success=is_known, handled=False)


def open_office(
    office: Office,
    *,
    port: int | None = None,
    files: tuple[Path, Path] | None = None,
    is_implicit: bool = False,
    wants_sign_in: bool = False,
) -> Controller:
    context = None
    if files is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
    options: dict[str, Any] = {}
    if wants_sign_in:
        options = {"authenticator": _welcome, "auth_required": True}
        options["auth_require_tls"] = context is not None and not is_implicit
    if context is not None and is_implicit:
        options["ssl_context"] = context
    elif context is not None:
        options |= {"tls_context": context, "require_starttls": True}
    controller = Controller(office, hostname="127.0.0.1", port=port or free_port(), **options)
    controller.start()
    return controller
