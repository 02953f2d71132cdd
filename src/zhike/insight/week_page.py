"""A week in words and addresses: what page, paper, workbook and mail are drawn from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from zhike.accounts.models import Unit
from zhike.accounts.selectors import unit_names
from zhike.care.selectors import visible_follow_ups
from zhike.complaints.choices import NoticeState
from zhike.complaints.models import Notice
from zhike.complaints.selectors.causes import causes_by_id
from zhike.complaints.selectors.notices import CASE_HEAVY, HEAVY, visible_notices
from zhike.core.access import Grants
from zhike.core.search import masked_numbers
from zhike.desk.choices import Channel
from zhike.desk.selectors.types import case_types
from zhike.insight.charts import Panel, panel
from zhike.insight.counting import Tally
from zhike.insight.figures import AGES, BY_KEY, FIGURES, Figure
from zhike.insight.models import WeekMeasure, WeekReport
from zhike.insight.periods import Week
from zhike.insight.selectors.weekly import Content, finalised, week_content
from zhike.insight.sentences import CHANGE, LEAST_CONTACTS, TARGETS
from zhike.insight.services.weeks import measures_of
from zhike.insight.templating import figure_base, figure_value
from zhike.listening.selectors import visible_feedback

LONGEST_WORDS = 120
Counting = Callable[[Unit, Week, str], Content]


@dataclass(frozen=True)
class Line:
    """A figure of this week beside last week's."""

    figure: Figure
    this: Tally
    last: Tally
    url: str
    base_url: str
    target: str = ""
    is_met: bool | None = None

    @property
    def value(self) -> str:
        return figure_value(self.this, self.figure)

    @property
    def base(self) -> str:
        return figure_base(self.this, self.figure) if self.figure.is_rate else ""

    @property
    def value_last(self) -> str:
        return figure_value(self.last, self.figure)

    @property
    def base_last(self) -> str:
        return figure_base(self.last, self.figure) if self.figure.is_rate else ""


@dataclass(frozen=True)
class Part:
    label: Any
    this: int
    last: int
    url: str = ""
    depth: int = 0


@dataclass(frozen=True)
class Department:
    name: str
    sent: int
    in_time: int
    judged: int
    waiting: int
    overdue: int
    url: str


@dataclass(frozen=True)
class Words:
    text: str
    note: str
    url: str


@dataclass
class WeekPage:
    unit: Unit
    week: Week
    content: Content
    report: WeekReport | None
    lines: list[Line] = field(default_factory=list)
    types: list[Part] = field(default_factory=list)
    channels: list[Part] = field(default_factory=list)
    ages: list[Part] = field(default_factory=list)
    causes: list[Part] = field(default_factory=list)
    departments: list[Department] = field(default_factory=list)
    actions: list[Notice] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)
    trend: list[dict[str, Any]] = field(default_factory=list)
    carried: list[WeekMeasure] = field(default_factory=list)
    planned: list[WeekMeasure] = field(default_factory=list)

    @property
    def visits(self) -> Mapping[str, int]:
        found: Mapping[str, int] = self.content["visits"]
        return found

    @property
    def counted_at(self) -> datetime:
        return datetime.fromisoformat(self.content["counted_at"])

    @property
    def is_empty(self) -> bool:
        """Nothing came in and nothing is open: a new house, or a unit without customers."""
        return not any(
            line.this.numerator or line.this.denominator or line.last.numerator
            for line in self.lines
        )


def week_page(
    grants: Grants, unit: Unit, week: Week, *, count: Counting = week_content
) -> WeekPage:
    """As finalised, else as `count` gives it; words only as far as this reader may read them."""
    report = finalised(unit, week)
    content = report.content if report else count(unit, week, grants.stamp)
    page = WeekPage(unit, week, content, report)
    page.lines = [_line(page, figure) for figure in FIGURES]
    _tell_parts(page, grants)
    _tell_causes(page, grants)
    _tell_departments(page, grants)
    page.actions = _actions(grants, content["actions"])
    page.words = _words(grants, content)
    page.trend = [_trend_row(row) for row in content["trend"]]
    page.panels = _panels(page.trend)
    page.sentences = [_sentence(grants, said) for said in content["sentences"]]
    measures = measures_of(unit, week.before, week)
    page.carried = [row for row in measures if row.monday == week.before.monday]
    page.planned = [row for row in measures if row.monday == week.monday]
    return page


