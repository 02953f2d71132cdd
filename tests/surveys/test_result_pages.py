"""Results, the single answers behind them, and the preview, as pages."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.api.test_api import Caller
from tests.cast import Cast
from tests.surveys.scene import (
    AFTER_CONTACT,
    EVERY_KIND,
    document,
    options,
    page,
    published,
    question,
)
from tests.surveys.test_figures import fill
from zhike.core import clock
from zhike.satisfaction.services import make_system
from zhike.surveys.figures import results_of
from zhike.surveys.models import Link, Response

pytestmark = pytest.mark.django_db

ROW: dict[str, Any] = {
    "one": "other",
    "one.words": "<i>自己</i>的话",
    "several": ["a", "b"],
    "five": 4,
    "ten": 9,
    "nps": 10,
    "ces": 6,
    "grid": {"x": 2, "y": 5},
    "gap": {"x": [7, 5], "y": [6, None]},
    "rival": {"x": [6, 7]},
    "share": {"x": 70, "y": 30, "z": 0},
    "order": ["c", "a", "b"],
    "words": "配件等了三天",
    "age": 35.0,
    "day": "2026-05-01",
}


@pytest.fixture
def link(cast: Cast) -> Link:
    return published(cast.zhoukou, EVERY_KIND)


def text(client: Client, path: str, status: int = 200) -> str:
    found = client.get(path)
    assert found.status_code == status, found.status_code
    return found.content.decode()


def test_every_figure_leads_to_those_it_was_made_from(cast: Cast, link: Link) -> None:
    other = {"one": "a", "five": 1, "grid": {"x": 1}, "gap": {"x": [1, 1]}, "several": ["none"]}
    fill(link, *[ROW] * 5, *[other] * 3)
    wang = cast.wang.client()
    base = f"/surveys/{link.survey_id}/results/"
    html = text(wang, base)
    paths = re.findall(rf'href="({base}answers/\?part=[^"]+)">\D*([\d,]+)', html)
    assert len(paths) > 15
    for path, count in paths:
        answers = text(wang, path.replace("&amp;", "&"))
        assert answers.count('<dl class="sr-said">') == int(count), path


def test_a_row_of_a_matrix_shows_how_its_answers_spread(cast: Cast, link: Link) -> None:
    fill(link, *[ROW] * 6, *[{**ROW, "grid": {"x": 5, "y": 5}}] * 2)
    html = text(cast.wang.client(), f"/surveys/{link.survey_id}/results/")
    bars = re.findall(r'<svg class="sr-scale".*?</svg>', html)
    assert len(bars) == 2
    # Six of eight gave a 2, two a 5: side by side, and together the whole width.
    assert re.findall(r'class="(lo|mid|hi)"[^>]* x="([\d.]+)" width="([\d.]+)"', bars[0]) == [
        ("lo", "0.0", "75.0"),
        ("hi", "75.0", "25.0"),
    ]
    assert "2: 75.0%" in bars[0]


def test_results_lead_on_to_an_index(cast: Cast, link: Link) -> None:
    fill(link, *[ROW] * 4)
    wang, base = cast.wang.client(), f"/surveys/{link.survey_id}/results/"
    new = f"/satisfaction/new/?survey={link.survey_id}"
    # Nothing is offered before anything is told.
    assert new not in text(wang, base)
    fill(link, ROW)
    assert f'href="{new}"' in text(wang, base)
    assert f'value="{link.survey_id}" selected' in text(wang, new)
    system = make_system(**cast.wang.acting, survey_id=link.survey_id, title="指数")
    html = text(wang, base)
    assert f'href="/satisfaction/{system.pk}/"' in html
    assert new not in html


def test_single_answers_name_nobody_and_quote_as_written(cast: Cast, link: Link) -> None:
    fill(link, *[ROW] * 5)
    html = text(cast.wang.client(), f"/surveys/{link.survey_id}/results/answers/?part=words")
    assert "配件等了三天" in html
    assert "&lt;i&gt;自己&lt;/i&gt;的话" in html
    assert "选项 c &gt; 选项 a &gt; 选项 b" in html
    assert "35 岁" in html
    assert "4 / 5" in html
    row = Response.objects.first()
    assert row is not None
    assert f"{clock.local(row.began_at):%H:%M}" not in html
    assert "前台" not in html


def test_pages_of_answers_in_an_order_of_chance(cast: Cast) -> None:
    link = published(cast.zhoukou, document(page("s1", question("q", "nps"))))
    fill(link, *[{"q": number % 11} for number in range(47)])
    wang = cast.wang.client()
    path, seen = f"/surveys/{link.survey_id}/results/answers/?part=q", 0
    secrets = list(Response.objects.values_list("ref", flat=True))
    for _page in range(3):
        html = text(wang, path)
        # Whoever knew one could change what somebody else answered.
        assert not any(secret in html for secret in secrets)
        seen += html.count('<dl class="sr-said">')
        more = re.findall(r'href="([^"]*after=[0-9a-f]{16}[^0-9a-f"]*)"', html)
        if more:
            path = more[-1].replace("&amp;", "&")
            path = (
                path
                if path.startswith("/")
                else f"/surveys/{link.survey_id}/results/answers/{path}"
            )
    assert seen == 47


def test_what_is_not_there_is_not_found(cast: Cast, link: Link) -> None:
    wang = cast.wang.client()
    base = f"/surveys/{link.survey_id}/results/"
    assert "满 5 份才显示结果" in text(wang, base)
    text(wang, f"{base}answers/", 404)
    fill(link, *[ROW] * 5)
    for query in (
        "part=nothing",
        "part=five&value=9",
        "part=five.x",
        "part=gap.x.e&value=x",
        "part=one&value=%27",
        "link=987654&part=five",
        "link=x",
    ):
        text(wang, f"{base}answers/?{query}", 404)
    text(wang, f"{base}answers/?after=%27%20OR%201")
    # Neither an agent nor somebody of another station.
    assert cast.lin.client().get(base).status_code == 403
    assert cast.zhou.client().get(base).status_code in (403, 404)


def test_a_preview_goes_the_way_of_the_answers_and_keeps_nothing(cast: Cast, given: Any) -> None:
    link = published(cast.zhoukou, AFTER_CONTACT)
    wang, path = cast.wang.client(), f"/surveys/{link.survey_id}/preview/"

    def hidden(html: str) -> dict[str, str]:
        names = ("carried", "page", "lang")
        return {n: re.findall(rf'name="{n}" value="([^"]*)"', html)[0] for n in names}

    first = text(wang, path)
    assert "预览" in first
    refused = wang.post(path, hidden(first))
    assert refused.status_code == 422
    assert "请回答这一题" in refused.content.decode()
    why = wang.post(path, hidden(first) | {"q1": "2"}).content.decode()
    assert "您给了 2 分,哪里没有做好?" in why
    back = wang.post(path, hidden(why) | {"go": "back"}).content.decode()
    assert re.search(r'name="q1" value="2" checked', back)
    done = wang.post(path, hidden(back) | {"q1": "5"}).content.decode()
    assert "谢谢您,您的话我们逐条看。" in done
    assert "Were you content?" in text(wang, f"{path}?lang=en")
    # What was carried belongs to another draft, or to nobody.
    with given():
        link.survey.draft_seq += 1
        link.survey.save()
    assert "这次服务" in wang.post(path, hidden(why) | {"why": "x"}).content.decode()
    assert wang.post(path, {"carried": "x", "page": "7"}).status_code == 200
    assert not Response.objects.exists()


def test_a_draft_with_faults_says_them_instead(cast: Cast, given: Any) -> None:
    link = published(cast.zhoukou, AFTER_CONTACT)
    with given():
        link.survey.draft = document(page("s1", question("q", "single", options=options("a"))))
        link.survey.save()
    html = text(cast.wang.client(), f"/surveys/{link.survey_id}/preview/", 422)
    assert "请至少写两个选项" in html


def test_results_and_answers_for_other_programs(cast: Cast, link: Link) -> None:
    wang = Caller(cast.wang)
    path = f"/surveys/{link.survey_id}"
    fill(link, *[ROW] * 4)
    found = wang.get(f"{path}/results")[1]
    assert (found["complete"], found["is_told"], found["questions"]) == (4, False, [])
    assert wang.get(f"{path}/answers")[0] == 404
    fill(link, *[ROW] * 26)
    _ok, found = wang.get(f"{path}/results")
    page = results_of(link.survey, "zh-hans")
    assert [one["key"] for one in found["questions"]] == [o.question.key for o in page.questions]
    five = next(one for one in found["questions"] if one["key"] == "five")["parts"][0]
    told = next(one for one in page.questions if one.question.key == "five").parts[0]
    assert told.mean is not None
    assert five["mean"] == {
        "estimate": told.mean.estimate, "low": told.mean.low, "high": told.mean.high, "n": 30,
    }  # fmt: skip
    assert [(bar["value"], bar["count"]) for bar in five["bars"] if bar["count"]] == [("4", 30)]
    gap = next(one for one in found["questions"] if one["key"] == "gap")["pairs"][0]
    assert gap["difference"] == pytest.approx(
        gap["second"]["mean"]["estimate"] - gap["first"]["mean"]["estimate"]
    )
    rows, cursor = 0, ""
    for _page in range(2):
        _ok, answers = wang.get(f"{path}/answers?part=five&value=4&cursor={cursor}")
        rows, cursor = rows + len(answers["items"]), answers["next"]
    assert (rows, cursor) == (30, None)
    assert answers["items"][0].keys() == {"said"}
    words = [one["answer"] for one in answers["items"][0]["said"]]
    assert "配件等了三天" in "".join(words)
    for wrong in ("answers?part=nothing", "answers?part=five&value=9", "results?link=987654"):
        assert wang.get(f"{path}/{wrong}")[0] == 404, wrong
    assert Caller(cast.lin).get(f"{path}/results")[0] == 403
