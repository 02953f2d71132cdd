"""Reading imports. A file holds personal data in clear, so an import is its maker's own."""

from django.db.models import QuerySet

from zhike.core.access import Grants, NotFound, ScopeKind
from zhike.core.importer.context import PERMISSION
from zhike.core.models import ImportRun


def visible_imports(grants: Grants) -> QuerySet[ImportRun]:
    """One's own; whoever keeps the house (every unit, settings) sees all."""
    rows = ImportRun.objects.all()
    if not grants.allows(PERMISSION):
        return rows.none()
    if grants.scope is ScopeKind.ALL and grants.allows("settings.manage"):
        return rows
    return rows.filter(actor_id=grants.user_id) if grants.user_id is not None else rows.none()


def get_import(grants: Grants, pk: int) -> ImportRun:
    grants.require(PERMISSION)
    run = visible_imports(grants).select_related("file", "key").filter(pk=pk).first()
    if run is None:
        raise NotFound()
    return run
