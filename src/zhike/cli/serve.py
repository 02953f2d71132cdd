"""`zhike serve`: pages, live updates and jobs in one process tree on one port."""

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from zhike.cli.options import DataOption
from zhike.cli.program import begin_log, child_command, stop
from zhike.cli.texts import gettext as _
from zhike.cli.web import names_of, require_port, served_folder, web_child, web_environment
from zhike.core import printing
from zhike.core.serving import lifeline, ports, service
from zhike.core.serving.supervisor import Child, Supervisor


def serve(
    data: DataOption = None,
    host: Annotated[str, typer.Option(help=_("The address to listen on."))] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help=_("The port to listen on."))] = 8000,
    workers: Annotated[
        int,
        typer.Option(min=1, max=32, help=_("How many web processes.")),
    ] = min(2, os.cpu_count() or 1),
    demo: Annotated[
        bool, typer.Option("--demo", help=_("Fill in the demo company first."))
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help=_("Show the demo company to the network as well."))
    ] = False,
) -> None:
    """Start everything on one port."""
    begin_log()
    if demo and not yes and not ports.is_loopback(host):
        stop(
            _(
                "The demo company's passwords are known to everybody, so it is not shown on {host}. "
                "Add --yes if you want that all the same."
            ).format(host=host),
            code=2,
        )
    with served_folder(host, port, workers):
        code = run_server(host, port, workers=workers, demo=demo)
    raise typer.Exit(code)


def run_server(host: str, port: int, *, workers: int, demo: bool) -> int:
    """Prepare, then supervise until told to stop. The caller holds the data folder."""
    require_port(host, port)
    environment = web_environment(host, port)
    sign_ins = _prepare(environment, demo=demo)
    if sign_ins is None:
        return 1
    supervisor = Supervisor(
        children=[
            web_child(host, port, workers),
            Child("jobs", child_command("zhike.core.serving.jobs")),
        ],
        environment=environment,
        is_ready=lambda: ports.answers(host, port),
        on_ready=lambda: _announce(host, port, sign_ins),
    )
    return supervisor.run()


def _prepare(environment: dict[str, str], *, demo: bool) -> list[str] | None:
    """The lines that tell how to sign in; None when it failed (it has said why)."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "sign-ins"
        arguments = ["--result", str(result), *(["--demo"] if demo else [])]
        try:
            done = subprocess.run(
                child_command("zhike.cli.prepare", *arguments),
                env={**environment, **lifeline.environment_for_child()},
                stdin=subprocess.DEVNULL,
                check=False,
            )
        except KeyboardInterrupt:
            return None
        return result.read_text("utf-8").splitlines() if done.returncode == 0 else None


def _announce(host: str, port: int, sign_ins: list[str]) -> None:
    service.notify_ready()
    typer.echo(_("Zhike is ready: {url}").format(url=ports.url(host, port)))
    for line in sign_ins:
        typer.echo(f"  {line}")
    if not ports.is_loopback(host):
        typer.echo(
            _("It answers to {names}; set ZHIKE_HOSTS for other names.").format(
                names=", ".join(names_of(host))
            )
        )
    if not printing.can_print():
        typer.echo(_("To make PDFs, install: {line}").format(line=f"sudo {printing.APT_LINE}"))
    typer.echo(_("Ctrl-C stops it."))
