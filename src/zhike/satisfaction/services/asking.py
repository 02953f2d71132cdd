"""A case was closed, or visited, or a delivery was told: under each rule that fits it is asked about once.

In the unit of work that closed the case or wrote the delivery down. Who may be asked is looked up when the mail
leaves, not here.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from zhike.core.work import Work
from zhike.desk.models import Case
from zhike.satisfaction.choices import After
from zhike.satisfaction.models import Ask, AskRule, Delivery
from zhike.satisfaction.rules import draw_of, fits, is_in_share
from zhike.surveys.choices import SendingState
from zhike.surveys.services.standing import call_off, follow_customer, invite_for

FACTS = (
    "id", "type_id", "channel", "unit__path", "customer_id", "voided_at", "erased_at",
)  # fmt: skip


def running_rules() -> list[AskRule]:
    rows = AskRule.objects.filter(sending__state=SendingState.RUNNING)
    return list(rows.select_related("of_unit").order_by("pk"))


def ask_about(case_id: int, after: str, running: Sequence[AskRule], work: Work) -> None:
    rules = [rule for rule in running if rule.after == after]
    if not rules:
        return
    case = Case.objects.values(*FACTS).get(pk=case_id)
    # What a low answer opened is asked about by its second measurement alone.
    if case["voided_at"] or case["erased_at"] or Ask.objects.filter(opened=case_id).exists():
        return
    for rule in rules:
        if is_about(rule, case):
            _ask(rule, case, work)


def is_about(rule: AskRule, case: dict[str, Any]) -> bool:
    return fits(
        wanted_types=rule.case_types,
        wanted_channels=rule.channels,
        wanted_path=rule.of_unit.path if rule.of_unit is not None else "",
        type_code=case["type_id"],
        channel=case["channel"],
        unit_path=case["unit__path"],
    )


def _ask(rule: AskRule, case: dict[str, Any], work: Work) -> None:
    draw = draw_of(rule.seed, case["id"])
    # Who closes a case holds it, so nobody makes the same row at this moment.
    ask, _made = Ask.objects.get_or_create(
        rule=rule,
        case_id=case["id"],
        first=None,
        defaults={
            "made_at": work.now,
            "draw": draw,
            "is_drawn": is_in_share(draw, rule.share_percent),
        },
    )
    if ask.is_drawn and case["customer_id"] is not None:
        invite(ask, rule, case["customer_id"], work)


def ask_about_delivery(delivery: Delivery, running: Sequence[AskRule], work: Work) -> None:
    """One that was just written down. The hours count from when it was delivered, not from when that was told."""
    for rule in running:
        if rule.after != After.DELIVERY:
            continue
        if rule.of_unit is not None and not delivery.unit.path.startswith(rule.of_unit.path):
            continue
        draw = draw_of(rule.seed, delivery.pk)
        ask = Ask.objects.create(
            rule=rule,
            delivery=delivery,
            made_at=work.now,
            draw=draw,
            is_drawn=is_in_share(draw, rule.share_percent),
        )
        if ask.is_drawn:
            invite(ask, rule, delivery.customer_id, work, since=delivery.delivered_at)


def invite(
    ask: Ask, rule: AskRule, customer_id: int, work: Work, since: datetime | None = None
) -> None:
    due_at = (since or work.now) + timedelta(hours=rule.delay_hours)
    invitation = invite_for(
        work,
        rule.sending_id,
        occasion=f"ask:{ask.pk}",
        customer_id=customer_id,
        due_at=max(due_at, work.now),
    )
    if ask.invitation_id != invitation.pk:
        ask.invitation = invitation
        ask.save(update_fields=["invitation"])


def call_off_asks(work: Work, asks: Collection[int | None]) -> None:
    call_off(work, {pk for pk in asks if pk is not None})


def take_up_again(case_id: int, work: Work) -> None:
    """The case is no longer ended: nobody asks how it ended."""
    about = Q(case_id=case_id) & (Q(first=None) | Q(first__visit__isnull=False))
    rows = Ask.objects.filter(about | Q(first__opened_id=case_id))
    ids = list(rows.values_list("invitation_id", flat=True))
    call_off_asks(work, ids)


def name_customer(case_id: int, customer_id: int, work: Work) -> None:
    """Who could not be asked because nobody knew them is asked now; who is asked wrongly, no more."""
    ids = Ask.objects.filter(case_id=case_id, invitation__isnull=False)
    follow_customer(work, list(ids.values_list("invitation_id", flat=True)), customer_id)
    unknown = Ask.objects.filter(case_id=case_id, invitation=None, is_drawn=True, first=None)
    if Case.objects.filter(pk=case_id, closed_at__isnull=False).exists():
        running = unknown.filter(rule__sending__state=SendingState.RUNNING)
        for ask in running.select_related("rule").order_by("pk"):
            invite(ask, ask.rule, customer_id, work)
