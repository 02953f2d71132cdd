"""What every answer carries, on pages of every kind; who may ask; what cookies look like; where redirects lead."""

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings

from tests.cast import PASSWORD, Cast
from tests.security.fuzzing import all_templates
from tests.surveys.scene import AFTER_CONTACT, published
from zhike.core.models import AuditRow
from zhike.surveys.models import Response
from zhike.web.middleware import SafeAnswersMiddleware

pytestmark = pytest.mark.django_db

# One of each: (path, who asks, status).
KINDS = (
    ("/", "agent", 200),
    ("/", "", 302),
    ("/account/sign-in/", "", 200),
    ("/s/", "", 200),
    ("/t/", "", 200),
    ("/t/no-such-link/", "", 404),
    ("/nowhere/", "agent", 404),
    ("/account/roles/", "agent", 403),
    ("/cases/", "agent", 200),
    ("/cases/export/", "supervisor", 200),
    ("/account/sign-out/", "agent", 405),
    ("/api/v1/cases", "", 401),
    ("/api/v1/openapi.json", "", 200),
    ("/api/nowhere", "", 404),
    ("/healthz", "", 200),
    ("/static/web/live.js", "", 200),
)


def visitor(cast: Cast, who: str) -> Client:
    staff = {"agent": cast.lin, "supervisor": cast.wang}.get(who)
    return staff.client() if staff else Client()


def directives(policy: str) -> dict[str, str]:
    return {
        part.split()[0]: " ".join(part.split()[1:]) for part in policy.split(";") if part.split()
    }


@pytest.mark.parametrize(("path", "who", "status"), KINDS)
def test_every_kind_of_answer_is_guarded(cast: Cast, path: str, who: str, status: int) -> None:
    answer = visitor(cast, who).get(path)
    assert answer.status_code == status
    headers = answer.headers
    if answer.streaming:
        answer.getvalue()
    policy = directives(headers["Content-Security-Policy"])
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "data:" not in policy.get("script-src", "")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers
    if not path.startswith("/static/"):
        assert "no-store" in headers["Cache-Control"]


