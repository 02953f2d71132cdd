"""The checks that are ours: each finds the fault it is there for, and lets the rest pass."""

import os
import socket
from pathlib import Path

import pytest

import docpaths
import houserules
import postgres
import system


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for module in (docpaths, houserules):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    return tmp_path


def test_paths_named_in_docs_must_exist(repository: Path) -> None:
    known = {"src/zhike/desk/rules.py", "src/zhike/desk", "docs/pages.md", "tools/messages.py"}
    page = repository / "CONTRIBUTING.md"
    page.write_text(
        "`desk/rules.py` `rules.py` `tools/messages.py` [pages](docs/pages.md) `tests/<room>/`\n"
        "`desk/gone.py` [gone](docs/gone.md) `make run` `var/` `a.b` <http://127.0.0.1:8000>\n"
        "```\n`desk/in_an_example.py`\n```\n"
    )

    assert docpaths.problems(page, known) == [
        "CONTRIBUTING.md:2: desk/gone.py does not exist",
        "CONTRIBUTING.md:2: docs/gone.md does not exist",
    ]


FAULTY = {
    "src/a.py": "x = 1  # see https://py" + "pi.org/x\n",
    "src/b.py": "PATH = '/ro" + "ot/x'\n",
    "src/utils.py": "",
    "src/c.py": "def long():\n" + "    x = 1\n" * 61,
    "src/d.py": "made = DateTimeField(auto_" + "now_add=True)\n",
    "src/e.html": "{{ text|safe }}\n",
    "src/f.html": '<p style="color: red">\n',
    "src/g.html": "<script>run()</script>\n",
    "src/h.html": '<a href="/" onclick="run()">\n',
    "src/i.html": "{% trans %}A{% endtrans %}\n",
    "package-lock.json": '{"resolved": "x"}\n',
}


@pytest.mark.parametrize("name", FAULTY)
def test_each_house_rule_finds_its_fault(repository: Path, name: str) -> None:
    path = repository / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(FAULTY[name])

    assert len(list(houserules.problems(path))) == 1


def test_decent_files_pass(repository: Path) -> None:
    page = repository / "page.html"
    page.write_text(
        '<script type="module" src="/a.js"></script><p data-style="x" class="on">{{ a }}</p>\n'
        '<script type="application/json" id="x">{}</script>\n'
        "{% trans trimmed %}A{% endtrans %}\n"
        '<a href="?y={{ one }}"{% if one == year %} aria-current="true"{% endif %}>\n'
    )
    code = repository / "code.py"
    address = "https://example.org/ro" + "ot/x"
    code.write_text(f'"""Answers at {address}."""\nHOME = "~/.local"\n')

    assert list(houserules.problems(page)) == []
    assert list(houserules.problems(code)) == []


def test_the_tests_own_postgresql_comes_and_goes() -> None:
    if postgres.program("initdb") is None:
        # `make test` has installed it; a plain pytest on SQLite may do without.
        assert system.POSTGRES.present() is False
        return
    with postgres.own_server() as url:
        port = int(url.rsplit(":", 1)[1].split("/")[0])
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            pass
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=5)


def test_what_lacks_is_named_when_it_may_not_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    lacking = system.Need("Chromium", "chromium", lambda: False)

    assert system.ensure([lacking]) == "Missing: Chromium. Install with: sudo apt install chromium"
    assert system.ensure([system.Need("air", "air", lambda: True)]) == ""
