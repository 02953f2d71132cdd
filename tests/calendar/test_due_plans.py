"""Service time plans: which one counts, who may change them, what is refused, what is recounted."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from zhike.core.access import Forbidden
from zhike.core.calendar import Unit
from zhike.core.calendar.plan_book import Plan, PlanBook, load_plans
from zhike.core.calendar.plan_services import (
    PlanTerms,
    add_plan,
    change_plan,
    remove_plan,
    terms_of,
)
from zhike.core.calendar.plans import load_default
from zhike.core.calendar.recounts import run_recounts
from zhike.core.calendar.units import UnitCalendars
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.models import AuditRow, DuePlan, DueRecount, WorkCalendar
from zhike.desk import services
from zhike.desk.models import Case, CaseEvent

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

# Which plan counts. A tree of three units: 3 lies in 2, 2 in 1.
WAYS = {1: (1,), 2: (2, 1), 3: (3, 2, 1), 9: (9,)}


def plan(subject: str, tier: str, channel: str, org_unit: int | None) -> Plan:
    return Plan("x", "first_reply", 1, Unit.BUSINESS_DAYS, subject, tier, channel, org_unit)


def better(one: Plan, other: Plan, unit_id: int) -> bool:
    """The rule as the page words it, one sentence after the other."""
    if bool(one.subject) != bool(other.subject):
        return bool(one.subject)
    if bool(one.tier) != bool(other.tier):
        return bool(one.tier)
    if bool(one.channel) != bool(other.channel):
        return bool(one.channel)
    if one.org_unit is None or other.org_unit is None:
        return one.org_unit is not None
    return WAYS[unit_id].index(one.org_unit) < WAYS[unit_id].index(other.org_unit)


def test_of_all_combinations_of_plans_the_one_counts_that_the_rule_names(monkeypatch):
    monkeypatch.setattr("zhike.core.calendar.plan_book.way_up", WAYS.__getitem__)
    every = [
        plan(*keys)
        for keys in product(("", "complaint"), ("", "vip"), ("", "web"), (None, 1, 2, 3, 9))
    ]
    book = PlanBook(tuple(every), UnitCalendars(1, {}, {}))
    asked = list(product(("complaint", "repair"), ("vip", ""), ("web", "phone"), WAYS))
    for subject, tier, channel, unit_id in asked:
        fitting = {
            one
            for one in every
            if one.subject in ("", subject)
            and one.tier in ("", tier)
            and one.channel in ("", channel)
            and (one.org_unit is None or one.org_unit in WAYS[unit_id])
        }
        ranked = book.ranked("first_reply", subject, tier, channel, unit_id)
        assert set(ranked) == fitting
        for one, other in pairwise(ranked):
            assert better(one, other, unit_id), (one, other)
            assert not better(other, one, unit_id)
    assert book.ranked("resolution", "complaint", "vip", "web", 3) == []
    assert len(asked) * len(every) == 32 * 40


def test_a_plan_without_hours_of_its_own_counts_on_those_of_the_unit(cast: Cast, given):
    with given():
        night = WorkCalendar.objects.create(
            name="夜班", zone="Asia/Shanghai", always_open=True, version=7
        )
    from zhike.core.calendar.units import set_unit_calendar

    set_unit_calendar(**cast.admin.acting, unit_id=cast.zhoukou.pk, calendar_id=night.pk)
    book = load_plans()
    here = book.find("first_reply", subject="inquiry", unit_id=cast.zhoukou.pk)
    there = book.find("first_reply", subject="inquiry", unit_id=cast.shangqiu.pk)
    assert here is not None
    assert there is not None
    assert here.due(MONDAY.replace(hour=15)).at == MONDAY.replace(hour=17)
    assert there.due(MONDAY).calendar.name == load_default().name


# Adding, changing, removing


def terms(**more: Any) -> PlanTerms:
    given: dict[str, Any] = {
        "purpose": "first_reply",
        "amount": 20,
        "unit": "business_minutes",
        "subject": "repair",
    }
    return PlanTerms(**(given | more))


def test_a_plan_for_one_unit_counts_there_and_below_only(cast: Cast):
    add_plan(**cast.admin.acting, terms=terms(subject="", org_unit=cast.zhoukou.pk))
    book = load_plans()
    here = book.find("first_reply", subject="inquiry", unit_id=cast.zhoukou.pk)
    assert here is not None
    assert here.amount == 20
    # A plan for the type is closer than one for the unit.
    complaint = book.find("first_reply", subject="complaint", unit_id=cast.zhoukou.pk)
    assert complaint is not None
    assert complaint.amount == 60
    there = book.find("first_reply", subject="inquiry", unit_id=cast.shangqiu.pk)
    assert there is not None
    assert there.amount == 120


def test_a_plan_without_a_name_says_whom_it_is_for(cast: Cast):
    made = add_plan(**cast.admin.acting, terms=terms(tier="vip", subject="return"))
    assert made.name == "VIP 退换"
    everything = terms(purpose="answer", subject="")
    assert add_plan(**cast.admin.acting, terms=everything).name == "全部"


def test_a_change_is_audited_with_what_was_before_also_when_it_becomes_empty(cast: Cast):
    made = add_plan(**cast.admin.acting, terms=terms(source="合同第 3 条"))
    change_plan(
        **cast.admin.acting, plan_id=made.pk, terms=terms(name=made.name, amount=30, source="")
    )
    row = AuditRow.objects.filter(action="core.due_plan.change").get()
    assert '"source": "合同第 3 条"' in row.payload
    assert '"amount": 30' in row.payload
    remove_plan(**cast.admin.acting, plan_id=made.pk)
    assert not DuePlan.objects.filter(pk=made.pk).exists()
    assert AuditRow.objects.filter(action="core.due_plan.remove").count() == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"amount": 0}, "due_plan_amount"),
        ({"amount": -5}, "due_plan_amount"),
        ({"amount": 366, "unit": "business_days"}, "due_plan_amount"),
        ({"unit": "fortnights"}, "due_plan_unit"),
        ({"purpose": "world_peace"}, "due_plan_purpose"),
        ({"subject": "'; DROP TABLE"}, "due_plan_key"),
        ({"tier": "x" * 300}, "due_plan_key"),
        ({"channel": "carrier pigeon"}, "due_plan_key"),
        ({"org_unit": 987654321}, "due_plan_key"),
        ({"calendar_id": 987654321}, "due_plan_calendar"),
        ({"warn_percent": 0}, "due_plan_warn"),
        ({"warn_percent": 100}, "due_plan_warn"),
        ({"source_on": date(1, 1, 1)}, "due_plan_source_on"),
        ({"subject": "complaint"}, "due_plan_twice"),
    ],
)
def test_what_makes_no_plan_is_refused_and_nothing_is_written(
    cast: Cast, wrong: dict[str, Any], code: str
):
    before, audit = list(DuePlan.objects.values()), AuditRow.objects.count()
    with pytest.raises(RuleError) as refused:
        add_plan(**cast.admin.acting, terms=terms(**wrong))
    assert refused.value.code == code
    assert list(DuePlan.objects.values()) == before
    assert AuditRow.objects.count() == audit
    assert not DueRecount.objects.exists()


def test_two_plans_for_the_same_are_refused_with_and_without_a_unit(cast: Cast):
    add_plan(**cast.admin.acting, terms=terms(org_unit=cast.zhoukou.pk))
    add_plan(**cast.admin.acting, terms=terms())
    for again in (terms(), terms(org_unit=cast.zhoukou.pk)):
        with pytest.raises(Conflict):
            add_plan(**cast.admin.acting, terms=again)


def test_who_may_not_change_settings_changes_no_plan(cast: Cast):
    one = DuePlan.objects.all()[0]
    before, audit = list(DuePlan.objects.values()), AuditRow.objects.count()
    calls: list[Callable[[], Any]] = [
        lambda: add_plan(**cast.wang.acting, terms=terms()),
        lambda: change_plan(**cast.wang.acting, plan_id=one.pk, terms=terms()),
        lambda: remove_plan(**cast.wang.acting, plan_id=one.pk),
    ]
    for call in calls:
        with pytest.raises(Forbidden):
            call()
    wang = cast.wang.client()
    for name, args in (
        ("due-plan-add", ()),
        ("due-plans-recount", ()),
        ("due-plan", (one.pk,)),
        ("due-plan-remove", (one.pk,)),
    ):
        address = reverse(f"web:{name}", args=args)
        assert wang.post(address, {"amount": "1", "unit": "business_days"}).status_code == 403
    page = wang.get(reverse("web:due-plans"))
    assert page.status_code == 200
    assert reverse("web:due-plan", args=[one.pk]) not in page.content.decode()
    assert list(DuePlan.objects.values()) == before
    assert AuditRow.objects.count() == audit


def test_a_plan_that_is_not_there_is_not_found(cast: Cast):
    with pytest.raises(NotFound):
        change_plan(**cast.admin.acting, plan_id=987654, terms=terms())
    admin = cast.admin.client()
    for name in ("due-plan", "due-plan-remove"):
        assert admin.get(reverse(f"web:{name}", args=[987654])).status_code == 404


# What is recounted


@pytest.fixture
def cases(cast: Cast, frozen_clock) -> list[Case]:
    frozen_clock(MONDAY)
    made = []
    for kind in ("repair", "repair", "inquiry"):
        new = services.NewCase(
            type_code=kind, channel="letter", text="爬坡断电", customer_id=cast.chen.pk
        )
        made.append(services.open_case(**cast.lin.acting, new=new).case)
    services.close_case(**cast.lin.acting, case_id=made[1].pk, outcome="solved", text="已换控制器")
    return [Case.objects.get(pk=case.pk) for case in made]


def test_a_new_plan_moves_open_cases_under_it_and_nothing_else(cast: Cast, cases: list[Case]):
    open_repair, closed_repair, inquiry = cases
    add_plan(**cast.admin.acting, terms=terms(name="报修加急"))
    assert run_recounts(MONDAY) == 1
    fresh = Case.objects.get(pk=open_repair.pk)
    assert fresh.due_at == MONDAY + timedelta(minutes=20)
    line = CaseEvent.objects.get(case=fresh, kind="due")
    assert line.data["plan"] == "报修加急"
    assert Case.objects.get(pk=closed_repair.pk).seq == closed_repair.seq
    assert Case.objects.get(pk=inquiry.pk).due_at == inquiry.due_at
    page = cast.lin.client().get(reverse("desk:case", args=[fresh.number])).content.decode()
    assert "报修加急" in page


def test_a_changed_plan_for_all_moves_all_open_cases_without_a_closer_one(
    cast: Cast, cases: list[Case]
):
    """Empty keys mean any: it once meant none."""
    of_all = DuePlan.objects.get(purpose="first_reply", subject="", tier="")
    given = terms_of(of_all).__dict__ | {"amount": 30}
    change_plan(**cast.admin.acting, plan_id=of_all.pk, terms=PlanTerms(**given))
    assert run_recounts(MONDAY) == 2
    for case in (cases[0], cases[2]):
        assert Case.objects.get(pk=case.pk).first_reply_due_at == MONDAY + timedelta(minutes=30)
    assert Case.objects.get(pk=cases[1].pk).first_reply_due_at == cases[1].first_reply_due_at


def test_a_second_run_moves_nothing_and_the_second_look_ends_it(cast: Cast, cases: list[Case]):
    add_plan(**cast.admin.acting, terms=terms())
    assert run_recounts(MONDAY) == 1
    recount = DueRecount.objects.get()
    assert (recount.state, recount.done, recount.total, recount.moved) == ("second_look", 1, 1, 1)
    assert run_recounts(MONDAY) == 0
    assert DueRecount.objects.get().state == "second_look"
    assert run_recounts(MONDAY + timedelta(minutes=2)) == 0
    recount = DueRecount.objects.get()
    assert (recount.state, recount.done, recount.moved) == ("done", 1, 1)
    assert CaseEvent.objects.filter(kind="due").count() == 1


def test_a_case_written_with_the_old_plan_meanwhile_is_found_by_the_second_look(
    cast: Cast, cases: list[Case], given
):
    add_plan(**cast.admin.acting, terms=terms())
    run_recounts(MONDAY)
    # As if its transaction had read the old plan and was committed only now.
    with given():
        Case.objects.filter(pk=cases[0].pk).update(
            due_at=cases[0].due_at,
            clocks=cases[0].clocks,
            first_reply_due_at=cases[0].first_reply_due_at,
        )
    assert run_recounts(MONDAY + timedelta(minutes=2)) == 1
    assert Case.objects.get(pk=cases[0].pk).due_at == MONDAY + timedelta(minutes=20)


def test_a_recount_goes_on_where_it_was_stopped(cast: Cast, cases: list[Case], given, monkeypatch):
    """Killed after the first bite of one row: the place is kept, nothing is counted twice."""
    monkeypatch.setattr("zhike.core.calendar.recounts.AT_ONCE", 1)
    with given():
        Case.objects.filter(pk=cases[2].pk).update(type_id="repair")
    add_plan(**cast.admin.acting, terms=terms())
    from zhike.core.calendar import recounts

    kind = recounts.RECOUNTS.get("cases")
    assert kind is not None
    seen: list[int] = []

    class Killed(BaseException):
        pass

    def bite(ids: Sequence[int], plan_name: str) -> int:
        if len(seen) == 1:
            raise Killed
        seen.extend(ids)
        return kind.recount(ids, plan_name)

    dying = recounts.RecountKind(
        kind.key, kind.label, kind.purposes, kind.rows, kind.written_since, bite
    )
    monkeypatch.setitem(recounts.RECOUNTS._items, "cases", dying)
    with pytest.raises(Killed):
        run_recounts(MONDAY)
    half = DueRecount.objects.get()
    assert (half.state, half.done, half.total, half.place) == ("running", 1, 2, cases[0].pk)
    monkeypatch.setitem(recounts.RECOUNTS._items, "cases", kind)
    run_recounts(MONDAY)
    whole = DueRecount.objects.get()
    assert (whole.state, whole.done) == ("second_look", 2)
    assert CaseEvent.objects.filter(kind="due").count() == 2


def test_another_word_moves_nothing(cast: Cast, cases: list[Case]):
    plan_row = DuePlan.objects.get(purpose="first_reply", subject="", tier="")
    given = terms_of(plan_row)
    change_plan(
        **cast.admin.acting,
        plan_id=plan_row.pk,
        terms=PlanTerms(**{**given.__dict__, "source": "客服部公告"}),
    )
    assert not DueRecount.objects.exists()


# Pages


def posted(**more: str) -> dict[str, str]:
    given = {
        "purpose": "first_reply",
        "subject": "repair",
        "tier": "",
        "channel": "",
        "org_unit": "",
        "amount": "2",
        "unit": "business_hours",
        "calendar": "",
        "warn_percent": "60",
        "name": "",
        "source": "",
        "source_on": "",
    }
    return given | more


def test_the_page_says_what_is_touched_before_it_saves(cast: Cast, cases: list[Case]):
    admin = cast.admin.client()
    address = reverse("web:due-plan-add")
    before = DuePlan.objects.count()
    asked = admin.post(address, posted())
    assert asked.status_code == 200
    assert DuePlan.objects.count() == before
    page = asked.content.decode()
    assert "1 件未结工单" in page
    [seal] = [line.split('"')[0] for line in page.split('name="seen" value="')[1:]]
    # Changed meanwhile, it asks again.
    assert admin.post(address, posted(amount="3", seen=seal)).status_code == 200
    assert admin.post(address, posted(seen=seal)).status_code == 302
    made = DuePlan.objects.get(purpose="first_reply", subject="repair")
    assert (made.amount, made.unit, made.warn_percent) == (120, "business_minutes", 60)


def test_a_plan_is_changed_in_hours_and_kept_in_minutes(cast: Cast):
    admin = cast.admin.client()
    one = DuePlan.objects.get(purpose="answer", tier="vip")
    address = reverse("web:due-plan", args=[one.pk])
    assert 'value="6"' in admin.get(address).content.decode()
    changed = posted(purpose="answer", subject="complaint", tier="vip", amount="4")
    assert admin.post(address, changed).status_code == 302
    one.refresh_from_db()
    assert (one.amount, one.unit, one.purpose) == (240, "business_minutes", "answer")


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": "0"},
        {"amount": "-3"},
        {"amount": "viel"},
        {"amount": "9999999"},
        {"amount": ""},
        {"unit": "x"},
        {"org_unit": "zwei"},
        {"org_unit": "99999999999999999999999"},
        {"calendar": "0"},
        {"source_on": "2026-13-45"},
        {"warn_percent": "1000"},
        {"purpose": ""},
    ],
)
def test_hostile_forms_are_refused_with_the_form(cast: Cast, wrong: dict[str, str]):
    before = DuePlan.objects.count()
    answer = cast.admin.client().post(reverse("web:due-plan-add"), posted(**wrong))
    assert answer.status_code == 422
    assert DuePlan.objects.count() == before


def test_the_list_says_which_plan_counts_and_why(cast: Cast):
    question = {"purpose": "first_reply", "subject": "complaint", "tier": "vip"}
    page = cast.lin.client().get(reverse("web:due-plans"), question).content.decode()
    ranked = page[page.index("dp-ranked") :]
    places = [ranked.index(name) for name in ("VIP 投诉", "投诉 ", "所有工单")]
    assert places == sorted(places)
    assert "按此计算" in ranked
    odd = cast.lin.client().get(reverse("web:due-plans"), {"purpose": "x", "org_unit": "'"})
    assert odd.status_code == 200


# Over the API


def test_plans_are_read_over_the_api_and_the_closest_is_named(cast: Cast):
    from zhike.accounts.services.tokens import create_token

    made = add_plan(**cast.admin.acting, terms=terms(name="报修加急", org_unit=cast.zhoukou.pk))
    _row, secret = create_token(**cast.admin.acting, user=cast.lin.user, label="x")
    client = Client(HTTP_AUTHORIZATION=f"Bearer {secret}")
    rows = client.get("/api/v1/due-plans").json()
    assert len(rows) == DuePlan.objects.count()
    [mine] = [row for row in rows if row["id"] == made.pk]
    assert (mine["amount"], mine["org_unit"], mine["calendar_id"]) == (20, cast.zhoukou.pk, None)
    question = f"purpose=first_reply&subject=repair&org_unit={cast.zhoukou.pk}"
    ids = client.get(f"/api/v1/due-plans/closest?{question}").json()["ids"]
    general = DuePlan.objects.get(purpose="first_reply", subject="", tier="")
    assert ids == [made.pk, general.pk]
    assert client.get("/api/v1/due-plans/closest?purpose=x&org_unit=-1").status_code == 422
    assert Client().get("/api/v1/due-plans").status_code == 401
