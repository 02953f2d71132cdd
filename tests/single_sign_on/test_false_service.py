"""A sign-in service that lies, breaks or stalls: nobody comes in, and the page says a sentence."""

import json
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from joserfc import jws, jwt
from joserfc.jwk import OctKey, RSAKey

from tests.cast import Cast
from tests.guards import given
from zhike.accounts import oidc
from zhike.accounts.models import OutsideIdentity, SingleSignOn
from zhike.core import sealing

pytestmark = pytest.mark.django_db
SECRET = "a-shared-secret-of-enough-length-for-hs256"
KEY, OTHER = RSAKey.generate_key(2048, auto_kid=True), RSAKey.generate_key(2048, auto_kid=True)
GO, BACK = "/account/sign-in/company/", "/account/sign-in/company/back/"


class Liar:
    """Answers as told; `claims` and `sign` may be changed before it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, Callable[[], tuple[int, Any]]] = {}
        self.claims: dict[str, Any] = {}
        self.sign: Callable[[dict[str, Any]], str] = lambda claims: jwt.encode(
            {"alg": "RS256", "kid": KEY.kid}, claims, KEY
        )
        liar = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = liar.answer(urlsplit(self.path).path)
                sent = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.do_GET()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path: str) -> tuple[int, Any]:
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]()
        match path:
            case "/.well-known/openid-configuration":
                return 200, self.described()
            case "/keys":
                return 200, {"keys": [KEY.as_dict(private=False)]}
            case "/token":
                return 200, {
                    "access_token": "opaque",
                    "token_type": "Bearer",
                    "id_token": self.sign(self.claims),
                }
        return 404, {}

    def described(self, **other: Any) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "id_token_signing_alg_values_supported": ["none", "HS256", "RS256"],
            **other,
        }


@pytest.fixture
def liar(cast: Cast) -> Iterator[Liar]:
    found = Liar()
    with given():
        key = sealing.new_key("2026-11-01T00:00:00Z")  # type: ignore[arg-type]  # a text is as good
        SingleSignOn.objects.create(
            pk=1,
            is_on=True,
            label="海晨账号",
            issuer=found.url,
            client_id="zhike",
            secret=sealing.seal(key.pk, SECRET),
            key_id=key.pk,
        )
    yield found
    found.server.shutdown()
    found.server.server_close()


def come_in(liar: Liar, **claims: Any) -> tuple[Client, Any]:
    """Away and back, with the claims of an honest answer but for those given; None leaves one out."""
    browser = Client()
    away = browser.get(GO)
    assert away.status_code == 302, away.content.decode()
    asked = {name: one[0] for name, one in parse_qs(urlsplit(away["Location"]).query).items()}
    now = int(time.time())  # The library reckons by the machine's clock.
    honest = {
        "iss": liar.url,
        "aud": "zhike",
        "sub": "u-1",
        "iat": now,
        "exp": now + 300,
        "nonce": asked["nonce"],
        "preferred_username": "1001",
    }
    liar.claims = {k: v for k, v in {**honest, **claims}.items() if v is not None}
    return browser, browser.get(BACK, {"code": "c", "state": asked["state"]})


def refused(liar: Liar, status: int = 422, **claims: Any) -> str:
    browser, answer = come_in(liar, **claims)
    assert answer.status_code == status
    assert browser.get("/").status_code == 302
    assert not OutsideIdentity.objects.exists()
    return str(answer.content.decode())


def test_an_honest_answer_opens_the_account(cast: Cast, liar: Liar) -> None:
    browser, answer = come_in(liar)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert browser.get("/").wsgi_request.user == cast.lin.user


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://login.example.org"},
        {"aud": "another"},
        {"aud": ["another", "third"]},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "u" * 256},
        {"sub": "u\x00"},
        {"azp": "another", "aud": ["zhike", "another"]},
    ],
    ids=str,
)
def test_a_token_of_another_place_time_or_person_opens_nothing(
    cast: Cast, liar: Liar, claims: dict[str, Any]
) -> None:
    assert "重新开始" in refused(liar, **claims)


def unsigned(claims: dict[str, Any]) -> str:
    return jws.serialize_compact({"alg": "none"}, json.dumps(claims), KEY, algorithms=["none"])


def by_the_shared_secret(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET))


def by_another_key(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": KEY.kid}, claims, OTHER)


def by_a_key_never_published(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": OTHER.kid}, claims, OTHER)


@pytest.mark.parametrize(
    "sign",
    [
        unsigned,
        by_the_shared_secret,
        by_another_key,
        by_a_key_never_published,
        lambda _claims: "no token at all",
        lambda _claims: "",
    ],
)
def test_a_token_that_is_not_the_services_opens_nothing(
    cast: Cast, liar: Liar, sign: Callable[[dict[str, Any]], str]
) -> None:
    liar.sign = sign
    _browser, answer = come_in(liar)
    assert answer.status_code in (422, 503)
    assert not OutsideIdentity.objects.exists()


@pytest.mark.parametrize(
    "answer",
    [(500, {}), (200, b"<html>"), (200, []), (400, {"error": "invalid_grant"}), (200, {})],
    ids=str,
)
@pytest.mark.parametrize("path", ["/token", "/keys", "/.well-known/openid-configuration"])
def test_a_broken_service_is_said_in_a_sentence(
    cast: Cast, liar: Liar, path: str, answer: tuple[int, Any]
) -> None:
    browser = Client()
    away = browser.get(GO)
    state = parse_qs(urlsplit(away["Location"]).query)["state"][0]
    liar.answers[path] = lambda: answer
    back = browser.get(BACK, {"code": "c", "state": state})
    assert back.status_code in (422, 503)
    assert "p-error" in back.content.decode()
    assert browser.get("/").status_code == 302


def test_a_service_that_stalls_is_not_waited_for(
    cast: Cast, liar: Liar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "SECONDS", 0.3)
    let_go, answered = Event(), Event()

    def stall() -> tuple[int, Any]:
        let_go.wait(60)
        answered.set()
        return 200, {}

    liar.answers["/.well-known/openid-configuration"] = stall
    try:
        away = Client().get(GO)
        assert not answered.is_set()
    finally:
        let_go.set()
    assert away.status_code == 503
    assert "没有正常应答" in away.content.decode()


def test_it_must_call_itself_as_it_was_entered(cast: Cast, liar: Liar) -> None:
    path = "/.well-known/openid-configuration"
    liar.answers[path] = lambda: (200, liar.described(issuer="https://login.example.org"))
    answer = Client().get(GO)
    assert answer.status_code == 503
    assert "https://login.example.org" in answer.content.decode()


def test_our_address_called_from_outside_calls_nobody(cast: Cast, liar: Liar) -> None:
    answer = Client().get(BACK, {"code": "c", "state": "s"})
    assert answer.status_code == 422
    assert liar.asked == []
    # What the service says went wrong is told, and not in its words.
    declined = Client().get(BACK, {"error": "access_denied", "error_description": "<b>pay me</b>"})
    assert declined.status_code == 422
    assert "pay me" not in declined.content.decode()


def test_addresses_are_believed_only_when_confirmed(cast: Cast, liar: Liar) -> None:
    with given():
        SingleSignOn.objects.update(match="email")
        cast.lin.user.email = "lin@haichen.example"
        cast.lin.user.save(update_fields=["email"])
    for confirmed in (False, None, "true", 1):
        page = refused(liar, email="lin@haichen.example", email_verified=confirmed)
        assert "尚未确认" in page
    browser, _answer = come_in(liar, email="lin@haichen.example", email_verified=True)
    assert browser.get("/").wsgi_request.user == cast.lin.user


@pytest.mark.parametrize("name", [None, "", [], {"a": 1}, "1" * 500, "1001\x00", "<script>1001"])
def test_names_of_any_shape_are_nobody(cast: Cast, liar: Liar, name: Any) -> None:
    page = refused(liar, preferred_username=name)
    assert "<script>1001" not in page


def test_two_identities_cannot_share_one_person(cast: Cast, liar: Liar) -> None:
    come_in(liar)
    browser, answer = come_in(liar, sub="u-2")
    assert answer.status_code == 422
    assert "已对应登录服务中的另一个账号" in answer.content.decode()
    assert browser.get("/").status_code == 302
    assert OutsideIdentity.objects.count() == 1
