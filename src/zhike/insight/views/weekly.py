"""The weekly summary: read, finalise, measures, paper, workbook, subscription."""

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.core import clock
from zhike.core.errors import Forbidden, NotFound, RuleError
from zhike.core.exporter.pages import answer
from zhike.core.exporter.register import KEPT
from zhike.core.models import ExportPurpose
from zhike.insight import errors
from zhike.insight.forms import AnswerForm, MeasureForm
from zhike.insight.handing_out import FORMATS, hand_out
from zhike.insight.mailing import is_mail_set_up, mail_news, send_again
from zhike.insight.models import Subscription, WeekMeasure
from zhike.insight.periods import Week
from zhike.insight.permissions import FINALISE
from zhike.insight.selectors.days import changed_rows, differences
from zhike.insight.selectors.reach import choosable_units
from zhike.insight.selectors.weekly import finalised, week_to_read
from zhike.insight.services import weeks
from zhike.insight.services.settling import thawed
from zhike.insight.views.asking import Asked, asked_of
from zhike.insight.week_page import thresholds, week_page
from zhike.reference.selectors import beside


def week_of(code: str) -> Week:
    week = Week.parse(code)
    if week is None:
        raise errors.no_such_week()
    if not week.has_begun:
        raise errors.week_not_begun()
    return week


def _address(asked: Asked, week: Week, name: str = "week") -> str:
    return f"{reverse(f'insight:{name}', args=[week.code])}?{asked.query}"


@require_safe
def weekly(request: HttpRequest) -> HttpResponse:
    """The present week; on its Monday the one before."""
    return _answer(request, asked_of(request), Week.to_read(clock.today()))


@require_safe
def week(request: HttpRequest, code: str) -> HttpResponse:
    return _answer(request, asked_of(request), week_of(code))


