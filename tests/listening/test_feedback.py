from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from tests.cast import CHEN_PHONE, make_cast, make_staff
from tests.importer.scene import IMPORTER, whole, worked
from zhike.core import clock
from zhike.core.access import Level, everything
from zhike.core.errors import Conflict, Forbidden, NotFound, RuleError
from zhike.core.importer import Context, Row
from zhike.core.importer import services as importing
from zhike.core.search.kinds import SEARCH_KINDS
from zhike.customers.importing import CLOSED
from zhike.customers.models import TimelineEntry
from zhike.desk import services as desk
from zhike.desk.models import Case
from zhike.listening import services
from zhike.listening.importing import UNKNOWN_CUSTOMER, FeedbackImport
from zhike.listening.models import Feedback
from zhike.listening.rules import Scale, read_scale
from zhike.listening.selectors import counts_by_state, get_feedback, visible_feedback

ONE_TO_FIVE = Scale(Decimal(1), Decimal(5))


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("0-1", 0, 1), ("1～5", 1, 5), ("1 到 10", 1, 10), ("-2–2", -2, 2), ("0.5..5", 0.5, 5)],
)
def test_a_scale_in_many_spellings(text, low, high) -> None:
    scale = read_scale(text)
    assert scale is not None
    assert (float(scale.low), float(scale.high)) == (low, high)


@pytest.mark.parametrize("text", ["", "5", "5-1", "1-1", "高-低", "1-5-9"])
def test_what_is_no_scale(text) -> None:
    assert read_scale(text) is None


@pytest.fixture
def cast(db):
    return make_cast()


@pytest.fixture
def words(cast) -> Feedback:
    return services.record_feedback(
        **cast.wang.acting,
        text="送餐太慢，打 13900001111 没人接",
        unit_id=cast.zhoukou.pk,
        rating=Decimal(1),
        scale=ONE_TO_FIVE,
        source="美团",
    )


def test_words_are_kept_with_scale_and_counted(cast, words) -> None:
    assert (words.rating_ratio, words.said_on) == (0.0, clock.today())
    assert counts_by_state(cast.wang.grants) == {"heard": 1}
    for given, code in (
        ({"text": " "}, "feedback_empty"),
        ({"rating": Decimal(3)}, "rating_without_scale"),
        ({"rating": Decimal(9), "scale": ONE_TO_FIVE}, "rating_outside_scale"),
        ({"said_on": clock.today() + timedelta(days=1)}, "said_in_future"),
        ({"unit_id": cast.shangqiu.pk}, "unit_out_of_reach"),
    ):
        with pytest.raises(RuleError) as caught:
            services.record_feedback(
                **{**cast.wang.acting, "text": "好", "unit_id": cast.zhoukou.pk, **given}
            )
        assert caught.value.code == code
    with pytest.raises(Forbidden):
        services.record_feedback(
            **make_staff("1020", "李婷", cast.zhoukou, "inspector").acting,
            text="好",
            unit_id=cast.zhoukou.pk,
        )
    assert Feedback.objects.count() == 1


def test_only_ones_own_units_words_are_seen(cast, words) -> None:
    assert visible_feedback(cast.lin.grants).count() == 1
    assert visible_feedback(cast.zhou.grants).count() == 0
    with pytest.raises(NotFound):
        get_feedback(cast.zhou.grants, words.pk)


def test_words_become_a_case_once_and_learn_their_customer_there(cast, words) -> None:
    case = services.turn_into_case(**cast.wang.acting, feedback_id=words.pk, type_code="complaint")
    words.refresh_from_db()
    assert (words.case_id, case.customer_id) == (case.pk, None)
    assert words.text in case.events.get(kind="message_in").text
    left = {state: n for state, n in counts_by_state(cast.wang.grants).items() if n}
    assert left == {"case": 1}
    with pytest.raises(Conflict) as caught:
        services.turn_into_case(**cast.wang.acting, feedback_id=words.pk, type_code="complaint")
    assert case.number in str(caught.value)
    assert Case.objects.count() == 1
    with pytest.raises(Conflict):
        services.name_customer(**cast.wang.acting, feedback_id=words.pk, phone=CHEN_PHONE)
    desk.name_customer(
        **cast.wang.acting, case_id=case.pk, caller=desk.Caller(CHEN_PHONE, "陈志强")
    )
    words.refresh_from_db()
    assert words.customer_id == cast.chen.pk
    assert TimelineEntry.objects.filter(customer=cast.chen, kind="feedback.heard").exists()


def test_a_customer_is_named_by_phone_known_or_new(cast, words) -> None:
    named = services.name_customer(**cast.wang.acting, feedback_id=words.pk, phone="138 1234 6027")
    assert named.customer_id == cast.chen.pk
    again = services.name_customer(
        **cast.wang.acting, feedback_id=words.pk, phone="13900002222", name="许红梅"
    )
    assert again.customer is not None
    assert again.customer.name == "许红梅"
    with pytest.raises(RuleError):
        services.name_customer(**cast.wang.acting, feedback_id=words.pk, phone="12")


def test_the_search_box_finds_words_within_reach_and_masks_numbers(cast, words) -> None:
    kind = SEARCH_KINDS.get("feedback")
    assert kind is not None
    (hit,) = kind.find(cast.lin.grants, "送餐", 20, None).newest
    assert hit.id == words.pk
    assert kind.count(cast.zhou.grants, "送餐") == 0
    assert kind.count(everything("tests"), "13900001111") == 1
    assert kind.find(cast.zhou.grants, "送餐", 20, None).newest == []


