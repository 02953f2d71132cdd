"""A week of a unit as numbers and ids: what its page, its workbook and its paper show, and what finalising keeps.

What happened on a day comes from settled days; only what is not settled yet is counted now. What ripens later
(visits, answers) is counted over the whole week, by indexed ranges. Texts are looked up when shown, so that
what is erased does not live on in a report.
"""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, Q

from zhike.accounts.models import Unit
from zhike.care.choices import State as VisitState
from zhike.care.rules import ANSWERED, Result
from zhike.care.selectors import visible_follow_ups
from zhike.complaints.choices import NoticeState
from zhike.complaints.models import Complaint
from zhike.complaints.selectors.causes import cause_tree
from zhike.complaints.selectors.notice_figures import department_figures
from zhike.complaints.selectors.notices import answer_condition, visible_notices
from zhike.core import clock
from zhike.core.access import Grants
from zhike.desk.case_types import COMPLAINT
from zhike.desk.selectors.scope import case_scope
from zhike.insight.counting import Tally, add_parts, numbers_now
from zhike.insight.figures import BY_KEY, FIGURES, LONGEST_ANSWER, VERSION
from zhike.insight.models import SettledFigure, Settlement, WeekReport
from zhike.insight.periods import Period, Week, one_day
from zhike.insight.selectors.reach import counting_grants
from zhike.insight.selectors.spans import open_days
from zhike.insight.sentences import sentences_of
from zhike.listening.models import Feedback

Content = dict[str, Any]
TREND_WEEKS = 12
TREND = ("received", "complaints_received")
SUMMED = tuple(figure.key for figure in FIGURES if figure.adds_up)
MOST_ACTIONS = 12
MOST_VISIT_WORDS = 5
MOST_FEEDBACK = 3


def finalised(unit: Unit, week: Week) -> WeekReport | None:
    return WeekReport.objects.filter(unit=unit, monday=week.monday).first()


def week_content(unit: Unit, week: Week, stamp: str = "") -> Content:
    """Everything of a week, as it is counted now. Nothing in it needs a person's rights."""
    grants = counting_grants(unit, stamp)
    first = Week(week.monday - timedelta(days=7 * (TREND_WEEKS - 1)))
    settled = _settled_days(unit, Period(first.monday, week.sunday))
    rest = (
        open_days(week.period, settled) if week.monday + timedelta(days=7) > clock.today() else None
    )
    figures = _figures(unit, week, grants, settled, rest)
    trend = _trend(unit, week, settled, figures)
    causes = _causes(grants, week)
    content: Content = {
        "version": VERSION,
        "counted_at": clock.now().isoformat(),
        "unsettled": _unsettled(week, settled, rest),
        "figures": {key: [_plain(this), _plain(last)] for key, (this, last) in figures.items()},
        "visits": _visit_results(grants, week),
        "causes": causes,
        "departments": _departments(grants, week),
        "actions": _actions(grants, week),
        "visit_words": _visit_words(grants, week),
        "feedback": _feedback(grants, week),
        "trend": trend,
    }
    content["sentences"] = sentences_of(content)
    return content


def _plain(tally: Tally) -> dict[str, Any]:
    return {"n": tally.numerator, "of": tally.denominator, "parts": tally.parts}


def _settled_days(unit: Unit, period: Period) -> set[date]:
    rows = Settlement.objects.filter(unit=unit, day__range=(period.first, period.last))
    return set(rows.values_list("day", flat=True))


def _unsettled(week: Week, settled: set[date], rest: Period | None) -> int:
    """Days that are over, not settled, and therefore missing from the sums; the house may have begun later."""
    counted = set(rest.days) if rest else set()
    begin = min(settled, default=week.monday)
    days = [day for day in week.period.days if begin <= day < clock.today()]
    return len([day for day in days if day not in settled and day not in counted])


