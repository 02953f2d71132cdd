"""What lists ask of their memory, answered from the database: one query for each question."""

from django.db.models import Q

from zhike.core.listing.memory import SIZES, Preference, View
from zhike.web.models import ListPreference, SavedView

MOST_SHOWN = 20


class StoredMemory:
    def preference(self, user_id: int, list_name: str) -> Preference:
        row = ListPreference.objects.filter(user_id=user_id, list_name=list_name).first()
        if row is None:
            return Preference()
        return Preference(
            shown=frozenset(map(str, row.shown)),
            hidden=frozenset(map(str, row.hidden)),
            density=row.density,
            size=row.size if row.size in SIZES else Preference.size,
        )

    def views(self, user_id: int, list_name: str) -> list[View]:
        """Own ones first, then shared ones, each in the order they were made."""
        rows = SavedView.objects.filter(
            Q(owner_id=user_id) | Q(is_shared=True), list_name=list_name
        ).order_by("pk")[: MOST_SHOWN * 2]
        views = [
            View(row.pk, row.title, row.query, row.is_shared, row.owner_id == user_id)
            for row in rows
        ]
        return sorted(views, key=lambda view: not view.is_own)[:MOST_SHOWN]
