"""Refusals of follow-up visits, each with its sentence. Nothing is written when one is raised."""

from django.utils.translation import gettext as _

from zhike.care.models import FollowUp
from zhike.care.rules import Tries
from zhike.core import clock
from zhike.core.errors import Conflict, NotFound, RuleError


def visit_not_found() -> NotFound:
    return NotFound(_("There is no such follow-up visit, or it is not yours to see."))


def already_recorded(visit: FollowUp) -> Conflict:
    done_at = f"{clock.local(visit.done_at):%m-%d %H:%M}" if visit.done_at else ""
    return Conflict(
        "already_recorded",
        _("%(name)s recorded this visit at %(time)s: %(result)s. Nothing was changed.")
        % {
            "name": visit.done_by_name,
            "time": done_at,
            "result": visit.get_result_display(),
        },
        extra={"result": visit.result, "done_by": visit.done_by_name},
    )


def called_off(visit: FollowUp) -> Conflict:
    return Conflict(
        "called_off",
        _("This visit is no longer to be made: %(why)s.") % {"why": visit.get_call_off_display()},
        extra={"why": visit.call_off},
    )


def not_closed() -> RuleError:
    return RuleError("not_closed", _("The case must be closed before its follow-up visit."))


def too_early(tries: Tries, attempts: int, days: int) -> RuleError:
    return RuleError(
        "unreachable_too_early",
        _(
            "Tried %(count)s times over %(days)s days so far; a customer counts as not reachable "
            "after %(needed)s times over %(over)s days."
        )
        % {"count": tries.count, "days": tries.days, "needed": attempts, "over": days},
        field="result",
        extra={
            "attempts": tries.count,
            "days": tries.days,
            "needed_attempts": attempts,
            "needed_days": days,
        },
    )
