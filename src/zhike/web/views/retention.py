"""How long each kind of data is kept, what ended when, and what a legal hold keeps."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.core import access, clock, retention
from zhike.core.errors import NotFound, RuleError
from zhike.core.models import RetentionRun
from zhike.core.phones import normal_phone
from zhike.core.retention.services import MANAGE, MOST_COUNTED, class_named
from zhike.customers.choices import Channel
from zhike.customers.masks import closed
from zhike.customers.permissions import PHONE, is_hidden
from zhike.customers.selectors import customer_by_identity, visible_customers
from zhike.desk.models import Case
from zhike.desk.selectors.scope import visible_cases
from zhike.privacy.models import LegalHold
from zhike.privacy.services.holding import end_hold, place_hold

SHOWN = 50


class PolicyForm(forms.Form):
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=36_500)
    is_on = forms.BooleanField(label=_("End it every night when its time is over"), required=False)


class HoldForm(forms.Form):
    number = forms.CharField(
        label=_("Case number, or a phone number of the customer"),
        max_length=30,
        help_text=_("By a case number one case is held; by a phone number the whole file."),
    )
    reason = forms.CharField(label=_("Why it must be kept"), max_length=300)


@require_safe
def classes(request: HttpRequest) -> HttpResponse:
    access.require(request.user, MANAGE)
    runs = list(RetentionRun.objects.order_by("-pk")[:SHOWN])
    labels = {one.kind.key: one.kind.label for one in retention.overview()}
    context = {
        "lines": retention.overview(),
        "runs": [(run, labels.get(run.key, run.key)) for run in runs],
        "held": LegalHold.objects.filter(ended_at__isnull=True).count(),
    }
    return render(request, "web/retention/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def one_class(request: HttpRequest, key: str) -> HttpResponse:
    """GET with days counts what would end; POST decides."""
    grants = access.require(request.user, MANAGE)
    kind = class_named(key)
    if kind.is_fixed:
        raise NotFound()
    line = next(one for one in retention.overview() if one.kind.key == key)
    data = request.POST if request.method == "POST" else request.GET
    form = PolicyForm(data or None, initial={"days": line.days, "is_on": line.is_on})
    count: int | None = None
    if data and form.is_valid():
        days = form.cleaned_data["days"]
        try:
            if request.method == "POST":
                retention.save_policy(
                    actor=actor_of_request(request),
                    grants=grants,
                    key=key,
                    days=days,
                    is_on=form.cleaned_data["is_on"],
                )
                messages.success(request, _now("The period is saved."))
                return redirect("web:retention")
            count = retention.count_over(key, days)
        except RuleError as error:
            form.add_error("days", str(error))
    context: dict[str, Any] = {
        "line": line,
        "form": form,
        "count": count,
        "is_capped": count == MOST_COUNTED,
        "cutoff": clock.now() - timedelta(days=form.cleaned_data["days"])
        if count is not None
        else None,
        "runs": [
            (run, kind.label)
            for run in RetentionRun.objects.filter(key=key).order_by("-pk")[:SHOWN]
        ],
    }
    status = 422 if data and form.errors else 200
    return render(request, "web/retention/class.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def holds(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, MANAGE)
    form = HoldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["number"].strip()
        try:
            place_hold(
                actor=actor_of_request(request),
                grants=grants,
                reason=form.cleaned_data["reason"],
                **_held_thing(grants, number),
            )
        except RuleError as error:
            form.add_error(error.field if error.field == "reason" else "number", str(error))
        else:
            messages.success(request, _now("It is held: nothing of it ends by itself."))
            return redirect("web:legal-holds")
    rows = list(LegalHold.objects.select_related("customer").order_by("ended_at", "-pk")[:200])
    return render(
        request,
        "web/retention/holds.html",
        {"form": form, "holds": rows, **_seen(grants, rows)},
        status=422 if request.method == "POST" else 200,
    )


def _seen(grants: access.Grants, holds: list[LegalHold]) -> dict[str, set[Any]]:
    """What the reader may open of what is held; the rest stands there by its number."""
    files = [hold.customer_id for hold in holds if hold.customer_id is not None]
    numbers = [hold.case_number for hold in holds if hold.case_number]
    shown_files = visible_customers(grants).filter(pk__in=files)
    shown_cases = visible_cases(grants).filter(number__in=numbers)
    return {
        "shown_files": set(shown_files.values_list("pk", flat=True)),
        "shown_cases": set(shown_cases.values_list("number", flat=True)),
    }


def _held_thing(grants: access.Grants, number: str) -> dict[str, Any]:
    """A case by its whole number, a file by a whole phone number, in any unit: told is only that it is held."""
    case_number = number.upper()
    is_a_number = case_number.isascii() and case_number.isalnum()
    if is_a_number and _case_exists(case_number):
        return {"case_number": case_number}
    if normal_phone(number) is not None and is_hidden(grants, PHONE):
        raise closed(PHONE, "number")
    customer = customer_by_identity(Channel.PHONE, number)
    if customer is not None:
        return {"customer_id": customer.pk}
    raise NotFound(_now("There is no such case, and no file with this phone number."))


def _case_exists(number: str) -> bool:
    return Case.objects.filter(number=number, voided_at__isnull=True).exists()


@require_POST
def hold_end(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE)
    end_hold(actor=actor_of_request(request), grants=grants, hold_id=pk)
    messages.success(request, _now("The hold has ended. What is over ends in the next night."))
    return redirect("web:legal-holds")
