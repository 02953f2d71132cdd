"""Every list that can be narrowed by a segment, and its own pages."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast, make_customer
from tests.complaints.conftest import open_complaint
from tests.customers.segments.scene import made
from tests.guards import given
from tests.surveys.scene import AFTER_CONTACT, published
from zhike.customers import services as customers
from zhike.customers.models import Segment, SegmentMember
from zhike.customers.segments import segments_of
from zhike.customers.services.segment_members import count_members
from zhike.customers.services.segments import retire_segment
from zhike.surveys.choices import SurveyState
from zhike.surveys.models import Survey

pytestmark = pytest.mark.django_db

# Lists


def test_every_list_with_a_customer_is_narrowed_by_it(cast: Cast) -> None:
    other = make_customer(cast.zhoukou, "许红梅")
    ours = open_complaint(cast.wang, cast.chen.pk)
    theirs = open_complaint(cast.wang, other.pk)
    row = made(cast)
    client = cast.wang.client()
    for name, shown, hidden in (
        ("customers:list", "陈志强", "许红梅"),
        ("desk:queue", ours.number, theirs.number),
        ("complaints:list", ours.number, theirs.number),
    ):
        text = client.get(reverse(name) + f"?segment={row.pk}&tab=all").content.decode()
        assert shown in text, name
        assert hidden not in text, name
    for name in ("care:list", "listening:list", "remedies:list"):
        listed = client.get(reverse(name) + f"?segment={row.pk}")
        assert listed.status_code == 200
        assert "老主顾" in listed.content.decode(), name


def test_a_retired_one_can_no_longer_be_chosen(cast: Cast) -> None:
    row = made(cast)
    retire_segment(**cast.wang.acting, segment_id=row.pk)
    assert not SegmentMember.objects.exists()
    count_members(row.pk)
    assert not SegmentMember.objects.exists()
    client = cast.wang.client()
    listed = client.get(reverse("customers:list") + f"?segment={row.pk}").content.decode()
    assert "老主顾" not in listed
    # Pressed twice, it is told and nothing breaks.
    again = client.post(reverse("customers:segment-retire", args=[row.pk]))
    assert again.headers["Location"] == reverse("customers:segment", args=[row.pk])
    assert client.get(reverse("customers:segment", args=[row.pk])).status_code == 200


# Pages


def posted(cast: Cast, **more: Any) -> dict[str, Any]:
    return {
        "name": "老主顾",
        "unit": cast.zhoukou.pk,
        "standing": "existing",
        "loyalty": "loyal",
        "priority": "",
        "tier": ["vip", "key"],
        "strategy": "先问候再谈事。",
        **more,
    }


def test_the_form_starts_from_what_the_list_shows(cast: Cast, client: Client) -> None:
    url = reverse("customers:segment-create")
    text = client.get(f"{url}?tab=vip&stage=at_risk&q=陈").content.decode()
    assert 'name="tier" value="vip" checked' in text
    assert 'name="stage" value="at_risk" checked' in text
    assert "没有带过来" in text


def test_the_form_counts_refuses_and_saves(cast: Cast, client: Client) -> None:
    url = reverse("customers:segment-create")
    counted = client.post(url, posted(cast, go="count"))
    assert counted.status_code == 200
    assert not Segment.objects.exists()
    refused = client.post(url, posted(cast, tier=[], name=""))
    assert refused.status_code == 422
    refused = client.post(url, posted(cast, tier=[]))
    assert refused.status_code == 422
    assert client.post(url, posted(cast)).status_code == 302
    row = Segment.objects.get()
    assert row.filter == "tier=vip&tier=key"
    edit = reverse("customers:segment-edit", args=[row.pk])
    assert 'value="key" checked' in client.get(edit).content.decode()
    changed = posted(cast, tier=["key"], version=row.version, priority="2")
    assert client.post(edit, changed).status_code == 302
    assert client.post(edit, changed).status_code == 409
    row.refresh_from_db()
    assert (row.filter, row.priority) == ("tier=key", 2)


def test_the_line_of_the_count_tells_how_many(cast: Cast, client: Client) -> None:
    url = reverse("customers:segment-count")
    one = client.get(f"{url}?tier=vip&unit={cast.zhoukou.pk}").content.decode()
    other = client.get(f"{url}?tier=vip&unit={cast.shangqiu.pk}").content.decode()
    assert "1" in one
    assert "0" in other
    assert client.get(url).status_code == 200


def test_the_page_leads_from_each_figure_to_its_rows(cast: Cast, client: Client) -> None:
    row = made(cast)
    text = client.get(reverse("customers:segment", args=[row.pk])).content.decode()
    for address in (f"?segment={row.pk}", f"?segment={row.pk}&amp;tier=vip"):
        assert f"{reverse('customers:list')}{address}" in text
        listed = client.get(reverse("customers:list") + address.replace("&amp;", "&"))
        assert "陈志强" in listed.content.decode()


def test_the_file_tells_how_its_customer_is_to_be_treated(cast: Cast, client: Client) -> None:
    made(cast, strategy="先问候再谈事。")
    assert [row.name for row in segments_of(cast.lin.grants, cast.chen.pk)] == ["老主顾"]
    url = reverse("customers:segments-of", args=[cast.chen.pk])
    assert url in client.get(reverse("customers:file", args=[cast.chen.pk])).content.decode()
    part = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "先问候再谈事。" in part
    # Without a script it is a tab of the file.
    assert client.get(url).headers["Location"].endswith("?tab=segments")
    tab = client.get(reverse("customers:file", args=[cast.chen.pk]) + "?tab=segments")
    assert "先问候再谈事。" in tab.content.decode()


def test_the_list_says_conditions_in_words_in_few_statements(
    cast: Cast, client: Client, query_budget
) -> None:
    for n in range(8):
        made(cast, name=f"第{n}", filter=f"tier=vip&region={cast.chen.region.path.split('/')[1]}")
    client.get(reverse("customers:segments"))
    with query_budget("customers:segments"):
        text = client.get(reverse("customers:segments")).content.decode()
    assert "河南省" in text


def test_a_sending_can_go_to_a_segment(cast: Cast) -> None:
    from zhike.surveys.sampling import Sampling, draw

    make_customer(cast.zhoukou, "有邮箱", tier="vip", identities=[
        customers.NewIdentity("email", "chen@example.com")
    ])  # fmt: skip
    row = made(cast)
    sample = draw(cast.wang.grants, Sampling(f"segment={row.pk}", "all", None, 1))
    assert (sample.frame, sample.without_address) == (1, 1)


def test_its_page_leads_to_a_sending_to_it(cast: Cast, client: Client) -> None:
    row = made(cast)
    page = reverse("customers:segment", args=[row.pk])
    # Without a questionnaire that takes answers there is nothing to send.
    assert "发放问卷" not in client.get(page).content.decode()
    survey = published(cast.zhoukou, AFTER_CONTACT).survey
    form = f"{reverse('sendings:new', args=[survey.pk])}?segment={row.pk}"
    assert f'href="{form}"' in client.get(page).content.decode()
    assert f'<option value="{row.pk}" selected>' in client.get(form).content.decode()
    assert "发放问卷" not in cast.lin.client().get(page).content.decode()
    with given():
        Survey.objects.update(state=SurveyState.CLOSED)
    assert "发放问卷" not in client.get(page).content.decode()


def test_a_segment_nobody_knows_is_not_chosen(cast: Cast, client: Client) -> None:
    made(cast)
    survey = published(cast.zhoukou, AFTER_CONTACT).survey
    form = reverse("sendings:new", args=[survey.pk])
    for asked in ("999999", "x", "' OR 1=1"):
        answer = client.get(form, {"segment": asked})
        assert answer.status_code == 200
        assert f'<option value="{asked}"' not in answer.content.decode()
