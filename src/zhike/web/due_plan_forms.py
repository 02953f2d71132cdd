"""The forms of service time plans."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.core.calendar.lengths import LengthUnit, as_kept, as_offered
from zhike.core.calendar.plan_keys import ORDER, plan_key
from zhike.core.calendar.plan_services import PlanTerms
from zhike.core.models import DuePlan, DuePurpose, WorkCalendar


class KeysForm(forms.Form):
    """Case type, tier, channel and unit; each of them may be left open."""

    purpose = forms.ChoiceField(label=_("What is due"), choices=DuePurpose.choices)
    subject = forms.ChoiceField(required=False)
    tier = forms.ChoiceField(required=False)
    channel = forms.ChoiceField(required=False)
    org_unit = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in ORDER:
            key, field = plan_key(name), self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.label = key.label
            field.choices = [("", key.anything), *key.options()]

    def clean_org_unit(self) -> int | None:
        return int(self.cleaned_data["org_unit"]) if self.cleaned_data["org_unit"] else None


class PlanForm(KeysForm):
    amount = forms.IntegerField(label=_("Within"), min_value=1, max_value=525_600)
    unit = forms.ChoiceField(label=_("Counted in"), choices=LengthUnit.choices)
    calendar = forms.ChoiceField(label=_("Working hours"), required=False)
    warn_percent = forms.IntegerField(
        label=_("Warn when so much is used (%)"),
        min_value=1,
        max_value=99,
        initial=75,
        help_text=_(
            "From then on it is shown in amber, and the owner is told once, in their working hours."
        ),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        required=False,
        help_text=_(
            "Stands in the explanation of each due time. Left empty, it says whom it is for."
        ),
    )
    source = forms.CharField(
        label=_("Legal source"),
        max_length=200,
        required=False,
        help_text=_("Article of a law, or a contract, if the time is not ours to choose."),
    )
    source_on = forms.DateField(
        label=_("In the version of"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, calendars: Sequence[WorkCalendar], **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["calendar"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", _("Those of the unit it lies with")),
            *((str(one.pk), one.name) for one in calendars),
        ]

    @staticmethod
    def initial_of(plan: DuePlan) -> dict[str, Any]:
        amount, unit = as_offered(plan.amount, plan.unit)
        return {
            **{name: getattr(plan, name) for name in ("purpose", *ORDER, "name", "warn_percent")},
            "source": plan.source,
            "source_on": plan.source_on,
            "calendar": plan.calendar_id or "",
            "amount": amount,
            "unit": unit,
        }

    def terms(self) -> PlanTerms:
        given = self.cleaned_data
        amount, unit = as_kept(given["amount"], given["unit"])
        return PlanTerms(
            purpose=given["purpose"],
            amount=amount,
            unit=unit,
            name=given["name"],
            subject=given["subject"],
            tier=given["tier"],
            channel=given["channel"],
            org_unit=given["org_unit"],
            calendar_id=int(given["calendar"]) if given["calendar"] else None,
            warn_percent=given["warn_percent"],
            source=given["source"],
            source_on=given["source_on"],
        )


# Where the service names its field otherwise than the form.
FIELD_OF = {"calendar_id": "calendar"}
