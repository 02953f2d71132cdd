"""`zhike worker`: only the jobs, for a second machine beside `zhike serve`."""

import logging

import typer

from zhike.cli.options import DataOption
from zhike.cli.program import child_command, child_environment, usable_data_folder, writing
from zhike.core.serving.supervisor import Child, Supervisor


def worker(data: DataOption = None) -> None:
    """Run background jobs only."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    with writing(usable_data_folder()):
        # Under a supervisor as well: a job over its time limit takes the worker process down.
        jobs = Child("jobs", child_command("zhike.core.serving.jobs"))
        code = Supervisor(children=[jobs], environment=child_environment()).run()
    raise typer.Exit(code)
