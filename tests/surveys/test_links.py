"""Links: made for a place, counted apart, opened and closed, and printed."""

import re
from typing import Any

import pytest
from django.urls import reverse

from tests.cast import Cast
from tests.surveys.conftest import make
from zhike.core import clock
from zhike.core.errors import Forbidden, NotFound, RuleError
from zhike.core.models import AuditRow
from zhike.surveys import services
from zhike.surveys.models import Link, Survey, Tally
from zhike.surveys.qr import code_of
from zhike.surveys.selectors import links_of
from zhike.surveys.services.links import LENGTH, SIGNS

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(cast: Cast, published: Survey) -> Link:
    return services.make_link(**cast.wang.acting, survey_id=published.pk, name="门店海报")


def test_a_link_is_a_token_nobody_guesses_or_misreads(cast: Cast, link: Link) -> None:
    assert len(link.token) == LENGTH
    assert set(link.token) <= set(SIGNS)
    assert not set("01ilo") & set(SIGNS)
    assert len(SIGNS) ** LENGTH > 2**58
    again = services.make_link(**cast.wang.acting, survey_id=link.survey_id, name="门店海报")
    assert again.token != link.token
    row = AuditRow.objects.filter(action="surveys.make_link").latest("pk")
    assert link.token not in row.payload


def test_a_draft_has_no_links_and_a_link_has_a_name(cast: Cast, survey: Survey) -> None:
    acting: dict[str, Any] = {**cast.wang.acting, "survey_id": survey.pk}
    with pytest.raises(RuleError) as refused:
        services.make_link(**acting, name="海报")
    assert refused.value.code == "survey_unpublished"
    services.publish(**acting)
    for name, code in ((" ", "name_missing"), ("长" * 81, "text_too_long")):
        with pytest.raises(RuleError) as refused:
            services.make_link(**acting, name=name)
        assert refused.value.code == code
    assert not Link.objects.exists()


def test_a_link_is_renamed_closed_and_opened_under_the_same_address(cast: Cast, link: Link) -> None:
    acting: dict[str, Any] = {
        **cast.wang.acting,
        "survey_id": link.survey_id,
        "link_id": link.pk,
    }
    services.change_link(**acting, name="柜台", is_counter=True)
    services.change_link(**acting, is_open=False)
    services.change_link(**acting, is_open=False)
    changed = Link.objects.get(pk=link.pk)
    assert (changed.name, changed.is_counter, changed.is_open) == ("柜台", True, False)
    assert changed.token == link.token
    assert AuditRow.objects.filter(action="surveys.change_link").count() == 2
    with pytest.raises(Forbidden):
        services.change_link(**{**acting, **cast.lin.acting}, name="别的")
    other = make(cast.wang, cast.zhoukou.pk)
    with pytest.raises(NotFound):
        services.change_link(**{**acting, "survey_id": other.pk}, name="别的")


def test_answers_are_counted_by_link(cast: Cast, link: Link, given: Any) -> None:
    with given():
        for value, count in (("complete", 7), ("partial", 2), ("full", 1)):
            Tally.objects.create(
                survey=link.survey, link=link, day=clock.today(), part="", value=value, count=count
            )
        Tally.objects.create(
            survey=link.survey, link=link, day=clock.today(), part="q1", value="a", count=5
        )
    ((_link, numbers),) = links_of(link.survey)
    assert (numbers.begun, numbers.complete) == (10, 7)
    page = cast.wang.client().get(reverse("surveys:detail", args=[link.survey_id]))
    assert "开始 10 份，答完 7 份" in page.content.decode()
    listed = cast.wang.client().get(reverse("surveys:list")).content.decode()
    assert re.search(r'<td class="n m3l">.*7</td>', listed)


def test_pages_hand_out_rename_close_and_print(cast: Cast, published: Survey) -> None:
    wang = cast.wang.client()
    wang.post(
        reverse("surveys:link-add", args=[published.pk]), {"name": "周口门店", "is_counter": "1"}
    )
    link = Link.objects.get()
    assert link.is_counter
    wang.post(reverse("surveys:link-add", args=[published.pk]), {"name": ""})
    assert Link.objects.count() == 1
    detail = wang.get(reverse("surveys:detail", args=[published.pk])).content.decode()
    assert f"http://testserver/q/{link.token}/" in detail
    change = reverse("surveys:link-change", args=[published.pk, link.pk])
    wang.post(change, {"is_open": "0"})
    wang.post(change, {"name": "鹿邑门店"})
    link.refresh_from_db()
    assert (link.name, link.is_open, link.is_counter) == ("鹿邑门店", False, False)
    poster = wang.get(reverse("surveys:poster", args=[published.pk, link.pk])).content.decode()
    assert code_of(f"http://testserver/q/{link.token}/").path in poster
    assert "海晨三轮车" in poster
    assert "微信或相机扫一扫" in poster
    assert wang.get(reverse("surveys:poster", args=[published.pk, 10**9])).status_code == 404
    assert wang.post(reverse("surveys:link-change", args=[published.pk, 10**9])).status_code == 404


def test_a_code_is_square_with_the_marks_readers_look_for() -> None:
    code = code_of("http://127.0.0.1:8000/q/abcdefghjkmn/")
    assert code.box == f"-4 -4 {code.size + 8} {code.size + 8}"
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)", code.path)}
    corners = ((0, 0), (code.size - 7, 0), (0, code.size - 7))
    for left, top in corners:
        assert all((left + n, top) in dark for n in range(7))
        assert (left + 1, top + 1) not in dark
        assert (left + 3, top + 3) in dark


def test_a_link_stands_at_a_unit_somebody_reaches(cast: Cast, published: Survey) -> None:
    acting: dict[str, Any] = {**cast.wang.acting, "survey_id": published.pk}
    link = services.make_link(**acting, name="柜台", unit_id=cast.zhoukou.pk)
    assert link.unit == cast.zhoukou
    for foreign in (cast.shangqiu.pk, -1, 987654):
        for act in (
            lambda unit_id: services.make_link(**acting, name="门口", unit_id=unit_id),
            lambda unit_id: services.change_link(**acting, link_id=link.pk, unit_id=unit_id),
        ):
            with pytest.raises(RuleError) as refused:
                act(foreign)
            assert refused.value.code == "unit_out_of_reach"
    assert services.change_link(**acting, link_id=link.pk, name="门口").unit == cast.zhoukou
    assert services.change_link(**acting, link_id=link.pk, unit_id=0).unit is None
    wang = cast.wang.client()
    url = reverse("surveys:link-change", args=[published.pk, link.pk])
    wang.post(url, {"name": "门口", "unit": str(cast.zhoukou.pk)})
    link.refresh_from_db()
    assert link.unit == cast.zhoukou
    page = wang.get(reverse("surveys:detail", args=[published.pk])).content.decode()
    assert f'<option value="{cast.zhoukou.pk}" selected>' in page
    # Somebody of the company put it elsewhere: a new name leaves it there.
    services.change_link(
        **cast.admin.acting, survey_id=published.pk, link_id=link.pk, unit_id=cast.shangqiu.pk
    )
    wang.post(url, {"name": "后门", "unit": str(cast.shangqiu.pk)})
    link.refresh_from_db()
    assert (link.name, link.unit) == ("后门", cast.shangqiu)
