"""What complaints show and do on the page of a case: the six steps, the gate, lines of the record."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.complaints import guide_view
from zhike.complaints.choices import STEP_LABELS, Unconfirmed, WayOut
from zhike.complaints.models import Complaint
from zhike.complaints.rules import Step
from zhike.complaints.services.ways_out import closing_reasons
from zhike.core.models import DuePurpose
from zhike.desk.case_types import COMPLAINT
from zhike.desk.models import Case
from zhike.desk.slots import (
    FIRST_CLOCKS,
    GATES,
    LINES,
    PANELS,
    STATE_WORDS,
    CasePanel,
    ClosingGate,
    FirstClock,
    RecordLine,
    StateWord,
)


def _step_words(data: Mapping[str, Any]) -> dict[str, Any]:
    step = Step(data["step"])
    return {"step": int(step), "label": STEP_LABELS[step]}


def _step(data: Mapping[str, Any], name: str) -> str:
    return _("%(name)s did step %(step)s: %(label)s") % {"name": name, **_step_words(data)}


def _corrected(data: Mapping[str, Any], name: str) -> str:
    return _("%(name)s corrected step %(step)s: %(label)s") % {"name": name, **_step_words(data)}


def _skipped(data: Mapping[str, Any], name: str) -> str:
    return _("%(name)s let step %(step)s go by: %(label)s") % {"name": name, **_step_words(data)}


def _refused(data: Mapping[str, Any], name: str) -> str:
    return _("The customer does not agree; they would want")


def _way(data: Mapping[str, Any], name: str) -> str:
    return _("%(name)s: it ends as “%(way)s”") % {"name": name, "way": WayOut(data["way"]).label}


def _way_undone(data: Mapping[str, Any], name: str) -> str:
    return _("%(name)s went back to the steps") % {"name": name}


def _archived(data: Mapping[str, Any], name: str) -> str:
    return _("The customer is content; the complaint is archived")


def _archived_unconfirmed(data: Mapping[str, Any], name: str) -> str:
    why = data.get("unconfirmed")
    return _("%(name)s archived it without the customer's word (%(why)s)") % {
        "name": name,
        "why": Unconfirmed(why).label if why in Unconfirmed.values else "—",
    }


def _approval_asked(data: Mapping[str, Any], name: str) -> str:
    return _("%(name)s asks for approval") % {"name": name}


def _cause(data: Mapping[str, Any], name: str) -> str:
    from zhike.complaints.cause_seeds import CAUSE_LABELS

    label = data.get("label") or ""
    words = CAUSE_LABELS.get(label, label) or _("not known")
    return _("%(name)s set the cause: %(cause)s") % {"name": name, "cause": words}


def _archived_word(case: Case) -> tuple[str, str] | None:
    """Closed is not yet archived, so the head of the case says which of the two it is."""
    if case.type_id != COMPLAINT:
        return None
    rows = Complaint.objects.filter(pk=case.pk, archived_at__isnull=False)
    unconfirmed = rows.values_list("unconfirmed", flat=True).first()
    if unconfirmed is None:
        return None
    return (_("Archived unconfirmed") if unconfirmed else _("Archived")), "archive"


def register() -> None:
    FIRST_CLOCKS.fill(FirstClock(COMPLAINT, DuePurpose.LISTEN.value))
    STATE_WORDS.fill(StateWord("complaints.archived", _archived_word))
    PANELS.fill(
        CasePanel(
            "complaints.guide",
            gettext_lazy("Six steps"),
            "complaints/_guide.html",
            guide_view.panel,
            order=10,
            top=True,
            styles="complaints/guide.css",
        )
    )
    GATES.fill(ClosingGate("complaints", closing_reasons))
    for key, icon, sentence in (
        ("step", "circle-check", _step),
        ("step_corrected", "edit", _corrected),
        ("skipped", "arrow-right", _skipped),
        ("refused", "mood-sad", _refused),
        ("way_out", "arrow-right", _way),
        ("way_out_undone", "rotate-2", _way_undone),
        ("archived", "circle-check", _archived),
        ("archived_unconfirmed", "archive", _archived_unconfirmed),
        ("cause", "sitemap", _cause),
        ("approval_asked", "hourglass", _approval_asked),
    ):
        LINES.fill(RecordLine(f"complaints.{key}", icon, sentence))