def _rows_url(page: WeekPage, key: str, **more: Any) -> str:
    query = {
        "unit": page.unit.pk,
        "from": page.week.monday.isoformat(),
        "to": page.week.sunday.isoformat(),
        **more,
    }
    return f"{reverse('insight:rows', args=[key])}?{urlencode(query)}"


def _tally(cell: dict[str, Any]) -> Tally:
    return Tally(cell["n"], cell["of"], cell["parts"])


def _line(page: WeekPage, figure: Figure) -> Line:
    cells = page.content["figures"].get(figure.key, [{"n": 0, "of": None, "parts": {}}] * 2)
    this, last = (_tally(cell) for cell in cells)
    url, base_url = _rows_url(page, figure.key), ""
    if figure.is_rate:
        base_url = _rows_url(page, figure.key, of=1)
    target = TARGETS.get(figure.key)
    is_met = None
    if target is not None and this.denominator:
        is_met = 100 * this.numerator >= target * this.denominator
    words = f"{target:g}%" if target is not None else ""
    return Line(figure, this, last, url, base_url, words, is_met)


def _tell_parts(page: WeekPage, grants: Grants) -> None:
    labels: dict[str, dict[str, Any]] = {
        "type": {kind.code: kind.label for kind in case_types(grants.stamp)},
        "channel": dict(Channel.choices),
    }
    for name, into in (("type", page.types), ("channel", page.channels)):
        this, last = (side["parts"].get(name, {}) for side in page.content["figures"]["received"])
        codes = sorted(this.keys() | last.keys(), key=lambda code: (-this.get(code, 0), code))
        into.extend(
            Part(
                labels[name].get(code, code),
                this.get(code, 0),
                last.get(code, 0),
                _rows_url(page, "received", by=f"{name}:{code}"),
            )
            for code in codes
        )
    this, last = (side["parts"].get("age", {}) for side in page.content["figures"]["open"])
    page.ages = [
        Part(words, this.get(code, 0), last.get(code, 0), _rows_url(page, "open", by=f"age:{code}"))
        for code, _low, _high, words in AGES
    ]


def _period(page: WeekPage) -> str:
    return f"{page.week.monday.isoformat()}..{page.week.sunday.isoformat()}"


def _tell_causes(page: WeekPage, grants: Grants) -> None:
    known = causes_by_id(grants)
    here = reverse("complaints:list")
    for row in page.content["causes"]:
        cause = known.get(row["cause"])
        label = cause.label if cause else pgettext("cause", "Not known yet")
        query = {"tab": "all", "opened": _period(page)}
        url = f"{here}?{urlencode({**query, 'cause': cause.pk})}" if cause else ""
        page.causes.append(Part(label, row["this"], row["last"], url, row["depth"]))


def _tell_departments(page: WeekPage, grants: Grants) -> None:
    names = unit_names(grants)
    for row in page.content["departments"]:
        query = {"tab": "all", "unit": row["unit"], "sent": _period(page)}
        page.departments.append(
            Department(
                name=names.get(row["unit"], ""),
                url=f"{reverse('notices:list')}?{urlencode(query)}",
                **{key: row[key] for key in ("sent", "in_time", "judged", "waiting", "overdue")},
            )
        )


def _actions(grants: Grants, ids: list[int]) -> list[Notice]:
    """Measures departments promised in their answers of the week, the earliest due first."""
    if not ids:
        return []
    rows = visible_notices(grants).filter(pk__in=ids).select_related("unit")
    found = {row.pk: row for row in rows.defer(*HEAVY)}
    return [found[pk] for pk in ids if pk in found]


