"""Times a law sets, started and ended by people; they run beside a case's own. See docs/adr/0026."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from zhike.core import clock
from zhike.core.access import Grants
from zhike.core.calendar import Due
from zhike.core.calendar.plan_book import load_plans
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.work import Actor
from zhike.desk.choices import EventKind, LegalKind, LegalResult
from zhike.desk.errors import text_too_long
from zhike.desk.events import LegalClockEnded, LegalClockStarted
from zhike.desk.models import Case, LegalClock
from zhike.desk.phrases import Place
from zhike.desk.services.clocks import (
    LEGALLY_OWED,
    due_moments,
    plan_of,
    running_due,
    set_clock,
)
from zhike.desk.services.handling import Handling, handling
from zhike.desk.services.texts import cleaned, reason_of
from zhike.desk.services.words import NOT_KEPT, Kept, check_words

STARTED, DONE, NOT_APPLICABLE = "desk.legal_started", "desk.legal_done", "desk.legal_off"
LINES_OF = {LegalResult.DONE: DONE, LegalResult.NOT_APPLICABLE: NOT_APPLICABLE}
# What began longer ago is a matter for lawyers; a later day is a slip of the pen.
LONGEST_AGO = LONGEST_AHEAD = timedelta(days=366)
LONGEST_AUTHORITY, LONGEST_REFERENCE = 80, 60


@dataclass(frozen=True)
class LegalStart:
    """`named_on`, authority and reference are those of a notice."""

    kind: str
    since: date
    named_on: date | None = None
    authority: str = ""
    reference: str = ""


@dataclass(frozen=True)
class LegalEnd:
    """`done_on` when it was done, `reason` why it does not apply."""

    result: str
    done_on: date | None = None
    reason: str = ""


def start_legal_clock(
    *, actor: Actor, grants: Grants, case_id: int, start: LegalStart
) -> LegalClock:
    """Whoever may work on the case: who opens the letter need not be the owner."""
    start = _checked(start)
    with handling("legal_start", actor=actor, grants=grants, case_id=case_id) as act:
        case = act.case
        _refuse_ended(case)
        if start.kind in (case.legal or {}):
            raise Conflict(
                "legal_runs",
                _("“%(kind)s” already runs on this case. End that one first.")
                % {"kind": LegalKind(start.kind).label},
                field="kind",
            )
        if start.named_on is None and plan_of(case, start.kind, load_plans()) is None:
            raise RuleError(
                "legal_no_plan",
                _("There is no service time plan for this, so nothing can be counted."),
                field="kind",
            )
        row = LegalClock.objects.create(
            case=case,
            started_at=act.work.now,
            started_by_name=actor.name[:80],
            **start.__dict__,
        )
        named = start.named_on.isoformat() if start.named_on else None
        case.legal = {**(case.legal or {}), row.kind: [row.since.isoformat(), named]}
        set_clock(case)
        due = running_due(case, row.kind)
        act.append(EventKind.FURTHER, data={"line": STARTED, **_facts(row, due)})
        act.work.publish(LegalClockStarted(case.pk, row.pk, row.kind))
    return row


def end_legal_clock(
    *,
    actor: Actor,
    grants: Grants,
    case_id: int,
    clock_id: int,
    end: LegalEnd,
    kept: Kept = NOT_KEPT,
) -> LegalClock:
    """Done on a day, or it does not apply; the owner's word, as closing is. Raises NotFound."""
    end = _checked_end(end)
    words = check_words(end.reason, Place.NOTE, actor=actor, grants=grants, kept=kept)
    with handling("legal_end", actor=actor, grants=grants, case_id=case_id) as act:
        case = act.case
        row = LegalClock.objects.filter(case_id=case.pk, pk=clock_id).first()
        if row is None:
            raise NotFound()
        if row.ended_at is not None:
            raise Conflict("legal_ended", _("This was ended already."))
        _refuse_ended(case)
        act.require_say()
        if end.done_on is not None and end.done_on < row.since:
            raise RuleError(
                "legal_done_early",
                _("It cannot have been done before it began, on %(day)s.")
                % {"day": f"{row.since:%Y-%m-%d}"},
                field="done_on",
            )
        due = running_due(case, row.kind)
        row.ended_at, row.ended_by_name = act.work.now, actor.name[:80]
        row.result, row.done_on, row.reason = end.result, end.done_on, end.reason
        row.due_at, row.source = (due.at, due.source) if due else (None, "")
        row.is_late = _is_late(row)
        row.save()
        case.legal = {kind: days for kind, days in (case.legal or {}).items() if kind != row.kind}
        set_clock(case)
        line = {"line": LINES_OF[LegalResult(row.result)], **_facts(row, due), **words}
        act.append(EventKind.FURTHER, text=row.reason, data=line)
        act.work.publish(LegalClockEnded(case.pk, row.pk, row.kind, row.result, row.is_late))
    return row


