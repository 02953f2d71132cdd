"""The second step: codes by the published test values, each taken once; sealed, hashed, required by role."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.accounts.test_sign_in import SIGN_IN
from tests.cast import PASSWORD, Cast, Staff
from zhike.accounts.models import Attempt, RecoveryCode, Role, SecondFactor, SignInRules
from zhike.accounts.services import second_factor
from zhike.accounts.totp import address_of, code_of, step_matching, step_of
from zhike.core import clock
from zhike.core.errors import RuleError
from zhike.core.models import AuditRow, PersonKey

pytestmark = pytest.mark.django_db
CODE = "/account/sign-in/code/"
OWN = "/account/second-step/"
MORNING = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


# RFC 6238, appendix B, the values for SHA-1.
@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    secret = b"12345678901234567890"
    assert code_of(secret, seconds // 30, digits=8) == code
    assert code_of(secret, seconds // 30) == code[2:]


def test_a_clock_may_be_one_step_off_and_no_more() -> None:
    secret, now = b"12345678901234567890", step_of(MORNING)
    found = [step_matching(secret, code_of(secret, now + n), MORNING) for n in (-2, -1, 0, 1, 2)]
    assert found == [None, now - 1, now, now + 1, None]


def test_the_address_says_company_and_staff_number() -> None:
    address = address_of(b"12345678901234567890", "海晨", "1001")
    assert address.startswith("otpauth://totp/%E6%B5%B7%E6%99%A8:1001?secret=GEZDGNBVGY3TQOJQ")


def code_now(staff: Staff, later: int = 0) -> str:
    factor = SecondFactor.objects.get(user=staff.user)
    return code_of(second_factor.secret_of(factor), step_of(clock.now()) + later)


@pytest.fixture(autouse=True)
def _morning(frozen_clock) -> None:
    frozen_clock(MORNING)


@pytest.fixture
def codes(cast: Cast, frozen_clock) -> list[str]:
    """Lin has the second step on; these are her recovery codes."""
    second_factor.begin(actor=cast.lin.actor, user=cast.lin.user)
    given = second_factor.confirm(actor=cast.lin.actor, user=cast.lin.user, code=code_now(cast.lin))
    frozen_clock(MORNING + timedelta(minutes=5))
    return given


def first_step(number: str = "1001", then: str = "") -> Client:
    client = Client()
    form = {"staff_number": number, "password": PASSWORD, "next": then}
    assert client.post(SIGN_IN, form).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def test_it_is_set_up_on_ones_own_page(cast: Cast) -> None:
    client = cast.lin.client()
    assert client.post(OWN, {"act": "begin"}).status_code == 302
    page = client.get(OWN).content.decode()
    assert "<path d=" in page
    assert client.post(OWN, {"act": "confirm", "code": "000000"}).status_code == 422
    assert not second_factor.is_on(cast.lin.user)
    done = client.post(OWN, {"act": "confirm", "code": code_now(cast.lin)})
    shown = done.context["codes"]
    assert len(set(shown)) == 10
    assert all(code in done.content.decode() for code in shown)
    assert not any(code in client.get(OWN).content.decode() for code in shown)


def test_after_the_password_the_code_is_asked_for_and_the_way_is_kept(cast: Cast, codes) -> None:
    client = first_step(then="/search/?q=1")
    assert not is_in(client)
    assert client.post(CODE, {"code": "000000"}).status_code == 422
    assert not is_in(client)
    answer = client.post(CODE, {"code": code_now(cast.lin)})
    assert answer["Location"] == "/search/?q=1"
    assert is_in(client)


def test_a_code_is_taken_once(cast: Cast, codes: list[str]) -> None:
    code = code_now(cast.lin)
    assert first_step().post(CODE, {"code": code}).status_code == 302
    assert first_step().post(CODE, {"code": code}).status_code == 422
    # Nor one from before it.
    assert first_step().post(CODE, {"code": code_now(cast.lin, -1)}).status_code == 422


def test_a_recovery_code_lets_in_once_however_it_is_typed(cast: Cast, codes: list[str]) -> None:
    typed = codes[0].upper().replace("-", " ")
    assert first_step().post(CODE, {"code": typed}).status_code == 302
    assert first_step().post(CODE, {"code": codes[0]}).status_code == 422
    assert second_factor.codes_left(cast.lin.user) == 9
    assert AuditRow.objects.filter(action="accounts.second_factor.recovery").count() == 1


def test_nobody_elses_recovery_code_lets_in(cast: Cast, codes: list[str]) -> None:
    second_factor.begin(actor=cast.wang.actor, user=cast.wang.user)
    others = second_factor.confirm(
        actor=cast.wang.actor, user=cast.wang.user, code=code_now(cast.wang)
    )
    assert first_step().post(CODE, {"code": others[0]}).status_code == 422


def test_guessing_codes_locks_even_with_the_right_password(cast: Cast, codes: list[str]) -> None:
    statuses = [first_step().post(CODE, {"code": "000000"}).status_code for _n in range(4)]
    client = first_step()
    statuses.append(client.post(CODE, {"code": "000000"}).status_code)
    assert statuses == [422] * 5
    assert client.post(CODE, {"code": code_now(cast.lin)}).status_code == 429
    assert Attempt.objects.get(kind="account").held_until is not None


def test_the_first_step_is_void_after_a_new_password_or_five_minutes(cast, codes, given) -> None:
    client = first_step()
    with given():
        cast.lin.user.set_password("quite-another-1")
        cast.lin.user.save()
    assert client.post(CODE, {"code": code_now(cast.lin)})["Location"] == SIGN_IN
    assert not is_in(client)
    assert Client().get(CODE)["Location"] == SIGN_IN


def test_secret_and_codes_lie_nowhere_in_clear(cast: Cast, codes: list[str]) -> None:
    factor = SecondFactor.objects.get()
    secret = base64.b64encode(second_factor.secret_of(factor)).decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_secondfactor")
        stored = cursor.fetchone()[0]
    assert stored.startswith("v1:")
    assert secret not in stored
    digests = list(RecoveryCode.objects.values_list("digest", flat=True))
    assert not any(code.replace("-", "") in digest for code in codes for digest in digests)
    assert not AuditRow.objects.filter(payload__contains=secret).exists()


def test_an_administrator_resets_it_and_the_key_is_destroyed(cast: Cast, codes) -> None:
    key = SecondFactor.objects.get().key_id
    url = reverse("accounts:person-second-factor-reset", args=[cast.lin.user.pk])
    assert cast.wang.client().post(url).status_code == 403
    assert second_factor.is_on(cast.lin.user)
    assert cast.admin.client().post(url).status_code == 302
    assert not second_factor.is_on(cast.lin.user)
    assert PersonKey.objects.get(pk=key).wrapped == ""
    assert not RecoveryCode.objects.exists()
    row = AuditRow.objects.get(action="accounts.second_factor.reset")
    assert (row.actor_id, row.object_id) == (cast.admin.user.pk, cast.lin.user.pk)
    assert is_in(first_step())


def test_a_role_that_needs_it_gets_no_further_without(cast: Cast, given) -> None:
    with given():
        agents = [Role.objects.get(code="agent").pk]
        SignInRules.objects.create(pk=1, second_factor_roles=agents)
    assert is_in(first_step("1002"))
    client = first_step()
    assert client.get("/")["Location"] == OWN
    assert client.get("/cases/")["Location"] == OWN
    client.post(OWN, {"act": "begin"})
    client.post(OWN, {"act": "confirm", "code": code_now(cast.lin)})
    assert is_in(client)
    with pytest.raises(RuleError) as refused:
        second_factor.turn_off(actor=cast.lin.actor, user=cast.lin.user, code=code_now(cast.lin, 1))
    assert refused.value.code == "second_factor_required"


def test_it_is_turned_off_and_codes_renewed_only_with_a_code(cast: Cast, codes) -> None:
    client = cast.lin.client()
    assert client.post(OWN, {"act": "off", "code": "000000"}).status_code == 422
    renewed = client.post(OWN, {"act": "codes", "code": codes[0]}).context["codes"]
    assert client.post(OWN, {"act": "off", "code": codes[1]}).status_code == 422
    assert client.post(OWN, {"act": "begin"}).status_code == 422
    assert second_factor.is_on(cast.lin.user)
    assert client.post(OWN, {"act": "off", "code": renewed[1]}).status_code == 302
    assert not second_factor.is_on(cast.lin.user)
