"""From the check of who asks to the answer: each step with what shows it."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import Conflict, RuleError
from zhike.core.sealing import SealBroken, seal
from zhike.customers import services as customers
from zhike.customers.models import ConsentChannel
from zhike.customers.permissions import EDIT, ERASE
from zhike.customers.services.erasing import erase_customer
from zhike.privacy.choices import IdentityCheck, Kind, Refusal, State, StepKind
from zhike.privacy.models import DataRequest
from zhike.privacy.permissions import HANDLE, TAKE
from zhike.privacy.rules import EVIDENCE, fits, state_after
from zhike.privacy.selectors import changes_since, get_request, visible_requests
from zhike.privacy.services.taking_in import add_step, checked_text


@dataclass
class Stepping:
    """A request that is locked, the unit of work around it, and the state the step leads to."""

    unit: work.Work
    request: DataRequest
    state: State


def check_identity(
    *, actor: work.Actor, grants: Grants, number: str, how: str, note: str = ""
) -> DataRequest:
    """It is the person who asks, and this is how we know. No copy of a document is kept."""
    if how not in IdentityCheck.values:
        raise RuleError("identity_how", _("Please say how the identity was checked."), field="how")
    note = checked_text(note, "note")
    with stepping(actor, grants, number, StepKind.IDENTITY) as at:
        at.request.identity_check = how
        at.request.identity_by_name = actor.name
        at.request.file_version = at.request.customer.version
        add_step(at.unit, at.request, StepKind.IDENTITY, note=note, data={"how": how})
    return at.request


def withdraw_consents(
    *, actor: work.Actor, grants: Grants, number: str, purposes: Collection[str]
) -> DataRequest:
    """A no in the ledger for each purpose named, with this request as its proof."""
    grants.require(EDIT)
    if not purposes:
        raise RuleError(
            "purposes_missing", _("Please choose at least one purpose."), field="purposes"
        )
    with stepping(actor, grants, number, StepKind.CONSENT) as at:
        entries = [
            customers.record_consent(
                actor=actor,
                grants=grants,
                customer_id=at.request.customer_id,
                purpose=code,
                is_given=False,
                channel=ConsentChannel.REQUEST,
                proof=at.request.number,
            ).pk
            for code in sorted(set(purposes))
        ]
        add_step(
            at.unit,
            at.request,
            StepKind.CONSENT,
            data={"purposes": sorted(set(purposes)), "consents": entries},
        )
    return at.request


def erase(*, actor: work.Actor, grants: Grants, number: str) -> DataRequest:
    """Erase the person, with this request as the reason; the request is done with it."""
    grants.require(ERASE)
    # Keys are gone after it: what the step says is codes alone.
    with stepping(actor, grants, number, StepKind.ERASED) as at:
        record = erase_customer(
            actor=actor,
            grants=grants,
            customer_id=at.request.customer_id,
            reason=_("At the person's request %(number)s") % {"number": at.request.number},
        )
        add_step(at.unit, at.request, StepKind.ERASED, data={"erasure": record.pk})
    return at.request


def complete(*, actor: work.Actor, grants: Grants, number: str, answer: str) -> DataRequest:
    """Say what the person was told. There must be something that shows it was done."""
    answer = checked_text(answer, "answer", required=True)
    with stepping(actor, grants, number, StepKind.DONE) as at:
        _require_evidence(at.request)
        at.request.answer_sealed = seal(at.request.customer.key_id, answer)
        add_step(at.unit, at.request, StepKind.DONE, note=answer, data=_shown_by(at.request))
    return at.request


def refuse(
    *, actor: work.Actor, grants: Grants, number: str, reason: str, answer: str
) -> DataRequest:
    """The law wants the reason told; so a refusal has one, in words for the person."""
    if reason not in Refusal.values:
        raise RuleError("refusal_reason", _("Please choose a reason."), field="reason")
    answer = checked_text(answer, "answer", required=True)
    with stepping(actor, grants, number, StepKind.REFUSED) as at:
        at.request.refusal = reason
        at.request.answer_sealed = _sealed_for(at.request, answer)
        add_step(at.unit, at.request, StepKind.REFUSED, data={"refusal": reason})
    return at.request


def take_back(*, actor: work.Actor, grants: Grants, number: str, note: str = "") -> DataRequest:
    """The person no longer asks."""
    note = checked_text(note, "note")
    with stepping(actor, grants, number, StepKind.TAKEN_BACK, permission=TAKE) as at:
        add_step(at.unit, at.request, StepKind.TAKEN_BACK, note=note)
    return at.request


@contextmanager
def stepping(
    actor: work.Actor, grants: Grants, number: str, step: StepKind, permission: str = HANDLE
) -> Iterator[Stepping]:
    """Right, reach, lock, and what may follow; on leaving, the new state and the audit row."""
    grants.require(permission)
    known = get_request(grants, number)
    with work.unit(actor) as unit:
        rows = visible_requests(grants).select_for_update(of=("self",))
        request = rows.select_related("customer").get(pk=known.pk)
        state = state_after(State(request.state), step)
        if state is None or not fits(Kind(request.kind), step):
            raise Conflict(
                "request_step",
                _("This is not possible now: the request is in the state “%(state)s”.")
                % {"state": request.get_state_display()},
                extra={"state": request.state},
            )
        before = request.state
        at = Stepping(unit, request, state)
        yield at
        request.state = state
        if not request.is_open:
            request.ended_at = unit.now
            request.ended_by_name = actor.name
            request.remind_at = None
        request.save()
        unit.audit(
            f"privacy.request.{step.value}",
            request,
            before={"state": before},
            after={"request": request.number, "state": request.state, **_codes(request)},
            unit_id=request.unit_id,
        )
        unit.touch(f"customer:{request.customer_id}")


def _codes(request: DataRequest) -> dict[str, Any]:
    return {"refusal": request.refusal} if request.refusal else {}


def _require_evidence(request: DataRequest) -> None:
    wanted = EVIDENCE[Kind(request.kind)]
    if wanted is None:
        if not changes_since(request):
            raise RuleError(
                "request_evidence",
                _(
                    "Nothing on the file was changed since the identity was checked. Please correct it first."
                ),
            )
        return
    if not request.steps.filter(kind=wanted).exists():
        raise RuleError(
            "request_evidence",
            _("“%(step)s” is still missing.") % {"step": StepKind(wanted).label},
        )


def _shown_by(request: DataRequest) -> dict[str, object]:
    changes = [row.pk for row in changes_since(request)]
    return {"changes": changes} if changes else {}


def _sealed_for(request: DataRequest, text: str) -> str:
    try:
        return seal(request.customer.key_id, text)
    except SealBroken as broken:
        raise Conflict("seal_broken", _("This person's data was erased.")) from broken
