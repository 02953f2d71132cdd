"""People, units and roles: the administrator's pages."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from zhike.accounts.forms import PersonForm, UnitForm
from zhike.accounts.grants import actor_of_request
from zhike.accounts.models import Attempt, Role, RoleAssignment, Unit, User
from zhike.accounts.permissions import MANAGE_ACCOUNTS
from zhike.accounts.selectors import load_unit, load_user, unit_tree
from zhike.accounts.services import units as unit_services
from zhike.accounts.services import users as user_services
from zhike.accounts.services.attempts import locked_now
from zhike.accounts.services.passwords import reset_password
from zhike.accounts.services.second_factor import is_on
from zhike.accounts.services.sessions import signed_in
from zhike.accounts.services.single_sign_on import identities_of
from zhike.core import access
from zhike.core.errors import RuleError


def add_rule_error(form: forms.Form, error: RuleError) -> None:
    form.add_error(error.field if error.field in form.fields else None, str(error))


def people(request: HttpRequest) -> HttpResponse:
    access.require(request.user, MANAGE_ACCOUNTS)
    rows = User.objects.select_related("unit").prefetch_related("assignments__role")
    return render(
        request,
        "accounts/people.html",
        {
            "people": rows.order_by("-is_active", "staff_number"),
            "units": unit_tree(),
            "locked": {row.what for row in locked_now() if row.kind == Attempt.Kind.ACCOUNT},
        },
    )


def _profile(form: PersonForm) -> user_services.Profile:
    data = form.cleaned_data
    return user_services.Profile(
        staff_number=data["staff_number"],
        name=data["name"],
        unit=Unit.objects.get(pk=int(data["unit"])),
        email=data["email"],
        title=data["title"],
        extension=data["extension"],
    )


def _role_grants(form: PersonForm) -> list[user_services.RoleGrant]:
    chosen = Role.objects.filter(pk__in=[int(pk) for pk in form.cleaned_data["roles"]])
    units = Unit.objects.in_bulk(form.units_chosen())
    return [
        user_services.RoleGrant(
            role,
            form.cleaned_data[f"scope-{role.pk}"],
            units.get(int(form.cleaned_data[f"unit-{role.pk}"] or 0)),
        )
        for role in chosen
    ]


@sensitive_post_parameters("password")
def person_create(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, MANAGE_ACCOUNTS)
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = user_services.create_user(
                actor=actor_of_request(request),
                grants=grants,
                profile=_profile(form),
                password=form.cleaned_data["password"],
                roles=_role_grants(form),
                must_change_password=True,
            )
        except RuleError as error:
            add_rule_error(form, error)
        else:
            messages.success(request, _("%(name)s can now sign in.") % {"name": person.name})
            return redirect("accounts:people")
    return _form_page(request, "accounts/person_form.html", {"form": form})


def person_edit(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_ACCOUNTS)
    person = load_user(pk)
    form = PersonForm(request.POST or None, person=person, initial=_initial(person))
    if request.method == "POST" and form.is_valid():
        try:
            user_services.update_user(
                actor=actor_of_request(request),
                grants=grants,
                user=person,
                profile=_profile(form),
                roles=_role_grants(form),
                is_active=form.cleaned_data["is_active"],
            )
        except RuleError as error:
            add_rule_error(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("accounts:people")
    return _form_page(
        request, "accounts/person_form.html", {"form": form, **_sign_in_facts(person)}
    )


def _sign_in_facts(person: User) -> dict[str, Any]:
    held = [row for row in locked_now() if row.what == person.staff_number]
    return {
        "person": person,
        "held": next((row for row in held if row.kind == Attempt.Kind.ACCOUNT), None),
        "devices": signed_in(person.pk),
        "has_second_factor": is_on(person),
        "identities": identities_of(person),
    }


def _initial(person: User) -> dict[str, Any]:
    held = list(RoleAssignment.objects.filter(user=person).select_related("role"))
    return {
        "name": person.name,
        "staff_number": person.staff_number,
        "unit": str(person.unit_id),
        "title": person.title,
        "extension": person.extension,
        "email": person.email,
        "roles": [str(one.role_id) for one in held],
        **{
            f"scope-{one.role_id}": one.scope for one in held if one.scope != one.role.default_scope
        },
        **{f"unit-{one.role_id}": str(one.unit_id) for one in held if one.unit_id},
        "is_active": person.is_active,
    }


@require_POST
@sensitive_post_parameters("password")
def person_password(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_ACCOUNTS)
    person = load_user(pk)
    try:
        reset_password(
            actor=actor_of_request(request),
            grants=grants,
            user=person,
            password=request.POST.get("password", ""),
        )
    except RuleError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            _("New password set. %(name)s chooses their own at the next sign-in.")
            % {"name": person.name},
        )
    return redirect("accounts:person", pk=pk)


def unit_create(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, MANAGE_ACCOUNTS)
    form = UnitForm(request.POST or None, initial={"parent": request.GET.get("parent", "")})
    if request.method == "POST" and form.is_valid():
        try:
            unit_services.create_unit(
                actor=actor_of_request(request),
                grants=grants,
                name=form.cleaned_data["name"],
                kind=form.cleaned_data["kind"],
                parent=_parent(form),
            )
        except RuleError as error:
            add_rule_error(form, error)
        else:
            messages.success(request, _("The unit has been added."))
            return redirect("accounts:people")
    return _form_page(request, "accounts/unit_form.html", {"form": form})


def unit_edit(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_ACCOUNTS)
    unit = load_unit(pk)
    initial = {"name": unit.name, "kind": unit.kind, "parent": str(unit.parent_id or "")}
    form = UnitForm(
        request.POST or None, unit=unit, initial={**initial, "is_active": unit.is_active}
    )
    if request.method == "POST" and form.is_valid():
        try:
            unit_services.update_unit(
                actor=actor_of_request(request),
                grants=grants,
                unit=unit,
                name=form.cleaned_data["name"],
                kind=form.cleaned_data["kind"],
                parent=_parent(form),
                is_active=form.cleaned_data["is_active"],
            )
        except RuleError as error:
            add_rule_error(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("accounts:people")
    return _form_page(request, "accounts/unit_form.html", {"form": form, "unit": unit})


def _parent(form: UnitForm) -> Unit | None:
    chosen = form.cleaned_data["parent"]
    return Unit.objects.get(pk=int(chosen)) if chosen else None


def _form_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, template, context, status=status)
