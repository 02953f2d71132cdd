"""`zhike serve`: pages, live updates and jobs in one process tree on one port."""

import logging
import os
import socket
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from zhike.cli.options import DataOption
from zhike.cli.program import child_command, child_environment, stop, usable_data_folder
from zhike.cli.texts import gettext as _
from zhike.core import printing
from zhike.core.serving import folderlock, lifeline, ports
from zhike.core.serving.supervisor import Child, Supervisor

APPLICATION = "zhike.config.asgi:application"


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
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s: %(message)s")
    if demo and not yes and not ports.is_loopback(host):
        stop(
            _(
                "The demo company's passwords are known to everybody, so it is not shown on {host}. "
                "Add --yes if you want that all the same."
            ).format(host=host),
            code=2,
        )
    folder = usable_data_folder()
    try:
        with folderlock.serving(folder, ports.url(host, port)):
            code = run_server(host, port, workers=workers, demo=demo)
    except folderlock.AlreadyServed as error:
        stop(
            _("Zhike already runs on {folder} (process {pid}, {address}).").format(
                folder=folder, pid=error.holder.pid, address=error.holder.address
            )
        )
    except folderlock.FolderInUse:
        stop(_("The data folder {folder} is being restored. Please wait.").format(folder=folder))
    raise typer.Exit(code)


def run_server(host: str, port: int, *, workers: int, demo: bool) -> int:
    """Prepare, then supervise until told to stop. The caller holds the data folder."""
    _require_port(host, port)
    environment = child_environment()
    environment.setdefault("ZHIKE_HOSTS", ",".join(_names_of(host)))
    sign_ins = _prepare(environment, demo=demo)
    if sign_ins is None:
        return 1
    web = child_command("zhike.core.serving.web", host, str(port), str(workers), APPLICATION)
    supervisor = Supervisor(
        children=[Child("web", web), Child("jobs", child_command("zhike.core.serving.jobs"))],
        environment=environment,
        is_ready=lambda: ports.answers(host, port),
        on_ready=lambda: _announce(host, port, sign_ins),
    )
    return supervisor.run()


def _require_port(host: str, port: int) -> None:
    try:
        ports.check_free(host, port)
    except ports.PortTaken:
        stop(
            _(
                "Port {port} on {host} is taken by another program. Choose another with --port."
            ).format(port=port, host=host)
        )
    except ports.BadAddress as error:
        stop(
            _("Zhike cannot listen on {host}, port {port}: {why}.").format(
                host=host, port=port, why=error
            )
        )


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
    typer.echo(_("Zhike is ready: {url}").format(url=ports.url(host, port)))
    for line in sign_ins:
        typer.echo(f"  {line}")
    if not ports.is_loopback(host):
        typer.echo(
            _("It answers to {names}; set ZHIKE_HOSTS for other names.").format(
                names=", ".join(_names_of(host))
            )
        )
    if not printing.can_print():
        typer.echo(_("To make PDFs, install: {line}").format(line=f"sudo {printing.APT_LINE}"))
    typer.echo(_("Ctrl-C stops it."))


def _names_of(host: str) -> list[str]:
    """Under which names a browser may ask for us."""
    names = ["127.0.0.1", "localhost", "[::1]"]
    if ports.is_loopback(host):
        return names
    names += [socket.gethostname(), socket.getfqdn(), host]
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        # Sends nothing: it only asks which of our addresses faces the network.
        probe.connect(("192.0.2.1", 9))
        names.append(probe.getsockname()[0])
    return list(dict.fromkeys(name for name in names if name not in {"0.0.0.0", "::"}))
