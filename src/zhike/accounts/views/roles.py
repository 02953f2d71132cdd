"""Roles: what each may do, how far it reaches, who holds it; and whether three duties lie apart."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.accounts.forms_roles import GROUPS, LEVEL, RoleForm
from zhike.accounts.grants import actor_of_request
from zhike.accounts.models import Role
from zhike.accounts.permissions import MANAGE_ACCOUNTS
from zhike.accounts.roles import DUTY_LABELS
from zhike.accounts.services import duties as duty_services
from zhike.accounts.services import granting
from zhike.accounts.services import roles as role_services
from zhike.core import access
from zhike.core.access import PERMISSIONS, NotFound
from zhike.core.errors import RuleError


def roles(request: HttpRequest) -> HttpResponse:
    access.require(request.user, MANAGE_ACCOUNTS)
    people = Count("assignments", filter=Q(assignments__user__is_active=True))
    rows = Role.objects.annotate(people=people).order_by("pk")
    context = {
        "rows": [{"role": role, "rooms": _rooms(role)} for role in rows],
        "is_apart": granting.duties_apart(),
    }
    return render(request, "accounts/roles.html", context)


def _rooms(role: Role) -> list[tuple[Any, int, int]]:
    """Of each room: its name, how many of its permissions the role holds, of how many."""
    held = set(role.permissions)
    counted = [
        (
            GROUPS.get(group, group),
            sum(p.code in held for p in PERMISSIONS if p.group == group),
            total,
        )
        for group in GROUPS
        if (total := sum(p.group == group for p in PERMISSIONS))
    ]
    return [(label, n, total) for label, n, total in counted if n]


def _role(pk: int) -> Role:
    role = Role.objects.filter(pk=pk, holds_everything=False).first()
    if role is None:
        raise NotFound()
    return role


def _initial(role: Role) -> dict[str, Any]:
    return {
        "name": role.name,
        "default_scope": role.default_scope,
        "permissions": role.permissions,
        **{f"{LEVEL}{code}": level for code, level in role.levels.items()},
    }


@require_http_methods(["GET", "HEAD", "POST"])
def role_create(request: HttpRequest) -> HttpResponse:
    access.require(request.user, MANAGE_ACCOUNTS)
    initial: dict[str, Any] = {"default_scope": "own"}
    like = request.GET.get("like", "")
    pattern = _role(int(like)) if like.isascii() and like.isdigit() and len(like) < 10 else None
    if pattern is not None:
        initial = _initial(pattern) | {"name": ""}
    return _form(request, None, initial, pattern)


@require_http_methods(["GET", "HEAD", "POST"])
def role_edit(request: HttpRequest, pk: int) -> HttpResponse:
    access.require(request.user, MANAGE_ACCOUNTS)
    role = _role(pk)
    return _form(request, role, _initial(role))


def _form(
    request: HttpRequest, role: Role | None, initial: dict[str, Any], pattern: Role | None = None
) -> HttpResponse:
    form = RoleForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            saved = role_services.save_role(
                actor=actor_of_request(request),
                grants=access.grants_of(request.user),
                role=role,
                **form.role_fields(),
            )
        except RuleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(
                request, _("“%(name)s” is saved and holds from now on.") % {"name": saved.label}
            )
            return redirect("accounts:roles")
    held = role.assignments.select_related("user", "user__unit", "unit") if role else None
    context = {
        "form": form,
        "role": role,
        "pattern": pattern,
        "holders": held.order_by("-user__is_active", "user__staff_number") if held else [],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/role_form.html", context, status=status)


@require_POST
def role_delete(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_ACCOUNTS)
    role = _role(pk)
    label = role.label
    try:
        role_services.delete_role(actor=actor_of_request(request), grants=grants, role_id=pk)
    except NotFound:
        raise
    except RuleError as error:
        messages.error(request, str(error))
        return redirect("accounts:role", pk)
    messages.success(request, _("“%(name)s” is deleted.") % {"name": label})
    return redirect("accounts:roles")


@require_http_methods(["GET", "HEAD", "POST"])
def duties(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, MANAGE_ACCOUNTS)
    status, refused = 200, ""
    if request.method == "POST":
        wish = request.POST.get("apart") == "1"
        try:
            duty_services.keep_apart(actor=actor_of_request(request), grants=grants, apart=wish)
        except RuleError as error:
            refused, status = str(error), error.status
        else:
            messages.success(
                request,
                _("The three duties lie apart from now on.")
                if wish
                else _("The three duties may be held together again."),
            )
            return redirect("accounts:duties")
    context = {
        "is_apart": granting.duties_apart(),
        "refused": refused,
        "missing": [DUTY_LABELS[duty] for duty in granting.missing_duties()],
        "breaches": [
            {
                "person": one.person,
                "duties": [DUTY_LABELS[duty] for duty in one.duties],
                "beyond": granting.labels_of(one.beyond),
                "many": len(one.beyond),
            }
            for one in granting.breaches()
        ],
    }
    return render(request, "accounts/duties.html", context, status=status)
