"""Two files side by side, and taking a merge apart again."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from zhike.accounts.grants import actor_of_request
from zhike.core import access, search
from zhike.core.access import Grants
from zhike.core.errors import NotFound, RuleError
from zhike.customers import services
from zhike.customers.duplicates import possible_duplicates
from zhike.customers.labels import field_label, own_labels, shown_value
from zhike.customers.masks import is_shown, personal_codes, shown, shown_phones
from zhike.customers.models import Customer, CustomFieldDefinition
from zhike.customers.permissions import MERGE, TEXT, VIEW, may_reveal
from zhike.customers.searching import findable
from zhike.customers.selectors import get_customer, visible_customers
from zhike.customers.services.fields import as_text, birthday_text
from zhike.customers.services.looks import household_text
from zhike.customers.services.merges import BOTH, DROP, GROUPS, KEEP


@dataclass(frozen=True)
class Pair:
    """One choice: what either file says."""

    group: str
    label: Any
    keep: Any
    drop: Any
    # Of the whole values: two may look alike in part.
    differs: bool = False

    @property
    def takes_other(self) -> bool:
        """Where this file says nothing, the other one's word is offered."""
        return not self.keep and bool(self.drop)


def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Without `with` one chooses the other file; with it both stand side by side."""
    grants = access.require(request.user, MERGE)
    grants.require(VIEW)
    keep = get_customer(grants, pk)
    other = request.GET.get("with", "")
    if not (other.isascii() and other.isdigit() and len(other) < 19):
        return _choose_other(request, grants, keep)
    drop = get_customer(grants, int(other))
    problem = ""
    if request.method == "POST":
        try:
            journal = services.merge_customers(
                actor=actor_of_request(request),
                grants=grants,
                keep_id=keep.pk,
                drop_id=drop.pk,
                choices=_choices(request),
                reason=request.POST.get("reason", ""),
            )
        except NotFound:
            raise
        except RuleError as error:
            problem = str(error)
        else:
            messages.success(
                request,
                _("Merged: %(count)s entries moved. It can be taken apart under Details.")
                % {"count": journal.rows_moved},
            )
            return redirect(reverse("customers:file", args=[keep.pk]) + "?tab=details")
    shown_phones(grants, (keep, drop))
    context = {
        "keep": keep,
        "drop": drop,
        "pairs": _pairs(keep, drop, grants),
        "problem": problem,
        "can_reveal": may_reveal(grants, TEXT),
        "take": {"keep": KEEP, "drop": DROP, "both": BOTH},
        "swap_url": reverse("customers:merge", args=[drop.pk]) + f"?with={keep.pk}",
    }
    return render(request, "customers/merge.html", context, status=422 if problem else 200)


def _choices(request: HttpRequest) -> dict[str, str]:
    return {
        name.removeprefix("take."): value
        for name, value in request.POST.items()
        if name.startswith("take.") and value in (KEEP, DROP, BOTH)
    }


def _choose_other(request: HttpRequest, grants: Grants, keep: Customer) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:100]
    rows = visible_customers(grants).filter(kind=keep.kind).exclude(pk=keep.pk)
    found = search.find(findable(rows, query, grants), query, limit=20) if query else []
    found = shown_phones(grants, found)
    suggested = [] if query else shown_phones(grants, _suggested(grants, keep))
    context = {"keep": keep, "query": query, "found": found, "suggested": suggested}
    return render(request, "customers/merge_choose.html", context)


def _suggested(grants: Grants, keep: Customer) -> list[Customer]:
    likely = possible_duplicates(
        grants,
        name=keep.name,
        region_id=keep.region_id,
        organisation_id=keep.organisation_id,
        exclude_id=keep.pk,
    )
    rows = visible_customers(grants).filter(kind=keep.kind).in_bulk(d.customer_id for d in likely)
    return [rows[d.customer_id] for d in likely if d.customer_id in rows]


def _pairs(keep: Customer, drop: Customer, grants: Grants) -> list[Pair]:
    """A choice for each field the reader is shown; for the others the rule of a merge without a choice holds."""
    pairs = []
    for group, columns in GROUPS.items():
        one, other = (_told(customer, group, columns[0]) for customer in (keep, drop))
        pairs.append(Pair(group, field_label(group, {}), one, other))
    definitions = list(CustomFieldDefinition.objects.all())
    own, personal = own_labels(definitions), personal_codes(definitions)
    for code in sorted({*keep.custom, *drop.custom}):
        one, other = (str(c.custom.get(code) or "") for c in (keep, drop))
        pairs.append(Pair(f"custom.{code}", own.get(code, code), one, other))
    return [
        Pair(
            pair.group,
            pair.label,
            shown(grants, pair.group, pair.keep, personal),
            shown(grants, pair.group, pair.drop, personal),
            pair.keep != pair.drop,
        )
        for pair in pairs
        if (pair.keep or pair.drop) and is_shown(grants, pair.group, personal)
    ]


def _told(customer: Customer, group: str, column: str) -> Any:
    if group == "birthday":
        return birthday_text(customer)
    if group == "household":
        return household_text(customer)
    return shown_value(group, as_text(column, customer))


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """`pk` is the journal's; where it leads back to is the kept file."""
    grants = access.require(request.user, MERGE)
    back = request.POST.get("keep", "")
    try:
        report = services.undo_merge(actor=actor_of_request(request), grants=grants, journal_id=pk)
    except NotFound:
        raise
    except RuleError as error:
        messages.warning(request, str(error))
    else:
        sentence = _("Taken apart: %(count)s entries went back.") % {"count": report.rows_restored}
        if report.moved_on or report.fields_kept:
            sentence += " " + _(
                "%(rows)s entries and %(fields)s fields were changed since and stay where they are."
            ) % {"rows": report.rows_moved_on, "fields": len(report.fields_kept)}
        messages.success(request, sentence)
    if back.isascii() and back.isdigit() and len(back) < 19:
        return redirect(reverse("customers:file", args=[int(back)]) + "?tab=details")
    return redirect("customers:list")