def test_a_file_of_a_case_opens_nothing(cast: Cast) -> None:
    """Its own policy is narrower still; see test_uploads.py for what it is sent as."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = Client()
    sent = client.post(
        "/s/",
        {
            "kind": "complaint", "text": "见照片", "name": "陈志强", "phone": "13812346027",
            "files": SimpleUploadedFile("a.svg", b"<svg onload='alert(1)'/>"),
        },
    )  # fmt: skip
    assert sent.status_code == 302
    link = client.get("/s/done/").context["receipt"]["token"]
    page = client.get(f"/t/{link}/")
    url = page.context["view"].messages[0].files[0].url
    answer = client.get(url)
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    if answer.streaming:
        answer.getvalue()


def settings_with(**environment: str) -> dict[str, Any]:
    """The settings as another environment gives them, asked of a process of its own."""
    names = (
        "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME",
        "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE", "SECURE_HSTS_SECONDS",
        "SECURE_PROXY_SSL_HEADER", "ALLOWED_HOSTS", "DEBUG",
    )  # fmt: skip
    code = (
        "import json; from django.conf import settings as s; "
        f"print(json.dumps({{n: getattr(s, n) for n in {names!r}}}))"
    )
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ZHIKE_")}
    told = subprocess.run(
        [sys.executable, "-c", code],
        env={
            **kept, **environment, "DJANGO_SETTINGS_MODULE": "zhike.config.settings",
            "ZHIKE_DATA": str(Path(settings.DATA) / "other"),
        },
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def test_behind_https_cookies_are_bound_to_it_and_browsers_stay_with_it() -> None:
    found = settings_with(ZHIKE_HTTPS="1", ZHIKE_HOSTS="desk.example.com")
    assert found["SESSION_COOKIE_SECURE"]
    assert found["CSRF_COOKIE_SECURE"]
    assert found["SESSION_COOKIE_NAME"] == "__Host-zhike_session"
    assert found["CSRF_COOKIE_NAME"] == "__Host-zhike_csrf"
    assert found["SECURE_HSTS_SECONDS"] == 180 * 86400
    assert found["ALLOWED_HOSTS"] == ["desk.example.com", *LOOPBACK]
    assert found["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]
    assert settings_with(ZHIKE_HTTPS="1", ZHIKE_HSTS_SECONDS="0")["SECURE_HSTS_SECONDS"] == 0


def test_without_more_it_answers_to_this_machine_alone() -> None:
    found = settings_with()
    assert found["ALLOWED_HOSTS"] == LOOPBACK
    assert found["DEBUG"] is False
    assert found["SESSION_COOKIE_HTTPONLY"]
    assert found["CSRF_COOKIE_HTTPONLY"]
    assert found["SESSION_COOKIE_SAMESITE"] == "Lax"
    # A forwarded “https” of somebody in between is not believed.
    assert found["SECURE_PROXY_SSL_HEADER"] is None


@override_settings(
    SECURE_HSTS_SECONDS=15552000, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")
)
def test_hsts_is_sent_over_https() -> None:
    answer = Client().get("/account/sign-in/", headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["Strict-Transport-Security"] == "max-age=15552000"


def all_cookies(cast: Cast) -> Iterator[Any]:
    client = Client()
    client.post("/account/language/", {"language": "en", "next": "/"})
    client.get("/account/sign-in/")
    client.post("/account/sign-in/", {"staff_number": "1001", "password": PASSWORD})
    client.get("/s/?large=1")
    client.post("/s/", {"kind": "complaint", "text": "坏了", "name": "陈", "phone": "13812346027"})
    client.get("/s/done/")
    yield from client.cookies.values()


def test_cookies_are_for_the_server_alone(cast: Cast) -> None:
    found = {cookie.key: cookie for cookie in all_cookies(cast)}
    assert {"zhike_session", "django_language", "zhike_large", "zhike_received"} <= set(found)
    for cookie in found.values():
        assert cookie["httponly"], cookie.key
        assert cookie["samesite"] == "Lax", cookie.key
    assert found["zhike_received"]["path"] == "/s/"
    # A sign-in cookie ends with the browser or with the rules, whichever comes first.
    assert int(found["zhike_session"]["max-age"] or 0) <= 12 * 3600


@override_settings(SESSION_COOKIE_SECURE=True)
def test_behind_https_every_cookie_is_sealed_on_its_way() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        answer = HttpResponse()
        answer.set_cookie("a", "1")
        answer.set_cookie("b", "1", samesite="Strict")
        return answer

    answer = SafeAnswersMiddleware(view)(HttpRequest())
    assert all(cookie["secure"] and cookie["httponly"] for cookie in answer.cookies.values())
    assert answer.cookies["b"]["samesite"] == "Strict"


@pytest.mark.parametrize(
    "path", ["/", "/s/", "/account/sign-in/", "/api/v1/cases", "/healthz", "/nowhere/"]
)
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "a b", "localhost@evil.example", ""]
)
def test_no_other_name_is_answered_to(path: str, host: str) -> None:
    answer = Client().get(path, headers={"Host": host} if host else {"Host": " "})
    assert answer.status_code == 400
    assert "default-src" in answer.headers["Content-Security-Policy"]
    assert "evil" not in answer.content.decode()


def test_the_name_a_proxy_forwards_is_not_believed(cast: Cast) -> None:
    client = Client()
    client.post("/s/", {"kind": "complaint", "text": "坏了", "name": "陈", "phone": "13812346027"})
    page = client.get("/s/done/", headers={"X-Forwarded-Host": "evil.example"})
    assert page.status_code == 200
    assert "evil.example" not in page.content.decode()


ELSEWHERE = (
    "https://evil.example/", "//evil.example/", "/\\evil.example/", "\\\\evil.example", "http:evil.example",
    "///evil.example", "javascript:alert(1)", "/%0d%0aSet-Cookie:a=b//evil.example", "https:/evil.example",
    " //evil.example",
    "\x00//evil.example", "/@evil.example/../..//evil.example\t",
)  # fmt: skip


def leads_away(location: str) -> bool:
    """As browsers read it: back slashes are slashes, blanks and control signs at the edge fall away."""
    plain = location.replace("\\", "/").strip("\x00 \t\r\n")
    return plain.startswith("//") or not plain.startswith("/")


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_no_redirect_leads_elsewhere(cast: Cast, wanted: str) -> None:
    signed_in = cast.wang.client()
    door = Client()
    answers = [
        door.post(
            "/account/sign-in/", {"staff_number": "1001", "password": PASSWORD, "next": wanted}
        ),
        Client().post("/account/language/", {"language": "en", "next": wanted}),
        signed_in.post("/lists/preference/", {"list": "desk.queue", "next": wanted}),
        signed_in.post("/customers/batch/merge/", {"ids": "1", "next": wanted}),
        signed_in.post("/cases/batch/merge/", {"ids": "1", "next": wanted}),
    ]
    assert answers[0].status_code == 302
    for answer in answers:
        if answer.status_code in (301, 302):
            assert not leads_away(answer.headers["Location"]), answer.request["PATH_INFO"]


def test_the_door_asks_to_come_back_to_a_page_of_ours(cast: Cast) -> None:
    page = Client().get("/cases/", follow=True)
    assert page.redirect_chain[0][0].startswith("/account/sign-in/?next=/cases/")


@pytest.mark.once
def test_every_unsafe_address_asks_for_the_token_of_the_page(cast: Cast) -> None:
    """Without it a form of another site could act for whoever is signed in here."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.admin.user)
    tried = 0
    for name, template in all_templates():
        address = "".join(PARTS.get(part, part) for part in _pieces(template))
        for method in ("post", "put", "patch", "delete"):
            answer = getattr(client, method)(address)
            refused = answer.status_code == 403 and answer.context["title"] == STALE
            # Signing in with the company's account is entered by a link from there.
            fine = (404, 405) if name in WITHOUT_TOKEN else (404,)
            assert refused or answer.status_code in fine, (name, method, answer.status_code)
            tried += 1
    assert tried > 500


