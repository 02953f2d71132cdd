"""What complaints show and do on the page of a case: the six steps, the gate, lines of the record."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.complaints import guide_view
from zhike.complaints.choices import STEP_LABELS, Unconfirmed, WayOut
from zhike.complaints.rules import Step
from zhike.complaints.services.ways_out import closing_reasons
from zhike.desk.slots import GATES, LINES, PANELS, CasePanel, ClosingGate, RecordLine


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


def register() -> None:
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
