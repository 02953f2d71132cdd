"""A public short number is a phone number, but no customer's."""

import pytest

from tests.cast import Cast
from zhike.core.errors import RuleError
from zhike.customers import services
from zhike.customers.models import Customer, Identity
from zhike.customers.normal import is_hotline, own_phone

HOTLINES = ["110", "12345", "95588", "1 2 3 4 5", "１２３１５", "961234"]


@pytest.mark.parametrize("number", HOTLINES)
def test_hotlines_are_nobodys_own(number: str) -> None:
    assert is_hotline(number)
    assert own_phone(number) is None


@pytest.mark.parametrize(
    ("number", "normal"),
    [
        ("138 1234 6027", "+8613812346027"),
        ("021-12345678", "+862112345678"),
        ("400-800-8123", "+864008008123"),
        ("+49 151 12345678", "+4915112345678"),
        ("95013123", "95013123"),
    ],
)
def test_what_reaches_a_customer_stays_allowed(number: str, normal: str) -> None:
    assert not is_hotline(number)
    assert own_phone(number) == normal


@pytest.mark.parametrize("nonsense", ["", "0", "54321", "abc", "1234567"])
def test_what_is_no_number_is_no_hotline_either(nonsense: str) -> None:
    assert not is_hotline(nonsense)
    assert own_phone(nonsense) is None


@pytest.mark.django_db
def test_a_file_with_a_hotline_is_refused_in_clear_words(cast: Cast) -> None:
    people, ways = Customer.objects.count(), Identity.objects.count()
    with pytest.raises(RuleError) as refused:
        services.create_customer(**cast.lin.acting, name="热线来电", phone="12345")
    assert refused.value.field == "phone"
    assert str(refused.value).startswith("12345 是热线或短号，不是客户自己的电话。")
    page = cast.lin.client().post("/customers/new/", {"name": "热线来电", "phone": "12345"})
    assert page.status_code == 422
    assert (Customer.objects.count(), Identity.objects.count()) == (people, ways)
