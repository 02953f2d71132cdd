"""Drafts nobody needs, questionnaires that change hands, calls sent twice, single answers that leave."""

import csv
import io
from typing import Any

import pytest
from django.test import Client

from tests.cast import Cast
from tests.surveys.conftest import make
from tests.surveys.scene import EVERY_KIND, ZH
from tests.surveys.scene import published as published_here
from zhike.core.access import Forbidden
from zhike.core.errors import Conflict, RuleError
from zhike.core.models import AuditRow, ExportRun
from zhike.surveys import services
from zhike.surveys.models import Link, Response, Survey
from zhike.surveys.services.answers import Sent, new_ref, save, way_of
from zhike.surveys.services.counting import count_some

pytestmark = pytest.mark.django_db


def test_a_draft_goes_and_the_log_says_which(cast: Cast, survey: Survey) -> None:
    client = Client()
    client.force_login(cast.wang.user)
    page = client.get(f"/surveys/{survey.pk}/remove/").content.decode()
    assert "删除后无法恢复" in page
    done = client.post(f"/surveys/{survey.pk}/remove/")
    assert done.headers["Location"] == "/surveys/"
    assert not Survey.objects.exists()
    assert AuditRow.objects.get(action="surveys.remove").object_id == survey.pk


def test_what_was_published_stays(cast: Cast, published: Survey) -> None:
    with pytest.raises(Conflict):
        services.remove_draft(**cast.wang.acting, survey_id=published.pk)
    client = Client()
    client.force_login(cast.wang.user)
    assert client.post(f"/surveys/{published.pk}/remove/").status_code == 404
    assert Survey.objects.exists()


def test_it_goes_to_a_unit_of_ones_reach_and_nowhere_else(cast: Cast, survey: Survey) -> None:
    with pytest.raises(RuleError):
        services.move_survey(**cast.wang.acting, survey_id=survey.pk, unit_id=cast.shangqiu.pk)
    survey.refresh_from_db()
    assert survey.unit_id == cast.zhoukou.pk
    with pytest.raises(Forbidden):
        services.move_survey(**cast.zhou.acting, survey_id=survey.pk, unit_id=cast.shangqiu.pk)
    client = Client()
    client.force_login(cast.admin.user)
    done = client.post(f"/surveys/{survey.pk}/unit/", {"unit": str(cast.shangqiu.pk)})
    assert done.status_code == 302
    survey.refresh_from_db()
    assert survey.unit_id == cast.shangqiu.pk
    assert AuditRow.objects.filter(action="surveys.move", object_id=survey.pk).count() == 1


def test_the_same_key_makes_one_questionnaire_and_one_link(cast: Cast) -> None:
    first = make(cast.wang, cast.zhoukou.pk)
    asked: dict[str, Any] = {
        **cast.wang.acting,
        "document": first.draft,
        "unit_id": cast.zhoukou.pk,
        "submit_key": "once",
    }
    one = services.make_survey(**asked)
    assert services.make_survey(**asked) == one
    assert services.make_survey(**asked | {"submit_key": "twice"}) != one
    services.publish(**cast.wang.acting, survey_id=one.pk)
    link: dict[str, Any] = {**cast.wang.acting, "survey_id": one.pk, "name": "门店"}
    made = services.make_link(**link, submit_key="once")
    assert services.make_link(**link, submit_key="once") == made
    assert services.make_link(**link) != made
    assert Link.objects.count() == 2


# Single answers as a file

ANSWERS: list[dict[str, Any]] = [
    {
        "one": "other", "one.words": "=HYPERLINK(1)", "several": ["a", "b"], "five": 4, "nps": 9,
        "grid": {"x": 5}, "gap": {"x": [7, 3]}, "rival": {"x": [5, 6]},
        "share": {"x": 50, "y": 30, "z": 20}, "order": ["c", "a", "b"], "age": 44.0,
        "words": "请打 13712345678", "day": "2026-05-01",
    }
]  # fmt: skip


def answered(link: Link, times: int) -> None:
    way = way_of(link.token)
    keys = frozenset(one.key for one in way.definition.questions())
    for _time in range(times):
        save(way, new_ref(), way.version_id, Sent(keys, ANSWERS[0], ZH, 0))
    while count_some():
        pass


def exported(cast: Cast, link: Link, **more: str) -> Any:
    client = Client()
    client.force_login(cast.wang.user)
    wish = {"format": "csv", "reason": "季度分析", "purpose": "analysis"} | more
    return client.post(f"/surveys/{link.survey_id}/results/export/", wish)


def test_single_answers_leave_with_purpose_watermark_and_nothing_of_when(cast: Cast) -> None:
    link = published_here(cast.zhoukou, EVERY_KIND)
    answered(link, 5)
    sent = exported(cast, link)
    assert sent.status_code == 200
    text = b"".join(sent).decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert len(lines) == 5
    heads, line = list(lines[0]), lines[0]

    def cell(*parts: str) -> str:
        (head,) = [one for one in heads if all(part in one for part in parts)]
        return line[head]

    assert cell("题 one", "本人原话") == "'=HYPERLINK(1)"
    assert (cell("题 several", "选项 a"), cell("题 several", "选项 none")) == ("1", "")
    assert (cell("题 gap", "选项 x", "期望"), cell("题 gap", "选项 x", "感受")) == ("7", "3")
    assert (cell("题 rival", "隔壁老王"), cell("题 order", "选项 c")) == ("6", "1")
    assert (cell("题 share", "选项 z"), cell("题 age"), cell("题 day")) == (
        "20",
        "44",
        "2026-05-01",
    )
    assert cell("题 words") == "请打 137****5678"
    assert heads[-1].startswith("水印")
    response = Response.objects.first()
    assert response is not None
    assert f"{response.began_at:%Y-%m-%d %H:%M}" not in ",".join(lines[0].values())
    assert ExportRun.objects.get().kind == "survey_answers"
    assert AuditRow.objects.filter(action="export.survey_answers").exists()


def test_they_leave_in_the_order_of_their_secrets(cast: Cast) -> None:
    link = published_here(cast.zhoukou, EVERY_KIND)
    way = way_of(link.token)
    for n in range(12):
        save(way, new_ref(), way.version_id, Sent(frozenset({"age"}), {"age": float(n)}, ZH, 0))
    while count_some():
        pass
    text = b"".join(exported(cast, link)).decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    told = [next(v for k, v in line.items() if "题 age" in k) for line in lines]
    by_secret = Response.objects.order_by("ref").values_list("answers__age", flat=True)
    assert told == [f"{int(n)}" for n in by_secret]


def test_under_five_nothing_leaves(cast: Cast) -> None:
    link = published_here(cast.zhoukou, EVERY_KIND)
    answered(link, 4)
    done = exported(cast, link)
    assert done.status_code == 302
    assert not ExportRun.objects.exists()


def test_who_may_not_export_gets_no_file(cast: Cast) -> None:
    link = published_here(cast.zhoukou, EVERY_KIND)
    answered(link, 5)
    for staff in (cast.lin, cast.zhou):
        client = Client()
        client.force_login(staff.user)
        found = client.post(f"/surveys/{link.survey_id}/results/export/", {"format": "csv"})
        assert found.status_code in (403, 404)
    assert not ExportRun.objects.exists()
