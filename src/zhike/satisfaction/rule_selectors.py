"""Reading rules that ask, and what came of them. Every read starts at `visible_rules`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Prefetch, Q, QuerySet

from zhike.core.access import Grants
from zhike.customers.permissions import VIEW as VIEW_CUSTOMERS
from zhike.desk.models import Case
from zhike.desk.selectors.scope import visible_cases
from zhike.satisfaction import errors
from zhike.satisfaction.choices import After
from zhike.satisfaction.delivery_selectors import visible_deliveries
from zhike.satisfaction.models import Ask, AskRule, Delivery
from zhike.satisfaction.permissions import MANAGE
from zhike.satisfaction.rules import is_low
from zhike.satisfaction.seen_to import with_seen_to
from zhike.surveys.choices import ResponseState
from zhike.surveys.definition import Question
from zhike.surveys.models import Response
from zhike.surveys.selectors import visible_surveys
from zhike.surveys.services.answers import definition_of
from zhike.surveys.single_answers import Said, said_in, told

CASE_SHOWN = ("case__number", "case__title", "case__customer_id", "case__customer_name")
DELIVERY_SHOWN = ("delivery__reference", "delivery__what", "delivery__customer__name")
ANSWERED = Q(invitation__response__state=ResponseState.COMPLETE)


def visible_rules(grants: Grants) -> QuerySet[AskRule]:
    """Who keeps questionnaires keeps the rules of those within their reach."""
    if not grants.allows(MANAGE) or not grants.allows(VIEW_CUSTOMERS):
        return AskRule.objects.none()
    return AskRule.objects.filter(survey__in=visible_surveys(grants))


def rules_for_list(grants: Grants) -> QuerySet[AskRule]:
    sent = Count("asks", filter=Q(asks__invitation__sent_at__isnull=False))
    came = Count("asks", filter=Q(asks__invitation__answered_at__isnull=False))
    rows = visible_rules(grants).select_related("survey", "sending", "unit")
    return rows.defer("survey__draft").annotate(
        sent=sent,
        answered=came,
        opened=Count("asks", filter=Q(asks__opened__isnull=False) | Q(asks__visit__isnull=False)),
    )


def get_rule(grants: Grants, pk: int) -> AskRule:
    rows = visible_rules(grants).select_related(
        "survey",
        "sending__purpose",
        "sending__link",
        "sending__survey",
        "of_unit",
        "opens_in",
        "unit",
    )
    found = rows.defer("survey__draft").filter(pk=pk).first()
    if found is None:
        raise errors.rule_not_found()
    return found


def asks_of(grants: Grants, rule: AskRule) -> QuerySet[Ask]:
    """Those about cases, or deliveries, within the reader's reach."""
    if rule.after == After.DELIVERY:
        rows = Ask.objects.filter(rule=rule, delivery__in=visible_deliveries(grants))
        about = rows.select_related("delivery__customer")
    else:
        rows = Ask.objects.filter(rule=rule, case__in=visible_cases(grants))
        about = rows.select_related("case")
    shown = with_seen_to(about).select_related("invitation", "opened", "visit")
    return shown.only(
        *(
            "made_at",
            "draw",
            "is_drawn",
            "asked_by_name",
            "first_id",
            "judged_revision",
            "visit__state",
        ),
        "rule_id",
        *(DELIVERY_SHOWN if rule.after == After.DELIVERY else CASE_SHOWN),
        *("invitation__state", "invitation__refusal", "invitation__due_at", "invitation__sent_at"),
        *("opened__number", "opened__title", "opened__closed_at"),
    )


@dataclass(frozen=True)
class Told:
    """A named answer, as those may read it who may see the case."""

    at: datetime
    said: Sequence[Said]
    # Of the question the rule looks at, "" when it looks at none or it was not answered.
    score: str
    is_low: bool


@dataclass(frozen=True)
class Asked:
    """One asking with what came of it; `again` is the second measurement."""

    ask: Ask
    told: Told | None
    again: "Asked | None" = None


def asked_about(case: Case, language: str) -> list[Asked]:
    """What was asked about this case, and what a low answer to was the reason to open it. Two statements."""
    return _asked_by(Q(case=case) | Q(opened=case), language)


def asked_about_delivery(delivery: Delivery, language: str) -> list[Asked]:
    """As about a case; those who were not drawn stand there too."""
    return _asked_by(Q(delivery=delivery), language, is_whole=True)


def _asked_by(about: Q, language: str, *, is_whole: bool = False) -> list[Asked]:
    second = Ask.objects.select_related("invitation__response", "rule__survey", "rule__sending")
    rows = (
        Ask.objects.filter(about, first=None)
        .select_related(
            *("rule__sending", "rule__survey", "invitation__response", "opened", "visit", "case"),
            "delivery",
        )
        .prefetch_related(Prefetch("second", queryset=second))
        .order_by("-pk")
    )
    if not is_whole:
        rows = rows.filter(invitation__isnull=False)
    return [_asked(ask, language) for ask in rows[:20]]


def _asked(ask: Ask, language: str) -> Asked:
    again = getattr(ask, "second", None)
    return Asked(
        ask,
        told_of(ask, language),
        _asked(again, language) if again is not None and again.invitation_id else None,
    )


def told_of(ask: Ask, language: str) -> Told | None:
    """None until a complete answer came, and for good where it was promised that nobody is named."""
    invitation = ask.invitation
    if invitation is None or not ask.rule.sending.is_named:
        return None
    response: Response | None = getattr(invitation, "response", None)
    if response is None or response.state != ResponseState.COMPLETE:
        return None
    definition = definition_of(response.version_id, response.survey_id)
    question = question_of(ask.rule, response)
    value = response.answers.get(ask.rule.question)
    score = ""
    if question is not None and value is not None:
        score = told(definition, question, value, language)
    said = said_in(definition, response.answers, language)
    rule = ask.rule
    low = is_low(value, bad=rule.bad, limit=rule.limit, options=rule.options)
    return Told(response.changed_at, said, score, low)


def question_of(rule: AskRule, response: Response) -> Question | None:
    definition = definition_of(response.version_id, response.survey_id)
    return next((one for one in definition.questions() if one.key == rule.question), None)


def pairs_of(rule: AskRule) -> list[tuple[Ask, Response, Response]]:
    """First and second answers of the cases or deliveries of a rule that were measured twice."""
    if not rule.sending.is_named or not rule.asks_again:
        return []
    rows = (
        Ask.objects.filter(ANSWERED, rule=rule, first__isnull=False)
        .filter(first__invitation__response__state=ResponseState.COMPLETE)
        .select_related(
            *("invitation__response", "first__invitation__response", "first__case"),
            *("first__delivery", "first__opened"),
        )
        .order_by("-pk")
    )
    return [(row.first, _response(row.first), _response(row)) for row in rows if row.first]


def _response(ask: Ask) -> Response:
    assert ask.invitation is not None
    response: Response = ask.invitation.response
    return response


def counts_of(rule: AskRule) -> Mapping[str, int]:
    """How many cases or deliveries the rule met, and what became of them."""
    found: Mapping[str, int] = Ask.objects.filter(rule=rule).aggregate(
        met=Count("pk", filter=Q(first=None)),
        passed_over=Count("pk", filter=Q(first=None, is_drawn=False)),
        unknown=Count("pk", filter=Q(is_drawn=True, invitation=None)),
        opened=Count("opened"),
        visits=Count("visit"),
        again=Count("first"),
    )
    return found
