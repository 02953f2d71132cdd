"""What the import tests share: files, an import from upload to end, jobs run at once."""

from collections.abc import Iterator, Mapping

from zhike.core import work
from zhike.core.access import Grants, everything
from zhike.core.importer import services
from zhike.core.jobs.inline import run_pending_jobs
from zhike.core.models import ErrorPolicy, ImportRun

IMPORTER = work.Actor.system("importer", via="cli")


class Upload:
    def __init__(self, data: bytes | str) -> None:
        self.data = data.encode() if isinstance(data, str) else data

    def chunks(self) -> Iterator[bytes]:
        yield self.data


def uploaded(
    kind: str,
    data: bytes | str,
    unit_id: int,
    *,
    name: str = "文件.csv",
    actor: work.Actor = IMPORTER,
    grants: Grants | None = None,
) -> ImportRun:
    return services.start_import(
        actor=actor,
        grants=grants or everything("importer"),
        kind_key=kind,
        upload=Upload(data),
        file_name=name,
        unit_id=unit_id,
    )


def tried(
    run: ImportRun,
    mapping: Mapping[str, int] | None = None,
    constants: Mapping[str, str] | None = None,
) -> ImportRun:
    problems = services.choose_columns(
        actor=IMPORTER,
        run=run,
        mapping=run.mapping if mapping is None else mapping,
        constants=constants or run.constants,
    )
    assert not problems, problems
    return worked(run)


def imported(run: ImportRun, policy: str = ErrorPolicy.SKIP) -> ImportRun:
    services.begin(actor=IMPORTER, run=run, policy=policy)
    return worked(run)


def worked(run: ImportRun) -> ImportRun:
    run_pending_jobs()
    return ImportRun.objects.select_related("file", "key").get(pk=run.pk)


def whole(
    kind: str, data: bytes | str, unit_id: int, constants: Mapping[str, str] | None = None
) -> ImportRun:
    """From upload to end."""
    return imported(tried(uploaded(kind, data, unit_id), constants=constants))


def counts(run: ImportRun) -> tuple[int, int, int, int, int]:
    return (
        run.created_count,
        run.updated_count,
        run.same_count,
        run.error_count,
        run.skipped_count,
    )
