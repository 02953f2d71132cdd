"""The index of a path model: drawn, refused where it cannot be, computed with a seed, and read."""

import io
import random
from typing import Any

import numpy as np
import pytest
from python_calamine import CalamineWorkbook

from tests.cast import Cast
from tests.satisfaction.scene import SCENIC, answer, visitors, words
from tests.surveys.scene import published
from zhike.core.errors import Forbidden, NotFound, RuleError
from zhike.methods.index import model_indexes
from zhike.methods.pls import estimate, path_model
from zhike.satisfaction import path_models, services
from zhike.satisfaction.models import IndexRun, IndicatorSystem
from zhike.satisfaction.path_models import READY, compute_model
from zhike.satisfaction.structure import Dimension, Item, from_json
from zhike.surveys.library import ORDER
from zhike.surveys.models import Link

pytestmark = pytest.mark.django_db

PATHS = [("environment", "service"), ("environment", "value"), ("service", "value")]


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhike.satisfaction.services.runs.RESAMPLES", 60)


@pytest.fixture
def link(cast: Cast) -> Link:
    return published(cast.zhoukou, SCENIC)


@pytest.fixture
def system(cast: Cast, link: Link) -> IndicatorSystem:
    found = services.make_system(**cast.wang.acting, survey_id=link.survey_id, title="景区")
    return services.set_weighing(**cast.wang.acting, system_id=found.pk, weighing="pls")


def drawn(cast: Cast, system: IndicatorSystem, target: str = "value") -> None:
    services.set_path_model(**cast.wang.acting, system_id=system.pk, paths=PATHS, target=target)


def run(cast: Cast, system: IndicatorSystem) -> IndexRun:
    asked = services.ask_for_run(**cast.wang.acting, system_id=system.pk)
    services.carry_out_run(asked.pk, "zh-hans")
    asked.refresh_from_db()
    return asked


def three_blocks(count: int) -> tuple[list[Dimension], np.ndarray]:
    """Answers where a moves b and b moves c; items of c are asked on ten points."""
    chance = random.Random(5)
    rows = []
    for _person in range(count):
        a = chance.gauss(0, 1)
        b = 0.8 * a + chance.gauss(0, 0.5)
        c = 0.7 * b + chance.gauss(0, 0.5)
        rows.append(
            [min(5, max(1, round(3 + one + chance.gauss(0, 0.4)))) for one in (a, a, b, b)]
            + [min(10, max(1, round(5.5 + 2 * c + chance.gauss(0, 0.6)))) for _again in (1, 2)]
        )
    dimensions = [
        Dimension(
            key, key.upper(), (Item(f"{key}1", "一", 1, high), Item(f"{key}2", "二", 1, high))
        )
        for key, high in (("a", 5), ("b", 5), ("c", 10))
    ]
    return dimensions, np.array(rows, np.float64)


BASIS = {"paths": [["a", "b"], ["b", "c"]], "target": "c", "resamples": 100, "seed": 1}


def test_it_is_what_the_method_gives_on_the_scale_as_asked() -> None:
    dimensions, rows = three_blocks(120)
    found = compute_model(dimensions, rows, 0, BASIS)
    # The answers of one block are on one scale; standardized items do not feel which.
    model = path_model(
        {d.key: [i.part for i in d.items] for d in dimensions}, {"a": ["b"], "b": ["c"]}
    )
    direct = estimate(model, rows, model.items)
    assert {
        f"{o['start']}->{o['end']}": o["estimate"] for o in found["pls"]["paths"]
    } == pytest.approx(dict(direct.paths))
    raw = np.array([rows[:, 4].mean(), rows[:, 5].mean()])
    shares = np.array(list(direct.raw_weights["c"].values()))
    by_hand = 100 * (raw @ shares / shares.sum() - 1) / 9
    assert found["index"] == pytest.approx(by_hand)
    assert found["raw"] == pytest.approx(1 + 9 * by_hand / 100)
    assert found["low"] < found["index"] < found["high"]
    # What leads nowhere near the target has no weight; the target's own items neither.
    assert {o["part"] for o in found["items"] if o["weight"] is None} == {"c1", "c2"}
    # All items of a block at once: what a whole point of the block is worth.
    points = {one["key"]: one["weight"] for one in found["dimensions"]}
    own = sum(one["weight"] for one in found["items"] if one["dimension"] == "b")
    assert own == pytest.approx(points["b"])
    assert model_indexes(direct, low=1, high=10)["c"].value == pytest.approx(by_hand)


