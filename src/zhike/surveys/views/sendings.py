"""Sendings of a questionnaire: the list, a new one looked at before it leaves, its numbers and its people."""

from collections import Counter
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.customers.contact_policy import who_may_be_contacted
from zhike.customers.permissions import VIEW as VIEW_CUSTOMERS
from zhike.surveys.choices import Plan
from zhike.surveys.forms_sendings import SendingForm
from zhike.surveys.models import Sending, Survey
from zhike.surveys.permissions import MANAGE
from zhike.surveys.sampling import Sample
from zhike.surveys.selectors import get_survey
from zhike.surveys.sending_figures import FEWEST, Reason, figures_of, sentence_of
from zhike.surveys.sending_selectors import (
    PEOPLE,
    SENDINGS,
    get_sending,
    people_of,
    sendings_for_list,
)
from zhike.surveys.services import sendings as services
from zhike.surveys.slots import STANDING_OWNERS


def _grants(request: HttpRequest) -> Grants:
    grants = access.require(request.user, MANAGE)
    grants.require(VIEW_CUSTOMERS)
    return grants


@require_safe
def sending_list(request: HttpRequest, pk: int) -> HttpResponse:
    grants = _grants(request)
    survey = get_survey(grants, pk)
    return SENDINGS.respond(
        request,
        sendings_for_list(grants, pk),
        "surveys/sending_list.html",
        grants=grants,
        extra={"survey": survey, "why_not": _why_not(grants, survey)},
    )


def _why_not(grants: Grants, survey: Survey) -> str:
    """What stands in the way of a new one."""
    try:
        services.may_send(grants, survey.pk)
    except Conflict as error:
        return str(error)
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
def sending_new(request: HttpRequest, pk: int) -> HttpResponse:
    """“Look first” counts and shows the message, even before mail is set up; “Send” begins, with the same seed."""
    grants = _grants(request)
    survey = get_survey(grants, pk)
    form = SendingForm(request.POST or None, grants=grants, initial=_initial(request))
    context: dict[str, Any] = {
        "survey": survey,
        "form": form,
        "why_not": _why_not(grants, survey),
    }
    if request.method == "POST" and form.is_valid():
        try:
            is_looked_at = request.POST.get("looked", "") == form.digest
            if request.POST.get("go") == "send" and is_looked_at:
                sending = services.start(
                    actor=actor_of_request(request),
                    grants=grants,
                    survey_id=pk,
                    name=form.cleaned_data["name"],
                    purpose=form.cleaned_data["purpose"],
                    sampling=form.sampling,
                    message=form.message,
                    why_kept=form.cleaned_data["why_kept"],
                    submit_key=form.cleaned_data["submit_key"],
                )
                messages.success(request, _("The sending has begun. Mails leave within a minute."))
                return redirect("sendings:sending", sending.pk)
            services.check_message(form.message)
            sample = services.look(grants, form.sampling)
            context |= _preview(form, sample)
            context["is_changed"] = request.POST.get("go") == "send"
        except RuleError as error:
            if error.status not in (409, 422):
                raise
            _put_error(form, error)
            context["phrases"] = error.extra.get("phrases", [])
    status = 422 if form.errors else 200
    return render(request, "surveys/sending_new.html", context, status=status)


def _initial(request: HttpRequest) -> dict[str, Any]:
    return {
        # From the page of a segment; one that is not known to the reader is none of the choices.
        "segment": request.GET.get("segment", ""),
        "purpose": "survey",
        "plan": "all",
        "subject": _("How was our service?"),
        "text": _(
            "Dear {name},\n\nyou have dealt with us lately. May we ask how you found it? "
            "It takes about two minutes:\n\n{link}\n\nThank you."
        ),
    }


def _put_error(form: SendingForm, error: RuleError) -> None:
    if error.code.startswith("phrases"):
        form.fields["why_kept"].widget = form.fields["name"].widget
    form.add_error(error.field if error.field in form.fields else None, str(error))


def _preview(form: SendingForm, sample: Sample) -> dict[str, Any]:
    """Whom it would reach if it left now."""
    decisions = who_may_be_contacted(
        [one.customer_id for one in sample.drawn],
        form.cleaned_data["purpose"],
        services.CHANNEL,
    )
    counted = Counter(str(one.verdict) for one in decisions.values() if not one.allowed)
    refused = [Reason(code, sentence_of(code), n) for code, n in counted.most_common()]
    body = form.message.text.replace("{name}", _("Ms Chen"))
    return {
        "sample": sample,
        "allowed": len(sample.drawn) - sum(counted.values()),
        "refused": refused,
        "letter": body,
    }


@require_safe
def sending_page(request: HttpRequest, pk: int) -> HttpResponse:
    sending = get_sending(_grants(request), pk)
    if sending.plan == Plan.EVENT:
        return redirect(_address_of_rule(sending))
    context = {"sending": sending, "figures": figures_of(sending), "fewest": FEWEST}
    return render(request, "surveys/sending.html", context)


@require_safe
def sending_people(request: HttpRequest, pk: int) -> HttpResponse:
    """Who was invited and what became of it: never what somebody answered."""
    grants = _grants(request)
    sending = get_sending(grants, pk)
    if sending.plan == Plan.EVENT:
        # Listed there, by what each was asked about; of anonymous ones not who answered.
        return redirect(_address_of_rule(sending))
    return PEOPLE.respond(
        request,
        people_of(grants, sending),
        "surveys/sending_people.html",
        grants=grants,
        extra={"sending": sending},
    )


def _address_of_rule(sending: Sending) -> str:
    for owner in STANDING_OWNERS:
        address = owner.address(sending.pk)
        if address is not None:
            return address
    raise NotFound()


@require_POST
def sending_stop(request: HttpRequest, pk: int) -> HttpResponse:
    services.stop(actor=actor_of_request(request), grants=_grants(request), sending_id=pk)
    messages.success(request, _("Nothing more is sent. Answers that still come are taken."))
    return redirect("sendings:sending", pk)
