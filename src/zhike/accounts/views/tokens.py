from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.accounts.forms import TokenForm
from zhike.accounts.grants import actor_of_request
from zhike.accounts.models import ApiToken, User
from zhike.accounts.permissions import MANAGE_TOKENS
from zhike.accounts.services.tokens import create_token, revoke_token
from zhike.core import access, clock
from zhike.core.access import NotFound


def tokens(request: HttpRequest) -> HttpResponse:
    """One's own API tokens. A new one's text is on this answer alone."""
    grants = access.require(request.user, MANAGE_TOKENS)
    assert isinstance(request.user, User)
    form = TokenForm(request.POST or None)
    fresh = ""
    if request.method == "POST" and form.is_valid():
        scopes = ["read", "write"] if form.cleaned_data["write"] else ["read"]
        _token, fresh = create_token(
            actor=actor_of_request(request),
            grants=grants,
            user=request.user,
            label=form.cleaned_data["label"],
            scopes=scopes,
            days=form.cleaned_data["days"],
        )
        form = TokenForm()
    rows = ApiToken.objects.filter(user=request.user).order_by("-pk")
    status = 422 if request.method == "POST" and not fresh else 200
    context = {"form": form, "rows": rows, "fresh": fresh, "now": clock.now()}
    return render(request, "accounts/tokens.html", context, status=status)


@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_TOKENS)
    token = ApiToken.objects.filter(pk=pk, user_id=request.user.pk or 0).first()
    if token is None:
        raise NotFound()
    revoke_token(actor=actor_of_request(request), grants=grants, token=token)
    messages.success(request, _("The token no longer works."))
    return redirect("accounts:tokens")
