"""A person asks: the request gets a number, a due time and people who know of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.accounts.grants import people_with
from zhike.core import clock, numbers, work
from zhike.core.access import Grants
from zhike.core.calendar.plan_book import PlanBook, load_plans
from zhike.core.errors import RuleError
from zhike.core.models import DuePurpose
from zhike.core.notify import notify
from zhike.core.sealing import seal
from zhike.customers.models import ConsentChannel
from zhike.customers.selectors import get_customer
from zhike.customers.services.opening import open_file
from zhike.privacy.choices import Kind, StepKind
from zhike.privacy.models import DataRequest, RequestStep
from zhike.privacy.permissions import HANDLE, TAKE

PREFIX = "GX"
LONGEST_TEXT = 2000
# Without any plan: the 15 days of the default one, weekends and all.
FALLBACK = timedelta(days=15)
FURTHEST_BACK = timedelta(days=366)


def take_in(
    *,
    actor: work.Actor,
    grants: Grants,
    customer_id: int,
    kind: str,
    channel: str,
    wish: str = "",
    asked_at: datetime | None = None,
) -> DataRequest:
    """Take a request in. The time runs from when the person asked, not from when it was typed."""
    grants.require(TAKE)
    _check(kind, channel)
    wish = checked_text(wish, "wish")
    asked_at = _checked_moment(asked_at)
    customer = get_customer(grants, customer_id)
    due = due_times(kind, customer.unit_id, asked_at, load_plans())
    handlers = [
        user.pk
        for user, their in people_with(HANDLE)
        if their.reaches_unit(customer.unit_id) and user.pk != actor.id
    ]
    with work.unit(actor) as unit:
        customer = open_file(grants, customer_id, TAKE)
        request = DataRequest.objects.create(
            number=numbers.dated_number(PREFIX, clock.local(unit.now).date()),
            kind=kind,
            customer=customer,
            unit_id=customer.unit_id,
            channel=channel,
            wish_sealed=seal(customer.key_id, wish) if wish else "",
            asked_at=asked_at,
            taken_by_id=actor.id,
            taken_by_name=actor.name,
            due_at=due.at,
            warn_at=due.warn_at,
            due_explanation=due.account,
            remind_at=due.first_bell,
        )
        add_step(unit, request, StepKind.RECEIVED, data={"channel": channel})
        unit.audit(
            "privacy.request.take_in",
            request,
            after={"request": request.number, "kind": kind, "due_at": request.due_at.isoformat()},
            unit_id=request.unit_id,
        )
        for user_id in handlers:
            notify(
                unit,
                user_id=user_id,
                kind="privacy.new",
                values={"number": request.number, "kind": str(request.get_kind_display())},
                url=address_of(request),
            )
        unit.touch(f"customer:{customer.pk}")
    return request


@dataclass(frozen=True)
class DueTimes:
    """When a request is due and when the bell rings before, with the account where a plan set it."""

    at: datetime
    warn_at: datetime | None
    account: dict[str, Any] | None

    @property
    def first_bell(self) -> datetime:
        return self.warn_at or self.at


def due_times(kind: str, unit_id: int, asked_at: datetime, plans: PlanBook) -> DueTimes:
    plan = plans.find(DuePurpose.DATA_REQUEST, subject=kind, unit_id=unit_id)
    due = plan.due(asked_at) if plan is not None else None
    if due is None or due.at is None:
        return DueTimes(asked_at + FALLBACK, None, None)
    return DueTimes(due.at, due.warn_at, due.to_json())


def add_step(
    unit: work.Work,
    request: DataRequest,
    kind: StepKind,
    *,
    note: str = "",
    data: dict[str, object] | None = None,
) -> RequestStep:
    return RequestStep.objects.create(
        request=request,
        kind=kind,
        at=unit.now,
        actor_id=unit.actor.id,
        actor_name=unit.actor.name,
        note_sealed=seal(request.customer.key_id, note) if note else "",
        data=data or {},
    )


def address_of(request: DataRequest) -> str:
    return reverse("privacy:request", args=[request.number])


def checked_text(text: str, field: str, *, required: bool = False) -> str:
    text = text.replace("\x00", "").strip()
    if required and len(text) < 2:
        raise RuleError("text_missing", _("Please write a sentence or two."), field=field)
    if len(text) > LONGEST_TEXT:
        raise RuleError(
            "too_long",
            _("At most %(limit)s characters, please.") % {"limit": LONGEST_TEXT},
            field=field,
        )
    return text


def _check(kind: str, channel: str) -> None:
    if kind not in Kind.values:
        raise RuleError("request_kind", _("Please choose what is asked for."), field="kind")
    if channel not in ConsentChannel.values or channel == ConsentChannel.IMPORT:
        raise RuleError("request_channel", _("Please say how it was asked."), field="channel")


def _checked_moment(asked_at: datetime | None) -> datetime:
    now = clock.now()
    if asked_at is None:
        return now
    if asked_at > now + timedelta(minutes=5) or asked_at < now - FURTHEST_BACK:
        raise RuleError(
            "request_moment",
            _("The request was made now or within the last year."),
            field="asked_at",
        )
    return min(asked_at, now)
