"""What systemd and nginx do on a real machine, from the files that are shipped for them in deploy/."""

import configparser
import http.client
import os
import pwd
import re
import shlex
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

import system
from tests.server import free_port, zhike_command

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
NAME = "desk.example.com"
SHIPPED_PROGRAM = "/opt/zhike/current/bin/zhike"


def replaced(text: str, changes: Mapping[str, str]) -> str:
    """`text` with what an administrator would change; each must be in it, or the shipped file has moved on."""
    for old, new in changes.items():
        assert old in text, f"deploy/ no longer holds {old!r}"
        text = text.replace(old, new)
    return text


def unit_file(name: str) -> configparser.ConfigParser:
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's names have capitals
    parsed.read_string((DEPLOY / "systemd" / name).read_text("utf-8"))
    return parsed


def environment_file() -> dict[str, str]:
    lines = (DEPLOY / "zhike.env").read_text("utf-8").splitlines()
    kept = [line for line in lines if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in kept)


@dataclass
class Service:
    """One instance of a shipped unit: started as it says, and again `RestartSec` after its death."""

    template: str
    instance: str
    environment: dict[str, str]
    folder: Path
    starts: int = 0
    process: "subprocess.Popen[bytes] | None" = None
    _wanted: threading.Event = field(default_factory=threading.Event)
    _watcher: threading.Thread | None = None

    def start(self) -> None:
        self._wanted.set()
        self._watcher = threading.Thread(target=self._keep, name=str(self), daemon=True)
        self._watcher.start()

    def kill(self) -> None:
        """SIGKILL to the main process, as when memory runs out."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.kill(self.process.pid, signal.SIGKILL)

    def restart(self) -> None:
        """`systemctl restart`: SIGTERM, and again when it has gone."""
        process = self.process
        assert process is not None
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0

    def stop(self) -> None:
        self._wanted.clear()
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGTERM)
        if self._watcher is not None:
            self._watcher.join(30)

    @property
    def log(self) -> str:
        return (self.folder / f"{self}.log").read_text("utf-8")

    def __str__(self) -> str:
        return self.template.replace("@", f"@{self.instance}").removesuffix(".service")

    def _keep(self) -> None:
        unit = unit_file(self.template)["Service"]
        assert unit["Restart"] == "always"
        line = replaced(unit["ExecStart"], {SHIPPED_PROGRAM: zhike_command()})
        command = shlex.split(line.replace("%i", self.instance))
        while self._wanted.is_set():
            with (self.folder / f"{self}.log").open("ab") as log:
                self.process = subprocess.Popen(
                    command,
                    env=self.environment,
                    cwd=self.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            self.starts += 1
            self.process.wait()
            if self._wanted.is_set():
                time.sleep(float(unit["RestartSec"]))


def certificate(folder: Path) -> tuple[Path, Path]:
    """One that nobody but these tests trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName(NAME), x509.IPAddress(ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, private = folder / "fullchain.pem", folder / "privkey.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return chain, private


@dataclass
class Nginx:
    """nginx with the shipped site: only names of files, ports and addresses are other ones."""

    folder: Path
    ports: tuple[int, int]
    cache: Path
    port: int = field(default_factory=free_port)
    plain_port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    def write(self) -> Path:
        chain, key = certificate(self.folder)
        (self.folder / "html").mkdir()
        pause = (DEPLOY / "nginx" / "zhike-pause.html").read_text("utf-8")
        (self.folder / "html" / "zhike-pause.html").write_text(pause, "utf-8")
        site = replaced(
            (DEPLOY / "nginx" / "zhike.conf").read_text("utf-8"),
            {
                "listen 443 ssl": f"listen 127.0.0.1:{self.port} ssl",
                "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
                f"/etc/letsencrypt/live/{NAME}/fullchain.pem": str(chain),
                f"/etc/letsencrypt/live/{NAME}/privkey.pem": str(key),
                "127.0.0.1:8001 ": f"127.0.0.1:{self.ports[0]} ",
                "127.0.0.1:8002 ": f"127.0.0.1:{self.ports[1]} ",
                "root /var/cache/zhike;": f"root {self.cache};",
                "root /var/www/html;": f"root {self.folder}/html;",
                "/var/log/nginx/": f"{self.folder}/",
            },
        )
        (self.folder / "site.conf").write_text(site, "utf-8")
        temporary = "".join(
            f"    {kind}_temp_path {self.folder}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        # As root it would work as `nobody`, who may not look into the folders of tests.
        user = f"user {pwd.getpwuid(0).pw_name};\n" if os.geteuid() == 0 else ""
        main = self.folder / "nginx.conf"
        main.write_text(
            f"{user}daemon off;\npid {self.folder}/nginx.pid;\nerror_log {self.folder}/error.log info;\n"
            "events { worker_connections 512; }\n"
            "http {\n    types { text/html html; text/css css; text/javascript js; image/svg+xml svg; }\n"
            f"{temporary}    include {self.folder}/site.conf;\n}}\n"
        )
        return main

    def command(self, *more: str) -> list[str]:
        program = system.nginx()
        assert program is not None, "sudo apt install nginx-light"
        place = ["-p", str(self.folder), "-e", str(self.folder / "error.log")]
        return [program, *place, "-c", str(self.folder / "nginx.conf"), *more]

    def start(self) -> None:
        self.write()
        with (self.folder / "out.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=20)

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / "fullchain.pem"))

    @property
    def log(self) -> str:
        return (self.folder / "zhike.log").read_text("utf-8")

    @property
    def answered(self) -> list[tuple[str, str]]:
        """Of each request: the statuses of the processes asked, in order, and what the client got."""
        lines = self.log.splitlines()
        found = [re.search(r'" (\d+) \d+ \S+ .+? (\S+(?:, \S+)*) \S+$', line) for line in lines]
        return [(match[2], match[1]) for match in found if match]


@dataclass
class Deployment:
    """Two web processes and two workers on one PostgreSQL, nginx before them."""

    folder: Path
    environment: dict[str, str]
    nginx: Nginx
    web: list[Service]
    workers: list[Service]

    def connect(self, timeout: float = 60.0) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(
            "127.0.0.1", self.nginx.port, timeout=timeout, context=self.nginx.context()
        )

    def answers(self, service: Service) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", int(service.instance), timeout=5)
        try:
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def run(self, *command: str) -> str:
        """A command of the program, with the settings of the services."""
        done = subprocess.run(
            command,
            env={**self.environment, "PYTHONPATH": f"{ROOT}:{ROOT / 'tools'}"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout

    def migrate(self) -> None:
        self.run(zhike_command(), "migrate")

    def start(self) -> None:
        self.migrate()
        self.nginx.start()
        for service in (*self.web, *self.workers):
            service.start()

    def stop(self) -> None:
        self.nginx.stop()
        for service in (*self.web, *self.workers):
            service.stop()


def deployment(folder: Path, database_url: str) -> Deployment:
    ports = (free_port(), free_port())
    cache = folder / "cache"
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ZHIKE_", "DJANGO_"))}
    environment = {
        **kept,
        **environment_file(),
        "ZHIKE_DATA": str(folder / "data"),
        "ZHIKE_STATIC_ROOT": str(cache / "static"),
        "ZHIKE_DATABASE_URL": database_url,
        "LC_ALL": "C.UTF-8",
        "DJANGO_SETTINGS_MODULE": "zhike.config.settings",
    }
    for name in ("logs", "nginx", "cache"):
        (folder / name).mkdir()
    nginx = Nginx(folder / "nginx", ports, cache)
    web = [Service("zhike-web@.service", str(p), environment, folder / "logs") for p in ports]
    workers = [
        Service("zhike-worker@.service", str(n), environment, folder / "logs") for n in (1, 2)
    ]
    return Deployment(folder, environment, nginx, web, workers)


if __name__ == "__main__":
    sys.exit("Imported by the tests.")
