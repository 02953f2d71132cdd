"""Notices as a list and as a file: owed by me, by my department, sent by me, overdue, to be checked."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.accounts.selectors import unit_names
from zhike.complaints.choices import NoticeState
from zhike.complaints.models import Cause, Notice
from zhike.complaints.permissions import MANAGE_NOTICES
from zhike.complaints.selectors.causes import cause_tree
from zhike.complaints.selectors.notices import (
    MOST_COUNTED,
    answer_condition,
    department_units,
    is_overdue,
    is_to_check,
    listed_notices,
)
from zhike.core import clock
from zhike.core.access import Grants
from zhike.core.exporter import ExportColumn, ExportKind
from zhike.core.listing import Choice, Column, DateRange, Flag, Keyword, Listing, Rows, Sort, Tab
from zhike.core.search import masked_numbers, matching
from zhike.customers.permissions import TEXT, may_reveal

# What stands at the end of a year: newest first. What is still owed lies in the order it is due.
ARCHIVE_TABS = ("sent", "answered", "all")

ANSWERS = (
    ("answered", _("Answered")),
    ("in_time", _("Answered in time")),
    ("late", _("Answered late")),
    ("overdue", _("Overdue now")),
    ("judged", _("Answered, or overdue")),
)


def _by_answer(rows: Rows, chosen: list[str]) -> Rows:
    return rows.filter(answer_condition(chosen[0]))


def search(rows: Rows, text: str) -> Rows:
    """A number typed whole, of the notice or of its case; any other words by the search column."""
    number = text.strip().upper()
    if number[:2].isalpha() and number[2:].isdigit() and len(number) > 10:
        return rows.filter(Q(number=number) | Q(case__number=number, sees_case=True))
    return matching(rows, text)


def unit_options(grants: Grants) -> list[tuple[str, str]]:
    return [(str(pk), name) for pk, name in unit_names(grants).items()]


def cause_options(grants: Grants) -> list[tuple[str, Any]]:
    """The whole tree: what is no longer offered may still be searched for."""
    return [
        (str(node.cause.pk), "\u3000" * node.depth + str(node.cause.label))
        for node in cause_tree(grants.stamp)
    ]


def _by_cause(rows: Rows, chosen: list[str]) -> Rows:
    """A cause counts with everything below it."""
    path = Cause.objects.filter(pk=chosen[0]).values_list("path", flat=True).first()
    return rows.filter(cause__path__startswith=path or "-")


COLUMNS = (
    Column("number", _("Notice"), always=True),
    Column("case", pgettext_lazy("queue", "Case")),
    Column("unit", pgettext_lazy("notice", "Department")),
    Column("person", pgettext_lazy("notice", "Person")),
    Column("state", _("State")),
    Column("due", _("Answer due"), sort="due"),
    Column("cause", _("Cause")),
    Column("action", _("Corrective action"), shown=False),
    Column("action_due", _("To be done by"), shown=False),
    Column("check", _("To be checked on"), shown=False),
    Column("by", _("Sent by"), shown=False),
    Column("sent", pgettext_lazy("notice", "Sent"), sort="sent", number=True),
)
FILTERS = (
    Keyword("q", _("Number, words"), search),
    DateRange("sent", pgettext_lazy("notice", "Sent"), field="sent_at"),
    Choice("unit", pgettext_lazy("notice", "Department"), unit_options, field="unit_id"),
    Choice("state", _("State"), NoticeState.choices, field="state", multiple=True),
    Choice("answer", _("Answer"), ANSWERS, narrow=_by_answer),
    Choice("cause", _("Cause"), cause_options, narrow=_by_cause, more=True),
    Flag(
        "returned",
        _("Answer given back"),
        lambda rows: rows.filter(returned_at__isnull=False),
        more=True,
    ),
    Flag(
        "escalated",
        _("Superior was told"),
        lambda rows: rows.filter(escalated_at__isnull=False),
        more=True,
    ),
)
SORTS = (Sort("due", "due_at"), Sort("sent", "sent_at"))


def notice_listing(grants: Grants, tab: str = "") -> Listing:
    """The list as this reader has it: “owed by me” is a condition of their own."""
    owed = Q(state=NoticeState.SENT)
    units = department_units(grants)
    return Listing(
        "notices",
        columns=COLUMNS,
        tabs=(
            Tab("mine", _("For me"), lambda rows: rows.filter(owed, person_id=grants.user_id)),
            Tab("department", _("For my department"), lambda r: r.filter(owed, unit_id__in=units)),
            Tab("sent", _("Sent by me"), lambda rows: rows.filter(sent_by_id=grants.user_id)),
            Tab("overdue", _("Overdue"), lambda rows: rows.filter(is_overdue(clock.now()))),
            Tab(
                "answered",
                pgettext_lazy("notice", "Answered"),
                lambda rows: rows.filter(state=NoticeState.ANSWERED),
            ),
            Tab("check", _("To be checked"), lambda rows: rows.filter(is_to_check())),
            Tab("all", _("All")),
        ),
        filters=FILTERS,
        sorts=SORTS,
        default_sort="-sent" if tab in ARCHIVE_TABS else "due",
        count_cap=MOST_COUNTED,
    )


class NoticeExport(ExportKind):
    key = "notices"
    label = _("Notices")
    permission = MANAGE_NOTICES
    reveal_permission = "customers.reveal"
    columns: ClassVar[tuple[ExportColumn, ...]] = (
        ExportColumn("number", _("Notice"), width=18),
        ExportColumn("case", pgettext_lazy("queue", "Case"), width=18),
        ExportColumn("title", _("Subject"), width=36),
        ExportColumn("unit", pgettext_lazy("notice", "Department"), width=16),
        ExportColumn("person", pgettext_lazy("notice", "Person"), width=12),
        ExportColumn("text", _("What happened, what is asked"), width=50),
        ExportColumn("state", _("State"), width=12),
        ExportColumn("by", _("Sent by"), width=12),
        ExportColumn("sent", pgettext_lazy("notice", "Sent"), kind="moment", width=17),
        ExportColumn("due", _("Answer due"), kind="moment", width=17),
        ExportColumn("reminders", _("Reminders"), kind="number", width=8),
        ExportColumn("answered", pgettext_lazy("notice", "Answered"), kind="moment", width=17),
        ExportColumn("hours", _("Working hours to the answer"), kind="number", width=12),
        ExportColumn("cause", _("Cause"), width=20),
        ExportColumn("cause_text", _("Cause in their words"), width=36),
        ExportColumn("action", _("Corrective action"), width=50),
        ExportColumn("responsible", _("Responsible"), width=12),
        ExportColumn("action_due", _("To be done by"), kind="date", width=12),
        ExportColumn("check_due", _("To be checked on"), kind="date", width=12),
        ExportColumn("checked", _("Checked"), kind="moment", width=17),
        ExportColumn("check_note", _("What was seen"), width=36),
    )

    def rows(self, grants: Grants) -> "QuerySet[Notice]":
        return listed_notices(grants)

    def records(
        self, batch: Sequence[Any], grants: Grants, reveal: bool
    ) -> Sequence[Mapping[str, Any]]:
        return [self._record(row, reveal and may_reveal(grants, TEXT)) for row in batch]

    @staticmethod
    def _record(row: Any, reveal: bool) -> Mapping[str, Any]:
        def shown(text: str) -> str:
            return text if reveal else masked_numbers(text)

        minutes = row.answer_minutes
        return {
            "number": row.number,
            "case": row.case.number if row.sees_case else "",
            "title": shown(row.case.title) if row.sees_case else "",
            "unit": row.unit.name,
            "person": row.person_name,
            "text": shown(row.text),
            "state": row.get_state_display(),
            "by": row.sent_by_name,
            "sent": row.sent_at,
            "due": row.due_at,
            "reminders": row.reminders,
            "answered": row.answered_at,
            "hours": None if minutes is None else round(minutes / 60, 1),
            "cause": str(row.cause.label) if row.cause else "",
            "cause_text": shown(row.cause_text),
            "action": shown(row.action),
            "responsible": row.responsible,
            "action_due": row.action_due,
            "check_due": row.check_due,
            "checked": row.checked_at,
            "check_note": shown(row.check_note),
        }