def owed_kinds(case: Case) -> list[str]:
    return sorted(LEGALLY_OWED & (case.legal or {}).keys())


def legal_reasons(case: Case) -> list[str]:
    """A promise may be let go of; what the law wants is done, or does not apply for a reason."""
    return [_sentence(case, kind) for kind in owed_kinds(case)]


def _sentence(case: Case, kind: str) -> str:
    at = due_moments(case).get(kind)
    label = LegalKind(kind).label
    if at is None:
        return _("The legal time “%(kind)s” still runs. Enter that it is done, or why not.") % {
            "kind": label
        }
    return _(
        "The legal time “%(kind)s” still runs, until %(due)s. Enter that it is done, or why not."
    ) % {"kind": label, "due": f"{clock.local(at):%Y-%m-%d %H:%M}"}


def follow_merge(source: Handling, into: Handling) -> None:
    """What is owed is settled before a case is merged; the customer's right goes along with the matter."""
    running = source.case.legal or {}
    if not running:
        return
    owed = owed_kinds(source.case)
    if owed:
        raise RuleError(
            "merge_refused",
            f"{source.case.number}: " + " ".join(_sentence(source.case, kind) for kind in owed),
            extra={"legal": owed},
        )
    there = into.case.legal or {}
    moving = {} if into.case.is_ended else {k: v for k, v in running.items() if k not in there}
    if moving:
        rows = LegalClock.objects.filter(
            case_id=source.case.pk, kind__in=moving, ended_at__isnull=True
        )
        rows.update(case_id=into.case.pk)
        into.case.legal = there | moving
        source.case.legal = {k: v for k, v in running.items() if k not in moving}


def _refuse_ended(case: Case) -> None:
    if case.is_ended:
        raise RuleError(
            "case_closed", _("This case is closed. Reopen it first, saying why."), field="kind"
        )


def _checked(start: LegalStart) -> LegalStart:
    if start.kind not in LegalKind.values:
        raise RuleError("legal_kind", _("Please choose which time it is."), field="kind")
    today = clock.today()
    if not today - LONGEST_AGO <= start.since <= today:
        raise RuleError(
            "legal_since", _("A day of the last twelve months, at the latest today."), field="since"
        )
    authority, reference = _line(start.authority), _line(start.reference)
    if start.kind != LegalKind.AUTHORITY and (start.named_on or authority or reference):
        raise RuleError(
            "legal_notice",
            _("Only an answer to an authority has a notice with a day and a number."),
            field="named_on" if start.named_on else "authority",
        )
    if start.kind == LegalKind.AUTHORITY and not authority:
        raise RuleError("legal_authority", _("Please name the authority."), field="authority")
    for field, text, longest in (
        ("authority", authority, LONGEST_AUTHORITY),
        ("reference", reference, LONGEST_REFERENCE),
    ):
        if len(text) > longest:
            raise text_too_long(longest, field)
    if start.named_on and not start.since <= start.named_on <= today + LONGEST_AHEAD:
        raise RuleError(
            "legal_named_on",
            _("The day of the notice lies between the first day and a year from now."),
            field="named_on",
        )
    return LegalStart(start.kind, start.since, start.named_on, authority, reference)


def _checked_end(end: LegalEnd) -> LegalEnd:
    if end.result not in LegalResult.values:
        raise RuleError("legal_result", _("Please say how it ended."), field="result")
    if end.result == LegalResult.NOT_APPLICABLE:
        return LegalEnd(end.result, None, reason_of(end.reason))
    if end.done_on is None or end.done_on > clock.today():
        raise RuleError(
            "legal_done_on",
            _("Please give the day it was done, at the latest today."),
            field="done_on",
        )
    return LegalEnd(end.result, end.done_on, reason_of(end.reason, required=False))


def _line(text: str) -> str:
    return " ".join(cleaned(text).split())


def _is_late(row: LegalClock) -> bool | None:
    """A law counts whole days: done in the evening of the last one is in time."""
    if row.done_on is None or row.due_at is None:
        return None
    # A calendar open to midnight is due in the first minute of the next day.
    return row.done_on > clock.local(row.due_at - timedelta(minutes=1)).date()


def _facts(row: LegalClock, due: Due | None) -> dict[str, Any]:
    at: datetime | None = due.at if due else None
    facts = {
        "kind": row.kind,
        "from": row.since.isoformat(),
        "until": at.isoformat() if at else None,
        "source": due.source if due else "",
        "authority": row.authority,
        "reference": row.reference,
        "named": row.named_on is not None,
    }
    if row.result:
        facts |= {
            "done": row.done_on.isoformat() if row.done_on else None,
            "late": row.is_late,
        }
    return facts
