"""Acts on the ticked rows of the list: a page that asks what exactly, then does it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import NotFound, RuleError
from zhike.core.listing import Listing
from zhike.customers import services
from zhike.customers.forms import UNKNOWN, managers, split_tags
from zhike.customers.masks import shown_phones
from zhike.customers.permissions import EDIT, MERGE, VIEW
from zhike.customers.selectors import visible_customers


class ManagerForm(forms.Form):
    manager = forms.ChoiceField(label=gettext_lazy("Account manager"), required=False)

    def __init__(self, *args: Any, grants: Grants, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["manager"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [UNKNOWN, *managers(grants)]


class TagsForm(forms.Form):
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        max_length=300,
        help_text=gettext_lazy("Separated by blanks or commas."),
    )

    def __init__(self, *args: Any, grants: Grants, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


@dataclass(frozen=True)
class Act:
    title: Any
    button: Any
    url_name: str
    form: Callable[..., forms.Form]
    do: Callable[[dict[str, Any], dict[str, Any]], int]


MANAGER = Act(
    gettext_lazy("Name an account manager"),
    gettext_lazy("Name the manager"),
    "customers:batch-manager",
    ManagerForm,
    lambda caller, data: services.give_to_manager(
        **caller, manager_id=int(data["manager"]) if data["manager"] else None
    ),
)
TAGS = Act(
    gettext_lazy("Add tags"),
    gettext_lazy("Add these tags"),
    "customers:batch-tags",
    TagsForm,
    lambda caller, data: services.add_tags(**caller, names=split_tags(data["tags"])),
)


@require_POST
def manager(request: HttpRequest) -> HttpResponse:
    return _batch(request, MANAGER)


@require_POST
def tags(request: HttpRequest) -> HttpResponse:
    return _batch(request, TAGS)


@require_POST
def merge(request: HttpRequest) -> HttpResponse:
    """Two ticked rows stand side by side; the one ticked first stays."""
    access.require(request.user, MERGE)
    ids = Listing.chosen_ids(request.POST)
    if len(ids) != 2:
        messages.warning(request, _("Please tick exactly two customers to merge."))
        return redirect(_back(request))
    return redirect(reverse("customers:merge", args=[ids[0]]) + f"?with={ids[1]}")


def _back(request: HttpRequest) -> str:
    asked = request.POST.get("next", "")
    is_own = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_own and asked.startswith("/") else reverse("customers:list")


def _batch(request: HttpRequest, act: Act) -> HttpResponse:
    grants = access.require(request.user, EDIT)
    grants.require(VIEW)
    ids = Listing.chosen_ids(request.POST)
    back = _back(request)
    rows = visible_customers(grants).filter(pk__in=ids).only("name", "phone_mask", "tier")
    chosen = shown_phones(grants, rows)
    if not chosen:
        messages.warning(request, _("Please tick the customers first."))
        return redirect(back)
    # The list itself sends ids alone; only this page's own form says that it is meant.
    is_meant = request.POST.get("do") == "1"
    form = act.form(request.POST if is_meant else None, grants=grants)
    if is_meant and form.is_valid():
        caller = {"actor": actor_of_request(request), "grants": grants, "customer_ids": ids}
        try:
            count = act.do(caller, form.cleaned_data)
        except NotFound:
            raise
        except RuleError as error:
            form.add_error(None, str(error))
        else:
            said = ngettext("%(n)s file changed.", "%(n)s files changed.", count) % {"n": count}
            messages.success(request, said)
            return redirect(back)
    context = {"act": act, "chosen": chosen, "form": form, "back": back}
    return render(request, "customers/batch.html", context, status=422 if is_meant else 200)
