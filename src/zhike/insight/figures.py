"""The figures of a day, each with its definition and the rows it counts.

A figure is two sets of rows: those it counts, and for a rate those of which it counts. What is read here is what
a settlement keeps, what a page shows and what a click on a number lists, so that they cannot differ.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.care.choices import State as VisitState
from zhike.care.rules import ANSWERED, Result
from zhike.care.selectors import visible_follow_ups
from zhike.complaints.choices import NoticeState, RemedyState
from zhike.complaints.selectors.notices import answer_condition, visible_notices
from zhike.complaints.selectors.remedies import visible_remedies
from zhike.core import clock
from zhike.core.access import Grants
from zhike.desk.case_types import COMPLAINT
from zhike.desk.choices import EventKind
from zhike.desk.models import CaseEvent
from zhike.desk.rules import CaseState
from zhike.desk.selectors.scope import visible_cases
from zhike.insight.periods import Period

# Raised when a figure changes its meaning: a settlement says by which version it was counted.
VERSION = 1
# Notices are asked for by when they were sent, which has an index; older ones are not looked for.
LONGEST_ANSWER = timedelta(days=45)

Rows = Callable[[Grants, Period], "QuerySet[Any]"]


@dataclass(frozen=True)
class RowKind:
    """What the rows of a figure are, and through which columns a unit reaches them."""

    key: str
    label: Any
    units: tuple[str, ...]


CASE = RowKind("case", _("Cases"), ("unit_id",))
VISIT = RowKind("visit", _("Follow-up visits"), ("unit_id",))
# A notice is the business of who sent it and of the department that owes the answer.
NOTICE = RowKind("notice", _("Notices"), ("unit_id", "case_unit_id"))
REMEDY = RowKind("remedy", _("Remedies"), ("case_unit_id",))


@dataclass(frozen=True)
class Figure:
    """`parts`: columns that tell the counted rows apart; `amount`: the column that is summed instead.

    `hit`: of a rate, the condition under which a row of the denominator counts. `part_of`: the figure, part and
    code of which this figure is the number, so that it need not be counted beside it.
    """

    key: str
    label: Any
    definition: Any
    kind: RowKind
    numerator: Rows
    denominator: Rows | None = None
    parts: tuple[tuple[str, str], ...] = ()
    amount: str = ""
    hit: Any = None
    part_of: tuple[str, str, str] | None = None
    # What a week shows is the sum of its days; else it is read over the whole week, because it ripens later.
    adds_up: bool = True
    # A state at the end of the period, not what happened in it.
    is_stock: bool = False

    @property
    def is_rate(self) -> bool:
        return self.denominator is not None


def _opened(grants: Grants, period: Period) -> "QuerySet[Any]":
    return visible_cases(grants).filter(opened_at__gte=period.start, opened_at__lt=period.end)


def _closed(grants: Grants, period: Period) -> "QuerySet[Any]":
    return visible_cases(grants).filter(
        closed_at__gte=period.start, closed_at__lt=period.end, state=CaseState.CLOSED.value
    )


ENDS = (EventKind.CLOSED, EventKind.MERGE)


def _open_at_end(grants: Grants, period: Period) -> "QuerySet[Any]":
    """Open at that moment, also when reopened since: then its record says that it was closed in between."""
    if period.end > clock.now():
        # Not over: what is open now. No bound on opening, so that the small index of open cases is taken.
        return visible_cases(grants).filter(closed_at__isnull=True)
    rows = visible_cases(grants).filter(opened_at__lt=period.end)
    rows = rows.filter(Q(closed_at__isnull=True) | Q(closed_at__gte=period.end))
    turns = CaseEvent.objects.filter(
        case_id=OuterRef("pk"), at__lt=period.end, kind__in=(*ENDS, EventKind.REOPENED)
    )
    last_turn = Subquery(turns.order_by("-seq").values("kind")[:1])
    return rows.annotate(last_turn=last_turn).exclude(
        Q(reopened_count__gt=0) & Q(last_turn__in=ENDS) & Q(last_turn__isnull=False)
    )


def _complaints(rows: Rows) -> Rows:
    return lambda grants, period: rows(grants, period).filter(type_id=COMPLAINT)


def _archived(grants: Grants, period: Period) -> "QuerySet[Any]":
    return visible_cases(grants).filter(
        complaint__archived_at__gte=period.start,
        complaint__archived_at__lt=period.end,
        complaint__unconfirmed="",
    )


def _first_replies_due(grants: Grants, period: Period) -> "QuerySet[Any]":
    return visible_cases(grants).filter(
        first_reply_due_at__gte=period.start, first_reply_due_at__lt=period.end
    )


REPLIED_IN_TIME = Q(first_reply_at__lte=F("first_reply_due_at"))


def _first_replies_in_time(grants: Grants, period: Period) -> "QuerySet[Any]":
    return _first_replies_due(grants, period).filter(REPLIED_IN_TIME)


def _visits_due(grants: Grants, period: Period) -> "QuerySet[Any]":
    rows = visible_follow_ups(grants).exclude(state=VisitState.CALLED_OFF)
    return rows.filter(due_at__gte=period.start, due_at__lt=period.end)


def _visits_reached(grants: Grants, period: Period) -> "QuerySet[Any]":
    return _visits_due(grants, period).filter(result__in=ANSWERED)


def _visits_content(grants: Grants, period: Period) -> "QuerySet[Any]":
    return _visits_due(grants, period).filter(result=Result.CONTENT)


def _notices_sent(grants: Grants, period: Period) -> "QuerySet[Any]":
    rows = visible_notices(grants).exclude(state=NoticeState.WITHDRAWN)
    return rows.filter(sent_at__gte=period.start, sent_at__lt=period.end)


def _answers_due(grants: Grants, period: Period) -> "QuerySet[Any]":
    rows = visible_notices(grants).exclude(state=NoticeState.WITHDRAWN)
    return rows.filter(
        due_at__gte=period.start,
        due_at__lt=period.end,
        sent_at__gte=period.start - LONGEST_ANSWER,
        sent_at__lt=period.end,
    )


def _answered_in_time(grants: Grants, period: Period) -> "QuerySet[Any]":
    return _answers_due(grants, period).filter(answer_condition("in_time"))


def _remedies(grants: Grants, period: Period) -> "QuerySet[Any]":
    return visible_remedies(grants).filter(
        state=RemedyState.CARRIED_OUT,
        carried_out_at__gte=period.start,
        carried_out_at__lt=period.end,
    )


AGE = "age"
FIGURES = (
    Figure(
        "received",
        pgettext_lazy("report", "Received"),
        _("Cases opened in the period, on every channel. Undone imports do not count."),
        CASE,
        _opened,
        parts=(("type", "type_id"), ("channel", "channel")),
    ),
    Figure(
        "closed",
        pgettext_lazy("report", "Closed"),
        _("Cases closed in the period and still closed. Duplicates that were merged do not count."),
        CASE,
        _closed,
        parts=(("type", "type_id"),),
    ),
    Figure(
        "open",
        pgettext_lazy("report", "Open at the end"),
        _(
            "Cases not closed at the end of the period, whenever they were opened; the age counts from opening."
        ),
        CASE,
        _open_at_end,
        parts=((AGE, "opened_at"),),
        is_stock=True,
        adds_up=False,
    ),
    Figure(
        "complaints_received",
        _("Complaints received"),
        _("Cases of the type complaint opened in the period."),
        CASE,
        _complaints(_opened),
        part_of=("received", "type", COMPLAINT),
    ),
    Figure(
        "complaints_closed",
        _("Complaints closed"),
        _("Cases of the type complaint closed in the period and still closed."),
        CASE,
        _complaints(_closed),
        part_of=("closed", "type", COMPLAINT),
    ),
    Figure(
        "complaints_archived",
        _("Complaints archived"),
        _(
            "Complaints archived in the period: the customer said in the follow-up visit that they are content. "
            "Those a supervisor archived without the customer's word are not among them."
        ),
        CASE,
        _archived,
    ),
    Figure(
        "first_reply",
        _("First replies in time"),
        _(
            "Of the cases whose first reply fell due in the period: those answered by then. Cases begun on the "
            "phone or face to face owe none."
        ),
        CASE,
        _first_replies_in_time,
        _first_replies_due,
        hit=REPLIED_IN_TIME,
    ),
    Figure(
        "visits_reached",
        _("Follow-up rate"),
        _(
            "Of the follow-up visits that fell due in the period: those in which the customer answered. "
            "Visits called off are owed no more."
        ),
        VISIT,
        _visits_reached,
        _visits_due,
        adds_up=False,
    ),
    Figure(
        "visits_content",
        _("Content when followed up"),
        _("Of the customers reached: those who are content."),
        VISIT,
        _visits_content,
        _visits_reached,
        adds_up=False,
    ),
    Figure(
        "notices_sent",
        _("Notices sent"),
        _("Notices sent to departments in the period, without those withdrawn."),
        NOTICE,
        _notices_sent,
        adds_up=False,
    ),
    Figure(
        "notices_in_time",
        _("Notices answered in time"),
        _("Of the notices whose answer fell due in the period: those answered by then."),
        NOTICE,
        _answered_in_time,
        _answers_due,
        adds_up=False,
    ),
    Figure(
        "remedy_cost",
        _("Cost of remedies"),
        _("What the remedies carried out in the period did cost, as entered in the ledger."),
        REMEDY,
        _remedies,
        amount="cost_cents",
    ),
)
BY_KEY = {figure.key: figure for figure in FIGURES}

# Open cases by age in days: from, to (not counted), words.
AGES: tuple[tuple[str, int, int | None, Any], ...] = (
    ("0", 0, 1, _("up to 1 day")),
    ("1", 1, 3, _("1–3 days")),
    ("3", 3, 7, _("3–7 days")),
    ("7", 7, None, _("more than 7 days")),
)


def age_of(days: float) -> str:
    """The code of the group an open case of that age stands in."""
    return next(code for code, _low, high, _words in AGES if high is None or days < high)
