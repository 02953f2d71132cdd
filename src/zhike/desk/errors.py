"""Refusals of the desk, each with its sentence. Nothing is written when one is raised."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from zhike.core import clock
from zhike.core.errors import Conflict, NotFound, RuleError, TooOften
from zhike.desk.choices import State
from zhike.desk.models import Case
from zhike.desk.rules import CaseState


class TrackingExpired(RuleError):
    """The link was ours once; it no longer opens anything."""

    status = 410


def case_not_found() -> NotFound:
    return NotFound(_("There is no such case, or it is not yours to see."))


def tracking_not_found() -> NotFound:
    return NotFound(
        _("Number and query code do not fit together. Please check both."), "tracking_not_found"
    )


def tracking_expired() -> TrackingExpired:
    return TrackingExpired(
        "tracking_expired",
        _("This link has expired. Please use the case number and the query code, or call us."),
    )


def too_many_tries(until: datetime) -> TooOften:
    return TooOften(
        "too_many_tries",
        _("Too many attempts. Please try again after %(at)s, or call us.")
        % {"at": f"{clock.local(until):%H:%M}"},
        until=until,
    )


def not_set_up() -> Conflict:
    return Conflict(
        "not_set_up",
        _("Nobody can receive anything here yet. Please call us instead."),
    )


def move_refused(source: CaseState, target: CaseState) -> RuleError:
    return RuleError(
        "move_refused",
        _("A case that is “%(source)s” cannot become “%(target)s”.")
        % {"source": State(source.value).label, "target": State(target.value).label},
        field="state",
        extra={"from": source.value, "to": target.value},
    )


def taken(case: Case) -> Conflict:
    return Conflict(
        "taken",
        _("%(name)s already has this case.") % {"name": case.owner_name},
        extra={"owner_id": case.owner_id, "owner_name": case.owner_name},
    )


def owner_changed(case: Case) -> Conflict:
    return Conflict(
        "owner_changed",
        _("Meanwhile the case went to %(name)s. Nothing was changed.")
        % {"name": case.owner_name or _("nobody")},
        extra={"owner_id": case.owner_id, "owner_name": case.owner_name},
    )


def erased(case: Case) -> Conflict:
    """Nothing is written to a case any more whose customer was erased."""
    return Conflict(
        "case_erased",
        _("The customer of %(number)s was erased on request; the case can only be looked at.")
        % {"number": case.number},
    )


def merged(case: Case, into_number: str) -> Conflict:
    return Conflict(
        "merged",
        _("Case %(number)s was merged into %(into)s. Please go on there.")
        % {"number": case.number, "into": into_number},
        extra={"number": into_number},
    )


def stale(news: list[dict[str, Any]], seq: int) -> Conflict:
    return Conflict(
        "news",
        _(
            "There is news in this case that you have not read. Your text is kept; please read first."
        ),
        extra={"news": news, "seq": seq},
    )


def not_the_owner(case: Case) -> RuleError:
    return RuleError(
        "not_the_owner",
        _("%(name)s is responsible for this case. Take it over first, or leave an internal note.")
        % {"name": case.owner_name},
        extra={"owner_id": case.owner_id, "owner_name": case.owner_name},
    )


def phrases_flagged(flags: list[dict[str, Any]]) -> RuleError:
    """Words the house does not say. `flags` are dicts of `services.words.Flag`."""
    said = list(dict.fromkeys(str(flag["said"]) for flag in flags))
    return RuleError(
        "phrases_flagged",
        _("Please say this differently, or write why it must stay: %(said)s")
        % {"said": _(", ").join(f"“{one}”" for one in said[:5])},
        field="phrase_reason",
        extra={"phrases": flags},
    )


def labels_noted(field: str, flags: list[dict[str, Any]]) -> RuleError:
    """Labels in a customer's file, where whoever opens it reads them."""
    said = list(dict.fromkeys(str(flag["said"]) for flag in flags))
    return RuleError(
        "phrases_flagged",
        _(
            "Please write what happened, or put the customer's own words in quotation marks: %(said)s"
        )
        % {"said": _(", ").join(f"“{one}”" for one in said[:5])},
        field=field,
        extra={"phrases": flags},
    )


def text_missing(field: str = "text") -> RuleError:
    return RuleError("text_missing", _("Please write something."), field=field)


def reason_missing() -> RuleError:
    return RuleError("reason_missing", _("Please say why, in a few words."), field="reason")


def text_too_long(limit: int, field: str = "text") -> RuleError:
    return RuleError(
        "text_too_long",
        _("This is longer than %(limit)s characters. Please shorten it.") % {"limit": f"{limit:,}"},
        field=field,
    )
