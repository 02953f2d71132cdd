"""What desk, care and questionnaires tell, and rules that ask make of it."""

from django.db.models import Q

from zhike.care.choices import Result
from zhike.care.events import VisitCarriedOut
from zhike.core import events
from zhike.core.work import Work
from zhike.desk.events import (
    CaseClosed,
    CaseReopened,
    CasesMerged,
    CaseVoided,
    CustomerNamed,
)
from zhike.desk.models import Case
from zhike.satisfaction.choices import After
from zhike.satisfaction.models import Ask, Improvement, IndicatorSystem
from zhike.satisfaction.services import asking
from zhike.satisfaction.services.closing_loop import ask_again
from zhike.surveys.events import NamedAnswerCounted, SurveyMoved


def on_closed(event: CaseClosed, work: Work) -> None:
    running = asking.running_rules()
    # Nobody is asked about what ended long ago in another system.
    if not event.is_history:
        asking.ask_about(event.case_id, After.CLOSED, running, work)
    if not any(rule.asks_again for rule in running):
        return
    # What it was opened for is seen to; or a second time was asked after a call-back, and called off since.
    called_back = Q(case=event.case_id, visit__isnull=False, second__isnull=False)
    for first in _firsts(Q(opened=event.case_id) | called_back):
        delivery = first.delivery
        # A delivery is its customer's, whoever is named in the case by now.
        ask_again(work, first, delivery.customer_id if delivery else event.customer_id)


def _firsts(what: Q) -> list[Ask]:
    rows = Ask.objects.filter(what).select_related("rule__sending", "delivery")
    return list(rows.order_by("pk"))


def on_visited(event: VisitCarriedOut, work: Work) -> None:
    # Who has just said no on the phone is not asked once more by mail.
    if event.result in (Result.CONTENT, Result.PARTLY):
        asking.ask_about(event.case_id, After.VISITED, asking.running_rules(), work)
    for first in _firsts(Q(visit=event.follow_up_id)):
        ask_again(work, first, event.customer_id)


def on_reopened(event: CaseReopened, work: Work) -> None:
    asking.take_up_again(event.case_id, work)


def on_merged(event: CasesMerged, work: Work) -> None:
    asking.take_up_again(event.from_id, work)
    # The case that stays may have learnt its customer from the other one.
    customer_id = Case.objects.values_list("customer_id", flat=True).get(pk=event.into_id)
    if customer_id is not None:
        asking.name_customer(event.into_id, customer_id, work)


def on_voided(event: CaseVoided, work: Work) -> None:
    asking.take_up_again(event.case_id, work)


def on_named(event: CustomerNamed, work: Work) -> None:
    asking.name_customer(event.case_id, event.customer_id, work)


def on_answer_counted(event: NamedAnswerCounted, work: Work) -> None:
    from zhike.satisfaction.tasks import see_to_answer

    ask_id = Ask.objects.filter(invitation=event.invitation_id).values_list("pk", flat=True).first()
    if ask_id is not None:
        work.enqueue(see_to_answer, ask_id=ask_id)


def on_survey_moved(event: SurveyMoved, work: Work) -> None:
    """Whoever no longer sees the answers sees no index of them either, and computes none."""
    IndicatorSystem.objects.filter(survey=event.survey_id).update(unit_id=event.unit_id)
    improvements = Improvement.objects.filter(system__survey=event.survey_id)
    improvements.update(unit_id=event.unit_id)


def register() -> None:
    events.subscribe(NamedAnswerCounted, on_answer_counted)
    events.subscribe(SurveyMoved, on_survey_moved)
    events.subscribe(CaseClosed, on_closed)
    events.subscribe(CaseReopened, on_reopened)
    events.subscribe(CasesMerged, on_merged)
    events.subscribe(CaseVoided, on_voided)
    events.subscribe(CustomerNamed, on_named)
    events.subscribe(VisitCarriedOut, on_visited)
