"""Questionnaires of the demo company: one after each contact, one of the year, one still being written."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from zhike.core import clock
from zhike.surveys.definition import Draft
from zhike.surveys.drafting import in_languages
from zhike.surveys.library import ready
from zhike.surveys.services import make_survey, publish, save_draft

if TYPE_CHECKING:
    from zhike.demo.load import Stage

SUPERVISOR = "1010"
ENDS = {"low": "很不满意", "high": "很满意"}
MODELS = ("HC-150 货运", "HC-180 货运", "HC-120 客货两用", "其他车型")
# Dimension: its four items.
ITEMS = {
    "车辆": ("动力够用", "续航里程", "结实耐用", "小毛病多不多"),
    "服务": ("报修容易", "上门及时", "一次修好", "配件有货"),
    "门店": ("讲解清楚", "价格实在", "交车仔细", "承诺兑现"),
}


def make_surveys(stage: "Stage") -> None:
    _published(stage, ready("after_contact").document, "after_contact", days=62)
    _published(stage, owners_survey(), "", days=30)
    _published(stage, ready("satisfaction_index").document, "satisfaction_index", days=45)
    _draft(stage, days=2)


def owners_survey() -> Draft:
    """Three dimensions of four items, who is asked, and one page for those who had a repair."""

    def words(text: str) -> dict[str, str]:
        return {"zh-hans": text}

    def choices(*texts: str) -> list[dict[str, Any]]:
        return [{"key": chr(ord("a") + n), "text": words(text)} for n, text in enumerate(texts)]

    asked: list[dict[str, Any]] = [
        {"key": "q1", "kind": "single", "text": words("您开的是哪一款？"), "required": True,
         "options": choices(*MODELS)},
        {"key": "q2", "kind": "single", "text": words("最近三个月修过车吗？"), "required": True,
         "options": choices("没有", "修过")},
    ]  # fmt: skip
    sections: list[dict[str, Any]] = [{"key": "s1", "title": words("您的车"), "questions": asked}]
    for number, (title, items) in enumerate(ITEMS.items(), 3):
        question = {
            "key": f"q{number}", "kind": "matrix", "text": words(f"对{title}，您满意吗？"),
            "required": True, "rows": choices(*items), "points": 5,
            "low": words(ENDS["low"]), "high": words(ENDS["high"]),
        }  # fmt: skip
        sections.append({"key": f"s{number - 1}", "title": words(title), "questions": [question]})
    repaired = {"question": "q2", "values": ["b"]}
    sections.append(
        {"key": "s5", "title": words("最近一次修车"), "when": [repaired], "questions": [
            {"key": "q6", "kind": "ces", "text": words("为修好车，您费了多大力气？"),
             "low": words("一点不费力"), "high": words("非常费力")},
            {"key": "q10", "kind": "file", "text": words("哪里没修好？可以拍给我们看。"), "most": 2}]}
    )  # fmt: skip
    sections.append(
        {"key": "s6", "title": words("总的感受"), "questions": [
            {"key": "q7", "kind": "nps", "text": words("您愿意推荐亲友买我们的车吗？"), "required": True,
             "low": words("绝不会"), "high": words("一定会")},
            {"key": "q8", "kind": "text", "text": words("最想让我们改的一件事是什么？")},
            {"key": "q9", "kind": "contact", "text": words("需要我们就您说的事联系您吗？"),
             "asks": ["name", "phone"]}]}
    )  # fmt: skip
    return {
        "format": 1,
        "languages": ["zh-hans"],
        "title": words("车主满意度调查 2026"),
        "intro": words(
            "您好，这是海晨三轮车的车主调查，十二个项目，约三分钟。答案只用来改进产品和服务。"
        ),
        "thanks": words("谢谢您。祝您生意兴隆，一路平安。"),
        "sections": sections,
        "quotas": [{"question": "q1", "value": "d", "most": 200}],
    }


def _published(stage: "Stage", document: Draft, origin: str, *, days: int) -> None:
    actor, grants = stage.who(SUPERVISOR)
    with clock.override(stage.at_work(stage.now - timedelta(days=days))):
        made = make_survey(
            actor=actor,
            grants=grants,
            document=document,
            unit_id=stage.units["客服部"].pk,
            origin=origin,
        )
        publish(actor=actor, grants=grants, survey_id=made.pk)


def _draft(stage: "Stage", *, days: int) -> None:
    """Of the library, with a question that still wants its words."""
    actor, grants = stage.who(SUPERVISOR)
    document = in_languages(ready("internal_customer").document, ["zh-hans"])
    with clock.override(stage.at_work(stage.now - timedelta(days=days))):
        made = make_survey(
            actor=actor,
            grants=grants,
            document=document,
            unit_id=stage.units["客服部"].pk,
            origin="internal_customer",
        )
        draft = made.draft
        wanting = {"key": "q9", "kind": "single", "text": {}, "options": []}
        pages = [*draft["sections"][:-1]]
        last = draft["sections"][-1]
        pages.append({**last, "questions": [*last["questions"], wanting]})
        save_draft(
            actor=actor,
            grants=grants,
            survey_id=made.pk,
            document={**draft, "sections": pages},
            expected_seq=made.draft_seq,
            part="q9",
        )
