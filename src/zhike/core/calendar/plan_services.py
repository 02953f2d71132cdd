"""Adding, changing and removing due plans: permission `settings.manage`, one unit of work, one audit row each.

What a change moves is recounted by a job (`recounts`); what has ended stays as it was.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.calendar.plan_keys import ORDER, SUBJECT, TIER, plan_key
from zhike.core.calendar.recounts import PlanScope, begin_recount
from zhike.core.calendar.services import MANAGE
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.models import DuePlan, DuePurpose, DueUnit, WorkCalendar

# A year of round-the-clock minutes; more is a mistake in typing.
MOST = {
    DueUnit.BUSINESS_MINUTES: 525_600,
    DueUnit.BUSINESS_DAYS: 365,
    DueUnit.CALENDAR_DAYS: 730,
}


@dataclass(frozen=True)
class PlanTerms:
    """What a plan says. An empty name is made from whom the plan is for; no calendar: the hours of the unit."""

    purpose: str
    amount: int
    unit: str
    name: str = ""
    subject: str = ""
    tier: str = ""
    channel: str = ""
    org_unit: int | None = None
    calendar_id: int | None = None
    warn_percent: int = 75
    source: str = ""
    source_on: date | None = None

    @property
    def scope(self) -> PlanScope:
        return PlanScope(self.subject, self.tier, self.channel, self.org_unit)


# What does not move a due time.
_WORDS = frozenset({"name", "source", "source_on"})


def terms_of(plan: DuePlan) -> PlanTerms:
    return PlanTerms(**{name: getattr(plan, name) for name in PlanTerms.__dataclass_fields__})


def add_plan(*, actor: work.Actor, grants: Grants, terms: PlanTerms) -> DuePlan:
    grants.require(MANAGE)
    terms = checked(terms)
    with work.unit(actor) as unit:
        plan = DuePlan(**asdict(terms))
        save_plan(plan, terms)
        unit.audit("core.due_plan.add", plan, after=words_of(terms))
        begin_recount(unit, terms.name, terms.purpose, (terms.scope,))
    return plan


def change_plan(*, actor: work.Actor, grants: Grants, plan_id: int, terms: PlanTerms) -> DuePlan:
    """Raises NotFound. Another purpose would be another plan."""
    grants.require(MANAGE)
    terms = checked(terms)
    with work.unit(actor) as unit:
        plan = _locked(plan_id)
        before = terms_of(plan)
        if before.purpose != terms.purpose:
            raise RuleError(
                "due_plan_purpose",
                _("What is due cannot be changed afterwards; please add a plan of its own."),
                field="purpose",
            )
        old, new = work.changes(asdict(before), asdict(terms))
        if not new:
            return plan
        for name, value in asdict(terms).items():
            setattr(plan, name, value)
        save_plan(plan, terms)
        unit.audit("core.due_plan.change", plan, before=old, after=new)
        if moves_due_times(before, terms):
            begin_recount(unit, terms.name, terms.purpose, scopes_of(before, terms))
    return plan


def remove_plan(*, actor: work.Actor, grants: Grants, plan_id: int) -> None:
    """From now on the next closest plan counts; without one nothing is due. Raises NotFound."""
    grants.require(MANAGE)
    with work.unit(actor) as unit:
        plan = _locked(plan_id)
        before = terms_of(plan)
        unit.audit("core.due_plan.remove", plan, before=words_of(before))
        plan.delete()
        begin_recount(unit, before.name, before.purpose, (before.scope,))


def checked(terms: PlanTerms) -> PlanTerms:
    """The terms as they may be kept, with a name. Raises RuleError naming the field."""
    name, source = terms.name.strip()[:60], terms.source.strip()[:200]
    if terms.purpose not in DuePurpose.values:
        raise RuleError("due_plan_purpose", _("Please say what is due."), field="purpose")
    check_length(terms.amount, terms.unit)
    _check_source_on(terms)
    for key in ORDER:
        _check_key(terms, key)
    if not 1 <= terms.warn_percent <= 99:
        raise RuleError(
            "due_plan_warn", _("Between 1 and 99 per cent, please."), field="warn_percent"
        )
    given = asdict(terms) | {"source": source, "name": name or name_for(terms)}
    return PlanTerms(**given)


def name_for(terms: PlanTerms) -> str:
    """“VIP complaint”, or “All cases”: whom the plan is for, in words."""
    parts = []
    # As one says it: the tier goes before what it is a tier of.
    for key in (TIER, SUBJECT, *(key for key in ORDER if key not in (TIER, SUBJECT))):
        value = getattr(terms, key)
        if value not in ("", None):
            labels = {str(code): str(label).strip() for code, label in plan_key(key).options()}
            parts.append(labels[str(value)])
    return (" ".join(parts) or str(pgettext("plan for", "All")))[:60]


def check_length(
    amount: int, unit: str, *, field: str = "amount", unit_field: str = "unit"
) -> None:
    """Raises RuleError naming the field."""
    if unit not in DueUnit.values:
        raise RuleError(
            "due_plan_unit", _("Please choose what it is counted in."), field=unit_field
        )
    most = MOST[DueUnit(unit)]
    if not 1 <= amount <= most:
        raise RuleError(
            "due_plan_amount", _("Between 1 and %(most)s, please.") % {"most": most}, field=field
        )


def _check_source_on(terms: PlanTerms) -> None:
    if terms.source_on is not None and not 1900 <= terms.source_on.year <= 2099:
        raise RuleError(
            "due_plan_source_on", _("Please give a date of our time."), field="source_on"
        )


def _check_key(terms: PlanTerms, key: str) -> None:
    value = getattr(terms, key)
    if value in ("", None):
        return
    if str(value) not in {str(code) for code, _label in plan_key(key).options()}:
        raise RuleError("due_plan_key", _("Please choose one of those offered."), field=key)


def save_plan(plan: DuePlan, terms: PlanTerms) -> None:
    if terms.calendar_id is not None:
        # Held, so that nobody deletes it meanwhile.
        calendars = WorkCalendar.objects.select_for_update().filter(pk=terms.calendar_id)
        if calendars.first() is None:
            raise RuleError(
                "due_plan_calendar", _("Please choose one of those offered."), field="calendar_id"
            )
    try:
        with transaction.atomic():
            plan.save()
    except IntegrityError as error:
        raise Conflict(
            "due_plan_twice",
            _("There is already a plan for exactly these. Please change that one."),
            field="subject",
        ) from error


def _locked(plan_id: int) -> DuePlan:
    plan = DuePlan.objects.select_for_update().filter(pk=plan_id).first()
    if plan is None:
        raise NotFound
    return plan


def moves_due_times(before: PlanTerms, after: PlanTerms) -> bool:
    return not work.changes(asdict(before), asdict(after))[1].keys() <= _WORDS


def scopes_of(before: PlanTerms, after: PlanTerms) -> tuple[PlanScope, ...]:
    """Whose due times may move when a plan changes from one to the other."""
    return (before.scope,) if before.scope == after.scope else (before.scope, after.scope)


def words_of(terms: PlanTerms) -> dict[str, Any]:
    """For the audit log; what is empty says nothing."""
    return {name: value for name, value in asdict(terms).items() if value not in ("", None)}
