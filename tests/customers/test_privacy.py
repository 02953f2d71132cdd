"""Nothing readable of a number or an exact address lies in any column of any table."""

import pytest
from django.apps import apps
from django.db import connection

from tests.cast import Cast, make_customer
from zhike.core import sealing
from zhike.core.errors import RuleError
from zhike.customers import services
from zhike.customers.models import Customer

pytestmark = pytest.mark.django_db

PHONE = "13987650321"
CARD = "412722198511250057"
EMAIL = "planted.person@example.com"
STREET = "果品市场 3 排 12 号"


def every_text() -> list[tuple[str, str]]:
    """(table.column, value) of every textual value in the database."""
    found = []
    for model in apps.get_models():
        names = [f.column for f in model._meta.concrete_fields]
        table = connection.ops.quote_name(model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")
            columns = [column[0] for column in cursor.description or ()]
            for row in cursor.fetchall():
                found += [
                    (f"{model._meta.db_table}.{column}", str(value))
                    for column, value in zip(columns, row, strict=True)
                    if column in names and value is not None
                ]
    return found


def test_a_planted_number_is_nowhere_in_clear(cast: Cast) -> None:
    customer = make_customer(cast.zhoukou, "许红梅", phone=PHONE)
    lin = {**cast.lin.acting, "customer_id": customer.pk}
    card = next(f"41272219851125005{d}" for d in "0123456789X" if _is_card(f"41272219851125005{d}"))
    services.add_identity(**lin, channel="id_card", value=card)
    services.add_identity(**lin, channel="email", value=EMAIL)
    services.add_address(**lin, text=STREET)
    second = services.add_identity(**lin, channel="phone", value="15098760321")
    services.void_identity(**lin, identity_id=second.pk)
    other = make_customer(cast.zhoukou, "许红梅", phone="15012340321")
    services.merge_customers(**cast.wang.acting, keep_id=other.pk, drop_id=customer.pk)
    services.reveal_identity(
        **{**cast.lin.acting, "customer_id": other.pk}, identity_id=other.identities.first().pk
    )

    texts = every_text()
    assert len(texts) > 200
    for planted in (PHONE, PHONE[3:], card, card[6:], EMAIL, STREET, "15098760321", "15012340321"):
        readable = [place for place, value in texts if planted in value]
        assert readable == [], planted


def _is_card(text: str) -> bool:
    from zhike.core.phones import valid_id_card

    return valid_id_card(text) is not None


def test_a_number_in_free_text_is_found_but_not_readable_in_the_search_column(cast: Cast) -> None:
    customer = make_customer(cast.zhoukou, "许红梅", remark=f"也可打 {PHONE}")
    row = Customer.objects.get(pk=customer.pk)
    assert PHONE not in row.folded
    assert PHONE not in row.bigrams


def test_an_erased_person_cannot_be_revealed(cast: Cast, given) -> None:
    identity = cast.chen.identities.get()
    from zhike.core import clock

    with given():
        sealing.destroy_key(cast.chen.key_id, clock.now())
    with pytest.raises(RuleError) as refused:
        services.reveal_identity(
            **cast.lin.acting, customer_id=cast.chen.pk, identity_id=identity.pk
        )
    assert refused.value.code == "seal_broken"
