"""Who is suggested as the same customer, and who is not."""

import pytest

from tests.cast import CHEN_PHONE, Cast, make_customer
from zhike.customers.duplicates import CANDIDATES, possible_duplicates
from zhike.customers.models import Customer

pytestmark = pytest.mark.django_db


def reasons(found) -> dict[str, str]:
    return {one.name: one.reason for one in found}


def test_the_same_number_is_certain_whatever_the_name(cast: Cast) -> None:
    (found,) = possible_duplicates(cast.lin.grants, name="谁", phone=CHEN_PHONE)
    assert found.is_certain
    assert found.customer_id == cast.chen.pk


def test_a_like_name_with_the_same_last_digits(cast: Cast) -> None:
    found = possible_duplicates(cast.lin.grants, name="陈志墙", phone="15000006027")
    assert reasons(found) == {"陈志强": "name_digits"}
    assert not found[0].is_certain
    assert possible_duplicates(cast.lin.grants, name="许红梅", phone="15000006027") == []


def test_a_like_name_in_the_same_place_or_firm(cast: Cast) -> None:
    found = possible_duplicates(cast.lin.grants, name="陈志墙", region_id=cast.chen.region_id)
    assert reasons(found) == {"陈志强": "name_region"}
    firm = make_customer(cast.zhoukou, "豫东鲜果批发", kind="organisation")
    make_customer(cast.zhoukou, "许红梅", organisation_id=firm.pk)
    found = possible_duplicates(cast.lin.grants, name="许洪梅", organisation_id=firm.pk)
    assert reasons(found) == {"许红梅": "name_organisation"}


def test_another_units_people_are_not_guessed(cast: Cast) -> None:
    assert possible_duplicates(cast.zhou.grants, name="陈志强") == []
    (found,) = possible_duplicates(cast.zhou.grants, name="陈志强", phone=CHEN_PHONE)
    assert (found.is_in_reach, found.region_name, found.organisation_name) == (False, "", "")


def test_the_file_itself_is_no_duplicate(cast: Cast) -> None:
    assert possible_duplicates(cast.lin.grants, name="陈志强", exclude_id=cast.chen.pk) == []


def test_a_common_name_costs_a_bounded_hunt(
    cast: Cast, given, django_assert_max_num_queries
) -> None:
    with given():
        for _ in range(3):
            make_customer(cast.zhoukou, "张伟")
        one = Customer.objects.filter(name="张伟").first()
        assert one is not None
        copies = []
        for number in range(CANDIDATES * 2):
            one.pk, one.external_id = None, f"many-{number}"
            copies.append(
                Customer(**{f.attname: getattr(one, f.attname) for f in one._meta.fields})
            )
        Customer.objects.bulk_create(copies)
    grants = cast.lin.grants
    with django_assert_max_num_queries(6):
        found = possible_duplicates(grants, name="张伟", phone="13800000000")
    assert len(found) == 5
