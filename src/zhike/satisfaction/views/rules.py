"""Rules that ask after an event: the list, a new one, what came of it, a pause."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.care.permissions import FOLLOW_UP
from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.customers.permissions import TEXT, may_reveal
from zhike.customers.permissions import VIEW as VIEW_CUSTOMERS
from zhike.satisfaction.choices import After
from zhike.satisfaction.comparing import compared
from zhike.satisfaction.forms_rules import RuleForm, as_initial
from zhike.satisfaction.lists import RULES, asked_listing
from zhike.satisfaction.permissions import MANAGE
from zhike.satisfaction.rule_selectors import asks_of, counts_of, get_rule, rules_for_list
from zhike.satisfaction.rule_words import told_rule
from zhike.satisfaction.seen_to import seen_to_counts
from zhike.satisfaction.services import ask_rules
from zhike.satisfaction.services.in_call import ask_in_call
from zhike.surveys.choices import SurveyState
from zhike.surveys.invited import signed
from zhike.surveys.models import Survey
from zhike.surveys.selectors import get_survey, visible_surveys
from zhike.surveys.sending_figures import FEWEST, figures_of
from zhike.surveys.services.answers import definition_of
from zhike.surveys.services.inviting import named_sentence
from zhike.surveys.services.sendings import lacking, may_ask

MOST_CHOICES = 300


def _grants(request: HttpRequest) -> Grants:
    grants = access.require(request.user, MANAGE)
    grants.require(VIEW_CUSTOMERS)
    return grants


@require_safe
def rule_list(request: HttpRequest) -> HttpResponse:
    grants = _grants(request)
    return RULES.respond(
        request, rules_for_list(grants), "satisfaction/rule_list.html", grants=grants
    )


@require_http_methods(["GET", "HEAD", "POST"])
def rule_new(request: HttpRequest) -> HttpResponse:
    """First the questionnaire, for its questions are offered then; `from` names a rule to begin as."""
    grants = _grants(request)
    copied = _number(request.GET.get("from", ""))
    before = get_rule(grants, copied) if copied else None
    survey_id = before.survey_id if before else _number(request.GET.get("survey", ""))
    if not survey_id:
        return render(request, "satisfaction/rule_survey.html", {"surveys": _open_surveys(grants)})
    survey = get_survey(grants, survey_id)
    if survey.current_id is None:
        raise NotFound()
    language = get_language() or ""
    form = RuleForm(
        request.POST or None,
        grants=grants,
        definition=definition_of(survey.current_id, survey.pk),
        language=language,
        initial=as_initial(before) if before else _initial(),
    )
    phrases: Any = []
    if request.method == "POST" and form.is_valid():
        try:
            rule = ask_rules.make_rule(
                actor=actor_of_request(request),
                grants=grants,
                survey_id=survey.pk,
                new=form.new,
                why_kept=form.cleaned_data["why_kept"],
            )
        except RuleError as error:
            phrases = _put_error(form, error)
        else:
            messages.success(request, _("The rule runs from now on."))
            return redirect("satisfaction:rule", rule.pk)
    context = {
        "survey": survey,
        "form": form,
        "why_not": _why_not(grants, survey),
        "no_mail": lacking(),
        "phrases": phrases,
    }
    status = 422 if form.errors else 200
    return render(request, "satisfaction/rule_form.html", context, status=status)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _open_surveys(grants: Grants) -> list[Survey]:
    rows = visible_surveys(grants).filter(
        state=SurveyState.OPEN, current__isnull=False, kept_since__isnull=True
    )
    return list(rows.only("title", "changed_at").order_by("-changed_at", "-pk")[:MOST_CHOICES])


def _initial() -> dict[str, Any]:
    return {
        "after": "closed",
        "loop": "nothing",
        "purpose": "survey",
        "subject": _("How was our service?"),
        "text": _(
            "Dear {name},\n\nyou have dealt with us lately. May we ask how you found it? "
            "It takes about two minutes:\n\n{link}\n\nThank you."
        ),
    }


def _why_not(grants: Grants, survey: Survey) -> str:
    """What stands in the way of a new rule."""
    try:
        may_ask(grants, survey.pk)
    except Conflict as error:
        return str(error)
    return ""


def _put_error(form: RuleForm, error: RuleError) -> Any:
    """Beside its field; returns the words the list of phrases asks about."""
    if error.status not in (409, 422):
        raise error
    if error.code.startswith("phrases"):
        form.fields["why_kept"].widget = form.fields["name"].widget
    form.add_error(error.field if error.field in form.fields else None, str(error))
    return error.extra.get("phrases", [])


@require_safe
def rule_page(request: HttpRequest, pk: int) -> HttpResponse:
    rule = get_rule(_grants(request), pk)
    language = get_language() or ""
    context = {
        "rule": rule,
        "words": told_rule(rule, language),
        "counts": counts_of(rule),
        "seen": seen_to_counts(rule),
        "figures": figures_of(rule.sending),
        "compared": compared(rule, language),
        "fewest": FEWEST,
        "named_sentence": named_sentence(),
    }
    return render(request, "satisfaction/rule.html", context)


@require_safe
def rule_asked(request: HttpRequest, pk: int) -> HttpResponse:
    """What was asked about and what became of it; of an anonymous rule never who answered."""
    grants = _grants(request)
    rule = get_rule(grants, pk)
    return asked_listing(rule).respond(
        request,
        asks_of(grants, rule),
        "satisfaction/rule_asked.html",
        grants=grants,
        extra={
            "rule": rule,
            "is_named": rule.sending.is_named,
            "is_delivery": rule.after == After.DELIVERY,
            "reveal": may_reveal(grants, TEXT),
        },
    )


@require_POST
def in_call(request: HttpRequest, pk: int, visit: int) -> HttpResponse:
    """Opens the customer's own page of questions, for whoever reads them out."""
    grants = access.require(request.user, FOLLOW_UP)
    try:
        invitation = ask_in_call(
            actor=actor_of_request(request), grants=grants, visit_id=visit, rule_id=pk
        )
    except Conflict as error:
        messages.warning(request, str(error))
        return redirect("care:visit", visit)
    return redirect("webform:invited", signed(invitation.pk))


@require_POST
def rule_state(request: HttpRequest, pk: int) -> HttpResponse:
    grants = _grants(request)
    runs = request.POST.get("state") == "running"
    act = ask_rules.resume_rule if runs else ask_rules.pause_rule
    act(actor=actor_of_request(request), grants=grants, rule_id=pk)
    told = _("The rule runs again.") if runs else _("The rule rests. What waits is not sent.")
    messages.success(request, told)
    return redirect("satisfaction:rule", pk)
