"""Reading follow-up visits. Every read starts at `visible_follow_ups`."""

from datetime import datetime, time, timedelta

from django.db.models import Count, Q, QuerySet

from zhike.care.choices import State
from zhike.care.errors import visit_not_found
from zhike.care.models import FollowUp, FollowUpAttempt, FollowUpRule, Script, ScriptVersion
from zhike.care.models.visits import STILL_DUE
from zhike.care.rules import Tries
from zhike.complaints.models import Notice, WayOutRule
from zhike.complaints.selectors.scope import not_voided
from zhike.core import clock, counts
from zhike.core.access import Grants
from zhike.customers.models import Preference
from zhike.desk.models import Case
from zhike.desk.permissions import VIEW
from zhike.desk.selectors.scope import case_scope

METRIC = "care.follow_up"
# In words customers use when they say how to be called; a habit that holds one is shown before the call.
CALL_WORDS = ("联系", "来电", "电话", "致电", "回访", "call", "phone")  # zh-data


def visible_follow_ups(grants: Grants) -> QuerySet[FollowUp]:
    """Those of cases this person may see: the one scope of list, page, export, figures and API."""
    if not grants.allows(VIEW):
        return FollowUp.objects.none()
    rows = FollowUp.objects.filter(not_voided())
    if grants.own_only:
        return rows.filter(case_scope(grants, "case__"))
    if grants.unit_ids is not None:
        # Kept in step with the case's unit, and here it has the indexes.
        rows = rows.filter(unit_id__in=grants.unit_ids)
    return rows


def for_list(grants: Grants) -> QuerySet[FollowUp]:
    return (
        visible_follow_ups(grants)
        .select_related("case")
        .only(
            "id", "round", "sequence", "unit_id", "type_code", "customer_id", "customer_name",
            "customer_tier", "assigned_id", "assigned_name", "state", "made_at", "due_at",
            "due_warn_at", "plan_at", "next_try_at", "best_time", "attempts", "result", "words",
            "done_at", "call_off", "case__number", "case__title",
        )
    )  # fmt: skip


def get_follow_up(grants: Grants, pk: int) -> FollowUp:
    found = (
        visible_follow_ups(grants)
        .select_related("case", "unit", "customer", "script", "new_case")
        .defer("case__folded", "case__bigrams", "case__clocks", "case__pauses")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise visit_not_found()
    return found


def visits_of(case: Case) -> list[FollowUp]:
    """All visits of a case somebody may see already, newest first."""
    return list(
        FollowUp.objects.filter(case_id=case.pk)
        .defer("due_explanation")
        .order_by("-round", "-sequence")
    )


def tries_of(visit: FollowUp) -> list[FollowUpAttempt]:
    return list(visit.tries.order_by("-at", "-id"))


def tries_in_vain(visit: FollowUp) -> Tries:
    moments = visit.tries.filter(reached=False).values_list("at", flat=True)
    return Tries.on([clock.local(at).date() for at in moments])


def reach_rule() -> tuple[int, int]:
    """(attempts, days) after which a customer counts as not reachable; the same as for complaints."""
    return WayOutRule.objects.values_list("attempts", "days").get(pk=1)


# Rules and scripts


def switched_on() -> set[str]:
    return set(FollowUpRule.objects.filter(is_on=True).values_list("type__code", flat=True))


def scripts_of(type_code: str) -> QuerySet[Script]:
    """The script of this type of case, or with "" the one for all."""
    if not type_code:
        return Script.objects.filter(is_default=True)
    return Script.objects.filter(type__code=type_code)


def script_for(type_code: str) -> ScriptVersion | None:
    """The script of this type of case, else the one for all."""
    found = (
        ScriptVersion.objects.filter(
            Q(script__type_id=type_code) | Q(script__is_default=True),
            pk__in=Script.objects.filter(current__isnull=False).values("current_id"),
        )
        .order_by("script__is_default")
        .prefetch_related("questions")
    )
    return found.first()


def version_for(type_code: str, version_id: int) -> ScriptVersion | None:
    """A version of a script that serves this type: the one a page was drawn with."""
    fitting = Q(script__type_id=type_code) | Q(script__is_default=True)
    return (
        ScriptVersion.objects.filter(fitting, pk=version_id).prefetch_related("questions").first()
    )


def best_times(customer_id: int) -> list[Preference]:
    """What the guest history says about being called, what to mind first."""
    asked = Q()
    for word in CALL_WORDS:
        asked |= Q(topic__icontains=word) | Q(value__icontains=word)
    rows = Preference.objects.filter(asked, customer_id=customer_id, voided_at__isnull=True)
    return list(rows.order_by("-is_caution", "-at", "-id")[:4])


def former_notice(case_id: int) -> Notice | None:
    """Where the last notice of the case went: the next one will most likely go there too."""
    return Notice.objects.filter(case_id=case_id).order_by("-id").first()


# Counts


def end_of_today() -> datetime:
    tomorrow = clock.today() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), tzinfo=clock.zone())


def tab_counts(grants: Grants) -> dict[str, int]:
    """Those to be made by one statement over their small index, the archive from the counters."""
    now, evening = clock.now(), end_of_today()
    found = (
        visible_follow_ups(grants)
        .filter(STILL_DUE)
        .aggregate(
            today=Count("pk", filter=Q(plan_at__lt=evening)),
            overdue=Count("pk", filter=Q(due_at__lte=now)),
            upcoming=Count("pk", filter=Q(plan_at__gte=evening)),
            mine=Count("pk", filter=Q(assigned_id=grants.user_id)),
        )
    )
    by_state = counts.totals_by_state(METRIC, grants)
    found["done"] = max(0, by_state.get(State.DONE, 0))
    found["all"] = max(0, sum(by_state.values()))
    return found
