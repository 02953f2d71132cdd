"""Starting and ending the times a law sets; what runs is shown with all due times of the case."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.accounts.grants import actor_of_request
from zhike.core import access, clock
from zhike.core.errors import NotFound, RuleError
from zhike.desk.choices import LegalResult
from zhike.desk.forms import LegalEndForm, LegalStartForm
from zhike.desk.models import Case, LegalClock
from zhike.desk.permissions import VIEW, WORK
from zhike.desk.selectors.page import case_for_page
from zhike.desk.services.legal import LegalEnd, LegalStart, end_legal_clock, start_legal_clock
from zhike.desk.views.parts import FormPage, show_form, show_refusal


@require_http_methods(["GET", "HEAD", "POST"])
def legal_start(request: HttpRequest, number: str) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    case = case_for_page(grants, number)
    grants.require(WORK)
    page = FormPage(
        title=_("Start a legal time"),
        button=_("Start it"),
        url=reverse("desk:legal-start", args=[case.number]),
        sentence=_(
            "It runs beside the times of the house and does not pause. A case is closed after it ended."
        ),
    )
    form = LegalStartForm(_posted(request), initial={"since": clock.today()})
    if request.method != "POST":
        return show_form(request, case, page, form)
    if not form.is_valid():
        return show_form(request, case, page, form, status=422)
    given = form.cleaned_data
    start = LegalStart(
        given["kind"], given["since"], given["named_on"], given["authority"], given["reference"]
    )
    try:
        actor = actor_of_request(request)
        row = start_legal_clock(actor=actor, grants=grants, case_id=case.pk, start=start)
    except RuleError as error:
        return show_refusal(request, case, page, form, error)
    messages.success(request, _("“%(kind)s” runs.") % {"kind": row.get_kind_display()})
    return redirect("desk:clocks", case.number)


@require_http_methods(["GET", "HEAD", "POST"])
def legal_end(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    case = case_for_page(grants, number)
    grants.require(WORK)
    row = _row(case, pk)
    page = FormPage(
        title=_("End “%(kind)s”") % {"kind": row.get_kind_display()},
        button=_("Enter it"),
        url=reverse("desk:legal-end", args=[case.number, row.pk]),
        sentence=_("Whether it was in time is worked out and stays on record."),
    )
    initial = {"result": LegalResult.DONE, "done_on": clock.today()}
    form = LegalEndForm(_posted(request), initial=initial, is_owed=row.is_owed)
    if request.method != "POST":
        return show_form(request, case, page, form)
    if not form.is_valid():
        return show_form(request, case, page, form, status=422)
    given = form.cleaned_data
    try:
        end_legal_clock(
            actor=actor_of_request(request),
            grants=grants,
            case_id=case.pk,
            clock_id=row.pk,
            end=LegalEnd(given["result"], given["done_on"], given["reason"]),
            kept=form.kept,
        )
    except RuleError as error:
        return show_refusal(request, case, page, form, error)
    messages.success(request, _("“%(kind)s” has ended.") % {"kind": row.get_kind_display()})
    return redirect("desk:clocks", case.number)


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _row(case: Case, pk: int) -> LegalClock:
    row = LegalClock.objects.filter(case_id=case.pk, pk=pk).first()
    if row is None:
        raise NotFound()
    return row
