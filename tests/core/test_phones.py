import pytest

from tests.core.test_fold import TEN_SPELLINGS
from zhike.core.phones import national_form, normal_phone, valid_id_card


@pytest.mark.parametrize("spelling", TEN_SPELLINGS)
def test_ten_spellings_are_one_number(spelling: str) -> None:
    assert normal_phone(spelling) == "+8613812346027"


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("021-62345678", "+862162345678"),
        ("(021) 6234 5678", "+862162345678"),
        ("12315", "12315"),
        ("95588", "95588"),
        ("400-810-1234", "+864008101234"),
        ("0085223456789", "+85223456789"),
    ],
)
def test_landlines_service_numbers_and_foreign_ones(text: str, normal: str) -> None:
    assert normal_phone(text) == normal


@pytest.mark.parametrize("text", ["", "无", "1381234602", "138123460277", "abc", "000", "😀"])
def test_what_is_no_number_is_refused(text: str) -> None:
    assert normal_phone(text) is None


def test_people_read_numbers_the_way_they_say_them() -> None:
    assert national_form("+8613812346027") == "13812346027"
    assert national_form("12315") == "12315"


def test_identity_cards_are_checked_by_their_last_sign() -> None:
    # The published example of the standard.
    assert valid_id_card("11010519491231002x") == "11010519491231002X"
    assert valid_id_card("11010519491231002１") is None
    assert valid_id_card("1101051949123100") is None
