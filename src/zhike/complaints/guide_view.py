"""The six steps in the words of the case page."""

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.complaints.choices import STANDARD_LABELS, TOLD_DONE, Severity, Verdict
from zhike.complaints.models import StepRecord
from zhike.complaints.permissions import APPROVE
from zhike.complaints.rules import BEFORE_CLOSING, Field, Step
from zhike.complaints.selectors.guide import Guide, GuideStep, guide_of
from zhike.core import clock
from zhike.core.access import Grants
from zhike.core.calendar import Unit
from zhike.core.calendar.why import amount_text
from zhike.desk.models import Case
from zhike.desk.permissions import ASSIGN, WORK
from zhike.desk.rules import excerpt

LINE = 60


@dataclass(frozen=True)
class Line:
    icon: str
    text: Any


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    is_dialog: bool = True


@dataclass
class StepView:
    number: int
    label: Any
    tip: Any
    is_done: bool = False
    is_now: bool = False
    is_skipped: bool = False
    is_late: bool = False
    time: str = ""
    bar: float | None = None
    lines: list[Line] = field(default_factory=list)
    missing: list[Any] = field(default_factory=list)
    url: str = ""
    all_url: str = ""
    button: str = ""
    correct_label: str = ""


def minutes_text(minutes: int) -> str:
    """4 min; 3 h 40 min, in working time."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(m)s min") % {"m": rest}
    return _("%(h)s h %(m)s min") % {"h": hours, "m": rest} if rest else _("%(h)s h") % {"h": hours}


def panel(case: Case, grants: Grants) -> dict[str, Any] | None:
    guide = guide_of(case, grants.stamp)
    if guide is None:
        return None
    may_work = grants.allows(WORK) and (
        case.owner_id in (None, grants.user_id) or grants.allows(ASSIGN)
    )
    complaint = guide.complaint
    stage = {"stage": STANDARD_LABELS[guide.stage]}
    return {
        "guide": guide,
        "round_label": _("Round %(round)s") % {"round": complaint.round},
        "used": _("%(time)s worked") % {"time": minutes_text(guide.minutes)},
        "stage_sentence": _("By ISO 10002: %(stage)s") % stage,
        "way_out": _("Ends otherwise: %(way)s. %(why)s")
        % {"way": complaint.get_way_out_display(), "why": complaint.way_out_why}
        if complaint.way_out
        else "",
        "unconfirmed": _unconfirmed(case, guide),
        "steps": [_step(case, one, may_work) for one in guide.steps],
        "links": _links(case, guide, grants, may_work),
    }


def _unconfirmed(case: Case, guide: Guide) -> str:
    complaint = guide.complaint
    if not complaint.unconfirmed or not case.is_ended:
        return ""
    why = {"why": complaint.get_unconfirmed_display()}
    if complaint.archived_at is not None:
        return _("Archived without the customer's word. %(why)s.") % why
    return _("%(why)s: a supervisor decides whether it is archived.") % why


def _step(case: Case, one: GuideStep, may_work: bool) -> StepView:
    view = StepView(int(one.step), one.label, one.tip)
    can_edit = may_work and not case.is_ended and one.step in BEFORE_CLOSING
    url = reverse("complaints:step", args=[case.number, int(one.step)]) if can_edit else ""
    if one.record is not None:
        return _done(view, one, one.record, url)
    view.is_now = one.is_now
    if one.limit is not None:
        limit = amount_text(one.limit[0], Unit(one.limit[1]))
        view.time = _("within %(limit)s") % {"limit": limit}
        if one.is_now and one.due is not None:
            view.time = _("%(used)s / %(limit)s") % {
                "used": minutes_text(one.minutes),
                "limit": limit,
            }
            view.is_late = one.due.at is not None and one.due.at <= clock.now()
            view.bar = _share(one)
    if one.is_now:
        view.missing = one.missing
        view.url = url
        view.button = _("Finish this step (%(n)s to fill in)") % {"n": len(one.missing)}
        if one.step is Step.LISTEN and url:
            view.all_url = reverse("complaints:first-call", args=[case.number])
    return view


def _share(one: GuideStep) -> float | None:
    """How much of the time of the step is used, by the clock of its working calendar."""
    if one.left_minutes is None:
        return None
    return 100.0 * one.minutes / max(1, one.minutes + one.left_minutes)


def _done(view: StepView, one: GuideStep, record: StepRecord, url: str) -> StepView:
    view.is_done, view.is_skipped = True, record.is_skipped
    view.time = minutes_text(record.minutes)
    view.url = url
    view.correct_label = _("Correct step %(step)s") % {"step": int(one.step)}
    at = f"{clock.local(record.done_at):%m-%d %H:%M}"
    if record.is_skipped:
        words = _("Let go by, %(name)s: %(why)s")
        view.lines = [
            Line("arrow-right", words % {"name": record.done_by_name, "why": record.skip_reason})
        ]
        return view
    view.lines = [Line("user-circle", f"{record.done_by_name} {at}"), *_evidence(one.step, record)]
    if record.corrected_at is not None:
        view.lines.append(
            Line("edit", _("corrected %(at)s") % {"at": f"{clock.local(record.corrected_at):%m-%d %H:%M}"})
        )  # fmt: skip
    return view


def _evidence(step: Step, record: StepRecord) -> list[Line]:
    given = record.evidence
    match step:
        case Step.LISTEN:
            lines = [Line("message-2", _quoted(given.get(Field.WORDS)))]
            if given.get(Field.WISH):
                wish = {"wish": excerpt(given[Field.WISH], LINE)}
                lines.append(Line("flag", _("Asks for: %(wish)s") % wish))
            return lines
        case Step.APOLOGISE:
            return [
                Line("message-2", _quoted(given.get(Field.APOLOGY))),
                Line("check", TOLD_DONE[given[Field.TOLD]]),
            ]
        case Step.FACTS:
            grave = Severity(given[Field.SEVERITY]).label
            lines = [
                Line("list-check", excerpt(given.get(Field.FACTS, ""), LINE)),
                Line("flag", grave),
            ]
            if given.get(Field.SAFETY):
                lines.append(Line("alert-triangle", _("Somebody is in danger")))
            return lines
        case Step.SOLUTION:
            return [
                Line("scale", Verdict(given[Field.VERDICT]).label),
                Line("file-text", excerpt(given.get(Field.SOLUTION, ""), LINE)),
            ]
        case Step.AGREE:
            return [
                Line("message-2", _quoted(given.get(Field.CUSTOMER_SAYS))),
                Line("bulb", excerpt(given.get(Field.LEARNED, ""), LINE)),
            ]
        case _:
            says = given.get(Field.CUSTOMER_SAYS)
            return [Line("message-2", _quoted(says))] if says else []


def _quoted(text: str | None) -> str:
    return _("“%(text)s”") % {"text": excerpt(text or "", LINE)}


def _links(case: Case, guide: Guide, grants: Grants, may_work: bool) -> list[Link]:
    def to(name: str, *args: Any) -> str:
        return reverse(f"complaints:{name}", args=[case.number, *args])

    links: list[Link] = []
    if may_work:
        links.append(Link(_("Cause"), to("cause")))
    if may_work and not case.is_ended:
        undo = bool(guide.complaint.way_out)
        links.append(
            Link(_("Go back to the steps") if undo else _("End it otherwise"), to("way-out"))
        )
    now = guide.now
    if (
        grants.allows(APPROVE)
        and now is not None
        and now.step in BEFORE_CLOSING
        and not case.is_ended
    ):
        label = _("Let step %(step)s go by") % {"step": int(now.step)}
        links.append(Link(label, to("skip", int(now.step))))
    if grants.allows(APPROVE) and case.is_ended and guide.complaint.is_to_archive:
        links.append(Link(_("Archive without a visit"), to("archive-unconfirmed")))
    links.append(Link(_("As one paper"), to("archive"), is_dialog=False))
    return links
