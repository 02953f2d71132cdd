"""One thing done to several cases of the queue. What cannot be done to one of them does not stop the others."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from zhike.accounts.grants import actor_of_request
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import NotFound, RuleError
from zhike.core.listing import Listing
from zhike.core.work import Actor
from zhike.desk.forms import BatchHandOverForm, BatchMergeForm, BatchTypeForm
from zhike.desk.models import Case
from zhike.desk.permissions import HANDOVER, MERGE, WORK
from zhike.desk.phrases import Place
from zhike.desk.selectors.scope import HEAVY, visible_cases
from zhike.desk.services import ownership, progress, relations
from zhike.desk.services.words import check_words
from zhike.desk.views.actions import people_choices, type_choices

SHOWN_REFUSALS = 5


def chosen_cases(request: HttpRequest, grants: Grants) -> list[Case]:
    """The ticked ones within reach, in the order of their numbers."""
    ids = Listing.chosen_ids(request.POST)
    rows = visible_cases(grants).filter(pk__in=ids, merged_into__isnull=True)
    return list(rows.defer(*HEAVY).order_by("number"))


def _way_back(request: HttpRequest) -> str:
    back = request.POST.get("next", "")
    if back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return back
    return reverse("desk:queue")


def _ask(
    request: HttpRequest,
    form: forms.Form,
    cases: list[Case],
    words: dict[str, str],
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "cases": cases, "act": words, "next": _way_back(request)}
    return render(request, "desk/batch.html", context, status=status)


def _nothing_chosen(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("Nothing is ticked. Tick the cases first."))
    return redirect(_way_back(request))


def _for_each(
    request: HttpRequest, cases: list[Case], do: Callable[[Case], Any], done: Callable[[int], str]
) -> HttpResponse:
    refused: list[str] = []
    count = 0
    for case in cases:
        try:
            do(case)
        except RuleError as error:
            refused.append(f"{case.number}：{error}")
        else:
            count += 1
    if count:
        messages.success(request, done(count))
    for sentence in refused[:SHOWN_REFUSALS]:
        messages.warning(request, sentence)
    if len(refused) > SHOWN_REFUSALS:
        rest = len(refused) - SHOWN_REFUSALS
        messages.warning(request, _("And %(n)d more were left as they are.") % {"n": rest})
    return redirect(_way_back(request))


@require_POST
def batch_handover(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, HANDOVER)
    cases = chosen_cases(request, grants)
    if not cases:
        return _nothing_chosen(request)
    sent = request.POST if "reason" in request.POST else None
    form = BatchHandOverForm(sent, people=people_choices(None, grants))
    actor = actor_of_request(request)
    if sent is None or not form.is_valid() or not _may_say(form, actor, grants):
        words = {
            "title": _("Hand over %(n)d cases") % {"n": len(cases)},
            "button": _("Hand over"),
            "url": reverse("desk:batch-handover"),
        }
        return _ask(request, form, cases, words, status=200 if sent is None else 422)

    def hand_over(case: Case) -> None:
        ownership.hand_over(
            actor=actor,
            grants=grants,
            case_id=case.pk,
            to_user_id=int(form.cleaned_data["to"]),
            reason=form.cleaned_data["reason"],
            expected_owner_id=case.owner_id,
            kept=form.kept,
        )

    return _for_each(
        request,
        cases,
        hand_over,
        lambda n: ngettext("Handed over %(n)d case.", "Handed over %(n)d cases.", n) % {"n": n},
    )


def _may_say(form: BatchHandOverForm, actor: Actor, grants: Grants) -> bool:
    """Asked once, before the first case: not every case needs to refuse the same words."""
    reason = form.cleaned_data["reason"]
    try:
        check_words(reason, Place.NOTE, actor=actor, grants=grants, kept=form.kept)
    except RuleError as error:
        form.add_error("phrase_reason", str(error))
    return form.is_valid()


@require_POST
def batch_type(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, WORK)
    cases = chosen_cases(request, grants)
    if not cases:
        return _nothing_chosen(request)
    sent = request.POST if "type" in request.POST else None
    form = BatchTypeForm(sent, types=type_choices())
    if sent is None or not form.is_valid():
        words = {
            "title": _("Change the type of %(n)d cases") % {"n": len(cases)},
            "button": _("Change type"),
            "url": reverse("desk:batch-type"),
        }
        return _ask(request, form, cases, words, status=200 if sent is None else 422)
    actor = actor_of_request(request)
    return _for_each(
        request,
        cases,
        lambda case: progress.change_type(
            actor=actor, grants=grants, case_id=case.pk, type_code=form.cleaned_data["type"]
        ),
        lambda n: ngettext("Changed %(n)d case.", "Changed %(n)d cases.", n) % {"n": n},
    )


@require_POST
def batch_merge(request: HttpRequest) -> HttpResponse:
    grants = access.require(request.user, MERGE)
    cases = chosen_cases(request, grants)
    if len(cases) < 2:
        messages.warning(request, _("Tick at least two cases to merge."))
        return redirect(_way_back(request))
    options = [(str(case.pk), f"{case.number} {case.title}") for case in cases]
    sent = request.POST if "into" in request.POST else None
    form = BatchMergeForm(sent, cases=options, initial={"into": options[0][0]})
    if sent is None or not form.is_valid():
        words = {
            "title": _("Merge %(n)d cases into one") % {"n": len(cases)},
            "button": _("Merge"),
            "url": reverse("desk:batch-merge"),
        }
        return _ask(request, form, cases, words, status=200 if sent is None else 422)
    actor = actor_of_request(request)
    into_id = int(form.cleaned_data["into"])
    if into_id not in {case.pk for case in cases}:
        raise NotFound()
    return _for_each(
        request,
        [case for case in cases if case.pk != into_id],
        lambda case: relations.merge_cases(
            actor=actor, grants=grants, into_id=into_id, from_id=case.pk
        ),
        lambda n: ngettext("Merged %(n)d case.", "Merged %(n)d cases.", n) % {"n": n},
    )
