"""Segments: who is in one, what is refused, and who may know of it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.cast import SETUP, Cast, everybody, make_customer, make_staff
from tests.customers.segments.scene import fields, made, names
from zhike.accounts.models import Role
from zhike.core import clock
from zhike.core.access import Grants, Level
from zhike.core.errors import Conflict, Forbidden, NotFound, RuleError
from zhike.core.jobs.inline import run_pending_jobs
from zhike.customers import services as customers
from zhike.customers.models import Segment, SegmentDay, SegmentMember
from zhike.customers.segments import get_segment, known_segments, member_counts
from zhike.customers.services.segment_members import count_members
from zhike.customers.services.segments import retire_segment, save_segment, set_motives

pytestmark = pytest.mark.django_db

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
