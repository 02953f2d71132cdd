"""An index as it is read: figures, charts, and the finding in words. Page, paper and workbook show the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhike.satisfaction import charts
from zhike.satisfaction.choices import ImprovementState, RunState, Weighing
from zhike.satisfaction.group_report import GroupReport, group_report
from zhike.satisfaction.model_report import ModelReport, model_report
from zhike.satisfaction.models import Improvement, IndexRun
from zhike.satisfaction.rival_report import RivalReport, rival_report

QUADRANTS = ("concentrate_here", "keep_up", "low_priority", "possible_overkill")
MOST_IMPROVEMENTS = 5
MOST_LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class Improved:
    """What was done about an item, and its index as of this computation."""

    row: Improvement
    index: float

    @property
    def change(self) -> float:
        return self.index - self.row.index_then


@dataclass(frozen=True, slots=True)
class Report:
    run: IndexRun
    result: dict[str, Any]
    sentences: Sequence[str]
    limits: Sequence[str]
    radar: charts.Radar | None
    map: charts.Map
    improvements: Sequence[dict[str, Any]]
    # The index before this one, of the same answers' way in and weighed alike.
    before: IndexRun | None
    model: ModelReport | None = None
    groups: GroupReport | None = None
    improved: Sequence[Improved] = ()
    rivals: RivalReport | None = None
    # By item: the improvement under way.
    under_way: Mapping[str, Improvement] = field(default_factory=dict)

    @property
    def change(self) -> float | None:
        if self.before is None or self.before.index is None or self.run.index is None:
            return None
        return self.run.index - self.before.index

    @property
    def loadings(self) -> list[tuple[str, list[float], float]]:
        """Item, its loadings on the kept components, and how much of it they explain."""
        pca = self.result["pca"]
        if not pca:
            return []
        return [
            (item["title"], pca["loadings"][item["part"]], pca["communalities"][item["part"]])
            for item in self.result["items"]
        ]


def report_of(run: IndexRun) -> Report:
    """Of a run that is done."""
    assert run.result is not None
    result = run.result
    figures = [(one["title"], one["index"]) for one in result["dimensions"]]
    # What the index would gain if all were content with this item: the sum over items is what is missing.
    improvements = sorted(
        (
            {**item, "gain": item["weight"] * (100 - item["index"])}
            for item in result["items"]
            if item["weight"] is not None
        ),
        key=lambda item: -item["gain"],
    )
    before = _before(run)
    undertaken = list(
        Improvement.objects.filter(system_id=run.system_id).order_by("-pk")[:MOST_LOOKED_AT]
    )
    model = model_report(result)
    return Report(
        run=run,
        result=result,
        sentences=[
            *_sentences(run, result, improvements),
            *(model.sentences if model else ()),
        ],
        limits=[*(model.limits if model else ()), *_limits(run, result)],
        radar=charts.radar(figures),
        map=charts.quadrants(
            [
                (i["title"], i["weight"], i["index"], i["quadrant"])
                for i in result["items"]
                if i["weight"] is not None
            ],
            (result["lines"][0], result["lines"][1]),
        ),
        improvements=improvements[:MOST_IMPROVEMENTS],
        before=before,
        model=model,
        groups=group_report(result, (run.scope or {}).get("words", ())),
        rivals=rival_report(result),
        improved=_improved(run, result, undertaken),
        under_way={one.part: one for one in undertaken if one.state == ImprovementState.OPEN},
    )


def _improved(
    run: IndexRun, result: dict[str, Any], undertaken: Sequence[Improvement]
) -> list[Improved]:
    """Items somebody saw to since an earlier index of all answers, before and now."""
    if run.scope or run.link_id:
        return []
    now = {item["part"]: item["index"] for item in result["items"]}
    return [
        Improved(one, now[one.part])
        for one in undertaken
        if one.run_number < run.number and one.part in now
    ]


def _before(run: IndexRun) -> IndexRun | None:
    """The last one of the same part of the answers, weighed the same way: else the difference would tell of the
    weights."""
    earlier = run.system.runs.filter(
        state=RunState.DONE,
        link_id=run.link_id,
        weighing=run.weighing,
        number__lt=run.number,
    ).defer("people", "structure", "result")
    return next(
        (one for one in earlier.order_by("-number")[:MOST_LOOKED_AT] if one.scope == run.scope),
        None,
    )


def _sentences(
    run: IndexRun, result: dict[str, Any], improvements: Sequence[dict[str, Any]]
) -> list[str]:
    found = [_whole(result)]
    if result["raw"] is not None:
        found.append(
            _("On the scale as it was asked that is %(raw).2f of %(most)s.")
            % {"raw": result["raw"], "most": result["scale"][1]}
        )
    dimensions = sorted(result["dimensions"], key=lambda one: one["index"])
    if len(dimensions) > 1:
        found.append(
            _("Best is “%(best)s” with %(high).1f, weakest “%(worst)s” with %(low).1f.")
            % {
                "best": dimensions[-1]["title"],
                "high": dimensions[-1]["index"],
                "worst": dimensions[0]["title"],
                "low": dimensions[0]["index"],
            }
        )
    first = improvements[0]
    if first["gain"] > 0 and result.get("pls"):
        found.append(
            _(
                "Most is to be gained at “%(item)s”, which stands at %(index).1f: up to %(gain).1f points of "
                "the index lie there."
            )
            % {"item": first["title"], "index": first["index"], "gain": first["gain"]}
        )
    elif first["gain"] > 0:
        found.append(
            _(
                "Most is to be gained at “%(item)s”: it counts %(weight).1f%% and stands at %(index).1f; up to "
                "%(gain).1f points of the index lie there."
            )
            % {
                "item": first["title"],
                "weight": 100 * first["weight"],
                "index": first["index"],
                "gain": first["gain"],
            }
        )
    return found


def _whole(result: dict[str, Any]) -> str:
    told = result.get("pls")
    return (
        _(
            "The index of “%(target)s” is %(index).1f of 100 (95%% between %(low).1f and %(high).1f), "
            "from %(n)s complete answers."
        )
        % {
            "target": told["target"],
            "index": result["index"],
            "low": result["low"],
            "high": result["high"],
            "n": result["n"],
        }
        if told
        else _(
            "The index is %(index).1f of 100 (95%% between %(low).1f and %(high).1f), from %(n)s complete answers."
        )
        % {"index": result["index"], "low": result["low"], "high": result["high"], "n": result["n"]}
    )


def _limits(run: IndexRun, result: dict[str, Any]) -> list[str]:
    found = []
    if result["excluded"]:
        found.append(
            ngettext(
                "%(count)s answer left out an item and is not counted.",
                "%(count)s answers left out an item and are not counted.",
                result["excluded"],
            )
            % {"count": result["excluded"]}
        )
    if run.weighing in (Weighing.PCA, Weighing.ENTROPY):
        found.append(
            _(
                "The weights come from these same answers: they say what moves together or differs most, not "
                "what customers hold to be important."
            )
        )
    if run.basis and run.basis.get("nevertheless"):
        found.append(
            _(
                "The judgements in pairs contradict themselves (ratio above 0.10) and were used nevertheless."
            )
        )
    if result["n"] < 10 * len(result["items"]) and run.weighing == Weighing.PCA:
        found.append(
            _("Fewer than ten answers for each item: the next answers may turn the components.")
        )
    found.append(
        _(
            "The interval holds for people who answered by chance. Whoever answers an open link chose to, and no "
            "interval shows that."
        )
    )
    return found
