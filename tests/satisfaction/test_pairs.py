"""Weights from comparison in pairs: judged by people, checked for contradictions, kept with the index."""

import math
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from tests.cast import Cast
from tests.satisfaction.scene import PARTS, SCENIC, answer, visitors
from tests.surveys.scene import published
from zhike.core.errors import Forbidden, NotFound, RuleError
from zhike.core.models import AuditRow
from zhike.satisfaction import pairs, services
from zhike.satisfaction.models import IndexRun, IndicatorSystem, Judging
from zhike.satisfaction.pairs import STEPS, factor, groups_of, pair_key, told
from zhike.satisfaction.structure import Dimension, Item, from_json
from zhike.surveys.models import Link

THREE = [
    Dimension(key, key, (Item(f"{key}1", "a", 1, 5), Item(f"{key}2", "b", 1, 5)))
    for key in ("x", "y", "z")
]


@pytest.fixture
def link(cast: Cast) -> Link:
    return published(cast.zhoukou, SCENIC)


@pytest.fixture
def system(cast: Cast, link: Link) -> IndicatorSystem:
    found = services.make_system(**cast.wang.acting, survey_id=link.survey_id, title="景区")
    return services.set_weighing(**cast.wang.acting, system_id=found.pk, weighing="ahp")


def all_alike(system: IndicatorSystem, **more: int) -> dict[str, dict[str, int]]:
    """Every pair judged 1, but those of the dimensions named."""
    found = {
        group.key: {pair_key(*pair): 1 for pair in group.pairs}
        for group in groups_of(from_json(system.structure))
    }
    found[""] |= {key.replace("_", "|"): step for key, step in more.items()}
    return found


def run(cast: Cast, system: IndicatorSystem, **more: Any) -> IndexRun:
    asked = services.ask_for_run(**cast.wang.acting, system_id=system.pk, **more)
    services.carry_out_run(asked.pk, "zh-hans")
    asked.refresh_from_db()
    return asked


@drawn(st.lists(st.sampled_from(STEPS), min_size=3, max_size=3))
def test_weights_of_three_by_the_geometric_mean_of_rows(steps: list[int]) -> None:
    # For three parts the principal eigenvector is the geometric mean of the rows: a second way to it.
    judgements = {
        "": dict(zip(("x|y", "x|z", "y|z"), steps, strict=True)),
        **{key: {f"{key}1|{key}2": 1} for key in "xyz"},
    }
    found = pairs.hierarchy(THREE, [judgements]).weights
    xy, xz, yz = map(factor, steps)
    rows = [xy * xz, yz / xy, 1 / (xz * yz)]
    whole = sum(row ** (1 / 3) for row in rows)
    for key, row in zip("xyz", rows, strict=True):
        # Half of the dimension's weight each.
        assert found[f"{key}1"] == pytest.approx(row ** (1 / 3) / whole / 2, rel=1e-6)
        assert found[f"{key}2"] == found[f"{key}1"]
    lambda_max = 1 + (xy * yz / xz) ** (1 / 3) + (xz / (xy * yz)) ** (1 / 3)
    first = told(groups_of(THREE, "all"), [judgements])[0]
    assert first.cr == pytest.approx((lambda_max - 3) / 2 / 0.58, abs=1e-6)


def test_judges_are_joined_by_the_geometric_mean() -> None:
    one = {"": {"x|y": 9}, "x": {"x1|x2": 1}, "y": {"y1|y2": 1}}
    other = {"": {"x|y": -4}, "x": {"x1|x2": 1}, "y": {"y1|y2": 1}}
    found = pairs.hierarchy(THREE[:2], [one, other]).weights
    joined = math.sqrt(9 / 4)
    assert found["x1"] + found["x2"] == pytest.approx(joined / (1 + joined))


@pytest.mark.django_db
def test_from_judgements_to_index(cast: Cast, link: Link, system: IndicatorSystem) -> None:
    answer(link, *visitors(20))
    with pytest.raises(RuleError) as refused:
        run(cast, system)
    assert refused.value.code == "not_judged"
    judgements = all_alike(system, environment_service=3, environment_value=6, service_value=2)
    services.save_judging(**cast.wang.acting, system_id=system.pk, judgements=judgements)
    found = run(cast, system)
    assert found.result["ahp"]["judges"] == 1
    assert found.basis["judges"][0]["judgements"] == judgements
    assert found.basis["nevertheless"] is False
    shares = {one["key"]: one["weight"] for one in found.result["dimensions"]}
    assert shares == pytest.approx({"environment": 0.6, "service": 0.2, "value": 0.1}, abs=0.1)
    assert shares["environment"] == pytest.approx(3 * shares["service"])
    # Judged otherwise afterwards: the index keeps what it was made of, and is made again from that alone.
    services.save_judging(
        **cast.wang.acting,
        system_id=system.pk,
        judgements=all_alike(system, environment_service=-9),
    )
    found.refresh_from_db()
    assert found.basis["judges"][0]["judgements"] == judgements
    assert "satisfaction.judge" in AuditRow.objects.values_list("action", flat=True)


