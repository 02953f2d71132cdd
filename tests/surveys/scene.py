"""Published questionnaires to answer."""

from typing import Any

from tests.guards import given
from zhike.accounts.models import Unit
from zhike.core import clock
from zhike.surveys.choices import SurveyState
from zhike.surveys.definition import read
from zhike.surveys.models import Link, Survey, SurveyVersion

ZH = "zh-hans"


def question(key: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": kind, "text": {ZH: f"题 {key}"}, **more}


def options(*keys: str, **more: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "text": {ZH: f"选项 {key}"}, **more.get(key, {})} for key in keys]


def document(*sections: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"languages": [ZH], "title": {ZH: "您还满意吗?"}, "sections": list(sections), **more}


def page(key: str, *questions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"key": key, "questions": list(questions), **more}


# After a contact: one click, and why for those who are not content.
AFTER_CONTACT = document(
    page("s1", question("q1", "scale", required=True, low={ZH: "很不满意"}, high={ZH: "很满意"})),
    page(
        "s2",
        question("why", "text", text={ZH: "您给了 {{q1}} 分,哪里没有做好?"}),
        when=[{"question": "q1", "values": ["1", "2", "3"]}],
    ),
    languages=[ZH, "en"],
    title={ZH: "这次服务,您还满意吗?", "en": "Were you content?"},
    thanks={ZH: "谢谢您,您的话我们逐条看。"},
)

# One question of every kind, on one page.
EVERY_KIND = document(
    page(
        "s1",
        question("one", "single", options=options("a", "b", "other", other={"opens_text": True})),
        question("several", "multiple", options=options("a", "b", "none", none={"alone": True})),
        question("five", "scale", points=5),
        question("ten", "scale", points=10),
        question("nps", "nps"),
        question("ces", "ces"),
        question("grid", "matrix", points=5, rows=options("x", "y")),
        question("gap", "gap", points=7, rows=options("x", "y")),
        question("rival", "rival", points=7, rows=options("x"), rival={ZH: "隔壁老王"}),
        question("share", "points", rows=options("x", "y", "z")),
        question("order", "rank", options=options("a", "b", "c")),
        question("words", "text"),
        question("age", "number", least=0, most=120, unit={ZH: "岁"}),
        question("day", "date"),
    )
)


def published(
    unit: Unit, definition: dict[str, Any], *, token: str = "abcdefghjkmn", **link: Any
) -> Link:
    """A questionnaire taking answers, and a link to it."""
    with given():
        survey = Survey.objects.create(
            title="满意吗",
            unit=unit,
            state=SurveyState.OPEN,
            draft=definition,
            made_at=clock.now(),
            changed_at=clock.now(),
        )
        publish(survey, definition)
        return Link.objects.create(
            survey=survey, token=token, name="前台", made_at=clock.now(), **link
        )


def publish(survey: Survey, definition: dict[str, Any]) -> SurveyVersion:
    read(definition)
    with given():
        version = SurveyVersion.objects.create(
            survey=survey,
            number=survey.versions.count() + 1,
            definition=definition,
            made_at=clock.now(),
        )
        survey.current = version
        survey.save()
    return version
