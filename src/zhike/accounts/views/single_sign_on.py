"""Signing in with the company's account: away to the service, back again, and its settings."""

from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from zhike.accounts.forms import SignInForm
from zhike.accounts.forms_single_sign_on import SingleSignOnForm
from zhike.accounts.grants import actor_of_request
from zhike.accounts.middleware import BY_COMPANY_ACCOUNT, SECOND_FACTOR_DUE
from zhike.accounts.models import SingleSignOn, User
from zhike.accounts.oidc import redirect_to_provider, told_on_return
from zhike.accounts.permissions import MANAGE_ACCOUNTS
from zhike.accounts.services import single_sign_on as services
from zhike.accounts.services.second_factor import is_on
from zhike.accounts.services.setup import company_name
from zhike.accounts.services.signins import note_sign_in
from zhike.accounts.views.people import add_rule_error
from zhike.accounts.views.second_factor import ask_for_code
from zhike.accounts.views.session_start import begin_session, next_page
from zhike.core import access
from zhike.core.errors import RuleError

THEN = "company_sign_in_then"


def way_back(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("accounts:company-sign-in-back"))


@never_cache
@require_safe
def company_sign_in(request: HttpRequest) -> HttpResponse:
    """Away to the service. A link, not a form: the policy of our pages lets no form lead to another host."""
    row = _in_use()
    if request.user.is_authenticated:
        return redirect("web:home")
    try:
        answer = redirect_to_provider(request, services.provider_of(row), way_back(request))
    except RuleError as error:
        return _sign_in_page(request, row, error)
    request.session[THEN] = request.GET.get("next", "")[:2000]
    return answer


@never_cache
@require_safe
def company_sign_in_back(request: HttpRequest) -> HttpResponse:
    row = _in_use()
    ip = getattr(request, "client_ip", "") or ""
    then = request.session.pop(THEN, "")
    try:
        told = told_on_return(request, services.provider_of(row))
        user = services.person_of(row, told, ip)
    except RuleError as error:
        return _sign_in_page(request, row, error)
    if is_on(user) and not row.has_second_step:
        return ask_for_code(request, user, then)
    login(request, user)
    begin_session(request)
    request.session[BY_COMPANY_ACCOUNT] = True
    if row.has_second_step:
        request.session.pop(SECOND_FACTOR_DUE, None)
    note_sign_in(actor=actor_of_request(request), user=user)
    return HttpResponseRedirect(next_page(request, then))


def _in_use() -> SingleSignOn:
    row = services.in_use()
    if row is None:
        raise Http404
    return row


def _sign_in_page(request: HttpRequest, row: SingleSignOn, error: RuleError) -> HttpResponse:
    context = {
        "form": SignInForm(),
        "refused": str(error),
        "next": "",
        "company": company_name(),
        "company_account": row,
    }
    return render(request, "accounts/sign_in.html", context, status=error.status)


@never_cache
@sensitive_post_parameters("secret")
def single_sign_on(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, MANAGE_ACCOUNTS)
    row = services.settings_row()
    form = SingleSignOnForm(request.POST or None, row=row)
    if request.method == "POST" and form.is_valid():
        new = services.Settings(**form.cleaned_data)
        try:
            services.save_settings(actor=actor_of_request(request), grants=grants, new=new)
        except RuleError as error:
            add_rule_error(form, error)
        else:
            done = (
                _("Saved. The sign-in service answers, and its button stands on the sign-in page.")
                if new.is_on
                else _("Saved. The button is not shown.")
            )
            messages.success(request, done)
            return redirect("accounts:single-sign-on")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "row": row, "way_back": way_back(request)}
    return render(request, "accounts/single_sign_on.html", context, status=status)


@require_POST
def identity_forget(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_ACCOUNTS)
    person: User = services.forget_identity(
        actor=actor_of_request(request), grants=grants, identity_id=pk
    )
    messages.success(
        request,
        _("Taken off. %(name)s is recognised anew at the next sign-in.") % {"name": person.name},
    )
    return redirect("accounts:person", pk=person.pk)
