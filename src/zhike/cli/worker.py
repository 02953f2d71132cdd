"""`zhike worker`: only the jobs, beside `zhike serve` or `zhike web`, on this machine or another."""

from typing import Annotated

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
from zhike.cli.texts import gettext as _
from zhike.core.metrics.place import PORT_VARIABLE
from zhike.core.serving import service
from zhike.core.serving.supervisor import Child, Supervisor


def worker(
    data: DataOption = None,
    metrics_port: Annotated[
        int,
        typer.Option(
            min=0,
            max=65535,
            help=_("The port of this machine to tell figures on, for Prometheus; 0 for none."),
        ),
    ] = 0,
) -> None:
    """Run background jobs only. `zhike migrate` must have been run."""
    begin_log()
    with writing(usable_data_folder()):
        environment = child_environment()
        if metrics_port:
            environment[PORT_VARIABLE] = str(metrics_port)
        require_prepared(environment)
        # Under a supervisor as well: a job over its time limit takes the worker process down.
        jobs = Child("jobs", child_command("zhike.core.serving.jobs"))
        supervisor = Supervisor([jobs], environment, on_ready=service.notify_ready)
        code = supervisor.run()
    raise typer.Exit(code)
