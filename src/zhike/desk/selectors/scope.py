"""Which cases somebody may see: the one place that says so, for pages, API, search, export and live topics."""

from django.db.models import Q, QuerySet

from zhike.core.access import Grants
from zhike.desk.errors import case_not_found
from zhike.desk.models import Case, CaseEvent, Mention
from zhike.desk.permissions import VIEW

# What neither a list nor a decision needs; large on a wide row.
HEAVY = ("folded", "bigrams")


def case_scope(grants: Grants, path: str = "") -> Q:
    """The condition on cases (reached by `path`, such as "case__") this person may see."""
    if grants.unit_ids is None:
        return Q()
    if not grants.own_only:
        return Q(**{f"{path}unit_id__in": grants.unit_ids})
    if grants.user_id is None:
        return Q(pk__in=[])
    mentioned = Mention.objects.filter(user_id=grants.user_id).values("case_id")
    key = f"{path}pk__in" if path else "pk__in"
    return (
        Q(**{f"{path}owner_id": grants.user_id})
        | Q(**{f"{path}created_by_id": grants.user_id})
        | Q(**{key: mentioned})
    )


def visible_cases(grants: Grants) -> QuerySet[Case]:
    """Cases of this person's scope; none without the permission to see cases."""
    if not grants.allows(VIEW):
        return Case.objects.none()
    return Case.objects.filter(case_scope(grants), voided_at__isnull=True)


def visible_events(grants: Grants) -> QuerySet[CaseEvent]:
    if not grants.allows(VIEW):
        return CaseEvent.objects.none()
    return CaseEvent.objects.filter(case_scope(grants, "case__"), voided_at__isnull=True)


def by_number_or_id(cases: QuerySet[Case], key: str | int) -> QuerySet[Case]:
    """A number begins with letters, so bare digits are an id."""
    text = str(key).strip().upper()
    if text.isascii() and text.isdigit():
        return cases.filter(pk=int(text)) if len(text) < 19 else cases.none()
    return cases.filter(number=text[:20]) if "\x00" not in text else cases.none()


def load_case(grants: Grants, key: str | int) -> Case:
    """The case of this number or id, or, when it was merged, the case it went into.

    Compare `case.number` with what was asked to answer with a redirect. A case out of scope is not found.
    """
    found = by_number_or_id(visible_cases(grants), key).defer(*HEAVY).first()
    if found is not None and found.merged_into_id is not None:
        found = visible_cases(grants).filter(pk=found.merged_into_id).defer(*HEAVY).first()
    if found is None:
        raise case_not_found()
    return found


def lock_case(grants: Grants, case_id: int) -> Case:
    """The case itself, locked until the unit of work ends. Merged ones are not followed."""
    found = (
        visible_cases(grants)
        .filter(pk=case_id)
        .defer(*HEAVY)
        .select_for_update(of=("self",))
        .first()
    )
    if found is None:
        raise case_not_found()
    return found


def may_see(grants: Grants, case: Case) -> bool:
    if not grants.allows(VIEW):
        return False
    if grants.unit_ids is None:
        return True
    if not grants.own_only:
        return case.unit_id in grants.unit_ids
    return grants.user_id is not None and (
        grants.user_id in (case.owner_id, case.created_by_id)
        or Mention.objects.filter(user_id=grants.user_id, case_id=case.pk).exists()
    )
