"""What a job of an import works with: the run, its kind, whose rights, the open table."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _

from zhike.core import access
from zhike.core.access import Grants
from zhike.core.errors import Forbidden, NotFound, RuleError
from zhike.core.files import file_path
from zhike.core.importer.kinds import KINDS, ImportKind
from zhike.core.importer.reading import Table, open_table
from zhike.core.importer.rows import Context
from zhike.core.models import ImportRun
from zhike.core.work import Actor

PERMISSION = "imports.run"


class Superseded(Exception):
    """Another job has taken this import over, or somebody stopped it: end quietly, write nothing."""


@dataclass(frozen=True)
class Job:
    run: ImportRun
    kind: ImportKind
    context: Context


def kind_named(key: str) -> ImportKind:
    kind = KINDS.get(key)
    if kind is None:
        raise NotFound()
    return kind


def grants_for(run: ImportRun) -> Grants:
    """The rights of whoever started the import, as they are now."""
    if run.actor_id is None:
        return access.everything(run.actor_name)
    user = get_user_model()._default_manager.filter(pk=run.actor_id).first()
    return access.grants_of(user) if user is not None else access.NOBODY


def actor_for(run: ImportRun) -> Actor:
    kind = "system" if run.actor_id is None else "user"
    return Actor(id=run.actor_id, name=run.actor_name, kind=kind, via="import")


def prepare(run: ImportRun) -> Job:
    kind = kind_named(run.kind)
    grants = grants_for(run)
    for permission in (PERMISSION, kind.permission):
        if not grants.allows(permission):
            raise Forbidden(permission, _("You may no longer import this kind of rows."))
    context = Context(
        run_id=run.pk,
        actor=actor_for(run),
        grants=grants,
        unit_id=run.unit_id,
        constants=run.constants,
        mapped=frozenset(run.mapping) | frozenset(k for k, v in run.constants.items() if v),
        file_digest=run.file.digest,
        file_name=run.file_name,
    )
    return Job(run, kind, context)


def table_of(run: ImportRun) -> Table:
    """The stored file, read again: rows are never kept in the database before they are imported."""
    path = file_path(run.file.digest)
    if not path.exists():
        raise RuleError(
            "file_gone", _("The file of this import is no longer stored. Please upload it again.")
        )
    return open_table(path, run.sheet)
