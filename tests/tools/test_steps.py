"""The runner of `make test`: what it passes on, and where it stops."""

import re
import sys
from pathlib import Path

import pytest

import steps
from tests import proofs
from tests.serving.trees import is_alive, wait_until


def test_the_users_settings_do_not_reach_the_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZHIKE_DATABASE_URL", "postgresql://real")
    monkeypatch.setenv("ZHIKE_REWRITE_BUDGETS", "1")
    monkeypatch.setenv("PYTEST_ADDOPTS", "--co")
    monkeypatch.setenv("HOME", "/somewhere")

    given = steps.environment("/data")

    assert "ZHIKE_DATABASE_URL" not in given
    assert "PYTEST_ADDOPTS" not in given
    assert (given["ZHIKE_DATA"], given["HOME"]) == ("/data", "/somewhere")
    assert given["ZHIKE_REWRITE_BUDGETS"] == "1"


def test_the_first_step_that_fails_is_named_and_ends_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def python(code: str) -> tuple[str, ...]:
        return (sys.executable, "-c", code)

    checks = (
        steps.Step("one", python("print('quiet')"), ""),
        steps.Step("two", python("print('line 7 is wrong'); raise SystemExit(1)"), "Mend line 7."),
        steps.Step("three", python("raise SystemExit('never run')"), ""),
    )
    monkeypatch.setattr(steps, "CHECKS", checks)

    assert steps.run_checks() == 1

    said = capsys.readouterr()
    assert said.out.startswith("ok  one")
    assert "quiet" not in said.out
    assert "line 7 is wrong" in said.out
    assert said.err.strip() == "Stopped at “two”. Mend line 7."


def test_a_step_beside_another_is_heard_when_its_turn_comes(
    capfd: pytest.CaptureFixture[str],
) -> None:
    code = "import sys; print('words', flush=True); sys.exit(3)"
    with steps.beside([sys.executable, "-c", code]) as end:
        assert capfd.readouterr().out == ""
        assert end() == 3
    assert capfd.readouterr().out == "words\n"


def test_a_step_beside_one_that_fails_is_stopped_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    child = f"import os, pathlib, time; pathlib.Path({str(mark)!r}).write_text(str(os.getpid())); time.sleep(60)"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with steps.beside([sys.executable, "-c", code]):
        wait_until(lambda: mark.exists() and mark.read_text(), "the child to start")
    wait_until(lambda: not is_alive(int(mark.read_text())), "the child to end")


def test_the_figures_of_the_proofs_stand_in_one_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for database, kills in (("SQLite", 50), ("PostgreSQL", 1_050)):
        monkeypatch.setenv("ZHIKE_PROOF_FIGURES", str(tmp_path / f"{database}.jsonl"))
        proofs.figure("Kills while importing", kills)
    proofs.figure("Longest wait", "3 s")

    steps.print_figures(tmp_path)

    assert capsys.readouterr().out.strip().splitlines()[2:] == [
        "| Kills while importing | 50 | 1,050 |",
        "| Longest wait |  | 3 s |",
    ]


def test_without_a_place_for_figures_a_proof_notes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ZHIKE_PROOF_FIGURES", raising=False)
    proofs.figure("Kills while importing", 50)


def test_every_browser_test_lies_where_their_step_looks() -> None:
    tests = Path(__file__).parents[1]
    marked = [
        file.relative_to(tests)
        for file in tests.rglob("test_*.py")
        if re.search(r"\bmark\.browser\b", file.read_text("utf-8")) and file != Path(__file__)
    ]
    assert len(marked) > 10
    assert [file for file in marked if file.parts[0] != "browser"] == []
