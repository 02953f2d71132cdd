"""What lists ask of their memory: one query for each question, until somebody changes it."""

from django.db.models import Q

from zhike.core import settled
from zhike.core.access import Grants
from zhike.core.listing.memory import SIZES, Preference, View
from zhike.web.models import ListPreference, SavedView

MOST_SHOWN = 20


class StoredMemory:
    def preference(self, grants: Grants, list_name: str) -> Preference:
        user_id = grants.user_id or 0
        key = ("list preference", user_id, list_name)
        return settled.kept(grants.stamp, key, lambda: _preference(user_id, list_name))

    def views(self, grants: Grants, list_name: str) -> list[View]:
        """Own ones first, then shared ones, each in the order they were made."""
        user_id = grants.user_id or 0
        key = ("saved views", user_id, list_name)
        return settled.kept(grants.stamp, key, lambda: _views(user_id, list_name))


def _preference(user_id: int, list_name: str) -> Preference:
    row = ListPreference.objects.filter(user_id=user_id, list_name=list_name).first()
    if row is None:
        return Preference()
    return Preference(
        shown=frozenset(map(str, row.shown)),
        hidden=frozenset(map(str, row.hidden)),
        density=row.density,
        size=row.size if row.size in SIZES else Preference.size,
    )


def _views(user_id: int, list_name: str) -> list[View]:
    rows = SavedView.objects.filter(
        Q(owner_id=user_id) | Q(is_shared=True), list_name=list_name
    ).order_by("pk")[: MOST_SHOWN * 2]
    views = [
        View(row.pk, row.title, row.query, row.is_shared, row.owner_id == user_id) for row in rows
    ]
    return sorted(views, key=lambda view: not view.is_own)[:MOST_SHOWN]
