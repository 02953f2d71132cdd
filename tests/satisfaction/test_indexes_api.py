"""Indexes and improvements for other programs: the services of the pages, in JSON."""

import pytest

from tests.api.test_api import Caller
from tests.cast import Cast
from tests.satisfaction.scene import SCENIC, answer, visitors
from tests.surveys.scene import published
from zhike.core import clock
from zhike.satisfaction import services
from zhike.satisfaction.models import IndexRun

pytestmark = pytest.mark.django_db


def test_from_asking_to_an_improvement_that_ended(cast: Cast) -> None:
    link = published(cast.zhoukou, SCENIC)
    answer(link, *visitors(20))
    system = services.make_system(**cast.wang.acting, survey_id=link.survey_id, title="景区")
    wang = Caller(cast.wang)
    assert [one["title"] for one in wang.get("/indexes")[1]["items"]] == ["景区"]
    runs = f"/indexes/{system.pk}/runs"
    status, asked = wang.send("POST", runs, {})
    assert (status, asked["state"]) == (202, "waiting")
    assert wang.send("POST", runs, {})[0] == 409
    services.carry_out_run(IndexRun.objects.get().pk, "zh-hans")
    _ok, found = wang.get(f"{runs}/1")
    assert (found["state"], found["n"], len(found["result"]["items"])) == ("done", 20, 12)
    assert wang.send("POST", runs, {"scope": {"by": "answer"}})[0] == 422
    assert wang.send("POST", runs, {"scope": {"by": "moon"}})[0] == 422
    assert wang.send("POST", runs, {"scope": {"channel": "counter"}})[0] == 202
    services.carry_out_run(IndexRun.objects.get(number=2).pk, "zh-hans")
    listed = wang.get(runs)[1]["items"]
    assert [(one["number"], one["state"]) for one in listed] == [(2, "refused"), (1, "done")]
    plan = {"what": "加划车位", "responsible_id": cast.lin.user.pk, "due": str(clock.today())}
    url = f"{runs}/1/improvements"
    assert wang.send("POST", url, plan | {"part": "nothing"})[0] == 404
    status, made = wang.send("POST", url, plan | {"part": "val4"}, key="once")
    assert status == 201
    assert wang.send("POST", url, plan | {"part": "val4"}, key="once")[1]["id"] == made["id"]
    own = f"/improvements/{made['id']}"
    lin = Caller(cast.lin)
    assert lin.get(own)[1]["item"] == "停车"
    assert lin.send("POST", f"{own}/end", {"is_done": True, "result": "好了"})[1]["state"] == "done"
    assert wang.get("/improvements?state=open")[1]["items"] == []
    assert Caller(cast.zhou).get(own)[0] == 404
    assert lin.get("/indexes")[0] == 403
