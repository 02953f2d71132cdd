"""Pages and the API: reading, keeping, ending, and the figures beside our own."""

import pytest
from django.urls import reverse

from tests.api.test_api import Caller
from tests.cast import make_staff
from tests.complaints.conftest import open_complaint
from zhike.core import clock
from zhike.insight.periods import Week
from zhike.reference.models import ReferenceValue

LIST = "/reference-values/"


def sent(**given: str) -> dict[str, str]:
    fine = {
        "measure": "换车年限", "low": "5", "high": "7", "unit": "年", "base": "", "said_by": "座谈",
        "source": "", "year": "2024", "note": "",
    }  # fmt: skip
    return {**fine, **given}


def test_a_value_is_added_changed_ended_and_taken_up_again(cast) -> None:
    client = cast.wang.client()
    assert client.post(f"{LIST}new/", sent()).status_code == 302
    row = ReferenceValue.objects.get(measure="换车年限")
    assert "5–7 年" in client.get(LIST).content.decode()
    page = client.get(f"{LIST}{row.pk}/").content.decode()
    assert 'value="5"' in page
    assert client.post(f"{LIST}{row.pk}/", sent(high="8")).status_code == 302
    assert "5–8 年" in client.get(f"{LIST}?q=换车").content.decode()
    client.post(f"{LIST}{row.pk}/switch/", {"in_use": "0"}, follow=True)
    assert "5–8 年" not in client.get(f"{LIST}?q=换车").content.decode()
    assert "换车年限" in client.get(f"{LIST}?tab=ended").content.decode()
    client.post(f"{LIST}{row.pk}/switch/", {"in_use": "1"})
    row.refresh_from_db()
    assert row.ended_at is None


@pytest.mark.parametrize(
    ("typed", "status"),
    [({"low": "", "high": ""}, 422), ({"low": "五"}, 422), ({"unit": "%"}, 422), ({}, 302)],
)
def test_a_form_that_is_wrong_comes_back_with_what_was_typed(cast, typed, status) -> None:
    answer = cast.wang.client().post(f"{LIST}new/", sent(**typed))
    assert answer.status_code == status
    if status == 422:
        assert "换车年限" in answer.content.decode()
        assert not ReferenceValue.objects.filter(measure="换车年限").exists()


def test_the_same_said_twice_is_a_conflict_in_words(cast) -> None:
    client = cast.wang.client()
    client.post(f"{LIST}new/", sent())
    answer = client.post(f"{LIST}new/", sent(low="6"))
    assert answer.status_code == 409
    assert "已经登记过" in answer.content.decode()


def test_readers_see_no_buttons_and_others_nothing(cast) -> None:
    reader = make_staff("1050", "赵磊", cast.company, "trainer").client()
    page = reader.get(LIST).content.decode()
    assert "68%" in page
    assert reverse("reference:add") not in page
    row = ReferenceValue.objects.get(code="loyal")
    detail = reader.get(f"{LIST}{row.pk}/").content.decode()
    assert "<form" not in detail.split("<main")[-1].split("</main")[0]
    assert reader.post(f"{LIST}{row.pk}/", sent()).status_code == 403
    assert cast.lin.client().get(LIST).status_code == 403
    assert reader.get(f"{LIST}999999/").status_code == 404


def test_the_week_shows_what_others_say_of_silence_beside_our_complaints(cast) -> None:
    client = cast.wang.client()

    def week() -> str:
        return client.get(f"/reports/weekly/{Week.of(clock.today()).code}/").content.decode()

    open_complaint(cast.lin, cast.chen.pk)
    assert "96%（占全部不满意的客户）" in week()
    assert "没有给出来源" in week()
    row = ReferenceValue.objects.get(code="lost_silent")
    client.post(f"{LIST}{row.pk}/switch/", {"in_use": "0"})
    assert "96%（占全部不满意的客户）" not in week()
    assert "81%（占来投诉的客户）" in week()


def test_the_api_tells_those_in_use_with_base_and_origin(cast) -> None:
    api = Caller(cast.wang)
    status, page = api.get("/reference-values?measure=leave_indifference")
    assert status == 200
    assert sorted(item["low"] for item in page["items"]) == ["68.0000", "70.0000"]
    assert all(item["base"] and item["said_by"] and item["label"] for item in page["items"])
    status, refused = Caller(cast.lin).get("/reference-values")
    assert (status, refused["error"]["code"]) == (403, "forbidden")


def test_the_list_and_a_value_cost_a_handful_of_statements(cast, query_budget) -> None:
    client = cast.wang.client()
    row = ReferenceValue.objects.get(code="loyal")
    for path, name in ((LIST, "reference:list"), (f"{LIST}{row.pk}/", "reference:value")):
        client.get(path)
        with query_budget(name):
            client.get(path)
