"""The guest history: tastes and habits, needs and what became of them."""

from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.customers import rules
from zhike.customers.choices import NeedKind, NeedState
from zhike.customers.errors import missing, too_long
from zhike.customers.models import Need, Preference
from zhike.customers.permissions import EDIT
from zhike.customers.services.copies import refresh_copies
from zhike.customers.services.noting import look_through
from zhike.customers.services.opening import open_file
from zhike.customers.services.recording import Change, record_changes


def _line(field: str, text: str, limit: int) -> str:
    cleaned = rules.clean_line(text)
    if len(cleaned) > limit:
        raise too_long(field, limit)
    return cleaned


def record_preference(
    *,
    actor: work.Actor,
    grants: Grants,
    customer_id: int,
    value: str,
    topic: str = "",
    source: str = "",
    is_caution: bool = False,
) -> Preference:
    """Note a taste or habit; a caution is shown before anybody speaks to the customer."""
    grants.require(EDIT)
    value = _line("value", value, 200)
    if not value:
        raise RuleError("value_missing", _("Please write down what you noticed."), field="value")
    look_through(actor, grants, value=value)
    with work.unit(actor) as unit:
        customer = open_file(grants, customer_id)
        row = Preference.objects.create(
            customer=customer,
            topic=_line("topic", topic, 40),
            value=value,
            source=_line("source", source, 80),
            is_caution=is_caution,
            at=unit.now,
            author_id=unit.actor.id,
            author_name=unit.actor.name,
        )
        customer.version += 1
        refresh_copies(customer)
        customer.save()
        change = Change("caution" if is_caution else "preference", "", value)
        record_changes(unit, customer, "customers.preference.add", [change])
    return row


def void_preference(
    *, actor: work.Actor, grants: Grants, customer_id: int, preference_id: int, reason: str = ""
) -> None:
    """It no longer holds. The line leaves the page and stays in the history."""
    grants.require(EDIT)
    with work.unit(actor, reason) as unit:
        customer = open_file(grants, customer_id)
        row = Preference.objects.filter(
            pk=preference_id, customer=customer, voided_at__isnull=True
        ).first()
        if row is None:
            raise missing("preference_missing", _("This line is no longer on the file."))
        row.voided_at = unit.now
        row.save(update_fields=["voided_at"])
        customer.version += 1
        refresh_copies(customer)
        customer.save()
        change = Change("caution" if row.is_caution else "preference", row.value)
        record_changes(unit, customer, "customers.preference.void", [change])


def record_need(
    *, actor: work.Actor, grants: Grants, customer_id: int, kind: str, text: str
) -> Need:
    grants.require(EDIT)
    text = _line("text", text, 300)
    if not text:
        raise RuleError(
            "need_missing", _("Please write down what the customer needs."), field="text"
        )
    if kind not in NeedKind.values:
        raise RuleError("choice_unknown", _("Please take one of the list."), field="kind")
    with work.unit(actor) as unit:
        customer = open_file(grants, customer_id)
        row = Need.objects.create(
            customer=customer,
            kind=kind,
            text=text,
            at=unit.now,
            author_id=unit.actor.id,
            author_name=unit.actor.name,
        )
        customer.version += 1
        customer.save()
        record_changes(unit, customer, "customers.need.add", [Change(f"need.{kind}", "", text)])
    return row


def close_need(
    *,
    actor: work.Actor,
    grants: Grants,
    customer_id: int,
    need_id: int,
    state: str = NeedState.MET,
    outcome: str = "",
) -> Need:
    """Say what became of a need: met, or no longer wanted."""
    grants.require(EDIT)
    outcome = _line("outcome", outcome, 300)
    look_through(actor, grants, outcome=outcome)
    if state not in (NeedState.MET, NeedState.DROPPED):
        raise RuleError("choice_unknown", _("Please take one of the list."), field="state")
    with work.unit(actor) as unit:
        customer = open_file(grants, customer_id)
        row = Need.objects.filter(pk=need_id, customer=customer).first()
        if row is None:
            raise missing("need_gone", _("This need is no longer on the file."))
        if row.state != NeedState.OPEN:
            raise RuleError("need_closed", _("Somebody has closed this need already."))
        row.state, row.outcome = state, outcome
        row.closed_at, row.closed_by_name = unit.now, unit.actor.name
        row.save()
        customer.version += 1
        customer.save()
        change = Change(f"need.{row.kind}", row.text, f"{state} {outcome}".strip())
        record_changes(unit, customer, "customers.need.close", [change])
    return row
