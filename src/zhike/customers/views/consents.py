"""Consents: a word of a customer noted on their file; purposes, notices and contact rules in the settings."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.accounts.grants import actor_of_request
from zhike.accounts.permissions import MANAGE_SETTINGS
from zhike.core import access
from zhike.core.errors import RuleError
from zhike.customers import services
from zhike.customers.consent_forms import (
    ConsentForm,
    ContactRulesForm,
    NoticeForm,
    PurposeForm,
    clock_time,
)
from zhike.customers.contact_policy import contact_rules
from zhike.customers.errors import missing
from zhike.customers.models import ConsentPurpose, NoticeText
from zhike.customers.views.files import add_rule_error, small_form

TAB = "consents"


@require_POST
def consent_add(request: HttpRequest, pk: int) -> HttpResponse:
    form = ConsentForm(request.POST, purposes=ConsentPurpose.objects.all())
    return small_form(
        request,
        pk,
        form,
        lambda caller, data: services.record_consent(
            **caller,
            purpose=data["purpose"],
            is_given=data["said"] == "1",
            channel=data["channel"],
            at=data["at"],
            proof=data["proof"],
        ),
        _("It stands in the ledger."),
        tab=TAB,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def contact_settings(request: HttpRequest) -> HttpResponse:
    """Purposes, and when and how often customers may be contacted."""
    grants = access.require(request.user, MANAGE_SETTINGS)
    row = contact_rules()
    initial: dict[str, Any] = {
        "quiet_from": clock_time(row.quiet_from),
        "quiet_until": clock_time(row.quiet_until),
        "cap_count": row.cap_count,
        "cap_days": row.cap_days,
        "looks_unusual_from": row.looks_unusual_from,
    }
    form = ContactRulesForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.save_contact_rules(actor=actor_of_request(request), grants=grants, **form.values())
        messages.success(request, _("From now on contacts are asked against these rules."))
        return redirect("customers:contact-settings")
    versions: dict[int, NoticeText] = {}
    for notice in NoticeText.objects.order_by("version"):
        versions[notice.purpose_id] = notice
    lines = [(row, versions.get(row.pk)) for row in ConsentPurpose.objects.all()]
    status = 422 if request.method == "POST" else 200
    return render(
        request, "customers/contact_settings.html", {"form": form, "lines": lines}, status=status
    )


@require_http_methods(["GET", "HEAD", "POST"])
def purpose(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    row = _purpose(pk)
    form = PurposeForm(request.POST or None, initial=_values(row))
    if row is not None:
        form.fields.pop("code")
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.save_purpose(
                actor=actor_of_request(request),
                grants=grants,
                purpose_id=pk,
                **form.cleaned_data,
            )
        except RuleError as error:
            add_rule_error(form, error)
        else:
            messages.success(request, _("The purpose is saved."))
            return redirect("customers:consent-purpose", saved.pk)
    return _purpose_page(request, row, form, NoticeForm(), is_refused=request.method == "POST")


@require_POST
def notice_add(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    row = _purpose(pk)
    form = NoticeForm(request.POST)
    if form.is_valid():
        try:
            services.add_notice(
                actor=actor_of_request(request), grants=grants, purpose_id=pk, **form.cleaned_data
            )
        except RuleError as error:
            add_rule_error(form, error)
        else:
            messages.success(request, _("The new text holds from now on. Earlier versions stay."))
            return redirect("customers:consent-purpose", pk)
    settings_form = PurposeForm(initial=_values(row))
    settings_form.fields.pop("code")
    return _purpose_page(request, row, settings_form, form, is_refused=True)


def _purpose(pk: int | None) -> ConsentPurpose | None:
    if pk is None:
        return None
    row = ConsentPurpose.objects.filter(pk=pk).first()
    if row is None:
        raise missing("purpose_gone", _("There is no such purpose."))
    return row


def _values(row: ConsentPurpose | None) -> dict[str, Any]:
    if row is None:
        return {"needs_consent": True, "is_capped": True, "is_active": True, "position": 50}
    names = ("label", "note", "needs_consent", "is_sensitive", "is_capped", "is_active", "position")
    return {name: getattr(row, name) for name in names}


def _purpose_page(
    request: HttpRequest,
    row: ConsentPurpose | None,
    form: PurposeForm,
    notice_form: NoticeForm,
    *,
    is_refused: bool,
) -> HttpResponse:
    context = {
        "row": row,
        "form": form,
        "notice_form": notice_form,
        "notices": list(row.notices.all()) if row is not None else [],
        "list_url": reverse("customers:contact-settings"),
    }
    return render(
        request, "customers/consent_purpose.html", context, status=422 if is_refused else 200
    )
