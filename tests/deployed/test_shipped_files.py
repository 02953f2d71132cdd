"""The files of deploy/: each is read by the program it is for, and names nothing that is not there."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployed.services import (
    DEPLOY,
    ROOT,
    SHIPPED_PROGRAM,
    Nginx,
    environment_file,
    unit_file,
)
from tests.server import zhike_command
from zhike.cli.main import app

UNITS = ("zhike-web@.service", "zhike-worker@.service", "zhike-backup.service")


def test_nginx_takes_the_site(tmp_path: Path):
    (tmp_path / "nginx").mkdir()
    nginx = Nginx(tmp_path / "nginx", (8001, 8002), tmp_path)
    nginx.write()
    done = subprocess.run(nginx.command("-t"), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr
    assert "test is successful" in done.stderr


def test_systemd_takes_the_units(tmp_path: Path):
    for file in (DEPLOY / "systemd").iterdir():
        text = file.read_text("utf-8").replace(SHIPPED_PROGRAM, zhike_command())
        (tmp_path / file.name).write_text(text)
    analyze = shutil.which("systemd-analyze")
    assert analyze is not None, "sudo apt install systemd"
    for name in ("zhike-web@8001", "zhike-worker@1", "zhike-backup"):
        template = re.sub(r"@\w+", "@", name)
        source = tmp_path / f"{template}.service"
        instance = tmp_path / f"{name}.service"
        if instance != source:
            instance.write_text(source.read_text())
    units = [tmp_path / "zhike.target", tmp_path / "zhike-backup.timer"]
    units += [
        tmp_path / f"{n}.service" for n in ("zhike-web@8001", "zhike-worker@1", "zhike-backup")
    ]
    done = subprocess.run(
        [analyze, "verify", "--man=no", *map(str, units)],
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
        capture_output=True,
        text=True,
    )
    told = [line for line in (done.stdout + done.stderr).splitlines() if "zhike" in line]
    assert told == []


@pytest.mark.parametrize("name", UNITS)
def test_units_run_shut_in_as_a_user_of_their_own(name: str):
    service = unit_file(name)["Service"]
    assert (service["User"], service["EnvironmentFile"]) == ("zhike", "/etc/zhike.env")
    for wanted in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome"):
        assert service[wanted] == "yes"
    assert (service["ProtectSystem"], service["CapabilityBoundingSet"]) == ("strict", "")
    assert service["StateDirectoryMode"] == "0700"


def test_the_target_names_units_that_are_shipped_and_the_site_asks_those_ports():
    wants = " ".join(
        line.split("=", 1)[1]
        for line in (DEPLOY / "systemd" / "zhike.target").read_text().splitlines()
        if line.startswith("Wants=")
    ).split()
    for one in wants:
        assert (DEPLOY / "systemd" / re.sub(r"@\w+", "@", one)).is_file()
    ports = {re.findall(r"@(\d+)", one)[0] for one in wants if "web@" in one}
    site = (DEPLOY / "nginx" / "zhike.conf").read_text("utf-8")
    assert set(re.findall(r"server 127\.0\.0\.1:(\d+)", site)) == ports


def test_every_setting_of_the_shipped_file_is_one_the_program_reads():
    sources = "\n".join(p.read_text("utf-8") for p in (ROOT / "src").rglob("*.py"))
    for name in environment_file():
        assert f'"{name}"' in sources, name


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Where another user may look as well."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_the_command_runs_the_program_with_the_settings(open_folder: Path):
    settings, program = open_folder / "zhike.env", open_folder / "program"
    settings.write_text(
        (DEPLOY / "zhike.env").read_text("utf-8").replace("Asia/Shanghai", "Asia/Urumqi")
    )
    program.write_text('#!/bin/sh\necho "$ZHIKE_TIME_ZONE" "$(id -un)" "$@"\n')
    program.chmod(0o755)
    user = "nobody" if os.geteuid() == 0 else os.environ.get("USER", "")
    variables = {"ZHIKE_ENV": settings, "ZHIKE_PROGRAM": program, "ZHIKE_USER": user}
    done = subprocess.run(
        [DEPLOY / "zhike-command", "doctor", "two words"],
        env={**os.environ, **{name: str(value) for name, value in variables.items()}},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[0] == "Asia/Urumqi"
    assert done.stdout.endswith(" doctor two words\n")
    if os.geteuid() == 0:
        assert " nobody " in done.stdout


def container_lines() -> list[tuple[str, str]]:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    joined = re.sub(r"\\\n", " ", re.sub(r"^#.*\n", "", text, flags=re.M))
    return [tuple(line.split(None, 1)) for line in joined.splitlines() if line.strip()]  # type: ignore[misc]  # two parts


def test_the_container_copies_what_is_there_and_is_not_root():
    lines = container_lines()
    known = {"FROM", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL"}
    assert {word for word, _ in lines} <= known | {"HEALTHCHECK", "ENTRYPOINT", "CMD"}
    assert [rest for word, rest in lines if word == "USER"] == ["zhike"]
    for rest in (rest for word, rest in lines if word == "COPY" and "--from" not in rest):
        source = rest.split()[0]
        # The wheel is built by `make wheel`; its name is what the build gives it.
        assert (ROOT / source).exists() or source == "dist/zhike-*.whl"
    for rest in (rest for word, rest in lines if word == "RUN"):
        done = subprocess.run(["sh", "-n", "-c", rest], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    stages = [rest.split()[0] for word, rest in lines if word == "FROM"]
    assert len(set(stages)) == 1


def test_the_packages_of_the_container_are_those_the_program_asks_for():
    from zhike.core.printing import APT_LINE

    text = (DEPLOY / "Containerfile").read_text("utf-8")
    assert all(package in text for package in APT_LINE.split()[2:])
    assert "postgresql-client" in text


def test_compose_starts_commands_that_exist_with_settings_that_exist():
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    commands = {info.name or info.callback.__name__ for info in app.registered_commands}
    started = re.findall(r"command: \[(\w+)", text)
    assert started.count("web") == 2
    assert started.count("worker") == 2
    assert set(started) <= commands
    sources = "\n".join(p.read_text("utf-8") for p in (ROOT / "src").rglob("*.py"))
    for name in re.findall(r"^    (ZHIKE_\w+):", text, re.M):
        assert f'"{name}"' in sources


def test_alerts_ask_for_figures_that_exist():
    table = (ROOT / "docs" / "operate.md").read_text("utf-8")
    known = set(re.findall(r"^\| `(zhike_\w+)`", table, re.M))
    alerts = (DEPLOY / "prometheus-alerts.yml").read_text("utf-8")
    expressions = "\n".join(re.findall(r"expr: (.*)", alerts))
    asked = {re.sub(r"_bucket$", "", name) for name in re.findall(r"zhike_\w+", expressions)}
    assert asked
    assert asked <= known