@pytest.mark.django_db
def test_contradictions_are_used_only_on_purpose(
    cast: Cast, link: Link, system: IndicatorSystem
) -> None:
    answer(link, *visitors(20))
    round_about = all_alike(system, environment_service=5, service_value=5, environment_value=-5)
    services.save_judging(**cast.wang.acting, system_id=system.pk, judgements=round_about)
    with pytest.raises(RuleError) as refused:
        run(cast, system)
    assert refused.value.code == "inconsistent"
    assert not IndexRun.objects.exists()
    found = run(cast, system, nevertheless=True)
    assert found.basis["nevertheless"] is True
    page = cast.wang.client().get(f"/satisfaction/{system.pk}/runs/1/").content.decode()
    assert "按要求仍然采用" in page


@pytest.mark.django_db
def test_a_draft_does_not_count(cast: Cast, link: Link, system: IndicatorSystem) -> None:
    answer(link, *visitors(12))
    services.save_judging(
        **cast.wang.acting, system_id=system.pk, judgements=all_alike(system, environment_service=2)
    )
    draft = all_alike(system)
    del draft["environment"]["env1|env2"]
    services.save_judging(**cast.admin.acting, system_id=system.pk, judgements=draft)
    assert [one["name"] for one in run(cast, system).basis["judges"]] == [cast.wang.user.name]
    services.save_judging(**cast.admin.acting, system_id=system.pk, judgements=all_alike(system))
    assert len(run(cast, system).basis["judges"]) == 2
    # An item that counts no longer is no longer compared: the draft of before is whole now.
    services.save_judging(**cast.admin.acting, system_id=system.pk, judgements=draft)
    left = [part for part in PARTS if part != "env1"]
    services.set_weighing(**cast.wang.acting, system_id=system.pk, weighing="ahp", counting=left)
    assert len(run(cast, system).basis["judges"]) == 2


@pytest.mark.django_db
def test_wrong_judgements_and_wrong_people(cast: Cast, system: IndicatorSystem) -> None:
    for wrong in (
        {"": {"environment|service": 10}},
        {"": {"environment|service": 0}},
        {"": {"service|environment": 2}},
        {"other": {"environment|service": 2}},
    ):
        with pytest.raises(RuleError) as refused:
            services.save_judging(**cast.wang.acting, system_id=system.pk, judgements=wrong)
        assert refused.value.code == "judgement_wrong"
    for stranger in (cast.lin, cast.zhou):
        with pytest.raises((Forbidden, NotFound)):
            services.save_judging(**stranger.acting, system_id=system.pk, judgements={})
    assert not Judging.objects.exists()


@pytest.mark.django_db
def test_by_clicks_with_and_without_script(cast: Cast, system: IndicatorSystem) -> None:
    wang = cast.wang.client()
    url = f"/satisfaction/{system.pk}/pairs/"
    assert "还没有比较" in wang.get(url).content.decode()
    form = {
        f"p|{key}|{pair}": str(step)
        for key, judged in all_alike(
            system, environment_service=5, service_value=5, environment_value=-5
        ).items()
        for pair, step in judged.items()
    }
    part = wang.post(url, form, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "前后矛盾" in part
    assert "最不一致的一处：“环境”对“价值”" in part
    checked = wang.post(url, form | {"check": "1"}).content.decode()
    assert "最不一致的一处" in checked
    assert not Judging.objects.exists()
    assert wang.post(url, form | {"p||environment|service": "77"}).status_code == 422
    saved = wang.post(url, form, follow=True).content.decode()
    assert "所有的对都已比较" in saved
    kept = Judging.objects.get()
    refused = wang.post(f"/satisfaction/{system.pk}/compute/", {})
    assert refused.status_code == 422
    assert 'name="nevertheless"' in refused.content.decode()
    assert wang.post(f"{url}{kept.pk}/drop/").status_code == 302
    assert not Judging.objects.exists()
    assert wang.post(f"{url}{kept.pk}/drop/").status_code == 404
    assert cast.lin.client().get(url).status_code == 403
