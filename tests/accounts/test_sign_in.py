"""The door: failures counted, locked and audited; nobody learns which staff numbers exist."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import PASSWORD, Cast
from zhike.accounts.models import Attempt, SignInRules
from zhike.accounts.services.attempts import bearer_failed
from zhike.core import clock
from zhike.core.models import AuditRow
from zhike.core.work import Actor

pytestmark = pytest.mark.django_db
SIGN_IN = "/account/sign-in/"


def attempt(number: str, password: str = "a-wrong-password", ip: str = "10.0.0.1"):
    form = {"staff_number": number, "password": password}
    return Client(REMOTE_ADDR=ip).post(SIGN_IN, form)


@pytest.mark.parametrize("number", ["1001", "nobody"])
def test_five_failures_lock_a_staff_number_whether_it_exists_or_not(cast: Cast, number) -> None:
    answers = [attempt(number) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert "管理员" in answers[-1].content.decode()
    assert Attempt.objects.get(kind="account").what == number.upper()


def test_the_right_password_waits_too_and_works_after_the_time(cast: Cast, frozen_clock) -> None:
    now = clock.now()
    frozen_clock(now)
    for _ in range(5):
        attempt("1001")
    assert attempt("1001", PASSWORD).status_code == 429
    frozen_clock(now + timedelta(minutes=15, seconds=1))
    assert attempt("1001", PASSWORD).status_code == 302
    assert not Attempt.objects.filter(kind="account").exists()


def test_a_success_forgets_the_failures_before_it(cast: Cast) -> None:
    for _ in range(3):
        for _ in range(4):
            assert attempt("1001").status_code == 422
        assert attempt("1001", PASSWORD).status_code == 302


def test_one_address_trying_many_numbers_is_stopped_and_others_are_not(cast: Cast, given) -> None:
    with given():
        SignInRules.objects.create(pk=1, address_failures=10)
    assert {attempt(f"9{n}").status_code for n in range(10)} == {422}
    refused = attempt("1001", PASSWORD)
    assert refused.status_code == 429
    assert "网络地址" in refused.content.decode()
    assert attempt("1001", PASSWORD, ip="10.0.0.2").status_code == 302


def test_an_own_success_does_not_wash_the_address_clean(cast: Cast, given) -> None:
    with given():
        SignInRules.objects.create(pk=1, address_failures=10)
    for n in range(9):
        attempt(f"9{n}")
    assert attempt("1001", PASSWORD).status_code == 302
    attempt("99")
    assert attempt("1001", PASSWORD).status_code == 429


def test_tries_at_the_same_moment_are_all_counted_before_any_is_looked_at(cast, given) -> None:
    with given():
        Attempt.objects.create(kind="account", what="1001", failures=5, last_at=clock.now())
    assert attempt("1001", PASSWORD).status_code == 429


def test_failures_and_locks_are_audited_without_the_password(cast: Cast) -> None:
    for _ in range(5):
        attempt("1001", "s3cret-that-was-mistyped")
    attempt("nobody", "s3cret-that-was-mistyped")
    rows = AuditRow.objects.filter(action="accounts.sign_in.fail").order_by("pk")
    assert [row.object_id for row in rows] == [cast.lin.user.pk] * 5 + [None]
    assert json.loads(rows[0].payload)["after"] == {"staff_number": "1001"}
    assert {row.ip for row in rows} == {"10.0.0.1"}
    lock = AuditRow.objects.get(action="accounts.sign_in.lock")
    assert lock.object_id == cast.lin.user.pk
    assert not AuditRow.objects.filter(payload__contains="s3cret").exists()


def test_an_unknown_number_costs_a_hash_too(cast: Cast, monkeypatch) -> None:
    hashed: list[str] = []
    from zhike.accounts.models import User

    plain = User.set_password

    def noted(self, raw):
        hashed.append(raw)
        plain(self, raw)

    monkeypatch.setattr(User, "set_password", noted)
    attempt("nobody")
    assert hashed == ["a-wrong-password"]


def test_somebody_who_left_hears_the_same_sentence(cast: Cast, given) -> None:
    with given():
        cast.lin.user.is_active = False
        cast.lin.user.save()
    gone, unknown = attempt("1001", PASSWORD), attempt("nobody", PASSWORD)
    assert gone.status_code == unknown.status_code == 422
    assert gone.context["refused"] == unknown.context["refused"]


def test_an_administrator_sees_who_is_locked_and_unlocks(cast: Cast) -> None:
    for _ in range(5):
        attempt("1001")
    admin = cast.admin.client()
    assert "已锁定" in admin.get(reverse("accounts:people")).content.decode()
    page = admin.get(reverse("accounts:security")).content.decode()
    assert "林静" in page
    row = Attempt.objects.get(kind="account")
    url = reverse("accounts:unlock", args=[row.pk])
    assert cast.wang.client().post(url).status_code == 403
    assert Attempt.objects.filter(pk=row.pk).exists()
    assert admin.post(url).status_code == 302
    assert attempt("1001", PASSWORD).status_code == 302
    assert AuditRow.objects.filter(action="accounts.sign_in.unlock").count() == 1
    assert admin.post(url).status_code == 404


def test_the_rules_are_kept_audited_and_refused_when_senseless(cast: Cast) -> None:
    admin, url = cast.admin.client(), reverse("accounts:security")
    form = dict(admin.get(url).context["form"].initial)
    assert admin.post(url, {**form, "most_failures": 3}).status_code == 302
    assert SignInRules.objects.get().most_failures == 3
    row = AuditRow.objects.get(action="accounts.sign_in_rules.save")
    assert json.loads(row.payload)["after"] == {"most_failures": 3}
    assert [attempt("1001").status_code for _ in range(4)] == [422] * 3 + [429]
    assert admin.post(url, {**form, "most_failures": 0}).status_code == 422
    assert cast.wang.client().post(url, form).status_code == 403
    assert SignInRules.objects.get().most_failures == 3


def test_wrong_tokens_from_one_address_are_put_off(cast: Cast, given) -> None:
    with given():
        SignInRules.objects.create(pk=1, address_failures=10)

    def call(ip: str = "10.0.0.7") -> int:
        client = Client(REMOTE_ADDR=ip)
        return client.get("/api/v1/cases", headers={"authorization": "Bearer zk_x"}).status_code

    assert [call() for _ in range(11)] == [401] * 10 + [429]
    assert call("10.0.0.8") == 401
    assert AuditRow.objects.filter(action="accounts.token.address_lock").count() == 1
    bearer_failed(Actor.system("token"))  # without an address there is nothing to count
