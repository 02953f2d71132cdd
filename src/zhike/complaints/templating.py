"""Words and tones of one row of the list of complaints."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from zhike.complaints.choices import STEP_LABELS
from zhike.complaints.models import Complaint
from zhike.complaints.rules import Step
from zhike.core import clock
from zhike.core.templating import template_filter
from zhike.desk.choices import State


@template_filter
def step_word(row: Complaint) -> str:
    if row.archived_at is not None:
        return _("Archived unconfirmed") if row.unconfirmed else _("Archived")
    if row.case.is_ended:
        return _("To be archived") if row.unconfirmed else _("6 Follow-up visit")
    if row.way_out:
        return str(row.get_way_out_display())
    if row.step > Step.AGREE:
        return _("Steps done") if row.is_held else _("Ready to close")
    return f"{row.step} {STEP_LABELS[Step(row.step)]}"


@template_filter
def step_tone(row: Complaint) -> str:
    if row.archived_at is not None:
        return "mute" if row.unconfirmed else "ok"
    if row.case.is_ended and row.unconfirmed:
        return "warn"
    if row.is_past_steps and row.is_held and not row.case.is_ended:
        return "brand"
    return "info" if row.case.is_ended or row.step > Step.AGREE else "brand"


@template_filter
def waits_word(row: Complaint) -> Any:
    """What holds it: an approval, a department, the customer."""
    if row.case.is_ended:
        return row.get_unconfirmed_display()
    if row.open_approvals:
        return State.WAITING_APPROVAL.label
    if row.open_notices:
        return _("%(n)s notices to be answered") % {"n": row.open_notices}
    if row.case.is_paused:
        return State.WAITING_CUSTOMER.label
    return _("%(n)s remedies to carry out") % {"n": row.open_remedies} if row.open_remedies else ""


@template_filter
def paper_time(moment: datetime) -> str:
    """2026-11-24 14:26: on paper nobody knows what day it is read."""
    return f"{clock.local(moment):%Y-%m-%d %H:%M}"
