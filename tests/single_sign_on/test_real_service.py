"""The whole way with a sign-in service of another maker, in a second process over HTTP."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tests.cast import PASSWORD, Cast
from tests.guards import given
from tests.single_sign_on.conftest import BACK, Service
from tests.single_sign_on.provider.known import CLIENT_ID, SECRET
from zhike.accounts.models import OutsideIdentity, SecondFactor, SignInRules, SingleSignOn, User
from zhike.accounts.services import second_factor
from zhike.core.models import AuditRow

pytestmark = pytest.mark.django_db
SETTINGS, GO, DOOR = "/account/single-sign-on/", "/account/sign-in/company/", "/account/sign-in/"


def entered(service: Service, **other: str) -> dict[str, str]:
    return {
        "is_on": "on",
        "label": "海晨账号",
        "issuer": service.url,
        "client_id": CLIENT_ID,
        "secret": SECRET,
        "match": "staff_number",
        "claim": "preferred_username",
        **other,
    }


@pytest.fixture
def ready(cast: Cast, service: Service) -> Cast:
    answer = cast.admin.client().post(SETTINGS, entered(service))
    assert answer.status_code == 302, answer.content.decode()
    return cast


def come_in(service: Service, name: str, then: str = "") -> tuple[Client, Any]:
    browser = Client()
    away = browser.get(GO, {"next": then} if then else {})
    assert away.status_code == 302, away.content.decode()
    back = service.sign_in(away["Location"], name)
    return browser, browser.get(back)


def test_somebody_signs_in_and_is_known_by_the_service_from_then_on(
    ready: Cast, service: Service
) -> None:
    assert "海晨账号" in Client().get(DOOR).content.decode()
    browser, answer = come_in(service, "1001", then="/customers/")
    assert (answer.status_code, answer["Location"]) == (302, "/customers/")
    assert browser.get("/customers/").status_code == 200
    (identity,) = OutsideIdentity.objects.all()
    assert (identity.user, identity.told) == (ready.lin.user, "1001")
    actions = list(AuditRow.objects.order_by("pk").values_list("action", flat=True))[-2:]
    assert actions == ["accounts.outside_identity.note", "accounts.sign_in"]
    # The staff number passes to somebody else: the identity still opens Lin's account, not theirs.
    with given():
        User.objects.filter(pk=ready.lin.user.pk).update(staff_number="1001X")
        User.objects.filter(pk=ready.zhou.user.pk).update(staff_number="1001")
    browser, answer = come_in(service, "1001")
    assert browser.get("/").wsgi_request.user == ready.lin.user
    assert OutsideIdentity.objects.count() == 1


def test_what_we_send_cannot_be_used_by_somebody_else(ready: Cast, service: Service) -> None:
    away = Client().get(GO)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(away["Location"]).query).items()}
    assert asked["redirect_uri"] == BACK
    assert asked["code_challenge_method"] == "S256"
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    assert SECRET not in away["Location"]
    back = service.sign_in(away["Location"], "1001")
    # Another browser, one that was never sent there and one that was.
    assert Client().get(back).status_code == 422
    other = Client()
    other.get(GO)
    assert other.get(back).status_code == 422
    assert not OutsideIdentity.objects.exists()


def test_a_code_opens_once(ready: Cast, service: Service) -> None:
    browser = Client()
    back = service.sign_in(browser.get(GO)["Location"], "1001")
    assert browser.get(back).status_code == 302
    browser.post("/account/sign-out/")
    refused = browser.get(back)
    assert refused.status_code == 422
    assert "请重新开始" in refused.content.decode()


def test_who_is_nobody_here_is_told_so_and_it_is_in_the_log(ready: Cast, service: Service) -> None:
    people = User.objects.count()
    _browser, answer = come_in(service, "guest")
    assert answer.status_code == 422
    assert "guest" in answer.content.decode()
    assert User.objects.count() == people
    last = AuditRow.objects.latest("pk")
    assert last.action == "accounts.sign_in.fail"


def test_who_left_does_not_come_in(ready: Cast, service: Service) -> None:
    come_in(service, "1001")
    with given():
        User.objects.filter(pk=ready.lin.user.pk).update(is_active=False)
    browser, answer = come_in(service, "1001")
    assert answer.status_code == 422
    assert browser.get("/").status_code == 302


def test_by_address_only_when_the_service_confirms_it_and_one_has_it(
    ready: Cast, service: Service
) -> None:
    with given():
        SingleSignOn.objects.update(match="email")
        User.objects.filter(pk=ready.wang.user.pk).update(email="Lin@haichen.example")
    browser, answer = come_in(service, "1001")
    assert answer.status_code == 302
    assert browser.get("/").wsgi_request.user == ready.wang.user
    with given():
        OutsideIdentity.objects.all().delete()
        User.objects.filter(pk=ready.lin.user.pk).update(email="lin@haichen.example")
    _browser, answer = come_in(service, "1001")
    assert answer.status_code == 422
    assert "不止一个人" in answer.content.decode()


def test_the_second_step_is_asked_for_unless_the_service_has_its_own(
    ready: Cast, service: Service
) -> None:
    second_factor.begin(actor=ready.lin.actor, user=ready.lin.user)
    with given():
        SecondFactor.objects.update(confirmed_at="2026-11-01T00:00:00Z")
    browser, answer = come_in(service, "1001")
    assert answer["Location"] == "/account/sign-in/code/"
    assert browser.get("/").status_code == 302
    with given():
        SingleSignOn.objects.update(has_second_step=True)
    browser, answer = come_in(service, "1001")
    assert answer["Location"] == "/"
    assert browser.get("/").status_code == 200


def test_a_required_second_step_may_be_the_services(ready: Cast, service: Service) -> None:
    role = ready.lin.user.assignments.get().role_id
    with given():
        SignInRules.objects.update_or_create(pk=1, defaults={"second_factor_roles": [role]})
    browser, _answer = come_in(service, "1001")
    assert browser.get("/")["Location"] == "/account/second-step/"
    with given():
        SingleSignOn.objects.update(has_second_step=True)
    browser, _answer = come_in(service, "1001")
    assert browser.get("/").status_code == 200


def test_a_first_password_need_not_be_chosen_by_who_needs_none(
    ready: Cast, service: Service
) -> None:
    with given():
        User.objects.filter(pk=ready.lin.user.pk).update(must_change_password=True)
    browser, _answer = come_in(service, "1001")
    assert browser.get("/").status_code == 200


def test_without_passwords_only_who_manages_people_has_one(ready: Cast, service: Service) -> None:
    answer = ready.admin.client().post(SETTINGS, entered(service, passwords_off="on", secret=""))
    assert answer.status_code == 302
    form = {"staff_number": "1001", "password": PASSWORD}
    refused = Client().post(DOOR, form)
    assert refused.status_code == 422
    assert "公司账号" in refused.content.decode()
    # A wrong one is answered like anybody's, so nobody learns anything by trying.
    wrong = Client().post(DOOR, {**form, "password": "not-the-password"})
    assert "工号或密码不对" in wrong.content.decode()
    admin = {"staff_number": ready.admin.user.staff_number, "password": PASSWORD}
    assert Client().post(DOOR, admin).status_code == 302
    _browser, answer = come_in(service, "1001")
    assert answer.status_code == 302


def test_an_administrator_takes_an_identity_off(ready: Cast, service: Service) -> None:
    browser, _answer = come_in(service, "1001")
    (identity,) = OutsideIdentity.objects.all()
    page = ready.admin.client().get(f"/account/people/{ready.lin.user.pk}/").content.decode()
    assert f"/account/identities/{identity.pk}/forget/" in page
    address = f"/account/identities/{identity.pk}/forget/"
    assert ready.wang.client().post(address).status_code == 403
    assert ready.admin.client().post(address).status_code == 302
    assert ready.admin.client().post(address).status_code == 404
    assert not OutsideIdentity.objects.exists()
    # Whoever came in by it is out.
    assert browser.get("/").status_code == 302
    _browser, answer = come_in(service, "1001")
    assert answer.status_code == 302


def test_the_secret_is_sealed_and_never_shown(ready: Cast, service: Service) -> None:
    row = SingleSignOn.objects.get()
    assert SECRET not in row.secret
    assert SECRET not in ready.admin.client().get(SETTINGS).content.decode()
    for audit in AuditRow.objects.all():
        assert SECRET not in audit.payload


def test_what_does_not_work_is_not_saved(cast: Cast, service: Service) -> None:
    def sent(**other: str) -> str:
        answer = cast.admin.client().post(SETTINGS, entered(service, **other))
        assert answer.status_code == 422
        assert not SingleSignOn.objects.exists()
        return answer.content.decode()

    assert "没有正常应答" in sent(issuer=f"{service.url}/accounts/login")
    assert "没有正常应答" in sent(issuer="http://127.0.0.1:9")
    assert "https://" in sent(issuer="http://login.example.com")
    assert "https://" in sent(issuer="ftp://login.example.com")
    assert "https://" in sent(issuer="http://[")
    assert cast.wang.client().get(SETTINGS).status_code == 403
    assert Client().get(GO).status_code == 404
