"""Drawing the paths of a system: what is thought to lead to what, and whose index is told."""

from collections.abc import Sequence
from typing import Any

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.work import Actor
from zhike.methods.errors import MethodError
from zhike.satisfaction import errors
from zhike.satisfaction.models import IndicatorSystem
from zhike.satisfaction.path_models import READY, Circle, Model, Unexplained, model_of
from zhike.satisfaction.permissions import MANAGE
from zhike.satisfaction.selectors import visible_systems
from zhike.satisfaction.structure import Dimension, from_json, without


def set_path_model(
    *,
    actor: Actor,
    grants: Grants,
    system_id: int,
    paths: Sequence[tuple[str, str]],
    target: str,
) -> IndicatorSystem:
    """`paths` from dimension to dimension by their keys; none at all takes the model away."""
    grants.require(MANAGE)
    with work.unit(actor) as unit:
        system = visible_systems(grants).select_for_update().filter(pk=system_id).first()
        if system is None:
            raise errors.system_not_found()
        before = system.path_model
        model: dict[str, Any] | None = None
        if paths:
            model = {"paths": [list(path) for path in paths], "target": target}
            checked(without(from_json(system.structure), system.left_out), model)
        if model != before:
            system.path_model = model
            system.changed_at = unit.now
            system.save(update_fields=["path_model", "changed_at"])
            unit.audit(
                "satisfaction.model",
                system,
                before={"paths": _told(system, before)},
                after={"paths": _told(system, model)},
            )
    return system


def checked(dimensions: Sequence[Dimension], kept: dict[str, Any]) -> Model:
    """The model as the methods take it, or the sentence that says why not."""
    titles = {one.key: one.title for one in dimensions}
    for key in {key for path in kept["paths"] for key in path} - set(titles):
        raise errors.model_lacks(key)
    try:
        return model_of(dimensions, kept)
    except Circle as circle:
        raise errors.model_circular(" → ".join(titles[key] for key in circle.keys)) from circle
    except Unexplained as nothing:
        raise errors.model_unexplained(titles.get(kept["target"], "?")) from nothing
    except MethodError as wrong:
        raise errors.model_wrong() from wrong


def ready_model(dimensions: Sequence[Dimension], origin: str) -> dict[str, Any] | None:
    """That of the library's questionnaire, where all its dimensions are still there."""
    found = READY.get(origin)
    keys = {one.key for one in dimensions}
    if found is None or not {key for path in found["paths"] for key in path} <= keys:
        return None
    return found


def _told(system: IndicatorSystem, model: dict[str, Any] | None) -> str:
    titles = {one.key: one.title for one in from_json(system.structure)}
    paths = (model or {}).get("paths", [])
    return "; ".join(f"{titles[start]} → {titles[end]}" for start, end in paths)