def _figures(
    unit: Unit, week: Week, grants: Grants, settled: set[date], rest: Period | None
) -> dict[str, tuple[Tally, Tally]]:
    found: dict[str, tuple[Tally, Tally]] = {key: (Tally(), Tally()) for key in SUMMED}
    kept = SettledFigure.objects.filter(
        settlement__unit=unit,
        settlement__day__range=(week.before.monday, week.sunday),
        key__in=SUMMED,
    )
    for key, day, n, of, parts in kept.values_list(
        "key", "settlement__day", "numerator", "denominator", "parts"
    ):
        _add(found[key][0 if day >= week.monday else 1], n, of, parts)
    if rest is not None:
        for key in SUMMED:
            now = numbers_now(BY_KEY[key], grants, rest)
            _add(found[key][0], now.numerator, now.denominator, now.parts)
    found["open"] = (
        _open(unit, week, grants, settled),
        _open(unit, week.before, grants, settled),
    )
    found.update(_ripening(grants, week))
    return {figure.key: found[figure.key] for figure in FIGURES}


def _add(tally: Tally, n: int, of: int | None, parts: dict[str, dict[str, int]]) -> None:
    tally.numerator += n
    if of is not None:
        tally.denominator = (tally.denominator or 0) + of
    add_parts(tally.parts, parts)


def _open(unit: Unit, week: Week, grants: Grants, settled: set[date]) -> Tally:
    """Open cases by age: at the end of the week as settled, in the present week as it is now."""
    if week.sunday in settled:
        kept = SettledFigure.objects.filter(
            settlement__unit=unit, settlement__day=week.sunday, key="open"
        )
        row = kept.values_list("numerator", "parts").first()
        return Tally(numerator=row[0], parts=row[1]) if row else Tally()
    if week.sunday < clock.today():
        return Tally()
    return numbers_now(BY_KEY["open"], grants, one_day(clock.today()))


def _in(field: str, week: Week) -> Q:
    return Q(**{f"{field}__gte": week.period.start, f"{field}__lt": week.period.end})


def _ripening(grants: Grants, week: Week) -> dict[str, tuple[Tally, Tally]]:
    """Visits and notices of this week and the one before, a statement each."""
    last, wanted = week.before, {}
    for side, one in (("this", week), ("last", last)):
        due = _in("due_at", one)
        wanted[f"due_{side}"] = Count("pk", filter=due)
        wanted[f"reached_{side}"] = Count("pk", filter=due & Q(result__in=ANSWERED))
        wanted[f"content_{side}"] = Count("pk", filter=due & Q(result=Result.CONTENT))
    visits = visible_follow_ups(grants).exclude(state=VisitState.CALLED_OFF)
    in_both = Q(due_at__gte=last.period.start, due_at__lt=week.period.end)
    v = visits.filter(in_both).aggregate(**wanted)
    wanted = {}
    for side, one in (("this", week), ("last", last)):
        wanted[f"sent_{side}"] = Count("pk", filter=_in("sent_at", one))
        due = _in("due_at", one) & Q(
            sent_at__gte=one.period.start - LONGEST_ANSWER, sent_at__lt=one.period.end
        )
        wanted[f"due_{side}"] = Count("pk", filter=due)
        wanted[f"in_time_{side}"] = Count("pk", filter=due & answer_condition("in_time"))
    notices = visible_notices(grants).exclude(state=NoticeState.WITHDRAWN)
    since = last.period.start - LONGEST_ANSWER
    n = notices.filter(sent_at__gte=since, sent_at__lt=week.period.end).aggregate(**wanted)
    pairs = {
        "visits_reached": (v, "reached", "due"),
        "visits_content": (v, "content", "reached"),
        "notices_sent": (n, "sent", ""),
        "notices_in_time": (n, "in_time", "due"),
    }
    found = {}
    for key, (row, top, base) in pairs.items():
        this, before = (
            Tally(row[f"{top}_{side}"], row[f"{base}_{side}"] if base else None)
            for side in ("this", "last")
        )
        found[key] = (this, before)
    return found


def _visit_results(grants: Grants, week: Week) -> dict[str, int]:
    rows = visible_follow_ups(grants).exclude(state=VisitState.CALLED_OFF)
    counted = rows.filter(_in("due_at", week)).order_by().values_list("result")
    return {result or "due": n for result, n in counted.annotate(n=Count("pk"))}