def _answer(
    request: HttpRequest,
    asked: Asked,
    week: Week,
    *,
    refused: str = "",
    form: MeasureForm | None = None,
    answers: dict[int, AnswerForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    page = week_page(asked.grants, asked.unit, week, count=week_to_read)
    leads = asked.grants.allows(FINALISE)
    context: dict[str, Any] = {
        "asked": asked,
        "page": page,
        "others": beside(asked.grants, "unhappy_heard", "unhappy_lost"),
        "week": week,
        "before": _address(asked, week.before),
        "after": _address(asked, week.after) if week.after.has_begun else "",
        "leads": leads,
        "can_finalise": leads and week.is_over and page.report is None,
        "form": form or MeasureForm(initial={"submit_key": secrets.token_hex(16)}),
        "answers": answers or {},
        "answer_form": AnswerForm(),
        "refused": refused,
        "thresholds": thresholds(),
        "mail_is_set_up": is_mail_set_up(),
        "mail": mail_news(asked.grants, week),
        "has_address": bool(getattr(request.user, "email", "")),
        "is_subscribed": _is_subscribed(asked),
    }
    return render(request, "insight/weekly.html", context, status=status)


def _is_subscribed(asked: Asked) -> bool:
    rows = Subscription.objects.filter(user=asked.grants.user_id or 0, report=weeks.WEEKLY)
    return bool(rows.values_list("is_on", flat=True).first())


def _refuse(request: HttpRequest, asked: Asked, week: Week, error: RuleError) -> HttpResponse:
    if isinstance(error, Forbidden | NotFound):
        raise error
    return _answer(request, asked, week, refused=str(error), status=error.status)


@require_POST
def finalise(request: HttpRequest, code: str) -> HttpResponse:
    asked, week = asked_of(request), week_of(code)
    try:
        weeks.finalise_week(
            actor=actor_of_request(request),
            grants=asked.grants,
            unit_id=asked.unit.pk,
            week=week,
        )
    except RuleError as error:
        return _refuse(request, asked, week, error)
    messages.success(request, _("Week %(n)s is final.") % {"n": week.number})
    return redirect(_address(asked, week))


@require_POST
def add_measure(request: HttpRequest, code: str) -> HttpResponse:
    asked, week = asked_of(request), week_of(code)
    asked.grants.require(FINALISE)
    form = MeasureForm(request.POST)
    if not form.is_valid():
        return _answer(request, asked, week, form=form, status=422)
    data = form.cleaned_data
    new = weeks.NewMeasure(data["what"], data["who"], data["due"], data["submit_key"] or None)
    try:
        weeks.add_measure(
            actor=actor_of_request(request),
            grants=asked.grants,
            unit_id=asked.unit.pk,
            week=week,
            new=new,
            kept=form.kept,
        )
    except RuleError as error:
        if error.status != 422 or error.field not in form.fields:
            return _refuse(request, asked, week, error)
        form.add_error(error.field, str(error))
        return _answer(request, asked, week, form=form, status=422)
    messages.success(request, _("The measure is noted; next week's summary asks for it first."))
    return redirect(_address(asked, week) + "#in-planned")


@require_POST
def answer_measure(request: HttpRequest, pk: int) -> HttpResponse:
    asked = asked_of(request)
    asked.grants.require(FINALISE)
    measure = WeekMeasure.objects.filter(
        pk=pk, unit__in=[unit.pk for unit in choosable_units(asked.grants)]
    ).first()
    if measure is None:
        raise NotFound()
    week = Week(measure.monday).after
    shown = week if week.has_begun else week.before
    form = AnswerForm(request.POST)
    if not form.is_valid():
        refused = _("Please say whether it was carried out; a note has 200 characters at most.")
        return _answer(request, asked, shown, refused=refused, status=422)
    try:
        weeks.answer_measure(
            actor=actor_of_request(request),
            grants=asked.grants,
            measure_id=pk,
            is_done=form.says_done,
            note=form.cleaned_data["note"],
            kept=form.kept,
        )
    except RuleError as error:
        if error.code != "phrases_flagged":
            return _refuse(request, asked, shown, error)
        # Again in its row, with the bars and the place for a reason.
        form.add_error(error.field, str(error))
        again = {pk: form}
        return _answer(request, asked, shown, refused=str(error), answers=again, status=422)
    return redirect(_address(asked, shown) + "#in-carried")


@require_safe
def changes(request: HttpRequest, code: str) -> HttpResponse:
    """What a final week would count differently today."""
    asked, week = asked_of(request), week_of(code)
    report = finalised(asked.unit, week)
    if report is None:
        raise NotFound(_("This week is not final; its page counts as of now."))
    kept = {row.key: thawed(row) for row in report.figures.all()}
    lines = differences(kept, asked.unit, week.period)
    came, went = changed_rows(asked.grants, lines)
    context = {
        "asked": asked,
        "week": week,
        "report": report,
        "lines": lines,
        "differing": [line for line in lines if line.is_different],
        "came": came,
        "went": went,
    }
    return render(request, "insight/week_changes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, code: str) -> HttpResponseBase:
    """GET asks what for; POST sends the workbook or the paper."""
    asked, week = asked_of(request), week_of(code)
    refusal: RuleError | None = None
    if request.method == "POST":
        try:
            handed = hand_out(
                actor=actor_of_request(request),
                grants=asked.grants,
                unit=asked.unit,
                week=week,
                file_format=request.POST.get("format", ""),
                purpose=request.POST.get("purpose", ""),
                reason=request.POST.get("reason", "")[:300],
            )
            return answer(handed.file_name, handed.chunks, handed.run)
        except RuleError as error:
            if error.status not in (422, 503):
                raise
            refusal = error
    chosen = request.POST.get("format") or request.GET.get("format", "")
    context = {
        "asked": asked,
        "week": week,
        "refusal": refusal,
        "purposes": ExportPurpose.choices,
        "kept_days": KEPT.days,
        "data": request.POST,
        "formats": [("xlsx", _("Excel (.xlsx), every table")), ("pdf", _("PDF, two pages"))],
        "chosen": chosen if chosen in FORMATS else FORMATS[0],
        "back": _address(asked, week),
    }
    status = refusal.status if refusal is not None else 200
    return render(request, "insight/week_export.html", context, status=status)


@require_POST
def subscription(request: HttpRequest) -> HttpResponse:
    asked = asked_of(request)
    is_on = request.POST.get("on") == "1"
    weeks.subscribe(actor=actor_of_request(request), grants=asked.grants, is_on=is_on)
    messages.success(
        request,
        _("The weekly summary comes to you by e-mail.")
        if is_on
        else _("The weekly summary no longer comes by e-mail."),
    )
    return redirect(f"{reverse('insight:weekly')}?{asked.query}")


@require_POST
def mail_again(request: HttpRequest, code: str) -> HttpResponse:
    """The mail that did not come, once more, to whoever asks for it."""
    asked, week = asked_of(request), week_of(code)
    try:
        send_again(actor=actor_of_request(request), grants=asked.grants, week=week)
    except RuleError as error:
        return _refuse(request, asked, week, error)
    messages.success(request, _("It is sent again in a moment."))
    return redirect(_address(asked, week) + "#in-mail")
