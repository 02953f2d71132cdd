"""Refusals of complaints, each with its sentence."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zhike.complaints.choices import FIELD_LABELS, STEP_LABELS
from zhike.complaints.rules import Field, Step
from zhike.core.errors import RuleError


def named_steps(steps: Sequence[Step]) -> str:
    one = _("step %(step)s “%(label)s”")
    named = (one % {"step": int(step), "label": STEP_LABELS[step]} for step in steps)
    return pgettext("list of steps", ", ").join(named)


def out_of_order(step: Step, before: Sequence[Step]) -> RuleError:
    return RuleError(
        "step_out_of_order",
        _("Step %(step)s comes later. Still to do first: %(before)s.")
        % {"step": int(step), "before": named_steps(before)},
        field="step",
        extra={"step": int(step), "missing": [int(one) for one in before]},
    )


def evidence_missing(step: Step, fields: Sequence[Field]) -> RuleError:
    return RuleError(
        "evidence_missing",
        _("Step %(step)s still needs: %(fields)s.")
        % {
            "step": int(step),
            "fields": _(", ").join(str(FIELD_LABELS[field]) for field in fields),
        },
        field=str(fields[0]),
        extra={"step": int(step), "missing": [str(field) for field in fields]},
    )
