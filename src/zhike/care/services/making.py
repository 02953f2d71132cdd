"""Closing a case makes a visit; what overtakes the case calls it off."""

from copy import copy
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from zhike.accounts.models import User
from zhike.care.choices import CallOff
from zhike.care.models import FollowUp
from zhike.care.models.visits import STILL_DUE
from zhike.care.rules import Result, State, is_wanted
from zhike.care.services.holding import keep
from zhike.care.services.owing import PURPOSE, due_again, due_of, owed_within, put_due
from zhike.complaints.choices import Unconfirmed
from zhike.complaints.services import stand_unconfirmed
from zhike.core.calendar import Due
from zhike.core.calendar.own_time import OwnTime
from zhike.core.calendar.plan_book import load_plans
from zhike.core.work import Work
from zhike.customers.models import Customer
from zhike.desk.case_types import COMPLAINT
from zhike.desk.choices import EventKind
from zhike.desk.models import Case, CaseEvent
from zhike.desk.rules import CaseState


def make_for(case_id: int, work: Work) -> FollowUp | None:
    """The visit a closed case owes its customer, in the unit of work that closed it."""
    return _make(_facts(case_id), work)


def make_late(
    case_id: int,
    work: Work,
    *,
    customer_id: int | None = None,
    is_correction: bool = False,
) -> FollowUp | None:
    """What closing could not make, because nobody knew the customer, is owed from the moment they are known.

    `customer_id` is what the case just became, which is written after this. A round has one
    visit to begin with: a customer corrected later takes it over. Only where the wrong one could not be reached
    the right one is asked anew.
    """
    case = _facts(case_id)
    if case["state"] != CaseState.CLOSED or case["complaint__archived_at"] is not None:
        return None
    if customer_id is not None:
        case |= _customer(customer_id)
    made = FollowUp.objects.filter(case_id=case_id, round=_round(case)).order_by("-sequence")
    last = made.values_list("result", flat=True).first()
    if last is None and _ended_elsewhere(case_id):
        return None
    if last is not None and not (is_correction and last == Result.UNREACHABLE):
        return None
    return _make(case, work)


def _make(case: dict[str, Any], work: Work) -> FollowUp | None:
    case_id = case["id"]
    if not is_wanted(
        is_switched_on=bool(case["type__follow_up_rule__is_on"]),
        has_customer=case["customer_id"] is not None,
        way_out=_way_out(case),
        is_merged=case["merged_into_id"] is not None,
    ):
        if case["type_id"] == COMPLAINT:
            known = case["customer_id"] is not None
            stand_unconfirmed(
                case_id, Unconfirmed.NOT_VISITED if known else Unconfirmed.NO_CUSTOMER
            )
        return None
    if case["complaint__unconfirmed"]:
        stand_unconfirmed(case_id, None)
    visit = _of(case, work)
    if visit.assigned_id is None and work.actor.kind == "user":
        # Closing an unowned case makes it the closer's own; that is written after this.
        visit.assigned_id, visit.assigned_name = work.actor.id, work.actor.name[:60]
    return _begin(visit, due_of(visit, case["channel"], load_plans()), work)


def make_extra(
    case_id: int, to_check: str, work: Work, within: OwnTime | None = None
) -> FollowUp | None:
    """One more visit in this round, whatever the rule of the type says: there is a reason to call.

    Due by the plans, or `within` a time of its own. None for a case that is under way, filed away, or nobody's.
    """
    case = _facts(case_id)
    is_filed = case["complaint__archived_at"] is not None
    if case["state"] != CaseState.CLOSED or is_filed or case["customer_id"] is None:
        return None
    visit = _of(case, work)
    visit.to_check = to_check
    if within is not None:
        visit.owed = [owed_within(within, work.now)]
    return _begin(visit, due_of(visit, case["channel"], load_plans()), work)


def _of(case: dict[str, Any], work: Work) -> FollowUp:
    return FollowUp(
        made_at=work.now,
        case_id=case["id"],
        round=_round(case),
        unit_id=case["unit_id"],
        type_code=case["type_id"],
        customer_id=case["customer_id"],
        customer_name=case["customer_name"],
        customer_tier=case["customer_tier"],
        assigned_id=case["owner_id"],
        assigned_name=case["owner_name"],
    )


