"""`zhike web`: pages and live updates alone, as many processes as wished; jobs run in `zhike worker`."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Annotated

import typer

from zhike.cli.options import DataOption
from zhike.cli.program import (
    begin_log,
    child_command,
    child_environment,
    require_prepared,
    stop,
    usable_data_folder,
)
from zhike.cli.texts import gettext as _
from zhike.core.database import several_processes
from zhike.core.datafolder import data_folder
from zhike.core.metrics import place
from zhike.core.serving import folderlock, ports, service
from zhike.core.serving.supervisor import Child, Supervisor

APPLICATION = "zhike.config.asgi:application"


def web(
    data: DataOption = None,
    host: Annotated[str, typer.Option(help=_("The address to listen on."))] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help=_("The port to listen on."))] = 8000,
    workers: Annotated[
        int, typer.Option(min=1, max=32, help=_("How many processes share the port."))
    ] = 1,
) -> None:
    """Serve pages and live updates only. `zhike migrate` must have been run."""
    begin_log()
    with served_folder(host, port, workers, one_of_several=True):
        require_port(host, port)
        environment = web_environment(host, port)
        require_prepared(environment)
        supervisor = Supervisor(
            children=[web_child(host, port, workers)],
            environment=environment,
            is_ready=lambda: ports.answers(host, port),
            on_ready=lambda: _announce(host, port),
        )
        code = supervisor.run()
    raise typer.Exit(code)


@contextmanager
def served_folder(
    host: str, port: int, processes: int, *, one_of_several: bool = False
) -> Iterator[None]:
    """Hold the data folder as a server of it, or leave with a sentence."""
    folder = usable_data_folder()
    shared = one_of_several and several_processes()
    try:
        address = ports.url(host, port)
        with folderlock.serving(folder, address, port=port, shared=shared, processes=processes):
            yield
    except folderlock.AlreadyServed as error:
        sentence = _("Zhike already runs on {folder} (process {pid}, {address}).").format(
            folder=folder, pid=error.holder.pid, address=error.holder.address
        )
        if one_of_several and not shared:
            sentence += " " + _("On SQLite one server is all; several need PostgreSQL.")
        stop(sentence)
    except folderlock.FolderInUse:
        stop(_("The data folder {folder} is being restored. Please wait.").format(folder=folder))


def require_port(host: str, port: int) -> None:
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


def web_environment(host: str, port: int) -> dict[str, str]:
    environment = child_environment()
    environment.update(place.environment_of(data_folder(), port))
    environment.setdefault("ZHIKE_HOSTS", ",".join(names_of(host)))
    return environment


def web_child(host: str, port: int, workers: int) -> Child:
    command = child_command("zhike.core.serving.web", host, str(port), str(workers), APPLICATION)
    return Child("web", command)


def names_of(host: str) -> list[str]:
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


def _announce(host: str, port: int) -> None:
    service.notify_ready()
    typer.echo(_("Zhike is ready: {url}").format(url=ports.url(host, port)))
