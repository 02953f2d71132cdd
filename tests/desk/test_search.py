"""Search over cases and messages finds what a plain scan of the folded text finds."""

import pytest

from tests.cast import Cast
from tests.desk.conftest import OpenCase
from tests.guards import given
from zhike.core.search import count, find, find_and_count, fold, matching, terms
from zhike.core.search import query as query_module
from zhike.desk import selectors, services
from zhike.desk.models import Case, CaseEvent
from zhike.desk.selectors import found

TEXTS = (
    "送餐太慢，要求退款",
    "退款到账了，謝謝",
    "控制器进水，爬坡断电",
    "控制器 E06 報錯，ＨＣ－150",
    "请打 138 1234 6027 找我",
    "乾隆年间的老车，干燥剂",
    "<b>退款</b> & 100% 😀",
    "o'clock _test% \\ back",
    "款退",
)
QUERIES = (
    "退款", "款", "控制", "控制器", "e06", "HC-150", "hc 150", "谢谢", "謝謝", "报错", "干", "乾",
    "13812346027", "+86 138-1234-6027", "😀", "%", "_", "\\", "'", "退款 到账", "没有这个词", "断电 爬坡",
    "<b>", "100%", "清", "E06 控制", "  ", "ＴＳ",
)  # fmt: skip


def scanned(rows: list[tuple[int, str]], query: str) -> list[int]:
    """The independent way: every folded text is looked through for every word."""
    words = terms(query)
    hits = [pk for pk, folded in rows if words and all(word in folded for word in words)]
    return sorted(hits, reverse=True)


def far_apart(case: Case) -> None:
    """The texts once more as messages of `case`, with ids of stretches that lie far from one another."""
    top = CaseEvent.objects.latest("pk")
    with given():
        for n, text in enumerate(TEXTS):
            CaseEvent(
                pk=top.pk + (n + 1) * 40_000,
                case=case,
                seq=top.seq + 100 + n,
                kind=top.kind,
                at=top.at,
                text=text,
            ).save(force_insert=True)


def test_messages_equal_a_plain_scan(cast: Cast, open_case: OpenCase):
    for text in TEXTS:
        open_case(text=text, title="无")
    grants = cast.lin.grants
    rows = list(CaseEvent.objects.values_list("pk", "folded"))
    for query in QUERIES:
        hits = found.find_messages(grants, query, 50)
        assert [hit.id for hit in hits.newest] == scanned(rows, query), query
        assert found.count_messages(grants, query) == hits.total == len(hits.newest), query


def test_cases_equal_a_plain_scan(cast: Cast, open_case: OpenCase):
    for text in TEXTS:
        open_case(text=text)
    open_case(customer_id=None, text="没有名字的断电")
    rows = list(Case.objects.values_list("pk", "folded"))
    for query in ("陈志", "TS2026", "断电", "控制器", "TS", "强 断"):
        hits = found.find_cases(cast.lin.grants, query, 50)
        assert [hit.id for hit in hits.newest] == scanned(rows, query), query
        assert found.count_cases(cast.lin.grants, query) == hits.total == len(hits.newest), query


@pytest.mark.parametrize("window", [1, 4, 100])
def test_a_frequent_word_is_found_in_stretches_as_by_a_plain_scan(
    cast: Cast, open_case: OpenCase, monkeypatch: pytest.MonkeyPatch, window: int
):
    # As for a word of every day: the newest rows checked, then stretch by stretch, few at a time.
    monkeypatch.setattr(query_module, "NEWEST_WINDOW", window)
    monkeypatch.setattr(query_module, "CANDIDATES", 2)
    for text in TEXTS:
        open_case(text=text, title="无")
    far_apart(open_case(text="最后一件", title="无"))
    rows = list(CaseEvent.objects.values_list("pk", "folded"))
    events = CaseEvent.objects.all()
    for query in QUERIES:
        wanted = scanned(rows, query)
        assert [row.pk for row in find(events, query, 50)] == wanted, query
        assert [row.pk for row in find(events, query, 2)] == wanted[:2], query
        assert sorted(matching(events, query).values_list("pk", flat=True)) == (
            sorted(wanted) if query.strip() else sorted(pk for pk, _ in rows)
        ), query
        assert count(events, query) == len(wanted), query
        for cap in (1, 3, 100):
            counted = find_and_count(events, query, 1, cap=cap)
            assert [row.pk for row in counted.rows] == wanted[:1], query
            assert counted.total == min(len(wanted), cap + 1), (query, cap)


def test_pages_of_hits_join_without_gap(cast: Cast, open_case: OpenCase):
    for n in range(11):
        open_case(text=f"退款第 {n} 次")
    grants = cast.lin.grants
    everything = [hit.id for hit in found.find_messages(grants, "退款", 50).newest]
    walked: list[int] = []
    before = None
    while hits := found.find_messages(grants, "退款", 4, before).newest:
        walked += [hit.id for hit in hits]
        before = hits[-1].id
    assert walked == everything


def test_only_words_somebody_said_are_searched(cast: Cast, open_case: OpenCase):
    case = open_case(text="开头")
    services.add_note(**cast.lin.acting, case_id=case.pk, text="内部说法")
    services.hand_over(
        **cast.lin.acting,
        case_id=case.pk,
        to_user_id=cast.wang.user.pk,
        reason="交接理由",
        expected_owner_id=cast.lin.user.pk,
    )
    assert found.count_messages(cast.lin.grants, "内部说法") == 1
    assert found.count_messages(cast.lin.grants, "交接理由") == 0
    assert CaseEvent.objects.get(kind="handover").folded == ""


def test_a_hit_says_where_it_stands(cast: Cast, open_case: OpenCase):
    case = open_case(text="上个月刚换的控制器，今天拉一车苹果上坡又断电")
    (hit,) = found.find_messages(cast.lin.grants, "苹果", 5).newest
    assert hit.number == case.number
    assert "苹果" in hit.excerpt
    assert case.number in hit.url
    assert fold("苹果") in fold(hit.excerpt)


def test_numbers_in_texts_lie_blind_in_the_index(cast: Cast, open_case: OpenCase):
    open_case(text="请打 138 1234 6027 找我")
    assert not CaseEvent.objects.filter(folded__contains="6027").exists()


def test_renamed_cases_are_found_by_the_new_subject(cast: Cast, open_case: OpenCase):
    case = open_case(title="旧题目")
    services.set_title(**cast.lin.acting, case_id=case.pk, title="电机异响")
    assert found.count_cases(cast.lin.grants, "旧题目") == 0
    assert [h.number for h in found.find_cases(cast.lin.grants, "异响", 5).newest] == [case.number]
    assert selectors.load_case(cast.lin.grants, case.number).title == "电机异响"
