"""Settings: who is told when a due time has passed, and after how long."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.calendar import Unit
from zhike.core.calendar.why import amount_text
from zhike.core.errors import NotFound, RuleError
from zhike.core.models import DueUnit
from zhike.desk.models import EscalationLevel
from zhike.desk.models.escalation import Receiver
from zhike.desk.services import escalation
from zhike.desk.services.types import MANAGE_SETTINGS

UNITS = [
    (DueUnit.BUSINESS_MINUTES.value, DueUnit.BUSINESS_MINUTES.label),
    (DueUnit.BUSINESS_DAYS.value, DueUnit.BUSINESS_DAYS.label),
]


class LevelForm(forms.Form):
    amount = forms.IntegerField(
        label=gettext_lazy("So long after the due time"),
        min_value=0,
        max_value=10_080,
        help_text=gettext_lazy("0 minutes: at once."),
    )
    unit = forms.ChoiceField(label=gettext_lazy("Counted in"), choices=UNITS)
    receivers = forms.MultipleChoiceField(
        label=gettext_lazy("Told"), choices=Receiver.choices, widget=forms.CheckboxSelectMultiple
    )


@require_http_methods(["GET", "HEAD", "POST"])
def levels(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    form = LevelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            escalation.add_level(
                actor=actor_of_request(request), grants=grants, **form.cleaned_data
            )
        except RuleError as error:
            return _page(request, _refused(form, error), status=error.status)
        messages.success(request, _("The level is added."))
        return redirect("desk:escalation")
    return _page(request, form, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def level_change(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    level = EscalationLevel.objects.filter(pk=pk).first()
    if level is None:
        raise NotFound
    initial = {
        "amount": level.after_amount,
        "unit": level.after_unit,
        "receivers": level.receivers,
    }
    form = LevelForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            escalation.change_level(
                actor=actor_of_request(request), grants=grants, level_id=pk, **form.cleaned_data
            )
        except RuleError as error:
            return _page(request, _refused(form, error), level, status=error.status)
        messages.success(request, _("The level is changed."))
        return redirect("desk:escalation")
    return _page(request, form, level, status=422 if form.errors else 200)


@require_POST
def level_remove(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    escalation.remove_level(actor=actor_of_request(request), grants=grants, level_id=pk)
    messages.success(request, _("The level is removed."))
    return redirect("desk:escalation")


def _refused(form: LevelForm, error: RuleError) -> LevelForm:
    if isinstance(error, NotFound):
        raise error
    form.add_error(error.field if error.field in form.fields else None, str(error))
    return form


def _page(
    request: HttpRequest, form: LevelForm, level: EscalationLevel | None = None, status: int = 200
) -> HttpResponse:
    rows = [
        {
            "level": row,
            "after": amount_text(row.after_amount, Unit(row.after_unit))
            if row.after_amount
            else _("at once"),
            "told": [Receiver(one).label for one in row.receivers if one in Receiver.values],
        }
        for row in EscalationLevel.objects.all()
    ]
    context = {"levels": rows, "form": form, "level": level}
    return render(request, "desk/escalation.html", context, status=status)