def test_the_order_of_people_does_not_matter_and_the_seed_does() -> None:
    dimensions, rows = three_blocks(60)
    found = compute_model(dimensions, rows, 0, BASIS)
    turned = compute_model(dimensions, rows[::-1], 0, BASIS)
    assert turned == found
    other = compute_model(dimensions, rows, 0, BASIS | {"seed": 2})
    assert (other["index"], other["low"] == found["low"]) == (found["index"], False)


def test_the_ready_model_fits_the_ready_questionnaire() -> None:
    from zhike.satisfaction.structure import from_questionnaire
    from zhike.surveys import library
    from zhike.surveys.definition import read

    assert "satisfaction_index" in ORDER
    definition = read(library.ready("satisfaction_index").document)
    dimensions = from_questionnaire(definition, "zh-hans")
    model = path_models.model_of(dimensions, READY["satisfaction_index"])
    assert [one.title for one in model.dimensions] == [
        "形象", "当初的预期", "实际的质量", "值不值", "满意", "以后",
    ]  # fmt: skip
    assert model.paths.explained[-1] == "s8"


def test_from_paths_to_graph_paper_and_workbook(
    cast: Cast, link: Link, system: IndicatorSystem
) -> None:
    answer(link, *visitors(60))
    with pytest.raises(RuleError) as refused:
        run(cast, system)
    assert refused.value.code == "not_modelled"
    drawn(cast, system)
    found = run(cast, system)
    assert (found.state, found.problem) == ("done", "")
    assert found.basis["seed"] == 1
    assert found.basis["resamples"] == found.result["pls"]["requested"] == 60
    again = run(cast, system)
    assert (again.result, again.digest) == (found.result, found.digest)
    wang = cast.wang.client()
    page = wang.get(f"/satisfaction/{system.pk}/runs/1/").content.decode()
    assert "路径图" in page
    assert "环境 → 价值" in page
    assert "“价值”的指数为" in page
    assert "nan" not in words(page)
    book: Any = wang.get(f"/satisfaction/{system.pk}/runs/1/file/?format=xlsx")
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(book.streaming_content)))
    assert sheets.sheet_names[3:] == ["路径", "总效应", "载荷", "可靠性"]
    assert wang.get(f"/satisfaction/{system.pk}/runs/1/file/?format=pdf").content[:5] == b"%PDF-"


def test_what_cannot_be_modelled_says_why(cast: Cast, link: Link, system: IndicatorSystem) -> None:
    for paths, target, code in (
        ([*PATHS, ("value", "environment")], "value", "model_circular"),
        (PATHS, "environment", "model_unexplained"),
        (PATHS, "nothing", "model_unexplained"),
        ([*PATHS, ("value", "nothing")], "value", "model_lacks"),
        ([*PATHS, PATHS[0]], "value", "model_wrong"),
        ([("value", "value")], "value", "model_wrong"),
    ):
        with pytest.raises(RuleError) as refused:
            services.set_path_model(
                **cast.wang.acting, system_id=system.pk, paths=paths, target=target
            )
        assert refused.value.code == code
    system.refresh_from_db()
    assert system.path_model is None
    drawn(cast, system)
    answer(link, *({**row, "ser2": 4} for row in visitors(40)))
    refused_run = run(cast, system)
    assert refused_run.state == "refused"
    assert "“讲解”" in refused_run.problem
    # Items that count no longer take their paths with them.
    only = [i.part for d in from_json(system.structure) if d.key != "service" for i in d.items]
    services.set_weighing(**cast.wang.acting, system_id=system.pk, weighing="pls", counting=only)
    with pytest.raises(RuleError) as lacking:
        run(cast, system)
    assert lacking.value.code == "model_lacks"


def test_drawn_by_clicks(cast: Cast, system: IndicatorSystem) -> None:
    wang = cast.wang.client()
    url = f"/satisfaction/{system.pk}/model/"
    assert "“环境”影响" in wang.get(url).content.decode()
    form = {"path": [f"{start}|{end}" for start, end in PATHS], "target": "value"}
    circle = wang.post(url, form | {"path": [*form["path"], "value|environment"]})
    assert circle.status_code == 422
    assert "绕成了圈：环境 → " in circle.content.decode()
    assert wang.post(url, form).status_code == 302
    system.refresh_from_db()
    assert system.path_model == {"paths": [list(one) for one in PATHS], "target": "value"}
    assert wang.post(url, {}).status_code == 302
    system.refresh_from_db()
    assert system.path_model is None
    for stranger in (cast.lin, cast.zhou):
        with pytest.raises((Forbidden, NotFound)):
            services.set_path_model(
                **stranger.acting, system_id=system.pk, paths=PATHS, target="value"
            )