def test_undoing_an_import_leaves_what_became_a_case(cast) -> None:
    run = whole("feedback", "内容\n甲\n乙\n", cast.zhoukou.pk)
    first = Feedback.objects.get(text="甲")
    services.turn_into_case(**cast.wang.acting, feedback_id=first.pk, type_code="inquiry")
    importing.undo(actor=IMPORTER, run=run)
    run = worked(run)
    assert [line for line, _pk, _why in run.kept] == [2]
    assert set(visible_feedback(cast.wang.grants)) == {first}


def test_the_pages(cast, words) -> None:
    client = cast.wang.client()
    listed = client.get(reverse("listening:list"), {"q": "送餐", "rating": "low"})
    assert "送餐太慢" in listed.content.decode()
    page = client.get(reverse("listening:detail", args=[words.pk]))
    assert page.status_code == 200
    answer = client.post(
        reverse("listening:case", args=[words.pk]), {"type": "complaint", "title": ""}
    )
    case = Case.objects.get()
    assert answer.url == reverse("desk:case", args=[case.number])
    assert client.get(answer.url).status_code == 200
    twice = client.post(reverse("listening:case", args=[words.pk]), {"type": "complaint"})
    assert twice.url == reverse("listening:detail", args=[words.pk])
    bad = client.post(
        reverse("listening:create"), {"text": "好", "rating": "9", "scale": "1-5", "unit": "0"}
    )
    assert bad.status_code == 422
    made = client.post(
        reverse("listening:create"),
        {"text": "<b>好</b>", "rating": "4", "scale": "1-5", "said_on": "2026年10月8日",
         "source": "来访", "unit": str(cast.zhoukou.pk)},
    )  # fmt: skip
    assert made.status_code == 302
    shown = client.get(made.url).content.decode()
    assert "&lt;b&gt;好&lt;/b&gt;" in shown
    assert "<b>好</b>" not in shown


def test_who_may_open_what(cast, words) -> None:
    detail = reverse("listening:detail", args=[words.pk])
    reader, zhou = (
        make_staff("1020", "李婷", cast.zhoukou, "inspector").client(),
        cast.zhou.client(),
    )
    assert reader.get(detail).status_code == 200
    assert "转为工单" not in reader.get(detail).content.decode()
    assert reader.post(reverse("listening:case", args=[words.pk])).status_code == 403
    assert reader.get(reverse("listening:create")).status_code == 403
    assert cast.lin.client().get(reverse("listening:export")).status_code == 403
    assert zhou.get(detail).status_code == 404
    assert zhou.get(reverse("listening:detail", args=[10**9])).status_code == 404


def test_the_agent_who_reads_a_bad_review_turns_it_into_a_complaint(cast, words) -> None:
    lin = cast.lin.client()
    assert "转为工单" in lin.get(reverse("listening:detail", args=[words.pk])).content.decode()
    turned = lin.post(reverse("listening:case", args=[words.pk]), {"type": "complaint"})
    assert turned.status_code == 302
    assert Case.objects.get().number in turned.url


def test_an_export_page_asks_why_and_sends_the_filtered_rows(cast, words) -> None:
    client = cast.wang.client()
    url = reverse("listening:export") + "?q=送餐"
    assert client.get(url).status_code == 200
    assert client.post(url, {"format": "csv", "reason": ""}).status_code == 422
    answer = client.post(url, {"format": "csv", "reason": "给质检看"})
    data = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert "送餐太慢，打 139****1111 没人接" in data
    assert "%E5%AE%A2%E6%88%B7%E5%BF%83%E5%A3%B0" in answer.headers["Content-Disposition"]
    book = client.post(url, {"format": "xlsx", "reason": "给质检看"})
    assert b"".join(book.streaming_content).startswith(b"PK")


def test_query_budgets(cast, words, query_budget) -> None:
    client = cast.wang.client()
    client.get(reverse("listening:list"))
    with query_budget("listening:list"):
        client.get(reverse("listening:list"))
    with query_budget("listening:detail"):
        client.get(reverse("listening:detail", args=[words.pk]))


def test_no_number_is_matched_for_whom_phones_are_hidden(db) -> None:
    cast = make_cast()
    blind = replace(everything("importer"), levels=(("phone", Level.HIDDEN),))
    rows = [
        Row(2, [], {"text": "好", "customer": CHEN_PHONE}),
        Row(3, [], {"text": "好", "customer": "13900000000"}),
        Row(4, [], {"text": "好", "customer": "C-17"}),
    ]
    context = Context(1, IMPORTER, blind, cast.zhoukou.pk, {}, frozenset({"customer"}), "", "")
    FeedbackImport().plan(rows, context)
    assert [row.problems[0].reason for row in rows[:2]] == [CLOSED, CLOSED]
    assert [row.found for row in rows] == [None, None, None]
    assert rows[2].problems[0].reason == UNKNOWN_CUSTOMER
    known = [Row(2, [], {"text": "好", "customer": CHEN_PHONE})]
    FeedbackImport().plan(known, replace(context, grants=everything("importer")))
    assert known[0].found == cast.chen.pk
