from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from zhike.accounts.models import Unit
from zhike.core import clock, work
from zhike.core.access import Grants
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.customers.models import Customer
from zhike.customers.selectors import visible_customers
from zhike.customers.services.intake import find_and_hold
from zhike.customers.services.opening import hold_file
from zhike.customers.services.timeline import add_timeline_entry
from zhike.desk.choices import Channel
from zhike.desk.models import Case
from zhike.desk.services.intake import NewCase, open_case
from zhike.desk.services.words import NOT_KEPT, Kept
from zhike.listening.models import Feedback
from zhike.listening.permissions import MANAGE
from zhike.listening.rules import Scale
from zhike.listening.selectors import COUNTER, get_feedback, visible_feedback

TIMELINE_KIND = "feedback.heard"
LONGEST = 20_000


def record_feedback(
    *,
    actor: work.Actor,
    grants: Grants,
    text: str,
    unit_id: int,
    rating: Decimal | None = None,
    scale: Scale | None = None,
    said_on: date | None = None,
    customer_id: int | None = None,
    source: str = "",
) -> Feedback:
    """Write down a customer's words. A rating needs its scale; without a day it is today."""
    grants.require(MANAGE)
    text = text.strip()
    _check(text, rating, scale, said_on)
    if not grants.reaches_unit(unit_id) and unit_id != grants.unit_id:
        raise RuleError("unit_out_of_reach", _("Please choose one of your units."), field="unit")
    with work.unit(actor) as unit:
        customer = _customer(grants, customer_id) if customer_id is not None else None
        feedback = Feedback(
            text=text,
            rating=rating,
            rating_min=scale.low if scale and rating is not None else None,
            rating_max=scale.high if scale and rating is not None else None,
            said_on=said_on or clock.today(),
            customer=customer,
            unit=Unit.objects.get(pk=unit_id),
            source=source.strip()[:60],
            recorded_at=unit.now,
        )
        feedback.save()
        note_recorded(unit, [feedback])
        unit.audit("feedback.record", feedback, after={"source": feedback.source})
    return feedback


def _check(text: str, rating: Decimal | None, scale: Scale | None, said_on: date | None) -> None:
    if not text:
        raise RuleError("feedback_empty", _("Please enter what the customer said."), field="text")
    if len(text) > LONGEST:
        raise RuleError("feedback_too_long", _("The text is too long."), field="text")
    if rating is not None and scale is None:
        raise RuleError(
            "rating_without_scale", _("Please give the scale of the rating."), field="rating"
        )
    if rating is not None and scale is not None and not scale.holds(rating):
        raise RuleError(
            "rating_outside_scale", _("The rating lies outside its scale."), field="rating"
        )
    if said_on is not None and said_on > clock.today():
        raise RuleError("said_in_future", _("The day lies in the future."), field="said_on")


def _customer(grants: Grants, customer_id: int) -> Customer:
    """Held, so that an erasure that begins now finds what is written down."""
    mine = visible_customers(grants).select_for_update(of=("self",), no_key=True)
    customer = mine.filter(pk=customer_id).first()
    if customer is None:
        raise NotFound()
    return customer


def note_recorded(unit: work.Work, rows: list[Feedback]) -> None:
    """Counters, live news and timelines of saved rows."""
    for row in rows:
        count(unit, row, +1)
        if row.customer_id is not None:
            add_timeline_entry(
                unit,
                customer_id=row.customer_id,
                kind=TIMELINE_KIND,
                room="listening",
                obj=row,
                title=row.source,
                unit_id=row.unit_id,
            )
    unit.touch("feedback")


def count(unit: work.Work, row: Feedback, delta: int) -> None:
    state = "case" if row.case_id is not None else "heard"
    unit.count(COUNTER, delta, unit_id=row.unit_id, state=state)


def locked(grants: Grants, pk: int) -> Feedback:
    """The row, locked until the unit of work ends."""
    grants.require(MANAGE)
    row = visible_feedback(grants).select_for_update().filter(pk=pk).first()
    if row is None:
        raise NotFound()
    return row


def name_customer(
    *, actor: work.Actor, grants: Grants, feedback_id: int, phone: str, name: str = ""
) -> Feedback:
    """Say who said it: the customer of this number, or a new file. Once it is a case, the case says who."""
    grants.require(MANAGE)
    unit_id = get_feedback(grants, feedback_id).unit_id
    with work.unit(actor) as unit:
        # The file before the words, as a merge of two files locks them.
        customer = find_and_hold(
            actor=actor, grants=grants, channel="phone", value=phone, name=name, unit_id=unit_id
        )
        row = locked(grants, feedback_id)
        if row.case_id is not None:
            raise Conflict(
                "feedback_has_case",
                _("These words have become a case; please name the customer there."),
            )
        if row.customer_id != customer.pk:
            belong_to(unit, row, customer.pk)
    return get_feedback(grants, feedback_id)


def belong_to(unit: work.Work, row: Feedback, customer_id: int) -> None:
    before, row.customer_id = row.customer_id, customer_id
    row.save(update_fields=["customer"])
    add_timeline_entry(
        unit,
        customer_id=customer_id,
        kind=TIMELINE_KIND,
        room="listening",
        obj=row,
        title=row.source,
        unit_id=row.unit_id,
    )
    unit.audit(
        "feedback.name_customer", row, before={"customer": before}, after={"customer": customer_id}
    )


def turn_into_case(
    *,
    actor: work.Actor,
    grants: Grants,
    feedback_id: int,
    type_code: str,
    title: str = "",
    kept: Kept = NOT_KEPT,
) -> Case:
    """Open a case with the customer's words as its first message. Once only; nameless ones are named there."""
    grants.require(MANAGE)
    customer_id = get_feedback(grants, feedback_id).customer_id
    with work.unit(actor) as unit:
        if customer_id is not None:
            hold_file(customer_id)
        row = locked(grants, feedback_id)
        if row.case_id is not None:
            number = Case.objects.values_list("number", flat=True).get(pk=row.case_id)
            raise Conflict(
                "feedback_has_case",
                _("These words have already become case %(number)s.") % {"number": number},
                extra={"number": number},
            )
        count(unit, row, -1)
        opened = open_case(
            actor=actor,
            grants=grants,
            new=NewCase(
                type_code=type_code,
                channel=Channel.IMPORT if row.import_run_id else Channel.LETTER,
                text=row.text,
                title=title,
                unit_id=row.unit_id,
                customer_id=row.customer_id,
            ),
            kept=kept,
        )
        row.case = opened.case
        row.save(update_fields=["case"])
        count(unit, row, +1)
        unit.audit("feedback.turn_into_case", row, after={"case": opened.case.number})
        unit.touch("feedback")
    return opened.case
