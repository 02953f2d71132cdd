"""Small things pages about a case need of a request, here and in higher rooms."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from zhike.core.errors import NotFound, RuleError
from zhike.desk.models import Case


def is_part(request: HttpRequest) -> bool:
    """A script asks for the inside of a page."""
    return request.headers.get("HX-Request") == "true"


def tracking_link(request: HttpRequest, token: str) -> str:
    """The whole address of the customer's progress page; nothing while no room offers one."""
    try:
        return request.build_absolute_uri(reverse("webform:tracking", args=[token]))
    except NoReverseMatch:
        return ""


@dataclass(frozen=True)
class FormPage:
    """A small form about a case: a dialog for scripts, a page of its own without."""

    title: Any
    button: Any
    url: str
    sentence: Any = ""
    danger: bool = False
    hurdles: Sequence[str] = ()


def show_form(
    request: HttpRequest, case: Case, page: FormPage, form: forms.Form, status: int = 200
) -> HttpResponse:
    template = "desk/_action.html" if is_part(request) else "desk/action.html"
    return render(request, template, {"case": case, "form": form, "act": page}, status=status)


def show_refusal(
    request: HttpRequest,
    case: Case,
    page: FormPage,
    form: forms.Form,
    error: RuleError,
    names: dict[str, str] | None = None,
) -> HttpResponse:
    """The form again with what the service said, at its field; `names` where that is called otherwise."""
    if isinstance(error, NotFound):
        raise error
    name = (names or {}).get(error.field, error.field)
    known = name in form.fields and not form.fields[name].widget.is_hidden
    form.add_error(name if known else None, str(error))
    return show_form(request, case, page, form, error.status)