def make_again(visit: FollowUp, work: Work) -> FollowUp:
    """Partly content: look again in three working days whether what was missing has come."""
    fresh = FollowUp(
        made_at=work.now,
        case_id=visit.case_id,
        round=visit.round,
        unit_id=visit.unit_id,
        type_code=visit.type_code,
        customer_id=visit.customer_id,
        customer_name=visit.customer_name,
        customer_tier=visit.customer_tier,
        assigned_id=visit.assigned_id,
        assigned_name=visit.assigned_name,
        best_time=visit.best_time,
        to_check=visit.missing,
    )
    due = due_again(fresh, work.now, load_plans())
    return _begin(fresh, due.named(_("Second follow-up visit"), PURPOSE), work)


def _facts(case_id: int) -> dict[str, Any]:
    columns = (
        "id", "state", "type_id", "unit_id", "customer_id", "customer_name", "customer_tier",
        "owner_id", "owner_name", "reopened_count", "merged_into_id", "channel",
        "type__follow_up_rule__is_on", "complaint__way_out", "complaint__round",
        "complaint__unconfirmed", "complaint__archived_at",
    )  # fmt: skip
    found: dict[str, Any] = Case.objects.values(*columns).get(pk=case_id)
    return found


def _customer(customer_id: int) -> dict[str, Any]:
    named = Customer.objects.values("name", "tier").get(pk=customer_id)
    return {
        "customer_id": customer_id,
        "customer_name": named["name"],
        "customer_tier": named["tier"],
    }


def _ended_elsewhere(case_id: int) -> bool:
    """Closed by an import, long ago in another system: nobody is called about that."""
    closed = CaseEvent.objects.filter(case_id=case_id, kind=EventKind.CLOSED).order_by("-seq")
    data = closed.values_list("data", flat=True).first() or {}
    return bool(data.get("is_history"))


def _way_out(case: dict[str, Any]) -> str:
    return (case["complaint__way_out"] or "") if case["type_id"] == COMPLAINT else ""


def _round(case: dict[str, Any]) -> int:
    known = case["complaint__round"] if case["type_id"] == COMPLAINT else None
    return int(known or case["reopened_count"] + 1)


def _begin(visit: FollowUp, due: Due, work: Work) -> FollowUp:
    last = FollowUp.objects.filter(case_id=visit.case_id, round=visit.round)
    visit.sequence = (last.aggregate(last=Max("sequence"))["last"] or 0) + 1
    visit.remind_at = due.warn_at or due.at
    put_due(visit, due)
    keep(work, "make", visit, None)
    return visit


def call_off_open(case_id: int, why: CallOff, work: Work) -> None:
    """Whatever is still to be made for this case no longer is."""
    rows = FollowUp.objects.filter(STILL_DUE, case_id=case_id).select_for_update()
    for visit in list(rows.order_by("id")):
        before = copy(visit)
        end_called_off(visit, why, work)
        keep(work, "call_off", visit, before)


def call_off_for_customer(customer_id: int, why: CallOff, work: Work) -> None:
    """Nobody calls this customer any more, whatever case it was about."""
    rows = FollowUp.objects.filter(STILL_DUE, customer_id=customer_id)
    for case_id in sorted(set(rows.values_list("case_id", flat=True))):
        call_off_open(case_id, why, work)


def end_called_off(visit: FollowUp, why: CallOff, work: Work, reason: str = "") -> None:
    visit.state, visit.call_off, visit.call_off_reason = State.CALLED_OFF, why, reason
    visit.ended_at, visit.remind_at, visit.next_try_at = work.now, None, None


def follow_customer(case_id: int, customer_id: int) -> None:
    """The case has learnt that it belongs to somebody else; so have its visits."""
    FollowUp.objects.filter(case_id=case_id).update(**_customer(customer_id))


def move_with_case(case_id: int, unit_id: int, work: Work) -> None:
    """Visits lie in the unit of their case, where lists look for them."""
    rows = FollowUp.objects.filter(case_id=case_id).exclude(unit_id=unit_id).order_by("id")
    for visit in list(rows.select_for_update()):
        before = copy(visit)
        visit.unit_id = unit_id
        keep(work, "move", visit, before)


def refresh_copies(customer_id: int, name: str, tier: str) -> None:
    FollowUp.objects.filter(customer_id=customer_id).exclude(
        customer_name=name, customer_tier=tier
    ).update(customer_name=name, customer_tier=tier)


def rename_staff(user_id: int) -> None:
    name = User.objects.values_list("name", flat=True).get(pk=user_id)
    FollowUp.objects.filter(assigned_id=user_id).exclude(assigned_name=name).update(
        assigned_name=name
    )
