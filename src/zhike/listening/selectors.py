"""Reading customers' words. Every read starts at `visible_feedback`."""

from django.db.models import QuerySet

from zhike.core import counts
from zhike.core.access import Grants, NotFound
from zhike.core.listing.parts import Rows
from zhike.core.search import count as count_matches
from zhike.core.search import find_and_count as find_matches
from zhike.core.search import masked_numbers, matching
from zhike.core.search.kinds import Hit, Hits, excerpt
from zhike.customers.permissions import TEXT, may_reveal
from zhike.listening.models import Feedback
from zhike.listening.permissions import VIEW

COUNTER = "feedback"


def visible_feedback(grants: Grants) -> QuerySet[Feedback]:
    """What this person may read: the one scope of list, detail, search and export."""
    rows = Feedback.objects.filter(voided_at__isnull=True)
    if not grants.allows(VIEW) or grants.own_only:
        # Nobody owns words; who sees only their own rows meets them as a case.
        return rows.none()
    if grants.unit_ids is not None:
        rows = rows.filter(unit_id__in=grants.unit_ids)
    return rows


def feedback_for_list(grants: Grants) -> QuerySet[Feedback]:
    return (
        visible_feedback(grants)
        .select_related("customer", "case")
        .only(
            "id", "text", "rating", "rating_min", "rating_max", "rating_ratio", "said_on", "source",
            "unit_id", "recorded_at", "customer__name", "customer__tier", "case__number",
        )
    )  # fmt: skip


def get_feedback(grants: Grants, pk: int) -> Feedback:
    found = (
        visible_feedback(grants).select_related("customer", "case", "unit").filter(pk=pk).first()
    )
    if found is None:
        raise NotFound()
    return found


def sources(grants: Grants) -> list[tuple[str, str]]:
    """The sources in use, for the filter; walks the index from one source to the next instead of every row."""
    found: list[tuple[str, str]] = []
    rows = visible_feedback(grants).order_by("source")
    last = ""
    while len(found) < 50:
        following = rows.filter(source__gt=last).values_list("source", flat=True).first()
        if following is None:
            break
        found.append((following, following))
        last = following
    return found


def holding(rows: Rows, text: str) -> Rows:
    return matching(rows, text)


def counts_by_state(grants: Grants) -> dict[str, int]:
    if grants.own_only:
        return {}
    return counts.totals_by_state(COUNTER, grants)


def shown_text(feedback: Feedback, grants: Grants) -> str:
    """The words as this person may read them: numbers in them are masked without the right to reveal."""
    return feedback.text if may_reveal(grants, TEXT) else masked_numbers(feedback.text)


def find_hits(grants: Grants, query: str, limit: int, before_id: int | None) -> Hits:
    from django.urls import reverse

    found = find_matches(visible_feedback(grants), query, limit, before_id)
    hits = [
        Hit(
            id=row.pk,
            title=excerpt(shown_text(row, grants), query),
            excerpt=row.source,
            url=reverse("listening:detail", args=[row.pk]),
            at=row.recorded_at,
        )
        for row in found.rows
    ]
    return Hits(hits, found.total)


def count_hits(grants: Grants, query: str) -> int:
    return count_matches(visible_feedback(grants), query)
