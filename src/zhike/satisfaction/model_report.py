"""A path model as it is read: its graph, its tables, and the finding in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from zhike.core.drawing.draw import draw
from zhike.core.drawing.kinds import Arrow, Node, Paths
from zhike.core.drawing.shapes import Drawing


@dataclass(frozen=True, slots=True)
class Effect:
    """A path, or all ways from one dimension to another, with its 95 % interval."""

    start: str
    end: str
    estimate: float
    low: float
    high: float
    firm: bool


@dataclass(frozen=True, slots=True)
class Block:
    """Of a dimension: how far it is explained, how its items hang together, and their loadings and shares."""

    title: str
    r2: float | None
    alpha: float | None
    rho_c: float | None
    ave: float | None
    items: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class ModelReport:
    target: str
    graph: Drawing
    paths: Sequence[Effect]
    effects: Sequence[Effect]
    blocks: Sequence[Block]
    converged: int
    requested: int
    seed: int
    sentences: Sequence[str]
    limits: Sequence[str]


def model_report(result: Mapping[str, Any]) -> ModelReport | None:
    pls = result.get("pls")
    if not pls:
        return None
    titles = {one["key"]: one["title"] for one in result["dimensions"]}
    paths = [_effect(one, titles) for one in pls["paths"]]
    effects = sorted(
        (_effect(one, titles) for one in pls["effects"]), key=lambda one: -one.estimate
    )
    return ModelReport(
        target=pls["target"],
        graph=draw(_graph(result, pls, titles)),
        paths=paths,
        effects=effects,
        blocks=[_block(one, result, pls) for one in result["dimensions"]],
        converged=pls["converged"],
        requested=pls["requested"],
        seed=pls["seed"],
        sentences=_sentences(pls, effects, titles),
        limits=_limits(pls),
    )


def _effect(kept: Mapping[str, Any], titles: Mapping[str, str]) -> Effect:
    return Effect(**{**kept, "start": titles[kept["start"]], "end": titles[kept["end"]]})


def _block(one: Mapping[str, Any], result: Mapping[str, Any], pls: Mapping[str, Any]) -> Block:
    found = pls["reliability"].get(one["key"], {})
    return Block(
        title=one["title"],
        r2=pls["r2"].get(one["key"]),
        alpha=found.get("alpha"),
        rho_c=found.get("rho_c"),
        ave=found.get("ave"),
        items=[item for item in result["items"] if item["dimension"] == one["key"]],
    )


def _graph(result: Mapping[str, Any], pls: Mapping[str, Any], titles: Mapping[str, str]) -> Paths:
    ends = [(one["start"], one["end"]) for one in pls["paths"]]
    ranks = dict.fromkeys(titles, 0)
    # The longest way to each; there is no circle, so as many rounds as dimensions settle it.
    for _round in titles:
        for start, end in ends:
            ranks[end] = max(ranks[end], ranks[start] + 1)
    nodes = []
    for one in result["dimensions"]:
        told = [_("index %(value)s") % {"value": f"{one['index']:.1f}"}]
        if one["key"] in pls["r2"]:
            told.append(f"R² {pls['r2'][one['key']]:.2f}")
        nodes.append(Node(one["title"], " · ".join(told), ranks[one["key"]]))
    arrows = [
        Arrow(titles[one["start"]], titles[one["end"]], one["estimate"], one["firm"])
        for one in pls["paths"]
    ]
    return Paths(
        _("Path diagram"),
        "; ".join(f"{one.start} → {one.end} {one.value:.2f}" for one in arrows),
        nodes,
        arrows,
        _("Grey and dashed: may be chance."),
    )


def _sentences(
    pls: Mapping[str, Any], effects: Sequence[Effect], titles: Mapping[str, str]
) -> list[str]:
    target = pls["target"]
    leading = [one for one in effects if one.end == target]
    key = next(key for key, title in titles.items() if title == target)
    first = max(leading, key=lambda one: abs(one.estimate))
    found = [
        _(
            "The model explains %(r2).0f%% of “%(target)s”; “%(block)s” moves it most (%(effect).2f)."
        )
        % {
            "r2": 100 * pls["r2"][key],
            "target": target,
            "block": first.start,
            "effect": first.estimate,
        }
    ]
    loose = [f"{titles[o['start']]} → {titles[o['end']]}" for o in pls["paths"] if not o["firm"]]
    if loose:
        found.append(_("Not told from chance: %(paths)s.") % {"paths": ", ".join(loose)})
    return found


def _limits(pls: Mapping[str, Any]) -> list[str]:
    found = [
        _(
            "Paths are what goes together once the model is taken as right; that one causes the other is assumed, "
            "not shown."
        )
    ]
    lost = pls["requested"] - pls["converged"]
    if lost:
        found.append(
            _("%(lost)s of %(all)s resamples could not be estimated and are left out.")
            % {"lost": lost, "all": pls["requested"]}
        )
    if pls["negative"]:
        found.append(
            _("These items count against their dimension and should be looked at: %(items)s.")
            % {"items": ", ".join(pls["negative"])}
        )
    return found
