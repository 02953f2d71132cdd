"""A sign-in service in a process of its own, and somebody who signs in there."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from tests.server import free_port
from tests.single_sign_on.provider.known import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
BACK = "http://testserver/account/sign-in/company/back/"


@dataclass(frozen=True)
class Service:
    url: str

    def sign_in(self, address: str, name: str) -> str:
        """Follow `address` as a browser of `name` would, agree to everything; where it leads back to us."""
        with httpx.Client(timeout=20) as browser:
            answer = browser.get(address)
            for _step in range(12):
                if answer.is_redirect:
                    target = urljoin(str(answer.url), answer.headers["Location"])
                    if target.startswith(BACK):
                        return target
                    answer = browser.get(target)
                    continue
                assert answer.status_code == 200, answer.text[:2000]
                action, fields = _form(answer.text)
                if "login" in fields or "password" in fields:
                    fields |= {"login": name, "password": PASSWORD}
                answer = browser.post(urljoin(str(answer.url), action), data=fields)
        raise AssertionError("The service did not lead back.")


def _form(page: str) -> tuple[str, dict[str, str | list[str]]]:
    """Address and prefilled fields of the last form on the page; every box ticked, the first button pressed."""
    form = re.findall(r"<form.*?</form>", page, re.S)[-1]
    action = re.search(r'action="([^"]*)"', form)
    fields: dict[str, str | list[str]] = {}
    for tag in re.findall(r"<(?:input|button)[^>]*>", form):
        known = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        name, value = known.get("name"), unescape(known.get("value", "on"))
        if not name:
            continue
        if known.get("type") == "checkbox" and name == "scopes":
            listed = fields.setdefault(name, [])
            assert isinstance(listed, list)
            listed.append(value)
        elif known.get("type") != "checkbox":
            fields.setdefault(name, value)
    return unescape(action[1]) if action else "", fields


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("provider")
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ZHIKE_", "DJANGO_"))}
    log = folder / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.single_sign_on.provider.run", str(port), BACK],
            cwd=ROOT,
            env={**environment, "PROVIDER_DATA": str(folder)},
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
    found = Service(f"http://127.0.0.1:{port}")
    try:
        _wait(found, process, log)
        yield found
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(10)


def _wait(service: Service, process: "subprocess.Popen[bytes]", log: Path) -> None:
    limit = time.monotonic() + 90
    while True:
        try:
            httpx.get(f"{service.url}/.well-known/openid-configuration", timeout=5)
        except httpx.HTTPError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < limit, log.read_text()
            time.sleep(0.2)
        else:
            return
