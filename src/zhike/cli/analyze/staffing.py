"""`zhike analyze staffing`: how many agents a telephone line needs, and what a few more or fewer achieve."""

from dataclasses import asdict, dataclass
from typing import Any

from zhike.cli.analyze.durations import seconds, share
from zhike.cli.analyze.figures import joined, listed
from zhike.cli.analyze.findings import Cell, Column, Finding, Table
from zhike.cli.texts import gettext as _
from zhike.core.drawing.figures import shown
from zhike.core.drawing.kinds import Lines, Series
from zhike.methods.errors import MethodError
from zhike.methods.staffing import Staffing, evaluate_staffing, staff

# So many agents beside the answer are shown.
_FEWER, _MORE = 4, 6


@dataclass(frozen=True)
class Line:
    """A telephone line and what is asked of it."""

    calls: float
    interval_seconds: float
    aht_seconds: float
    within_seconds: float
    patience_seconds: float | None
    shrinkage: float

    @classmethod
    def read(
        cls, calls: float, interval: str, aht: str, within: str, patience: str, shrinkage: str
    ) -> "Line":
        return cls(
            calls,
            seconds("--interval", interval),
            seconds("--aht", aht),
            seconds("--within", within),
            seconds("--patience", patience) if patience else None,
            share("--shrinkage", shrinkage),
        )

    def of(self, agents: int) -> Staffing:
        return evaluate_staffing(agents, **asdict(self))


def analyse_staffing(line: Line, target: str, most_occupied: str, agents: int | None) -> Finding:
    wanted = share("--target", target)
    if agents is None:
        found = staff(
            **asdict(line), target=wanted, most_occupied=share("--most-occupied", most_occupied)
        )
    else:
        found = line.of(agents)
    beside = _beside(line, found.agents)
    return Finding(
        title=_("Staffing of a telephone line"),
        data=_data(found, beside, wanted, asked=agents is None),
        said=_said(line, found, wanted, asked=agents is None),
        sample=[
            _("{calls} calls in {minutes} minutes, {aht} seconds each: {load} erlangs.").format(
                calls=shown(line.calls, "count"),
                minutes=f"{line.interval_seconds / 60:g}",
                aht=f"{line.aht_seconds:g}",
                load=shown(found.load, "f2"),
            )
        ],
        method=_method(line, found),
        limits=[
            _(
                "Calls are taken to come at random and evenly within the interval, agents to be "
                "alike; a peak within it, or calls that come again, need more."
            )
        ],
        tables=[_table(line, beside, found)],
        charts=[_chart(beside, found, wanted)],
    )


def _beside(line: Line, agents: int) -> list[Staffing]:
    """What fewer and more agents achieve; without patience too few have no answer, for the queue never ends."""
    found = []
    for n in range(max(1, agents - _FEWER), agents + _MORE + 1):
        try:
            found.append(line.of(n))
        except MethodError:
            if n >= agents:
                raise
    return found


def _data(found: Staffing, beside: list[Staffing], target: float, *, asked: bool) -> dict[str, Any]:
    return {
        **asdict(found),
        "target": target if asked else None,
        "target_met": found.service_level >= target,
        "beside": [
            {
                name: getattr(one, name)
                for name in (
                    "agents", "wait_probability", "service_level", "occupancy",
                    "average_wait_seconds", "abandonment", "agents_with_shrinkage",
                )
            }
            for one in beside
        ],
    }  # fmt: skip


def _said(line: Line, found: Staffing, target: float, *, asked: bool) -> list[str]:
    values = {
        "agents": found.agents,
        "level": shown(found.service_level, "percent"),
        "within": f"{line.within_seconds:g}",
        "target": shown(target, "percent"),
        "paid": found.agents_with_shrinkage,
        "away": shown(line.shrinkage, "percent"),
    }
    if asked:
        said = [
            _(
                "{agents} agents are needed: they answer {level} of calls within {within} seconds "
                "(target {target})."
            ).format(**values)
        ]
    else:
        said = [
            _("{agents} agents answer {level} of calls within {within} seconds.").format(**values)
        ]
    if line.shrinkage:
        said.append(
            _("With {away} of paid time away from the telephone, {paid} are to be on duty.").format(
                **values
            )
        )
    if found.occupancy > 0.9:
        said.append(
            _("They talk {busy} of their time; that wears people out in the long run.").format(
                busy=shown(found.occupancy, "percent")
            )
        )
    return said


def _method(line: Line, found: Staffing) -> list[tuple[str, str]]:
    patience = (
        _("callers wait without end")
        if line.patience_seconds is None
        else _("callers give up after {patience} seconds on average").format(
            patience=f"{line.patience_seconds:g}"
        )
    )
    return [(_("Method"), joined(found.method, patience))]


def _table(line: Line, beside: list[Staffing], found: Staffing) -> Table:
    columns = [
        Column(_("Agents"), "count"),
        Column(_("Service level"), "percent"),
        Column(_("Have to wait"), "percent"),
        Column(_("Average wait (s)"), "f1"),
        Column(_("Occupancy"), "percent"),
    ]
    if line.patience_seconds is not None:
        columns.append(Column(_("Give up"), "percent"))
    if line.shrinkage:
        columns.append(Column(_("On duty"), "count"))
    columns.append(Column(_("Chosen")))
    rows = []
    for one in beside:
        row: list[Cell] = [
            one.agents, one.service_level, one.wait_probability, one.average_wait_seconds,
            one.occupancy,
        ]  # fmt: skip
        if line.patience_seconds is not None:
            row.append(one.abandonment)
        if line.shrinkage:
            row.append(one.agents_with_shrinkage)
        row.append("←" if one.agents == found.agents else "")
        rows.append(row)
    return Table(_("What agents achieve"), columns, rows)


def _chart(beside: list[Staffing], found: Staffing, target: float) -> Lines:
    text = listed([f"{one.agents}: {shown(one.service_level, 'percent')}" for one in beside])
    return Lines(
        _("Service level by number of agents"),
        text,
        [str(one.agents) for one in beside],
        [
            Series(_("Service level"), [one.service_level for one in beside]),
            Series(_("Target"), [target] * len(beside), "limit"),
        ],
        "percent",
        _("Agents"),
        {at: str(one.agents) for at, one in enumerate(beside) if one.agents == found.agents},
    )
