"""Settings: the kinds of case, the built-in ones and one's own."""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import NotFound, RuleError
from zhike.core.pinyin import sounds
from zhike.desk.case_types import OTHER_PREFIX
from zhike.desk.forms import CaseTypeForm
from zhike.desk.models import CaseType
from zhike.desk.selectors.types import case_types
from zhike.desk.services.types import MANAGE_SETTINGS, add_type, change_type_entry


@require_safe
def types(request: HttpRequest) -> HttpResponse:
    access.require(request.user, MANAGE_SETTINGS)
    return _page(request, CaseTypeForm())


def _page(request: HttpRequest, form: CaseTypeForm, status: int = 200) -> HttpResponse:
    return render(request, "desk/types.html", {"types": case_types(), "form": form}, status=status)


def code_for(name: str, taken: set[str]) -> str:
    """What imports and the interface call a kind: its name in letters, with a number when that is taken."""
    letters = "_".join(re.sub(r"[^a-z0-9]", "", part) for part in sounds(name.lower()))
    plain = re.sub(r"_+", "_", letters).strip("_")[:24]
    if not plain or not plain[0].isalpha() or len(plain) < 2:
        plain = f"own_{plain}".rstrip("_")
    code, count = plain, 1
    while code in taken:
        count += 1
        code = f"{plain}_{count}"
    return code


@require_POST
def type_add(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, MANAGE_SETTINGS)
    form = CaseTypeForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    name = form.cleaned_data["name"]
    try:
        add_type(
            actor=actor_of_request(request),
            grants=grants,
            code=code_for(name, {kind.code for kind in case_types()}),
            name=name,
            prefix=form.cleaned_data["prefix"] or OTHER_PREFIX,
        )
    except RuleError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _page(request, form, status=error.status)
    messages.success(request, _("“%(name)s” can be chosen from now on.") % {"name": name})
    return redirect("desk:types")


def _kind(code: str) -> CaseType:
    found = next((kind for kind in case_types() if kind.code == code), None)
    if found is None:
        raise NotFound()
    return found


@require_http_methods(["POST"])
def type_change(request: HttpRequest, code: str) -> HttpResponse:
    """Rename, or take out of the lists people choose from; cases keep their kind either way."""
    grants = access.require(request.user, MANAGE_SETTINGS)
    kind = _kind(code)
    try:
        _change(request, grants, kind)
    except RuleError as error:
        messages.warning(request, str(error))
    return redirect("desk:types")


def _change(request: HttpRequest, grants: Grants, kind: CaseType) -> None:
    name = request.POST.get("name", "").strip()
    active = {"1": True, "0": False}.get(request.POST.get("active", ""))
    if not name and active is None:
        messages.warning(request, _("Please write a name."))
        return
    changed = change_type_entry(
        actor=actor_of_request(request),
        grants=grants,
        code=kind.code,
        name=name or None,
        active=active,
    )
    messages.success(request, _("“%(name)s” is changed.") % {"name": changed.label})
