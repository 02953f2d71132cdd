"""Comparing in pairs: one page, whose consistency is told again after each judgement."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.errors import Forbidden, NotFound, RuleError
from zhike.satisfaction import errors, pairs, services
from zhike.satisfaction.models import IndicatorSystem
from zhike.satisfaction.pairs import Group, Judgements
from zhike.satisfaction.permissions import MANAGE
from zhike.satisfaction.selectors import get_system
from zhike.satisfaction.structure import from_json, without


@require_http_methods(["GET", "HEAD", "POST"])
def pairs_page(request: HttpRequest, pk: int) -> HttpResponse:
    """POST saves; with `check` it only tells how consistent it is, as a part of the page for htmx."""
    grants = access.require(request.user, MANAGE)
    system = get_system(grants, pk)
    groups = pairs.groups_of(without(from_json(system.structure), system.left_out), _("Dimensions"))
    actor = actor_of_request(request)
    if request.method != "POST":
        own = system.judgings.filter(judge_id=actor.id).first()
        return _page(request, system, groups, own.judgements if own else {})
    given = _given(request, groups)
    if "HX-Request" in request.headers:
        return render(request, "satisfaction/_consistency.html", _told(groups, given))
    if "check" in request.POST:
        return _page(request, system, groups, given)
    try:
        services.save_judging(actor=actor, grants=grants, system_id=pk, judgements=given)
    except RuleError as error:
        if isinstance(error, Forbidden | NotFound):
            raise
        return _page(request, system, groups, given, refused=str(error), status=error.status)
    lacking = sum(one.lacking for one in pairs.told(groups, [given]))
    if lacking:
        messages.info(
            request, _("Saved as a draft; %(n)s pairs are not judged yet.") % {"n": lacking}
        )
    else:
        messages.success(request, _("Saved. All pairs are judged."))
    return redirect("satisfaction:pairs", pk)


@require_POST
def drop(request: HttpRequest, pk: int, judging: int) -> HttpResponse:
    services.drop_judging(
        actor=actor_of_request(request),
        grants=access.require(request.user, MANAGE),
        system_id=pk,
        judging_id=judging,
    )
    messages.success(request, _("These judgements count no longer."))
    return redirect("satisfaction:pairs", pk)


def _given(request: HttpRequest, groups: list[Group]) -> Judgements:
    """What was chosen; a choice that is none is left for the service to refuse."""
    found: dict[str, dict[str, int]] = {}
    for group in groups:
        found[group.key] = {}
        for pair in group.pairs:
            key = pairs.pair_key(*pair)
            value = request.POST.get(f"p|{group.key}|{key}", "")
            if value:
                found[group.key][key] = int(value) if _is_step(value) else 0
    return found


def _is_step(value: str) -> bool:
    return value in {str(step) for step in pairs.STEPS}


def _told(groups: list[Group], given: Judgements) -> dict[str, Any]:
    try:
        pairs.refuse_large(groups)
    except pairs.TooManyMembers as many:
        refusal = errors.too_many_to_compare(many.group.title, many.most)
        return {"told": [], "too_many": str(refusal)}
    known = {
        key: {pair: step for pair, step in one.items() if step in pairs.STEPS}
        for key, one in given.items()
    }
    return {"told": pairs.told(groups, [known]), "too_many": ""}


def _page(
    request: HttpRequest,
    system: IndicatorSystem,
    groups: list[Group],
    given: Judgements,
    *,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    judges = list(system.judgings.order_by("judge_name", "pk"))
    complete = [one for one in judges if pairs.is_complete(groups, one.judgements)]
    told = _told(groups, given)
    together = []
    if len(complete) > 1 and not told["too_many"]:
        together = pairs.told(groups, [one.judgements for one in complete])
    context = {
        "system": system,
        "groups": groups,
        "given": given,
        "steps": pairs.STEPS,
        "judges": judges,
        "complete": {one.pk for one in complete},
        "together": together,
        "refused": refused,
        **told,
    }
    return render(request, "satisfaction/pairs.html", context, status=status)