def _words(grants: Grants, content: Content) -> list[Words]:
    """What customers said, masked: this may be printed and mailed."""
    found = []
    if ids := content["visit_words"]:
        rows = visible_follow_ups(grants).filter(pk__in=ids).select_related("case")
        visits = {row.pk: row for row in rows.defer("due_explanation", *CASE_HEAVY)}
        for visit in (visits[pk] for pk in ids if pk in visits):
            kind = pgettext("words", "follow-up")
            note = f"{visit.get_result_display()} · {kind} · {visit.case.number}"
            url = reverse("care:visit", args=[visit.pk])
            found.append(Words(_shown(visit.words), note, url))
    if ids := content["feedback"]:
        heard = visible_feedback(grants).filter(pk__in=ids).defer("folded", "bigrams")
        by_id = {row.pk: row for row in heard}
        for row in (by_id[pk] for pk in ids if pk in by_id):
            note = row.source or pgettext("feedback", "Written down")
            found.append(Words(_shown(row.text), note, reverse("listening:detail", args=[row.pk])))
    return found


def _shown(text: str) -> str:
    flat = " ".join(masked_numbers(text).split())
    return flat if len(flat) <= LONGEST_WORDS else flat[: LONGEST_WORDS - 1] + "…"


def _trend_row(row: dict[str, Any]) -> dict[str, Any]:
    rate = 1000 * row["complaints"] / row["contacts"] if row["contacts"] else None
    return {
        "week": Week.parse(row["week"]),
        "contacts": row["contacts"] if row["known"] else None,
        "complaints": row["complaints"] if row["known"] else None,
        "rate": round(rate, 1) if rate is not None and row["known"] else None,
        "whole": row["whole"],
    }


def _panels(trend: list[dict[str, Any]]) -> list[Panel]:
    labels = [str(row["week"].number) for row in trend]
    return [
        panel(str(title), kind, labels, [row[kind] for row in trend])
        for kind, title in (
            ("contacts", _("All contacts")),
            ("complaints", pgettext("report", "Complaints")),
            ("rate", _("Complaints per 1,000 contacts")),
        )
    ]


def _sentence(grants: Grants, said: dict[str, Any]) -> str:
    match said["rule"]:
        case "complaint_rate":
            return _(
                "Complaints stand out: %(n)s this week, %(rate)s per 1,000 contacts; the mean of the "
                "%(weeks)s whole weeks before is %(mean)s."
            ) % {**said}
        case "too_few":
            return ngettext(
                "Only %(n)s contact this week: not compared with earlier weeks yet.",
                "Only %(n)s contacts this week: not compared with earlier weeks yet.",
                said["n"],
            ) % {**said}
        case "falling":
            return _(
                "Complaints fell from %(complaints_before)s to %(complaints)s, but contacts fell too, from "
                "%(contacts_before)s to %(contacts)s: this alone is no good news."
            ) % {**said}
        case "below_target":
            label = BY_KEY[said["key"]].label
            return _(
                "%(label)s: %(share)s%% (%(n)s of %(of)s), below the target of %(target)s%%."
            ) % {**said, "label": label, "target": f"{said['target']:g}"}
        case "old_cases":
            pattern = ngettext(
                "%(n)s case has been open for more than 7 days; a week ago there were %(before)s.",
                "%(n)s cases have been open for more than 7 days; a week ago there were %(before)s.",
                said["n"],
            )
            return pattern % {**said}
        case "main_cause":
            cause = causes_by_id(grants).get(said["cause"])
            return _(
                "Most complaints are about “%(cause)s”: %(n)s of %(of)s, last week %(before)s."
            ) % {**said, "cause": cause.label if cause else "—"}
    return _("%(received)s received (last week %(before)s), %(closed)s closed, %(open)s open.") % {
        **said
    }


def thresholds() -> str:
    """How the three sentences are chosen, for the foot of the page."""
    comma = pgettext("list", ", ")
    targets = comma.join(f"{BY_KEY[key].label} {target:g}%" for key, target in TARGETS.items())
    return _(
        "The first three of these that apply are said: complaints per 1,000 contacts at least %(change)s%% "
        "above the mean of the earlier weeks (at least 4 whole weeks, at least 5 complaints); complaints and "
        "contacts both at least %(change)s%% down; below a target with at least 5 cases (%(targets)s); cases "
        "open for more than 7 days; a cause of at least 3 complaints and 30%% of all; else the totals. The "
        "first two compare nothing while a week has fewer than %(least)s contacts."
    ) % {"change": CHANGE, "targets": targets, "least": LEAST_CONTACTS}


def notice_word(notice: Notice) -> str:
    return str(NoticeState(notice.state).label)
