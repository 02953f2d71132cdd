"""Running `zhike analyze` as somebody at a terminal does."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from zhike.cli.main import app


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["analyze", *map(str, arguments)])


def found(*arguments: object) -> Any:
    """What `--json` prints; fails where anything but JSON stands on the output."""
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    assert "NaN" not in done.stdout
    assert "Infinity" not in done.stdout
    return json.loads(done.stdout)


def said(*arguments: object) -> str:
    """What the table says."""
    done = run(*arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def refused(*arguments: object) -> str:
    """The one sentence on the error output; code 2, nothing else said."""
    done = run(*arguments)
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    sentence = done.stderr.strip()
    assert sentence
    assert "\n" not in sentence
    return sentence


def table(
    path: Path, headers: Sequence[str], rows: Iterable[Sequence[object]], delimiter: str = ","
) -> Path:
    lines = [delimiter.join(headers), *(delimiter.join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
