"""The rules for signing in, and who is locked out."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.accounts.forms_signin import RulesForm
from zhike.accounts.grants import actor_of_request
from zhike.accounts.models import Attempt, User
from zhike.accounts.permissions import MANAGE_ACCOUNTS
from zhike.accounts.services import attempts
from zhike.accounts.services.sign_in_rules import facts, save_rules
from zhike.core import access


def security(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, MANAGE_ACCOUNTS)
    form = RulesForm(request.POST or None, initial=facts(attempts.rules()))
    if request.method == "POST" and form.is_valid():
        save_rules(actor=actor_of_request(request), grants=grants, values=form.cleaned_data)
        messages.success(request, _("The rules for signing in are saved and hold from now on."))
        return redirect("accounts:security")
    locked = attempts.locked_now()
    numbers = [row.what for row in locked if row.kind == Attempt.Kind.ACCOUNT]
    people = {user.staff_number: user for user in User.objects.filter(staff_number__in=numbers)}
    rows = [(row, people.get(row.what)) for row in locked]
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/security.html", {"form": form, "rows": rows}, status=status)


@require_POST
def unlock(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_ACCOUNTS)
    row = attempts.unlock(actor=actor_of_request(request), grants=grants, attempt_id=pk)
    messages.success(request, _("%(what)s is unlocked and may try again.") % {"what": row.what})
    return redirect("accounts:security")
