"""Taking a stored file away because what it held was somebody's, and nobody else's row needs it."""

from collections.abc import Collection, Mapping

from django.apps import apps
from django.db.models import ForeignKey, Model

from zhike.core import work
from zhike.core.erasing.places import ERASED
from zhike.core.files.store import file_path
from zhike.core.models import StoredFile
from zhike.core.retention.classes import ENDED


def remove_files(ids: Collection[int], unit: work.Work) -> int:
    """Note these as removed; their bytes go after the commit. How many were not removed before."""
    rows = list(StoredFile.objects.select_for_update().filter(pk__in=ids, removed_at__isnull=True))
    StoredFile.objects.filter(pk__in=[row.pk for row in rows]).update(removed_at=unit.now)
    if rows:
        unit.on_commit(_remove)
    return len(rows)


def _remove() -> None:
    remove_bytes()


def remove_bytes() -> int:
    """The bytes of every file noted as removed that are still there, as after a kill; how many."""
    gone = 0
    for digest in StoredFile.objects.filter(removed_at__isnull=False).values_list(
        "digest", flat=True
    ):
        if file_path(digest).exists():
            gone += _unlink(digest)
    return gone


def _unlink(digest: str) -> int:
    # Under the lock of the row: the same bytes may just be stored again.
    with work.unit(work.Actor.system("files")):
        row = StoredFile.objects.select_for_update().filter(digest=digest).first()
        if row is None or row.removed_at is None:
            return 0
        file_path(digest).unlink(missing_ok=True)
    return 1


def used_elsewhere(ids: Collection[int], but: Mapping[str, Collection[int]]) -> set[int]:
    """Which of these files other rows point to as well; `but` names, by model, the rows that do not count.

    Nor do rows whose own time is over, or whose person was erased: they point to bytes nobody may fetch by them.
    """
    found: set[int] = set()
    for field in _pointers():
        rows = field.model._base_manager.filter(**{f"{field.name}__in": ids})
        rows = rows.exclude(pk__in=but.get(field.model._meta.label, ()))
        for name in _names(field.model):
            rows = rows.exclude(**{f"{name}__in": (ENDED, ERASED)})
        found |= set(rows.values_list(field.attname, flat=True))
    return found


def _pointers() -> "list[ForeignKey[object, object]]":
    return [
        field
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and field.related_model is StoredFile
    ]


def _names(model: type[Model]) -> list[str]:
    """The column of a model that says what its file was called, and later that it is gone."""
    present = {field.name for field in model._meta.concrete_fields}
    return [name for name in ("name", "file_name") if name in present]
