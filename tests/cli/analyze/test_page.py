"""docs/analyze.md: every example is run, and says what the page says."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_group
from typer.testing import CliRunner

from zhike.cli.main import app

PAGE = (Path(__file__).parents[3] / "docs" / "analyze.md").read_text(encoding="utf-8")
FILES = re.findall(r"```(?:csv|yaml) (\S+)\n(.*?)```", PAGE, re.S)
EXAMPLES = re.findall(r"```console\n\$ zhike (.*?)\n(.*?)\n```", PAGE, re.S)


def test_each_command_has_an_example_or_says_why_not():
    shown = {shlex.split(command)[1] for command, _said in EXAMPLES}
    commands = set(analyze_commands())
    # 44 columns, and hundreds of customers, would not fit the page; both have their own paragraph.
    assert shown | {"servqual", "clv"} == commands
    assert all(f"`{name}" in PAGE for name in commands)


def analyze_commands():
    from zhike.cli.analyze.commands import app as commands

    return get_group(commands).commands


@pytest.mark.parametrize(("command", "said"), EXAMPLES, ids=[one for one, _said in EXAMPLES])
def test_an_example_says_what_the_page_says(command, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in FILES:
        Path(name).write_text(text, encoding="utf-8")
    done = CliRunner().invoke(app, shlex.split(command))
    assert done.exit_code == 0, done.output
    lines = [line.rstrip() for line in done.stdout.rstrip().split("\n")]
    wanted = said.split("\n")
    if wanted[-1] == "…":
        wanted.pop()
        lines = lines[: len(wanted)]
    assert lines == wanted
