"""`zhike worker`: only the jobs, beside `zhike serve` or `zhike web`, on this machine or another."""

import typer

from zhike.cli.options import DataOption
from zhike.cli.program import (
    begin_log,
    child_command,
    child_environment,
    require_prepared,
    usable_data_folder,
    writing,
)
from zhike.core.serving import service
from zhike.core.serving.supervisor import Child, Supervisor


def worker(data: DataOption = None) -> None:
    """Run background jobs only. `zhike migrate` must have been run."""
    begin_log()
    with writing(usable_data_folder()):
        environment = child_environment()
        require_prepared(environment)
        # Under a supervisor as well: a job over its time limit takes the worker process down.
        jobs = Child("jobs", child_command("zhike.core.serving.jobs"))
        supervisor = Supervisor([jobs], environment, on_ready=service.notify_ready)
        code = supervisor.run()
    raise typer.Exit(code)
