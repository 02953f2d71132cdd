"""The list of notices, and the short page of one: what happened, the answer, what followed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.complaints.choices import NoticeState
from zhike.complaints.models import Notice
from zhike.complaints.notice_forms import AnswerForm, CheckForm, ReasonForm
from zhike.complaints.notice_lists import notice_listing
from zhike.complaints.notice_page import page_of
from zhike.complaints.permissions import ANSWER, MANAGE_NOTICES
from zhike.complaints.selectors.causes import offered_causes
from zhike.complaints.selectors.notices import (
    listed_notices,
    load_notice,
    may_answer,
    require_reader,
    rights_on,
    tab_counts,
)
from zhike.complaints.services import notices as service
from zhike.complaints.services.notice_answers import Answer, answer_notice
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import Conflict, Forbidden, NotFound, RuleError
from zhike.core.exporter import KINDS as EXPORT_KINDS
from zhike.core.exporter.pages import export_page
from zhike.core.work import Actor
from zhike.customers.permissions import TEXT, may_reveal
from zhike.desk.services.words import NOT_KEPT, Kept
from zhike.desk.words_form import WordsForm


def _reader(request: HttpRequest) -> Grants:
    grants = access.grants_of(request.user)
    require_reader(grants)
    return grants


@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    grants = _reader(request)
    return notice_listing(grants, request.GET.get("tab", "")).respond(
        request,
        listed_notices(grants),
        "complaints/notices/notice_list.html",
        grants=grants,
        counts=lambda: tab_counts(grants),
        export_url=reverse("notices:export") if grants.allows(MANAGE_NOTICES) else "",
        extra={
            "sees_figures": grants.allows(MANAGE_NOTICES) or grants.allows("reports.view"),
            "is_sender": grants.allows("cases.work"),
            "grants_reveal": may_reveal(grants, TEXT),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    grants = access.require(request.user, MANAGE_NOTICES)
    kind = EXPORT_KINDS.get("notices")
    assert kind is not None
    return export_page(
        request,
        kind,
        notice_listing(grants, request.GET.get("tab", "")),
        grants=grants,
        actor=actor_of_request(request),
        list_url=reverse("notices:list"),
    )


@require_safe
def notice(request: HttpRequest, number: str) -> HttpResponse:
    grants = _reader(request)
    row = load_notice(grants, number)
    if row.number != number:
        return redirect("notices:notice", row.number)
    return _show(request, grants, row)


def _show(
    request: HttpRequest,
    grants: Grants,
    row: Notice,
    *,
    answer_form: AnswerForm | None = None,
    small: dict[str, forms.Form] | None = None,
    refusal: RuleError | None = None,
    status: int = 200,
) -> HttpResponse:
    rights = rights_on(grants, row)
    if rights.answer and answer_form is None:
        answer_form = AnswerForm(causes=offered_causes(), initial={"responsible": grants.name})
    shown = {
        name: (small or {}).get(name) or form(auto_id=f"id_{name}_%s")
        for name, form in SMALL_FORMS.items()
    }
    context = {
        "page": page_of(row, grants),
        "notice": row,
        "rights": rights,
        "answer_form": answer_form if rights.answer else None,
        "forms": shown,
        "opened": set(small or {}),
        # A wrong entry is told beside its field; that somebody was first, above everything.
        "refusal": refusal if isinstance(refusal, Conflict) else None,
        "states": NoticeState,
    }
    return render(request, "complaints/notices/notice.html", context, status=status)


@require_POST
def answer(request: HttpRequest, number: str) -> HttpResponse:
    grants = access.require(request.user, ANSWER)
    row = load_notice(grants, number)
    if not may_answer(grants, row):
        raise Forbidden(ANSWER)
    form = AnswerForm(request.POST, causes=offered_causes())
    if not form.is_valid():
        return _show(request, grants, row, answer_form=form, status=422)
    data = form.cleaned_data
    try:
        answer_notice(
            actor=actor_of_request(request),
            grants=grants,
            number=row.number,
            answer=Answer(
                cause_id=data["cause"] or None,
                cause_text=data["cause_text"],
                action=data["action"],
                responsible=data["responsible"],
                action_due=data["action_due"],
                check_due=data["check_due"],
            ),
            kept=form.kept,
        )
    except (NotFound, Forbidden):
        raise
    except RuleError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        fresh = load_notice(grants, number)
        return _show(request, grants, fresh, answer_form=form, refusal=error, status=error.status)
    messages.success(request, _("Answered. Whoever asked has been told."))
    return redirect("notices:notice", row.number)


# The small forms below the answer


@dataclass(frozen=True)
class Ask:
    """What an action knows when it acts."""

    request: HttpRequest
    actor: Actor
    grants: Grants
    number: str
    data: dict[str, Any]
    kept: Kept = NOT_KEPT

    @property
    def who(self) -> dict[str, Any]:
        return {"actor": self.actor, "grants": self.grants, "number": self.number}


def _remind(ask: Ask) -> None:
    row = service.remind(**ask.who)
    messages.success(ask.request, _("%(name)s was reminded.") % {"name": row.person_name})


def _withdraw(ask: Ask) -> None:
    service.withdraw_notice(**ask.who, reason=ask.data["reason"], kept=ask.kept)
    messages.success(ask.request, _("Withdrawn; nobody waits for it any more."))


def _return(ask: Ask) -> None:
    row = service.return_notice(**ask.who, reason=ask.data["reason"], kept=ask.kept)
    words = _("Given back to %(name)s with a new due time.")
    messages.success(ask.request, words % {"name": row.person_name})


def _check(ask: Ask) -> None:
    held = ask.data["held"] == "yes"
    service.check_notice(**ask.who, held=held, note=ask.data["note"], kept=ask.kept)
    words = _("Kept: the measure holds.") if held else _("Kept. You can send a new notice now.")
    messages.success(ask.request, words)


SMALL_FORMS: dict[str, type[forms.Form]] = {
    "remind": forms.Form,
    "withdraw": ReasonForm,
    "return": ReasonForm,
    "check": CheckForm,
}
RUNS: dict[str, Callable[[Ask], None]] = {
    "remind": _remind,
    "withdraw": _withdraw,
    "return": _return,
    "check": _check,
}


@require_POST
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    grants = _reader(request)
    row = load_notice(grants, number)
    if action not in RUNS:
        raise NotFound()
    # Two of them ask for a reason: ids and labels must differ on the page.
    form = SMALL_FORMS[action](request.POST, auto_id=f"id_{action}_%s")
    if not form.is_valid():
        return _show(request, grants, row, small={action: form}, status=422)
    kept = form.kept if isinstance(form, WordsForm) else NOT_KEPT
    ask = Ask(request, actor_of_request(request), grants, row.number, form.cleaned_data, kept)
    try:
        RUNS[action](ask)
    except (NotFound, Forbidden):
        raise
    except RuleError as error:
        known = error.field in form.fields
        form.add_error(error.field if known else None, str(error))
        fresh = load_notice(grants, number)
        return _show(
            request, grants, fresh, small={action: form}, refusal=error, status=error.status
        )
    return redirect("notices:notice", row.number)