@pytest.mark.once
def test_the_interface_is_not_opened_by_a_cookie(cast: Cast) -> None:
    """The interface asks for a token, so no page elsewhere can act by the cookie of who is signed in here."""
    client = cast.admin.client()
    schema = client.get("/api/v1/openapi.json").json()
    tried = 0
    for template, operations in schema["paths"].items():
        address = re.sub(r"\{[^}]+\}", "1", template)
        for method in operations:
            answer = client.generic(method.upper(), address, "{}", content_type="application/json")
            assert answer.status_code == 401, (method, template, answer.status_code)
            assert "access-control-allow-origin" not in answer.headers
            tried += 1
    assert tried > 80
    assert not AuditRow.objects.filter(actor_id=cast.admin.user.pk, via="api").exists()


# Customers' questionnaires, and the one click of RFC 8058 by which a mailbox says no.
WITHOUT_TOKEN = frozenset({"webform:questionnaire", "webform:invited", "webform:invited-stop"})
LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
STALE = "这个页面打开得太久了"
PARTS = {"<int": "1", "<str": "x1", "<uuid": "6f9619ff-8b86-4011-b42d-00c04fc964ff", "<path": "x"}


def _pieces(template: str) -> list[str]:
    return [
        piece.partition(":")[0] if piece.startswith("<") else piece
        for piece in re.split(r"(<[^>]+>)", template)
    ]


@pytest.mark.once
def test_pages_say_which_methods_they_take(cast: Cast) -> None:
    client = cast.admin.client()
    for name, template in all_templates():
        if "<" in template:
            continue
        for method in ("put", "delete", "patch", "trace"):
            answer = getattr(client, method)(template)
            assert answer.status_code in (404, 405, 302, 200), name
            if answer.status_code == 200:
                # A page that only looks may be asked for in odd ways, as long as it changes nothing.
                assert "set-cookie" not in answer.headers


def test_signing_in_makes_a_new_session(cast: Cast) -> None:
    """Whoever planted a session in a browser must not be signed in with its owner."""
    client = Client()
    client.cookies["zhike_session"] = "planted0123456789planted01234567"
    client.post("/account/sign-in/", {"staff_number": "1001", "password": PASSWORD})
    mine = client.cookies["zhike_session"].value
    assert mine != "planted0123456789planted01234567"
    other = Client()
    other.cookies["zhike_session"] = "planted0123456789planted01234567"
    assert other.get("/").status_code == 302
    # And a session of somebody else is not gone on with either.
    client.post("/account/sign-out/")
    again = Client()
    again.cookies["zhike_session"] = mine
    assert again.get("/").status_code == 302


def test_what_asks_no_token_acts_in_nobodys_name(cast: Cast) -> None:
    """Answers and “no more of this” come by the secret of their address, whoever is signed in here."""
    link = published(cast.zhoukou, AFTER_CONTACT)
    client = cast.admin.client()
    before = AuditRow.objects.count()
    form = {"ref": "0" * 32, "version": str(link.survey.current_id), "page": "0", "q1": "5"}
    assert client.post(f"/q/{link.token}/", form).status_code == 303
    assert Response.objects.get().answers == {"q1": 5}
    assert client.post(f"/q/i/{link.token}/stop/").status_code == 404
    assert AuditRow.objects.count() == before


def test_no_other_view_is_exempt_from_the_check() -> None:
    assert importlib.util.find_spec("zhike") is not None
    found = subprocess.run(
        ["grep", "-rln", "csrf_exempt", str(Path(settings.PACKAGE))], capture_output=True, text=True
    ).stdout.split()
    exempt = {Path(path).name for path in found if path.endswith(".py")}
    assert exempt == {"questionnaire.py", "invited.py"}
