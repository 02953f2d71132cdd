"""API tokens: hashed, with an end; what no longer works says why, what never did says nothing more."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from zhike.accounts.models import ApiToken
from zhike.accounts.services.tokens import create_token, revoke_token, token_digest
from zhike.core import clock

pytestmark = pytest.mark.django_db
CASES = "/api/v1/cases"


def call(text: str, path: str = CASES, language: str = "zh-hans", **more):
    headers = {"authorization": f"Bearer {text}", "accept-language": language}
    return Client(headers=headers).generic(more.get("method", "GET"), path)


@pytest.fixture
def made(cast: Cast) -> tuple[ApiToken, str]:
    return create_token(
        **cast.admin.acting, user=cast.admin.user, label="ERP", scopes=["read"], days=30
    )


def test_only_a_digest_and_the_first_signs_are_kept(made) -> None:
    token, text = made
    values = ApiToken.objects.filter(pk=token.pk).values().get()
    assert text not in str(values)
    assert values["digest"] == token_digest(text)
    assert text.startswith(values["head"])
    assert len(values["head"]) < 10


def test_an_expired_token_is_refused_with_its_day(made, frozen_clock) -> None:
    _token, text = made
    assert call(text).status_code == 200
    end = clock.now() + timedelta(days=30)
    frozen_clock(end)
    answer = call(text)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    error = answer.json()["error"]
    assert error["code"] == "token_expired"
    assert f"{clock.local(end):%Y-%m-%d}" in error["message"]
    assert "到期" in error["message"]
    assert "expired" in call(text, language="en").json()["error"]["message"]


def test_a_revoked_token_is_refused_and_says_so(made, cast: Cast) -> None:
    token, text = made
    revoke_token(**cast.admin.acting, token=token)
    answer = call(text)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "token_revoked"
    assert "作废" in answer.json()["error"]["message"]


@pytest.mark.parametrize("text", ["zk_nobody-has-this", "other", "zk_" + "x" * 200])
def test_what_never_was_a_token_hears_one_answer(cast: Cast, text: str) -> None:
    answer = call(text)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "token_invalid"
    assert Client().get(CASES).json()["error"]["message"] == answer.json()["error"]["message"]


def test_a_reading_token_writes_nothing(made) -> None:
    _token, text = made
    assert call(text, method="POST").status_code in {403, 422}


def test_the_page_shows_scope_last_use_and_end(made, cast: Cast, given) -> None:
    token, text = made
    client = cast.admin.client()
    page = client.get(reverse("accounts:tokens")).content.decode()
    assert "只读" in page
    assert "从未" in page
    call(text)
    with given():
        ApiToken.objects.filter(pk=token.pk).update(expires_at=clock.now() - timedelta(days=1))
    page = client.get(reverse("accounts:tokens")).content.decode()
    assert "从未" not in page
    assert "已到期" in page
