"""Loading the program behind a command, and leaving a command with one clear sentence."""

import logging.config
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import typer

from zhike.cli.texts import gettext as _
from zhike.core.datafolder import data_folder, prepared_data_folder
from zhike.core.logs.configure import log_settings
from zhike.core.serving import folderlock, lifeline

SETTINGS = "zhike.config.settings"


def stop(sentence: str, code: int = 1) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(code)


def begin_log() -> None:
    """For a supervisor, which does not load Django."""
    try:
        logging.config.dictConfig(log_settings(small=True))
    except (OSError, ValueError) as error:
        # `dictConfig` says what went wrong as the cause.
        stop(_("The log cannot be written: {why}").format(why=error.__cause__ or error), code=2)


def usable_data_folder() -> Path:
    try:
        return prepared_data_folder()
    except OSError as error:
        stop(
            _("The data folder {folder} cannot be used: {why}.").format(
                folder=data_folder(), why=error.strerror or error
            )
        )


def load() -> Path:
    """Set up Django for a command that reads or writes; the data folder."""
    folder = usable_data_folder()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    import django

    try:
        django.setup()
    except ValueError as error:
        # A setting that cannot be read, such as a database URL.
        stop(str(error))
    return folder


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Around whatever writes: a restore has the folder to itself."""
    try:
        with folderlock.using(folder):
            yield
    except folderlock.FolderInUse:
        stop(_("The data folder {folder} is being restored. Please wait.").format(folder=folder))


def child_command(module: str, *arguments: str) -> list[str]:
    """Python with one of our modules; `-P` keeps what lies in the current folder from being imported."""
    return [sys.executable, "-P", "-m", module, *arguments]


def child_environment() -> dict[str, str]:
    environment = {**os.environ, "ZHIKE_DATA": str(data_folder())}
    environment.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    if environment.get("ZHIKE_DEBUG") != "1":
        environment["ZHIKE_COLLECTED"] = "1"
    return environment


def require_prepared(environment: dict[str, str]) -> None:
    """The database must be up to date: of many processes that start, none may change it."""
    try:
        done = subprocess.run(
            child_command("zhike.cli.prepare", "--check"),
            env={**environment, **lifeline.environment_for_child()},
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    if done.returncode:
        raise typer.Exit(1)
