"""Taking cases in: from staff, from the public form, from the interface and from imports."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zhike.accounts.models import Unit
from zhike.core import clock, work
from zhike.core.access import Grants
from zhike.core.calendar.own_time import OwnTime
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.numbers import dated_number
from zhike.core.work import Actor, Work
from zhike.customers.models import Customer
from zhike.desk import errors, rules
from zhike.desk.choices import SPOKEN_CHANNELS, Channel, EventKind, From, Priority, Visibility
from zhike.desk.events import CaseOpened, CustomerNamed
from zhike.desk.models import Case, CaseType
from zhike.desk.permissions import CREATE, WORK
from zhike.desk.phrases import Place
from zhike.desk.rules import CaseState, Mover
from zhike.desk.selectors.scope import visible_cases
from zhike.desk.services.attaching import NewFile, attach, checked_files
from zhike.desk.services.callers import Caller, find_or_make, reachable_customer
from zhike.desk.services.clocks import pass_over_the_past, set_clock
from zhike.desk.services.handling import begin, handling, mover_of, scoped_key
from zhike.desk.services.moves import set_clock_openly
from zhike.desk.services.progress import known_type
from zhike.desk.services.texts import body_of, title_of
from zhike.desk.services.tracking import Codes, put_codes
from zhike.desk.services.words import NOT_KEPT, Kept, check_words

TITLE_FROM_TEXT = 40
# That it was opened, and what was said.
FIRST_LINES = 2


@dataclass(frozen=True)
class NewCase:
    """What is known when a matter comes in.

    The customer is given by id (of one's own reach), or as a caller who is found by phone or made, or not at
    all: then the case is named later. `submit_key` marks the form: sent twice, it makes one case.
    """

    type_code: str
    channel: str
    text: str
    title: str = ""
    unit_id: int | None = None
    customer_id: int | None = None
    caller: Caller | None = None
    priority: int = Priority.NORMAL
    files: Sequence[NewFile] = ()
    # The one who takes it in keeps it; otherwise it waits in the queue.
    keep: bool = True
    with_codes: bool = False
    submit_key: str = ""
    # In place of the plan for the end of a case of its type, round after round.
    own_time: OwnTime | None = None
    # Of imports: when it really came in, and what it is called elsewhere.
    opened_at: datetime | None = None
    external_id: str = ""
    import_run_id: int | None = None


@dataclass(frozen=True)
class Opened:
    case: Case
    # Shown to the customer once; None for a form that was sent before.
    codes: Codes | None
    is_new: bool


def open_case(*, actor: Actor, grants: Grants, new: NewCase, kept: Kept = NOT_KEPT) -> Opened:
    """Take a matter in: number, customer, first words, clock, owner."""
    grants.require(CREATE)
    kind, text, title = _checked(new)
    # What the customer said is theirs; the subject is ours, and stands on their progress page.
    words = check_words(new.title, Place.OUTGOING, actor=actor, grants=grants, kept=kept)
    key = scoped_key(actor, new.submit_key)
    with work.unit(actor) as unit:
        if (known := _sent_before(key)) is not None:
            return Opened(known, None, is_new=False)
        _refuse_known_external_id(new.external_id)
        unit_id = _unit_for(grants, new.unit_id)
        customer = _customer_of(actor, grants, new, unit_id)
        case = _row(unit, actor, grants, new, kind, title, unit_id, customer)
        case.submit_key = key or None
        codes = put_codes(case, unit.now) if new.with_codes else None
        case.seq, case.last_text = FIRST_LINES, rules.excerpt(text)
        if (known := _insert(case)) is not None:
            return Opened(known, None, is_new=False)
        _first_lines(case, unit, actor, grants, new, text, words)
    return Opened(case, codes, is_new=True)


def _checked(new: NewCase) -> tuple[CaseType, str, str]:
    text = body_of(new.text, required=not new.files)
    checked_files(new.files)
    title = title_of(new.title) or rules.excerpt(text, TITLE_FROM_TEXT) or _("Files sent in")
    if new.channel not in Channel.values:
        raise RuleError("channel_unknown", _("There is no such channel."), field="channel")
    if new.priority not in Priority.values:
        raise RuleError("priority_unknown", _("There is no such priority."), field="priority")
    return known_type(new.type_code), text, title


def _insert(case: Case) -> Case | None:
    """None, or the case the same form made at the same moment in another process."""
    if not case.submit_key:
        case.save(force_insert=True)
        return None
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError:
        known = _sent_before(case.submit_key)
        if known is None:
            raise
        return known
    return None


def _sent_before(key: str) -> Case | None:
    return Case.objects.filter(submit_key=key).first() if key else None


def _refuse_known_external_id(external_id: str) -> None:
    if not external_id:
        return
    known = Case.objects.filter(external_id=external_id).values_list("number", flat=True).first()
    if known is not None:
        raise Conflict(
            "external_id_taken",
            _("%(number)s already carries this foreign number.") % {"number": known},
            field="external_id",
            extra={"number": known},
        )


def _unit_for(grants: Grants, wanted: int | None) -> int:
    unit_id = wanted if wanted is not None else grants.unit_id
    if unit_id is None:
        # The system itself, without a wish: the company, where whoever sees everything finds it.
        first = Unit.objects.filter(parent__isnull=True).order_by("id").values_list("id", flat=True)
        unit_id = first.first()
        if unit_id is None:
            raise errors.not_set_up()
    elif not (grants.reaches_unit(unit_id) or unit_id == grants.unit_id) or not (
        Unit.objects.filter(pk=unit_id).exists()
    ):
        raise RuleError("unit_unknown", _("There is no such unit."), field="unit")
    return unit_id


def _customer_of(actor: Actor, grants: Grants, new: NewCase, unit_id: int) -> Customer | None:
    if new.customer_id is not None:
        return reachable_customer(grants, new.customer_id, new.caller)
    if new.caller is not None:
        return find_or_make(actor=actor, grants=grants, caller=new.caller, unit_id=unit_id)
    return None


def _row(
    unit: Work,
    actor: Actor,
    grants: Grants,
    new: NewCase,
    kind: CaseType,
    title: str,
    unit_id: int,
    customer: Customer | None,
) -> Case:
    kept = new.keep and mover_of(actor) is Mover.STAFF and grants.allows(WORK)
    opened_at = new.opened_at or unit.now
    spoken = mover_of(actor) is Mover.STAFF and new.channel in SPOKEN_CHANNELS
    case = Case(
        number=dated_number(kind.prefix, clock.local(unit.now).date()),
        type=kind,
        title=title,
        state=CaseState.OPEN if kept else CaseState.NEW,
        channel=new.channel,
        priority=new.priority,
        unit_id=unit_id,
        customer=customer,
        customer_name=customer.name if customer else "",
        customer_tier=customer.tier if customer else "",
        owner_id=actor.id if kept else None,
        owner_name=actor.name[:60] if kept else "",
        created_by_id=actor.id,
        opened_at=opened_at,
        last_event_at=opened_at,
        due_from=opened_at,
        first_reply_at=opened_at if spoken else None,
        waiting_since=None if spoken else opened_at,
        last_from=From.CUSTOMER,
        unread_count=0 if kept else 1,
        external_id=new.external_id or None,
        import_run_id=new.import_run_id,
        own_time=new.own_time.to_json() if new.own_time is not None else None,
    )
    if new.import_run_id is not None:
        pass_over_the_past(case, unit.now)
    set_clock(case)
    return case


def _first_lines(
    case: Case,
    unit: Work,
    actor: Actor,
    grants: Grants,
    new: NewCase,
    text: str,
    words: dict[str, Any],
) -> None:
    act = begin(case, unit=unit, actor=actor, grants=grants)
    act.append(
        EventKind.OPENED,
        data={"channel": new.channel, "type": case.type_id} | words,
        visibility=Visibility.PUBLIC,
        at=case.opened_at,
    )
    said = act.append(
        EventKind.MESSAGE_IN,
        text=text,
        data={
            "channel": new.channel,
            "written_down": mover_of(actor) is not Mover.CUSTOMER,
            "caller": case.customer_name,
        },
        visibility=Visibility.PUBLIC,
        at=case.opened_at,
    )
    attach(act, said, new.files)
    act.note_on_timeline("desk.opened", at=case.opened_at)
    act.finish()
    unit.publish(CaseOpened(case.pk, case.customer_id, case.type_id, case.channel))


def name_customer(
    *,
    actor: Actor,
    grants: Grants,
    case_id: int,
    customer_id: int | None = None,
    caller: Caller | None = None,
) -> Case:
    """Say whose case this is: a customer of one's reach, or a caller found by phone or made."""
    grants.require(WORK)
    with work.unit(actor):
        # The file before the case, as a merge of two files locks them.
        customer = _customer_named(actor, grants, case_id, customer_id, caller)
        return _name(actor, grants, case_id, customer)


def _customer_named(
    actor: Actor, grants: Grants, case_id: int, customer_id: int | None, caller: Caller | None
) -> Customer:
    found: Customer | None = None
    if customer_id is not None:
        found = reachable_customer(grants, customer_id, caller)
    elif caller is not None:
        units = visible_cases(grants).filter(pk=case_id).values_list("unit_id", flat=True)
        unit_id = units.first()
        if unit_id is None:
            raise errors.case_not_found()
        found = find_or_make(actor=actor, grants=grants, caller=caller, unit_id=unit_id)
    if found is None:
        raise NotFound(_("There is no such customer."), "customer_missing")
    return found


def _name(actor: Actor, grants: Grants, case_id: int, customer: Customer) -> Case:
    with handling("customer", actor=actor, grants=grants, case_id=case_id) as act:
        case = act.case
        if case.customer_id == customer.pk:
            return case
        before = case.customer_id
        case.customer = customer
        case.customer_name, case.customer_tier = customer.name, customer.tier
        act.append(
            EventKind.CUSTOMER_NAMED,
            data={"from": before, "to": customer.pk, "name": customer.name},
        )
        set_clock_openly(act, tier=customer.tier)
        act.note_on_timeline("desk.opened", at=case.opened_at)
        act.work.publish(CustomerNamed(case.pk, customer.pk, before))
    return case