def _trend(
    unit: Unit, week: Week, settled: set[date], figures: dict[str, tuple[Tally, Tally]]
) -> list[dict[str, Any]]:
    """Contacts and complaints of twelve weeks, from settled days; this week as the page counts it."""
    sums: dict[tuple[date, str], int] = defaultdict(int)
    weeks = list(week.back(TREND_WEEKS))
    kept = SettledFigure.objects.filter(
        settlement__unit=unit,
        settlement__day__range=(weeks[0].monday, week.before.sunday),
        key__in=TREND,
    )
    for key, day, n in kept.values_list("key", "settlement__day", "numerator"):
        sums[Week.of(day).monday, key] += n
    found = []
    for one in weeks:
        if one == week:
            contacts, complaints = (figures[key][0].numerator for key in TREND)
        else:
            contacts, complaints = (sums[one.monday, key] for key in TREND)
        days = len([day for day in one.period.days if day in settled])
        found.append(
            {
                "week": one.code,
                "contacts": contacts,
                "complaints": complaints,
                # Weeks before the first settlement are unknown, not nought.
                "known": days > 0 or one == week,
                "whole": days == 7,
            }
        )
    return found


def _causes(grants: Grants, week: Week) -> list[dict[str, Any]]:
    """Complaints opened in the week by cause, this week and last; a cause counts with all below it."""
    rows = Complaint.objects.filter(
        case_scope(grants, "case__"),
        case__voided_at__isnull=True,
        case__type__code=COMPLAINT,
        case__opened_at__gte=week.before.period.start,
        case__opened_at__lt=week.period.end,
    )
    counted = rows.order_by().values_list("cause_id", "cause__path")
    this, last = (Q(**_case_opened(one)) for one in (week, week.before))
    nodes = {node.cause.pk: node for node in cause_tree()}
    sums: dict[int | None, list[int]] = {}
    for pk, path, n, before in counted.annotate(
        n=Count("pk", filter=this), before=Count("pk", filter=last)
    ):
        ids = [None] if pk is None else [int(part) for part in path.strip("/").split("/")]
        for one in ids:
            cell = sums.setdefault(one, [0, 0])
            cell[0] += n
            cell[1] += before
    order = [pk for pk in nodes if pk in sums] + ([None] if None in sums else [])
    return [
        {
            "cause": pk,
            "depth": nodes[pk].depth if pk is not None else 0,
            "this": sums[pk][0],
            "last": sums[pk][1],
        }
        for pk in order
    ]


def _case_opened(week: Week) -> dict[str, Any]:
    return {"case__opened_at__gte": week.period.start, "case__opened_at__lt": week.period.end}


def _departments(grants: Grants, week: Week) -> list[dict[str, Any]]:
    rows = department_figures(grants, lambda found: found.filter(_in("sent_at", week)), "")
    return [
        {
            "unit": row.unit_id,
            "sent": row.sent,
            "in_time": row.in_time,
            "judged": row.judged,
            "waiting": row.sent - row.answered,
            "overdue": row.overdue,
        }
        for row in rows
        if row.unit_id is not None
    ]


def _actions(grants: Grants, week: Week) -> list[int]:
    """Ids of the notices whose answers of this week promise a measure."""
    rows = visible_notices(grants).filter(
        _in("answered_at", week),
        sent_at__gte=week.period.start - LONGEST_ANSWER,
        sent_at__lt=week.period.end,
    )
    rows = rows.exclude(action="").order_by(F("action_due").asc(nulls_last=True), "pk")
    return list(rows.values_list("pk", flat=True)[:MOST_ACTIONS])


def _visit_words(grants: Grants, week: Week) -> list[int]:
    """Who is not content first: theirs are the words a department must read."""
    rows = visible_follow_ups(grants).filter(_in("due_at", week)).exclude(words="")
    found: list[int] = []
    for result in (Result.NOT_CONTENT, Result.PARTLY, Result.CONTENT):
        left = MOST_VISIT_WORDS - len(found)
        some = rows.filter(result=result).order_by("-due_at", "-pk")
        found += some.values_list("pk", flat=True)[: min(left, 2)] if left > 0 else []
    return found


def _feedback(grants: Grants, week: Week) -> list[int]:
    rows = Feedback.objects.filter(
        voided_at__isnull=True, said_on__range=(week.monday, week.sunday)
    )
    if grants.unit_ids is not None:
        rows = rows.filter(unit_id__in=grants.unit_ids)
    low_first = rows.order_by(F("rating_ratio").asc(nulls_last=True), "-said_on", "-id")
    return list(low_first.values_list("pk", flat=True)[:MOST_FEEDBACK])
