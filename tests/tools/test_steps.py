"""The runner of `make test`: what it passes on, and where it stops."""

import sys

import pytest

import steps


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
