"""The tree of causes: the house's own names, places and order."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.urls import reverse

from tests.cast import Cast, Staff
from tests.complaints.notice_scene import AFTERNOON, Scene, make_scene
from zhike.complaints.models import Cause
from zhike.complaints.services import causes as cause_service
from zhike.core.errors import RuleError
from zhike.core.models import AuditRow

pytestmark = pytest.mark.django_db
Freeze = Callable[[datetime], None]
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def scene(cast: Cast, frozen_clock: Freeze) -> Scene:
    frozen_clock(AFTERNOON)
    return make_scene(cast)


def html(answer: Any) -> str:
    return answer.content.decode()


def admin_of(scene: Scene) -> Staff:
    return scene.cast.admin


def test_the_tree_of_causes_is_the_houses_own(scene: Scene) -> None:
    admin = admin_of(scene).client()
    url = reverse("notices:causes")
    product = Cause.objects.get(code="product")
    assert "零件或材料" in html(admin.get(url))
    assert admin.post(url, {"name": "来料", "parent": product.pk}).status_code == 302
    mine = Cause.objects.get(name="来料")
    assert mine.path == f"{product.path}{mine.pk}/"
    assert admin.post(url, {"name": "来料", "parent": product.pk}).status_code == 422
    assert admin.post(url, {"name": "", "parent": ""}).status_code == 422
    assert admin.post(url, {"name": "x", "parent": "999999"}).status_code == 422
    change = reverse("notices:cause", args=[mine.pk])
    assert admin.post(change, {"do": "rename", "name": EVIL}).status_code == 302
    assert EVIL not in html(admin.get(url))
    assert admin.post(change, {"do": "off"}).status_code == 302
    assert not Cause.objects.get(pk=mine.pk).is_active
    assert admin.post(change, {"do": "on"}).status_code == 302
    assert admin.post(change, {"do": "burn"}).status_code == 404
    assert admin.post(reverse("notices:cause", args=[999_999]), {"do": "off"}).status_code == 404
    assert AuditRow.objects.filter(action__startswith="complaints.cause.").count() == 4
    assert scene.cast.wang.client().get(url).status_code == 403
    assert scene.cast.wang.client().post(change, {"do": "off"}).status_code == 403


def test_a_subtree_moves_with_its_paths_and_never_below_itself(scene: Scene) -> None:
    who = admin_of(scene).acting
    product, service_root = Cause.objects.get(code="product"), Cause.objects.get(code="service")
    part = Cause.objects.get(code="product.part")
    cause_service.move_cause(**who, cause_id=product.pk, parent_id=service_root.pk)
    for row in Cause.objects.all():
        above = row.parent.path if row.parent else "/"
        assert row.path == f"{above}{row.pk}/"
    assert Cause.objects.get(pk=part.pk).path.startswith(service_root.path)
    for target in (part.pk, product.pk):
        with pytest.raises(RuleError) as refused:
            cause_service.move_cause(**who, cause_id=product.pk, parent_id=target)
        assert refused.value.code == "cause_below_itself"
    cause_service.move_cause(**who, cause_id=product.pk, parent_id=None)
    assert Cause.objects.get(pk=part.pk).path == f"/{product.pk}/{part.pk}/"


def test_a_tree_grows_six_levels_and_no_twins(scene: Scene) -> None:
    who = admin_of(scene).acting
    parent: int | None = None
    for level in range(6):
        parent = cause_service.add_cause(**who, name=f"第{level}层", parent_id=parent).pk
    with pytest.raises(RuleError) as deep:
        cause_service.add_cause(**who, name="第七层", parent_id=parent)
    assert deep.value.code == "cause_too_deep"
    with pytest.raises(RuleError) as twin:
        cause_service.add_cause(**who, name=str(Cause.objects.get(code="product").label))
    assert twin.value.code == "cause_taken"
    with pytest.raises(RuleError):
        cause_service.add_cause(**who, name="长" * 61)
    chain = Cause.objects.get(name="第0层")
    with pytest.raises(RuleError) as too_deep:
        cause_service.move_cause(
            **who, cause_id=chain.pk, parent_id=Cause.objects.get(code="product").pk
        )
    assert too_deep.value.code == "cause_too_deep"


def test_a_built_in_cause_takes_its_own_words_back(scene: Scene) -> None:
    who = admin_of(scene).acting
    part = Cause.objects.get(code="product.part")
    assert cause_service.rename_cause(**who, cause_id=part.pk, name="配件").label == "配件"
    row = cause_service.rename_cause(**who, cause_id=part.pk, name=" ")
    assert row.name == ""
    assert str(row.label) != "配件"
