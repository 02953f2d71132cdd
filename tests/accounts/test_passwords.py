from itertools import pairwise

import pytest
from django.urls import reverse

from tests.cast import PASSWORD, Cast
from zhike.accounts.models import SignInRules, UsedPassword, User
from zhike.accounts.services.passwords import (
    REMEMBERED,
    change_own_password,
    check_rules,
    reset_password,
)
from zhike.core.errors import RuleError

pytestmark = pytest.mark.django_db


def refused(password: str, cast: Cast) -> bool:
    user = User(staff_number="K20817", name="林静", email="linjing@example.com")
    try:
        check_rules(password, user)
    except RuleError:
        return True
    return False


@pytest.mark.parametrize(
    "password",
    [
        "short-9",
        "4815162342",
        "password123",
        "K20817K20817",
        "k20817-k20817!",
        "林静林静林静林静林静",
        "LinJingLinJing1",
        "linjing@example.com",
    ],
)
def test_what_others_guess_is_refused(cast: Cast, password: str) -> None:
    assert refused(password, cast)


@pytest.mark.parametrize("password", ["三轮车不怕下雨天真的", "haichen-K20817", "a-better-one-2"])
def test_what_is_ones_own_is_taken(cast: Cast, password: str) -> None:
    assert not refused(password, cast)


def test_the_shortest_length_is_a_rule_of_the_company(cast: Cast, given) -> None:
    with given():
        SignInRules.objects.create(pk=1, least_length=16)
    assert refused("fifteen-letters", cast)
    assert not refused("sixteen--letters", cast)
    page = cast.lin.client().get(reverse("accounts:password")).content.decode()
    assert "至少 16 个字符" in page


def test_the_last_few_passwords_do_not_come_back(cast: Cast) -> None:
    user, actor = cast.lin.user, cast.lin.actor
    passwords = [PASSWORD, *(f"another-one-{n}" for n in range(REMEMBERED))]
    for old, new in pairwise(passwords):
        change_own_password(actor=actor, user=user, old=old, new=new)
        if new != passwords[-1]:
            with pytest.raises(RuleError) as found:
                change_own_password(actor=actor, user=user, old=new, new=PASSWORD)
            assert found.value.code == "password_used"
    assert UsedPassword.objects.filter(user=user).count() == REMEMBERED
    change_own_password(actor=actor, user=user, old=passwords[-1], new=PASSWORD)
    assert User.objects.get(pk=user.pk).check_password(PASSWORD)


def test_a_change_ends_the_other_sessions_and_keeps_this_one(cast: Cast) -> None:
    here, elsewhere = cast.lin.client(), cast.lin.client()
    form = {"old": PASSWORD, "new": "a-better-one-2"}
    assert here.post(reverse("accounts:password"), form).status_code == 302
    assert here.get(reverse("web:home")).status_code == 200
    assert elsewhere.get(reverse("web:home")).status_code == 302


def test_a_password_set_by_an_administrator_ends_all_and_must_be_changed(cast: Cast) -> None:
    client = cast.lin.client()
    reset_password(**cast.admin.acting, user=cast.lin.user, password="for-the-first-day")
    assert client.get(reverse("web:home")).status_code == 302
    answer = client.post(
        reverse("accounts:sign-in"), {"staff_number": "1001", "password": "for-the-first-day"}
    )
    assert answer.status_code == 302
    assert client.get(reverse("web:home"))["Location"] == reverse("accounts:password")
    form = {"old": "for-the-first-day", "new": PASSWORD}
    assert client.post(reverse("accounts:password"), form).status_code == 422
