"""A new installation knows provinces only; a list of customers says more, or less, and comes in all the same."""

import pytest

from tests.importer.scene import counts, tried, uploaded, whole
from zhike.core.models import ImportIssue
from zhike.core.sealing import unseal
from zhike.customers.models import Customer

pytestmark = pytest.mark.django_db

FILE = (
    "名称,电话,地区,地址\n"
    "赵一,13800001001,河南省周口市,文昌大道 8 号\n"
    "钱二,13800001002,河南周口商水县,\n"
    "孙三,13800001003,山东,\n"
    "李四,13800001004,吉林市船营区,\n"
    "周五,13800001005,山东省 / 曹县,曹县磐石街道\n"
)


def opened(name: str) -> tuple[str, str]:
    customer = Customer.objects.get(name=name)
    row = customer.addresses.filter(voided_at__isnull=True).first()
    return customer.region_name, unseal(row.text_sealed) if row else ""


def test_a_finer_place_goes_to_the_region_above_and_keeps_its_words(cast) -> None:
    run = whole("customers", FILE, cast.zhoukou.pk)
    assert counts(run) == (4, 0, 0, 1, 0)
    # The cast knows 周口市 and 商水县 below 河南省, but nothing below 山东省.
    assert opened("赵一") == ("河南省周口市", "文昌大道 8 号")
    assert opened("钱二") == ("河南省", "周口商水县")
    assert opened("孙三") == ("山东省", "")
    assert opened("周五") == ("山东省", "曹县磐石街道")
    assert ImportIssue.objects.get().line == 5


def test_the_same_file_again_adds_nothing(cast) -> None:
    whole("customers", FILE, cast.zhoukou.pk)
    assert counts(whole("customers", FILE, cast.zhoukou.pk)) == (0, 0, 4, 1, 0)


def test_what_would_not_fit_the_address_is_refused(cast) -> None:
    text = "名称,电话,地区,地址\n赵一,13800001001,山东省曹县," + "长" * 199
    run = tried(uploaded("customers", text, cast.zhoukou.pk))
    assert counts(run) == (0, 0, 0, 1, 0)
