"""What a report may answer instead."""

from datetime import date

from django.utils.translation import gettext as _

from zhike.core.errors import Conflict, NotFound, RuleError


def day_not_over(day: date) -> RuleError:
    return RuleError(
        "day_not_over",
        _("%(day)s is not over yet. A day is settled when it has ended.") % {"day": day},
        field="day",
    )


def already_settled(day: date) -> Conflict:
    return Conflict(
        "day_already_settled",
        _(
            "%(day)s is settled already. A settled day is never changed; later changes are shown beside it."
        )
        % {"day": day},
        field="day",
    )


def too_long_ago(day: date, first: date) -> RuleError:
    return RuleError(
        "day_too_long_ago",
        _("%(day)s lies before the first day that can be settled, %(first)s.")
        % {"day": day, "first": first},
        field="day",
    )


def not_settled(day: date) -> NotFound:
    return NotFound(
        _("%(day)s is not settled, or not for this unit.") % {"day": day}, code="day_not_settled"
    )


def no_such_unit() -> NotFound:
    return NotFound(_("There is no such unit, or it is not yours to see."), code="unit_not_found")


def no_such_week() -> NotFound:
    return NotFound(_("There is no such week. A week is written as 2026-W47."), code="no_such_week")


def week_not_begun() -> NotFound:
    return NotFound(_("That week has not begun yet."), code="week_not_begun")


def week_not_over() -> RuleError:
    return RuleError(
        "week_not_over", _("This week is not over yet. It can be finalised from Monday on.")
    )


def week_not_settled(days: int) -> Conflict:
    return Conflict(
        "week_not_settled",
        _("%(days)s days of this week are not settled yet. That is done shortly after midnight.")
        % {"days": days},
    )


def already_finalised() -> Conflict:
    return Conflict(
        "week_already_finalised",
        _(
            "This week is final already. Its figures never change; later changes are shown beside them."
        ),
    )
