"""Small posts from a list page: how it is shown, and its saved views."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.errors import RuleError
from zhike.web.services import lists


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """To where the form said it came from, never to another house."""
    to = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(to, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(to if ours and to.startswith("/") else "/")


@login_required
@require_POST
def preference(request: HttpRequest) -> HttpResponse:
    """Anybody signed in: it is their own list."""
    data = request.POST
    columns = None
    if "offered" in data:
        shown = data.getlist("column")
        columns = (shown, [key for key in data.getlist("offered") if key not in shown])
    size = data.get("size", "")
    user_id = access.grants_of(request.user).user_id
    assert user_id is not None
    lists.keep_preference(
        user_id=user_id,
        list_name=data.get("list", ""),
        columns=columns,
        density=data.get("density", ""),
        size=int(size) if size.isascii() and size.isdigit() and len(size) < 5 else None,
    )
    return _back(request)


@login_required
@require_POST
def view_add(request: HttpRequest) -> HttpResponse:
    try:
        view = lists.save_view(
            actor=actor_of_request(request),
            grants=access.grants_of(request.user),
            list_name=request.POST.get("list", ""),
            title=request.POST.get("title", ""),
            query=request.POST.get("query", ""),
            is_shared=request.POST.get("shared") == "1",
        )
    except RuleError as refusal:
        if refusal.status != 422:
            raise
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Kept as the view “%(title)s”.") % {"title": view.title})
    return _back(request)


@login_required
@require_POST
def view_change(request: HttpRequest, pk: int) -> HttpResponse:
    actor, grants = actor_of_request(request), access.grants_of(request.user)
    if request.POST.get("do") == "remove":
        view = lists.remove_view(actor=actor, grants=grants, pk=pk)
        messages.success(request, _("The view “%(title)s” is removed.") % {"title": view.title})
        return _back(request)
    try:
        lists.rename_view(
            actor=actor,
            grants=grants,
            pk=pk,
            title=request.POST.get("title", ""),
            is_shared=request.POST.get("shared") == "1",
        )
    except RuleError as refusal:
        if refusal.status != 422:
            raise
        messages.error(request, str(refusal))
    return _back(request)
