"""The pages: list, one questionnaire, the shelf, and the builder without a script."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from tests.surveys.conftest import choices, make, question, whole_draft
from zhike.surveys import services
from zhike.surveys.choices import QuestionKind, SurveyState
from zhike.surveys.definition import problems, read
from zhike.surveys.drafting import blank, question_at
from zhike.surveys.drawing import draw
from zhike.surveys.models import Survey

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang(cast: Cast) -> Client:
    return cast.wang.client()


def url(name: str, *args: Any) -> str:
    return reverse(f"surveys:{name}", args=args)


def body(answer: Any) -> str:
    return str(answer.content.decode())


def question_of(survey: Survey, key: str) -> dict[str, Any]:
    survey.refresh_from_db()
    at, place = question_at(survey.draft, key)
    found: dict[str, Any] = survey.draft["sections"][at]["questions"][place]
    return found


def posted(answer: Any) -> dict[str, Any]:
    """What the form of the question holds, as a browser would send it."""
    form, parts = answer.context["form"], answer.context["parts"]
    sent: dict[str, Any] = {"seq": answer.context["seq"], "kind": answer.context["kind"]}
    sent |= {bound.name: bound.value() or "" for bound in form}
    name = answer.context["parts_name"]
    for number, part in parts:
        sent[f"{name}-{number}-key"] = part["key"]
        for code, text in part["text"].items():
            sent[f"{name}-{number}-text-{code}"] = text
    return sent


def test_the_list_shows_state_and_answers_and_searches_titles(
    cast: Cast, wang: Client, published: Survey, query_budget: Any
) -> None:
    make(cast.wang, cast.zhoukou.pk, {**whole_draft(), "title": {"zh-hans": "门店调查"}})
    with query_budget("surveys:list"):
        answer = wang.get(url("list"))
    assert "车主调查" in body(answer)
    assert "正在收集" in body(answer)
    assert "车主调查" not in body(wang.get(url("list"), {"q": "门店"}))
    assert "车主调查" not in body(wang.get(url("list"), {"tab": "draft"}))
    assert cast.lin.client().get(url("list")).status_code == 403


def test_the_pages_of_one_cost_what_they_cost(
    cast: Cast, wang: Client, published: Survey, query_budget: Any
) -> None:
    for name in ("门店", "柜台", "短信"):
        services.make_link(**cast.wang.acting, survey_id=published.pk, name=name)
    for page in ("detail", "builder"):
        with query_budget(f"surveys:{page}"):
            assert wang.get(url(page, published.pk)).status_code == 200


def test_what_a_language_lacks_is_counted_and_a_missing_title_named(
    wang: Client, survey: Survey
) -> None:
    shown = body(wang.get(url("builder", survey.pk)))
    # Only the title is English; three questions and two choices are not.
    assert "English：还有 5 处没有文字" in shown
    sent = {"seq": 1, "asked_in": ["zh-hans"], "first": "zh-hans"}
    assert wang.post(url("general", survey.pk), sent).status_code == 302
    answer = wang.get(url("builder", survey.pk))
    assert answer.context["outline"].problems == ("请写上标题",)
    assert answer.context["outline"].quota_problems == ()
    survey.refresh_from_db()
    assert survey.title == "车主调查"


def test_an_empty_list_says_how_to_begin(wang: Client) -> None:
    assert "取用现成问卷" in body(wang.get(url("list")))


def test_one_is_made_from_nothing_and_from_the_shelf(cast: Cast, wang: Client) -> None:
    sent = {"title": "老用户调查", "unit": cast.zhoukou.pk, "languages": ["zh-hans"]}
    answer = wang.post(url("create"), sent)
    survey = Survey.objects.get(title="老用户调查")
    assert answer["Location"] == url("builder", survey.pk)
    assert "这一页还没有题目" in body(wang.get(url("builder", survey.pk)))
    assert "服务质量：期望与实际" in body(wang.get(url("library")))
    shown = wang.get(url("library-item", "service_quality"))
    assert "看得见的方面" in body(shown)
    wang.post(
        url("library-item", "service_quality"),
        {**sent, "title": "我们的服务", "languages": ["en", "zh-hans"]},
    )
    taken = Survey.objects.get(title="我们的服务")
    assert (taken.origin, taken.draft["languages"]) == ("service_quality", ["zh-hans", "en"])
    assert problems(taken.draft) == []
    wrongs: list[dict[str, Any]] = [
        {"title": ""},
        {"unit": cast.shangqiu.pk},
        {"languages": []},
        {"languages": ["xx"]},
    ]
    for wrong in wrongs:
        assert wang.post(url("create"), {**sent, **wrong}).status_code == 422
    assert wang.get(url("library-item", "nothing")).status_code == 404
    assert Survey.objects.count() == 2


@pytest.mark.parametrize("kind", QuestionKind.values)
def test_every_kind_is_written_in_its_form(wang: Client, survey: Survey, kind: str) -> None:
    add = f"{url('question-add', survey.pk)}?page=s2&kind={kind}"
    shown = wang.get(add)
    assert shown.status_code == 200
    sent = posted(shown) | {"text_zh-hans": "新的问题", "rival_zh-hans": "别家", "do": "keep"}
    name = shown.context["parts_name"]
    if name:
        sent[f"{name}-more"] = "第一项\n\n  第二项 \n第三项"
    answer = wang.post(add, sent)
    assert answer["Location"] == f"{url('builder', survey.pk)}#q4"
    made = question_of(survey, "q4")
    assert (made["kind"], made["text"]) == (kind, {"zh-hans": "新的问题"})
    if name:
        assert [(one["key"], one["text"]["zh-hans"]) for one in made[name]] == [
            ("a", "第一项"), ("b", "第二项"), ("c", "第三项"),
        ]  # fmt: skip
    assert problems(survey.draft) == []
    assert "新的问题" in body(wang.get(url("builder", survey.pk)))


def test_keys_stay_when_words_change_and_lines_move(wang: Client, survey: Survey) -> None:
    edit = url("question", survey.pk, "q1")
    sent = posted(wang.get(edit))
    sent |= {
        "options-0-text-zh-hans": "货运型",
        "options-more": "其他",
        "options-0-opens_text": "1",
    }
    drawn = wang.post(edit, {**sent, "do": "options-down-0"})
    assert drawn.status_code == 200
    parts = [(one["key"], one["text"]["zh-hans"]) for _n, one in drawn.context["parts"]]
    assert parts == [("b", "客货两用"), ("a", "货运型"), ("c", "其他")]
    assert (
        question_of(survey, "q1")["options"]
        == whole_draft()["sections"][0]["questions"][0]["options"]
    )
    again = posted(drawn) | {"options-1-opens_text": "1", "do": "keep"}
    assert wang.post(edit, again).status_code == 302
    kept = question_of(survey, "q1")["options"]
    assert [(one["key"], one.get("opens_text", False)) for one in kept] == [
        ("b", False), ("a", True), ("c", False),
    ]  # fmt: skip


def test_conditions_are_chosen_from_earlier_pages(wang: Client, survey: Survey) -> None:
    edit = url("question", survey.pk, "q3")
    shown = wang.get(edit)
    (line,) = shown.context["conditions"]
    assert (line.question, [text for _v, text, _on in line.values]) == ("q1", ["货运", "客货两用"])
    sent = posted(shown) | {
        "when-0-question": "q1", "when-0-value": ["b", "zzz"], "when-0-negated": "1", "do": "keep",
    }  # fmt: skip
    wang.post(edit, sent)
    assert question_of(survey, "q3")["when"] == [
        {"question": "q1", "values": ["b"], "negated": True}
    ]
    # The first page has no earlier one: what is sent all the same is not taken.
    first = url("question", survey.pk, "q1")
    sent = posted(wang.get(first)) | {"when-0-question": "q2", "when-0-value": ["1"], "do": "keep"}
    wang.post(first, sent)
    assert "when" not in question_of(survey, "q1")


def test_what_is_missing_stands_at_its_question(wang: Client, survey: Survey) -> None:
    edit = url("question", survey.pk, "q2")
    sent = posted(wang.get(edit)) | {"text_zh-hans": "", "do": "keep"}
    assert wang.post(edit, sent).status_code == 302
    answer = wang.get(url("builder", survey.pk))
    assert "发布前还差 1 处" in body(answer)
    assert "第 2 页第 1 题：请写上问题" in body(answer)
    card = answer.context["outline"].sections[1].questions[0]
    assert card.problems == ("请写上问题",)
    refused = wang.post(url("publish", survey.pk), {"seq": 2})
    assert refused.status_code == 422
    assert "请写上问题" in body(refused)
    assert "请写上问题" in body(wang.get(edit))


def test_a_form_on_an_old_draft_keeps_what_was_written(
    cast: Cast, wang: Client, survey: Survey
) -> None:
    edit = url("question", survey.pk, "q3")
    sent = posted(wang.get(edit)) | {"text_zh-hans": "到底为什么？", "do": "keep"}
    services.save_draft(
        **cast.admin.acting, survey_id=survey.pk, expected_seq=1,
        document={**whole_draft(), "title": {"zh-hans": "别人改的"}},
    )  # fmt: skip
    answer = wang.post(edit, sent)
    assert answer.status_code == 409
    assert "到底为什么？" in body(answer)
    assert "这期间有人改过这份问卷" in body(answer)
    assert question_of(survey, "q3")["text"]["zh-hans"] == "为什么？"
    assert wang.post(edit, {**sent, "seq": answer.context["seq"]}).status_code == 302
    assert question_of(survey, "q3")["text"]["zh-hans"] == "到底为什么？"
    assert survey.title == "别人改的"


def test_drawing_a_form_anew_does_not_hide_that_somebody_else_was_there(
    cast: Cast, wang: Client, survey: Survey
) -> None:
    edit = url("question", survey.pk, "q3")
    sent = posted(wang.get(edit))
    services.save_draft(
        **cast.admin.acting, survey_id=survey.pk, expected_seq=1,
        document={**whole_draft(), "title": {"zh-hans": "别人改的"}},
    )  # fmt: skip
    drawn = wang.post(edit, {**sent, "do": "redraw"})
    assert wang.post(edit, posted(drawn) | {"do": "keep"}).status_code == 409


def test_a_published_question_asked_otherwise_becomes_a_new_one(
    wang: Client, published: Survey
) -> None:
    edit = url("question", published.pk, "q2")
    sent = posted(wang.get(edit)) | {"points": "10", "do": "keep"}
    answer = wang.post(edit, sent)
    assert answer["Location"] == f"{url('builder', published.pk)}#q4"
    assert question_of(published, "q4")["points"] == 10
    assert wang.post(url("publish", published.pk), {"seq": 2}).status_code == 302
    assert published.versions.count() == 2


def test_a_kind_chosen_anew_takes_over_what_was_written(wang: Client, survey: Survey) -> None:
    edit = url("question", survey.pk, "q1")
    drawn = wang.post(edit, posted(wang.get(edit)) | {"kind": "matrix", "do": "redraw"})
    assert drawn.context["kind"] == "matrix"
    assert [one["text"]["zh-hans"] for _n, one in drawn.context["parts"]] == ["货运", "客货两用"]
    assert question_of(survey, "q1")["kind"] == "single"


@pytest.mark.parametrize(
    ("act", "key", "after"),
    [
        ("up", "q3", [["q1"], ["q3", "q2"]]),
        ("down", "q1", [[], ["q1", "q2", "q3"]]),
        ("duplicate", "q3", [["q1"], ["q2", "q3", "q4"]]),
        ("remove", "q3", [["q1"], ["q2"]]),
        ("remove", "s1", [["q2", "q3"]]),
        ("add-page", "", [["q1"], ["q2", "q3"], []]),
        ("down", "s1", [["q2", "q3"], ["q1"]]),
        ("remove", "q99", [["q1"], ["q2", "q3"]]),
        ("burn", "q1", [["q1"], ["q2", "q3"]]),
    ],
)
def test_buttons_beside_pages_and_questions(
    wang: Client, survey: Survey, act: str, key: str, after: list[list[str]]
) -> None:
    sent = {"do": act, "key": key, "seq": 1}
    assert wang.post(url("arrange", survey.pk), sent).status_code == 302
    survey.refresh_from_db()
    assert [[q["key"] for q in s["questions"]] for s in survey.draft["sections"]] == after
    assert wang.get(url("builder", survey.pk)).status_code == 200


def test_title_languages_page_and_quotas_are_kept(wang: Client, survey: Survey) -> None:
    sent = {
        "seq": 1, "title_zh-hans": "改了标题", "intro_zh-hans": "您好", "thanks_zh-hans": "谢谢",
        "asked_in": ["zh-hans", "zh-hant"], "first": "zh-hans",
    }  # fmt: skip
    assert wang.post(url("general", survey.pk), sent).status_code == 302
    survey.refresh_from_db()
    assert (survey.title, survey.draft["languages"]) == ("改了标题", ["zh-hans", "zh-hant"])
    assert survey.draft["title"] == {"zh-hans": "改了标题"}
    assert (
        wang.post(url("general", survey.pk), {**sent, "seq": 2, "first": "en"}).status_code == 422
    )
    page = {
        "seq": 2,
        "title_zh-hans": "用得怎样",
        "shuffle": "on",
        "when-0-question": "q1",
        "when-0-value": "b",
    }
    assert wang.post(url("section", survey.pk, "s2"), page).status_code == 302
    survey.refresh_from_db()
    second = survey.draft["sections"][1]
    assert (second["title"], second["shuffle"]) == ({"zh-hans": "用得怎样"}, True)
    assert second["when"] == [{"question": "q1", "values": ["b"]}]
    assert wang.post(url("quotas", survey.pk), {"seq": 3, "quota-q1-a": "0"}).status_code == 422
    assert wang.post(url("quotas", survey.pk), {"seq": 3, "quota-q1-a": "30"}).status_code == 302
    survey.refresh_from_db()
    assert survey.draft["quotas"] == [{"question": "q1", "value": "a", "most": 30}]


def test_publishing_closing_copying(wang: Client, survey: Survey) -> None:
    assert wang.get(url("publish", survey.pk)).status_code == 200
    assert wang.post(url("publish", survey.pk), {"seq": 9}).status_code == 409
    assert wang.post(url("publish", survey.pk), {"seq": 1})["Location"] == url("detail", survey.pk)
    assert "正在收集" in body(wang.get(url("detail", survey.pk)))
    assert "哪一款" in body(wang.get(url("version", survey.pk, 1)))
    assert wang.get(url("version", survey.pk, 2)).status_code == 404
    assert wang.get(url("version", survey.pk, 10**12)).status_code == 404
    wang.post(url("state", survey.pk), {"state": "closed"})
    survey.refresh_from_db()
    assert survey.state == "closed"
    wang.post(url("copy", survey.pk))
    assert Survey.objects.count() == 2


@pytest.mark.parametrize(
    "sent",
    [
        {"kind": "' OR 1=1", "text_zh-hans": "x"},
        {"options-0-key": "../../etc", "options-0-text-zh-hans": "<script>alert(1)</script>"},
        {"options-0-key": "a", "options-0-text-zh-hans": "\x00\ud800好", "options-1-key": "a",
         "options-1-text-zh-hans": "差"},
        {"options-more": "行\n" * 500},
        {"when-0-question": "q1" * 5000, "when-0-value": "x" * 100_000},
        {"least": "NaN", "kind": "multiple"},
        {"least": "1e400", "kind": "number"},
        {"points": "6", "kind": "scale"},
        {"text_zh-hans": "长" * 301},
        {"do": "options-up-999"},
        {"do": "options-down--1"},
        {"seq": "9" * 400},
    ],
)  # fmt: skip
def test_hostile_forms_break_nothing(wang: Client, survey: Survey, sent: dict[str, Any]) -> None:
    clean = {k: v.encode("utf-8", "ignore").decode() for k, v in sent.items()}
    for edit in (url("question", survey.pk, "q1"), f"{url('question-add', survey.pk)}?page=s1"):
        answer = wang.post(edit, {"seq": 1, "kind": "single", "do": "keep", **clean})
        assert answer.status_code in (200, 302, 409, 422)
        shown = body(wang.get(url("builder", survey.pk)))
        assert "<script>alert" not in shown
    for wrong in ("nothing", "q99", "s1"):
        assert wang.get(url("question", survey.pk, wrong)).status_code == 404
    assert wang.get(url("question-add", survey.pk)).status_code == 404
    assert wang.get(url("section", survey.pk, "s99")).status_code == 404


def test_of_another_unit_nothing_is_there(cast: Cast, survey: Survey, given: Any) -> None:
    from tests.cast import make_staff

    other = make_staff("1030", "周站长", cast.shangqiu, "supervisor").client()
    for name in ("detail", "builder", "publish", "general", "quotas"):
        assert other.get(url(name, survey.pk)).status_code == 404
        assert other.get(url(name, 10**9)).status_code == 404
    assert "车主调查" not in body(other.get(url("list")))


def main_button(answer: Any) -> str:
    """What stands out in the head of the page; never two."""
    head = re.search(r'<div class="acts">(.*?)</div></div>', body(answer), re.S)
    assert head is not None
    found = re.findall(r'btn-primary" href="[^"]+">(?:<svg.*?</svg>)?([^<]*)<', head[1])
    assert head[1].count("btn-primary") == len(found) <= 1
    return found[0] if found else ""


def test_one_button_stands_out_by_what_is_to_be_done_next(
    cast: Cast, wang: Client, survey: Survey
) -> None:
    page = url("detail", survey.pk)
    assert main_button(wang.get(page)) == "核对并发布"
    empty = make(cast.wang, cast.zhoukou.pk, blank(["zh-hans"], "空的"))
    assert main_button(wang.get(url("detail", empty.pk))) == "编辑题目"
    services.publish(**cast.wang.acting, survey_id=survey.pk)
    assert main_button(wang.get(page)) == "发放"
    services.change_state(**cast.wang.acting, survey_id=survey.pk, state=SurveyState.CLOSED)
    assert main_button(wang.get(page)) == "看结果"


def test_questions_have_the_same_numbers_on_every_page(wang: Client, published: Survey) -> None:
    builder = body(wang.get(url("builder", published.pk)))
    assert re.findall(r'class="sv-no">(\d+)<', builder) == ["1", "2", "3"]
    outlined = body(wang.get(url("detail", published.pk)))
    assert re.findall(r'<li value="(\d+)"', outlined) == ["1", "2", "3"]
    definition = read(published.current.definition)
    asked = draw(definition, 1, {"q1": "a"}, language="zh-hans", seed="x").questions
    assert [(one.key, one.number) for one in asked] == [("q2", 2), ("q3", 3)]


def test_a_question_not_asked_leaves_its_number_out_and_chance_counts_on() -> None:
    first = question("q1", "single", "哪一款？", options=choices("货运", "客货两用"))
    only = question("q2", "text", "拉什么？", when=[{"question": "q1", "values": ["a"]}])
    more = [question(f"q{n}", "text", f"题 {n}") for n in range(3, 9)]
    document = {
        **whole_draft(),
        "quotas": [],
        "sections": [
            {"key": "s1", "questions": [first]},
            {"key": "s2", "questions": [only, *more], "shuffle": True},
        ],
    }
    definition = read(document)
    orders = set()
    for seed in ("a", "b", "c", "d"):
        asked = draw(definition, 1, {"q1": "b"}, language="zh-hans", seed=seed).questions
        assert [one.number for one in asked] == [3, 4, 5, 6, 7, 8]
        orders.add(tuple(one.key for one in asked))
    assert len(orders) > 1
