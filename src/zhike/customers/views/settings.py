"""Settings of the customer file: own fields, tags, regions."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.accounts.grants import actor_of_request
from zhike.accounts.permissions import MANAGE_SETTINGS
from zhike.core import access
from zhike.core.errors import NotFound, RuleError
from zhike.customers import services
from zhike.customers.errors import missing
from zhike.customers.models import CustomFieldDefinition, Region, Tag
from zhike.customers.settings_forms import FieldForm, RegionForm, TagForm
from zhike.customers.views.files import add_rule_error


def fields(request: HttpRequest) -> HttpResponse:
    access.require(request.user, MANAGE_SETTINGS)
    rows = CustomFieldDefinition.objects.filter(is_active=True)
    return render(request, "customers/fields.html", {"fields": rows})


def field_form(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    row = CustomFieldDefinition.objects.filter(pk=pk).first() if pk is not None else None
    if pk is not None and row is None:
        raise missing("field_missing", _("There is no such field."))
    form = FieldForm(request.POST or None, initial=_initial(row) if row is not None else None)
    if row is not None:
        form.fields["code"].disabled = form.fields["kind"].disabled = True
    if request.method == "POST" and form.is_valid():
        data = {**form.cleaned_data, "choices": form.cleaned_data["choices"].splitlines()}
        try:
            services.define_custom_field(
                actor=actor_of_request(request),
                grants=grants,
                definition_id=pk,
                **{**data, "position": data["position"] or 0},
            )
        except RuleError as error:
            add_rule_error(form, error)
        else:
            messages.success(request, _("The field is saved."))
            return redirect("customers:fields")
    status = 422 if request.method == "POST" else 200
    return render(request, "customers/field_form.html", {"form": form, "row": row}, status=status)


def _initial(row: CustomFieldDefinition) -> dict[str, object]:
    names = (
        "label",
        "code",
        "kind",
        "applies_to",
        "position",
        "required",
        "filterable",
        "is_personal",
    )
    values: dict[str, object] = {name: getattr(row, name) for name in names}
    return {**values, "help_text": row.help, "choices": "\n".join(row.choices)}


@require_POST
def field_retire(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    services.retire_custom_field(actor=actor_of_request(request), grants=grants, definition_id=pk)
    messages.success(request, _("The field is off the form. What was filled in is kept."))
    return redirect("customers:fields")


def tags(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    form = TagForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_tag(
                actor=actor_of_request(request), grants=grants, name=form.cleaned_data["name"]
            )
        except RuleError as error:
            add_rule_error(form, error)
        else:
            messages.success(request, _("The tag is there."))
            return redirect("customers:tags")
    rows = Tag.objects.annotate(files=Count("customer_links")).order_by("-is_active", "name")
    status = 422 if request.method == "POST" else 200
    return render(request, "customers/tags.html", {"form": form, "tags": rows}, status=status)


@require_POST
def tag_change(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    try:
        services.change_tag(
            actor=actor_of_request(request),
            grants=grants,
            tag_id=pk,
            name=request.POST.get("name", ""),
            is_active=request.POST.get("retire") != "1",
        )
    except NotFound:
        raise
    except RuleError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("The tag is saved."))
    return redirect("customers:tags")


def regions(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """One level of the tree: the regions below `pk`, or the topmost."""
    grants = access.require(request.user, MANAGE_SETTINGS)
    parent = Region.objects.filter(pk=pk).first() if pk is not None else None
    if pk is not None and parent is None:
        raise missing("region_gone", _("There is no such region."))
    form = RegionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.create_region(
                actor=actor_of_request(request),
                grants=grants,
                parent_id=pk,
                **form.cleaned_data,
            )
        except RuleError as error:
            add_rule_error(form, error)
        else:
            messages.success(request, _("The region is there."))
            return redirect(_region_address(pk))
    rows = Region.objects.filter(parent=parent).annotate(below=Count("children"))
    context = {
        "form": form,
        "parent": parent,
        "above": _above(parent),
        "regions": rows.order_by("-is_active", "position", "name"),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "customers/regions.html", context, status=status)


def _above(region: Region | None) -> list[Region]:
    if region is None:
        return []
    ids = [int(part) for part in region.path.split("/") if part]
    rows = Region.objects.in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows]


def _region_address(pk: int | None) -> str:
    if pk is None:
        return reverse("customers:regions")
    return reverse("customers:region", args=[pk])


@require_POST
def region_change(request: HttpRequest, pk: int) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    try:
        row = services.change_region(
            actor=actor_of_request(request),
            grants=grants,
            region_id=pk,
            name=request.POST.get("name", ""),
            is_active=request.POST.get("retire") != "1",
        )
    except NotFound:
        raise
    except RuleError as error:
        messages.warning(request, str(error))
        row = Region.objects.get(pk=pk)
    else:
        messages.success(request, _("The region is saved."))
    return redirect(_region_address(row.parent_id))
