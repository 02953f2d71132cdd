"""Signing in and out, the first administrator, one's own password and language."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from zhike.accounts.forms import PasswordForm, SetupForm, SignInForm
from zhike.accounts.grants import actor_of, actor_of_request
from zhike.accounts.models import User
from zhike.accounts.services import setup, users
from zhike.accounts.services.passwords import change_own_password
from zhike.accounts.services.second_factor import is_on
from zhike.accounts.services.signins import check_password, note_sign_in, note_sign_out
from zhike.accounts.services.single_sign_on import in_use
from zhike.accounts.views.second_factor import ask_for_code
from zhike.accounts.views.session_start import begin_session, next_page
from zhike.core.errors import RuleError, TooOften

LANGUAGE_COOKIE = "django_language"


@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("web:home")
    if setup.needs_setup():
        return redirect("accounts:setup")
    form = SignInForm(request.POST or None)
    refused = wait = ""
    status = 422 if request.method == "POST" else 200
    if request.method == "POST" and form.is_valid():
        ip = getattr(request, "client_ip", "") or ""
        try:
            user = check_password(request=request, ip=ip, **form.cleaned_data)
        except RuleError as error:
            refused, status = str(error), error.status
            wait = error.retry_after if isinstance(error, TooOften) else ""
        else:
            then = request.POST.get("next", "")
            if is_on(user):
                return ask_for_code(request, user, then)
            login(request, user)
            begin_session(request)
            note_sign_in(actor=actor_of_request(request), user=user)
            return HttpResponseRedirect(next_page(request, then))
    context = {
        "form": form,
        "refused": refused,
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "was_lost": request.GET.get("lost") == "1",
        "company": setup.company_name(),
        "company_account": in_use(),
    }
    answer = render(request, "accounts/sign_in.html", context, status=status)
    if wait:
        answer.headers["Retry-After"] = wait
    return answer


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        note_sign_out(actor=actor_of_request(request), user=request.user)
    logout(request)
    return redirect("accounts:sign-in")


@never_cache
@sensitive_post_parameters("password")
def set_up(request: HttpRequest) -> HttpResponse:
    """The first page of an empty installation; afterwards it does not exist."""
    if not setup.needs_setup():
        return redirect("accounts:sign-in")
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = setup.set_up_company(
                company=form.cleaned_data["company"],
                staff_number=form.cleaned_data["staff_number"],
                name=form.cleaned_data["name"],
                password=form.cleaned_data["password"],
                ip=getattr(request, "client_ip", "") or "",
            )
        except RuleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            login(request, user)
            begin_session(request)
            messages.success(
                request, _("Welcome. Bring in your customers first, or add colleagues.")
            )
            return redirect("web:home")
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/setup.html", {"form": form}, status=status)


@login_required
@sensitive_post_parameters("old", "new")
def change_password(request: HttpRequest) -> HttpResponse:
    assert isinstance(request.user, User)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            change_own_password(
                actor=actor_of_request(request), user=request.user, **form.cleaned_data
            )
        except RuleError as error:
            form.add_error(error.field or None, str(error))
        else:
            update_session_auth_hash(request, request.user)
            messages.success(request, _("Your password has been changed."))
            return redirect("web:home")
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/password.html", {"form": form}, status=status)


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Kept with the person when signed in, and in a cookie for the pages before that."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        language = settings.LANGUAGE_CODE
    if isinstance(request.user, User) and request.user.is_authenticated:
        users.set_language(actor=actor_of(request.user), user=request.user, language=language)
    answer = HttpResponseRedirect(next_page(request, request.POST.get("next") or "/"))
    answer.set_cookie(LANGUAGE_COOKIE, language, max_age=365 * 86400, samesite="Lax", httponly=True)
    return answer
