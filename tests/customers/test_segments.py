"""Segments: who is in one, who may know of it, and every list that can be narrowed by it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import SETUP, Cast, Staff, everybody, make_customer, make_staff
from tests.complaints.conftest import open_complaint
from tests.satisfaction.scene import answer
from tests.surveys.scene import document, options, page, published, question
from zhike.accounts.models import Role
from zhike.core import clock
from zhike.core.access import Grants, Level
from zhike.core.errors import Conflict, Forbidden, NotFound, RuleError
from zhike.core.jobs.inline import run_pending_jobs
from zhike.core.models import AuditRow
from zhike.customers import services as customers
from zhike.customers.models import Customer, Segment, SegmentDay, SegmentMember
from zhike.customers.segments import (
    by_priority,
    get_segment,
    known_segments,
    member_counts,
    segments_of,
)
from zhike.customers.services.segment_members import count_members
from zhike.customers.services.segments import (
    SegmentFields,
    retire_segment,
    save_matrix,
    save_segment,
    set_motives,
    take_motives,
    weighed,
)

pytestmark = pytest.mark.django_db


def fields(cast: Cast, **more: Any) -> SegmentFields:
    given: dict[str, Any] = {
        "name": "老主顾",
        "unit_id": cast.zhoukou.pk,
        "filter": "tier=vip",
        "standing": "existing",
        "loyalty": "loyal",
    }
    return SegmentFields(**(given | more))


def made(cast: Cast, by: Staff | None = None, **more: Any) -> Segment:
    row = save_segment(**(by or cast.wang).acting, fields=fields(cast, **more))
    count_members(row.pk)
    row.refresh_from_db()
    return row


def names(row: Segment) -> set[str]:
    return set(Customer.objects.filter(memberships__segment=row).values_list("name", flat=True))


# Who is in it


def test_members_are_those_who_meet_all_conditions_within_the_unit(cast: Cast) -> None:
    make_customer(cast.zhoukou, "许红梅", tier="key", stage="at_risk")
    make_customer(cast.zhoukou, "周大勇", tier="key")
    make_customer(cast.shangqiu, "外站", tier="key", stage="at_risk")
    row = made(cast, filter="tier=key&tier=vip&stage=at_risk")
    assert names(row) == {"许红梅"}
    assert (row.members, row.problem) == (1, "")
    assert SegmentDay.objects.get(segment=row).members == 1


def test_a_company_wide_one_reaches_every_unit(cast: Cast) -> None:
    make_customer(cast.shangqiu, "外站", tier="vip")
    assert names(made(cast, cast.admin, unit_id=cast.company.pk)) == {"陈志强", "外站"}


def test_who_comes_and_who_goes_is_found_at_the_next_count(cast: Cast) -> None:
    row = made(cast)
    first = SegmentMember.objects.get(segment=row)
    make_customer(cast.zhoukou, "许红梅", tier="vip")
    customers.update_customer(
        **cast.wang.acting, customer_id=cast.chen.pk, version=cast.chen.version, tier="ordinary"
    )
    count_members(row.pk)
    assert names(row) == {"许红梅"}
    assert not SegmentMember.objects.filter(pk=first.pk).exists()


def test_staying_in_keeps_the_day_one_came(cast: Cast, frozen_clock) -> None:
    row = made(cast)
    since = SegmentMember.objects.get(segment=row).since
    frozen_clock(clock.now() + timedelta(days=3))
    count_members(row.pk)
    assert SegmentMember.objects.get(segment=row).since == since
    assert SegmentDay.objects.filter(segment=row).count() == 2


def test_a_merged_or_voided_file_is_nobody_s_member(cast: Cast) -> None:
    other = make_customer(cast.zhoukou, "陈志强二", tier="vip")
    row = made(cast)
    assert row.members == 2
    customers.merge_customers(
        actor=SETUP, grants=everybody(), keep_id=cast.chen.pk, drop_id=other.pk
    )
    count_members(row.pk)
    assert names(row) == {"陈志强"}


def test_age_silence_and_sex_are_conditions(cast: Cast, frozen_clock) -> None:
    year = clock.today().year
    make_customer(cast.zhoukou, "三十岁", birth_year=year - 30, sex="female")
    make_customer(cast.zhoukou, "二十九岁", birth_year=year - 29, sex="male")
    assert names(made(cast, filter="age=30-39")) == {"三十岁"}
    assert names(made(cast, name="二", filter="age=18-29&age=30-39&sex=male")) == {"二十九岁"}
    assert made(cast, name="三", filter="silent=30").members == 0
    frozen_clock(clock.now() + timedelta(days=31))
    # Nobody was ever in contact with them: they count from the day the file was opened.
    assert made(cast, name="四", filter="silent=30&sex=female&sex=male").members == 2


def test_a_condition_that_is_gone_throws_nobody_out(cast: Cast) -> None:
    region = cast.chen.region.path.split("/")[1]
    row = made(cast, filter=f"region={region}")
    assert names(row) == {"陈志强"}
    customers.change_region(actor=SETUP, grants=everybody(), region_id=int(region), is_active=False)
    count_members(row.pk)
    row.refresh_from_db()
    assert (names(row), row.problem) == ({"陈志强"}, region)
    shown = cast.wang.client().get(reverse("customers:segment", args=[row.pk]))
    assert "一项条件已不存在" in shown.content.decode()


def test_counting_starts_by_itself_and_is_a_job(cast: Cast) -> None:
    row = save_segment(**cast.wang.acting, fields=fields(cast))
    assert row.counted_at is None
    run_pending_jobs()
    row.refresh_from_db()
    assert (row.members, row.counted_at is None) == (1, False)


# What is refused


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"filter": ""}, "filter_empty"),
        ({"filter": "q=陈"}, "filter_unknown"),
        ({"filter": "tier=emperor"}, "filter_unknown"),
        ({"filter": "segment=1"}, "filter_unknown"),
        ({"filter": "tier=vip&sort=name"}, "filter_unknown"),
        ({"filter": "tier=vip&" + "x" * 3000}, "filter_unknown"),
        ({"name": " "}, "name_missing"),
        ({"name": "长" * 41}, "too_long"),
        ({"about": "长" * 1001}, "too_long"),
        ({"loyalty": "fickle"}, "place_unknown"),
        ({"priority": 6}, "priority_wrong"),
    ],
)
def test_what_makes_no_segment_is_refused(cast: Cast, asked: dict, code: str) -> None:
    with pytest.raises(RuleError) as caught:
        save_segment(**cast.wang.acting, fields=fields(cast, **asked))
    assert caught.value.code == code
    assert not Segment.objects.exists()


def test_a_name_stands_once_among_those_in_use(cast: Cast) -> None:
    row = made(cast)
    with pytest.raises(Conflict):
        save_segment(**cast.wang.acting, fields=fields(cast))
    retire_segment(**cast.wang.acting, segment_id=row.pk)
    save_segment(**cast.wang.acting, fields=fields(cast))


def test_nobody_overwrites_what_they_have_not_seen(cast: Cast) -> None:
    row = made(cast)
    seen = row.version
    save_segment(
        **cast.wang.acting, fields=fields(cast, about="甲"), segment_id=row.pk, version=seen
    )
    with pytest.raises(Conflict) as caught:
        save_segment(
            **cast.wang.acting, fields=fields(cast, about="乙"), segment_id=row.pk, version=seen
        )
    assert caught.value.code == "segment_changed"
    row.refresh_from_db()
    assert row.about == "甲"


# Who may


def test_agents_read_and_do_not_write(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        save_segment(**cast.lin.acting, fields=fields(cast))
    row = made(cast)
    assert [one.name for one in known_segments(cast.lin.grants)] == ["老主顾"]
    assert get_segment(cast.lin.grants, row.pk) == row


def test_another_station_neither_sees_nor_changes_it(cast: Cast) -> None:
    row = made(cast)
    lead = make_staff("1077", "商丘站长", cast.shangqiu, "supervisor")
    assert known_segments(lead.grants) == ()
    for call in (
        lambda: get_segment(lead.grants, row.pk),
        lambda: save_segment(**lead.acting, fields=fields(cast), segment_id=row.pk),
        lambda: retire_segment(**lead.acting, segment_id=row.pk),
        lambda: set_motives(**lead.acting, segment_id=row.pk, motives=[("价", 1)]),
        lambda: save_segment(**lead.acting, fields=fields(cast, name="别人的")),
    ):
        with pytest.raises(NotFound):
            call()


def test_one_of_the_company_is_read_below_and_kept_above(cast: Cast) -> None:
    make_customer(cast.shangqiu, "外站", tier="vip")
    row = made(cast, cast.admin, unit_id=cast.company.pk)
    assert [one.pk for one in known_segments(cast.wang.grants)] == [row.pk]
    with pytest.raises(Forbidden):
        retire_segment(**cast.wang.acting, segment_id=row.pk)
    # Of its two members the station sees one.
    assert member_counts(cast.wang.grants, [row]) == {row.pk: 1}
    assert member_counts(cast.admin.grants, [row]) == {row.pk: 2}


def hide(role: str, field: str) -> None:
    from tests.guards import given

    with given():
        Role.objects.filter(code=role).update(levels={field: Level.HIDDEN.value})


def test_who_is_kept_from_a_value_knows_no_segment_cut_by_it(cast: Cast) -> None:
    make_customer(cast.zhoukou, "高收入", income_band="over_500k")
    row = made(cast, filter="income=over_500k")
    assert row.members == 1
    hide("agent", "income")
    grants = cast.lin.grants
    assert grants.level("income") is Level.HIDDEN
    assert known_segments(grants) == ()
    with pytest.raises(NotFound):
        get_segment(grants, row.pk)
    listed = cast.lin.client().get(reverse("customers:list") + f"?segment={row.pk}")
    assert "老主顾" not in listed.content.decode()
    with pytest.raises(RuleError):
        save_segment(
            actor=cast.lin.actor,
            grants=_with_right(grants),
            fields=fields(cast, name="再来", filter="income=over_500k"),
        )


def _with_right(grants: Grants) -> Grants:
    from dataclasses import replace

    return replace(grants, codes=grants.codes | {"customers.segments"})


# Priority and motives


def test_a_priority_is_its_own_or_that_of_its_place(cast: Cast) -> None:
    loyal = made(cast)
    tried = made(cast, name="观望的", standing="potential", loyalty="attentive")
    own = made(cast, name="要紧的", loyalty="switching", priority=5)
    shown = {row.name: row.shown_priority for row in by_priority([tried, own, loyal])}
    assert shown == {"老主顾": 5, "要紧的": 5, "观望的": 4}
    save_matrix(**cast.admin.acting, wanted={("potential", "attentive"): 1})
    assert by_priority([tried])[0].shown_priority == 1
    assert AuditRow.objects.filter(action="customers.segment.matrix").count() == 1
    save_matrix(**cast.admin.acting, wanted={("potential", "attentive"): 1})
    assert AuditRow.objects.filter(action="customers.segment.matrix").count() == 1
    with pytest.raises(Forbidden):
        save_matrix(**cast.wang.acting, wanted={("potential", "attentive"): 2})


def test_weights_are_kept_in_per_cent_the_weightiest_first() -> None:
    rows = weighed([("价格", 1), ("省油", 3)])
    assert rows == [{"text": "省油", "weight": 75.0}, {"text": "价格", "weight": 25.0}]
    assert weighed([]) == []


@pytest.mark.parametrize(
    "wrong",
    [
        [("价格", 0)],
        [("价格", -1)],
        [("价格", float("nan"))],
        [("价格", float("inf"))],
        [("", 1)],
        [("价格", 1), ("价格", 2)],
        [("长" * 61, 1)],
        [(f"第{n}", 1) for n in range(21)],
    ],
)
def test_what_is_no_list_of_motives_is_refused(wrong: list[tuple[str, float]]) -> None:
    with pytest.raises(RuleError):
        weighed(wrong)


ASKED = document(
    page(
        "s1",
        question("share", "points", rows=options("x", "y", "z")),
        question("order", "rank", options=options("a", "b")),
        question("one", "single", options=options("a", "b")),
        question("words", "text"),
    )
)


def answered(cast: Cast, n: int) -> int:
    link = published(cast.zhoukou, ASKED)
    rows = [
        {
            "share": {"x": 60, "y": 40, "z": 0},
            "order": ["b", "a"],
            "one": "a" if at else "b",
        }
        for at in range(n)
    ]
    answer(link, *rows)
    return link.survey_id


def test_motives_come_from_what_people_answered(cast: Cast) -> None:
    survey_id = answered(cast, 6)
    row = made(cast)

    def taken(key: str) -> dict[str, float]:
        found = take_motives(
            **cast.wang.acting, segment_id=row.pk, source="surveys", choice=f"{survey_id}.{key}"
        )
        return {one["text"]: round(one["weight"], 1) for one in found.motives}

    # A row nobody gave a point to is no motive.
    assert taken("share") == {"选项 x": 60.0, "选项 y": 40.0}
    assert taken("order") == {"选项 b": 66.7, "选项 a": 33.3}
    assert taken("one") == {"选项 a": 83.3, "选项 b": 16.7}
    row.refresh_from_db()
    assert row.motives_from["n"] == 6
    for wrong in ("words", "none"):
        with pytest.raises(RuleError):
            taken(wrong)


def test_four_answers_say_nothing_of_motives(cast: Cast) -> None:
    survey_id = answered(cast, 4)
    row = made(cast)
    with pytest.raises(RuleError) as caught:
        take_motives(
            **cast.wang.acting, segment_id=row.pk, source="surveys", choice=f"{survey_id}.share"
        )
    assert caught.value.code == "too_few_answers"
    client = cast.wang.client()
    shown = client.get(reverse("customers:segment-motives", args=[row.pk]))
    assert f"{survey_id}.share" not in shown.content.decode()


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


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.wang.client()


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


def test_motives_are_typed_a_line_each(cast: Cast, client: Client) -> None:
    row = made(cast)
    url = reverse("customers:segment-motives", args=[row.pk])
    assert client.post(url, {"lines": "省油"}).status_code == 422
    assert client.post(url, {"lines": "省 油 3\n价格 1", "version": 1}).status_code == 302
    row.refresh_from_db()
    assert row.motives[0] == {"text": "省 油", "weight": 75.0}
    # Based on what was there before.
    assert client.post(url, {"lines": "价格 1", "version": 1}).status_code == 409


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
