"""`tools/need.sh`: one line names everything a fresh system lacks."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "need.sh"
PYTHON_OLD = '#!/bin/sh\ncase "$1" in -V) echo Python 3.9.2;; *) exit 1;; esac\n'
PYTHON_WITHOUT_VENV = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; *) exit 0;; esac\n'
PRESENT = "#!/bin/sh\nexit 0\n"


def need(folder: Path, **commands: str) -> subprocess.CompletedProcess[str]:
    """Run the script with nothing on the PATH but these."""
    for name, script in commands.items():
        program = folder / name
        program.write_text(script)
        program.chmod(0o755)
    for name in ("cut", "sh"):
        (folder / name).symlink_to(str(shutil.which(name)))
    return subprocess.run(
        ["/bin/sh", str(SCRIPT)], env={"PATH": str(folder)}, capture_output=True, text=True
    )


def test_nothing_is_said_when_all_is_there(tmp_path: Path) -> None:
    done = need(tmp_path, python3=PRESENT, git=PRESENT, node=PRESENT, npm=PRESENT)

    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_everything_missing_is_one_apt_line(tmp_path: Path) -> None:
    done = need(tmp_path)

    assert done.returncode == 1
    assert "  sudo apt install python3 python3-venv git nodejs npm\n" in done.stderr


def test_a_python_without_ensurepip_needs_the_venv_package(tmp_path: Path) -> None:
    done = need(tmp_path, python3=PYTHON_WITHOUT_VENV, git=PRESENT, node=PRESENT, npm=PRESENT)

    assert "  sudo apt install python3-venv\n" in done.stderr


@pytest.mark.parametrize("name", ["python3.11", "python3.13"])
def test_a_newer_python_beside_an_old_one_is_taken(tmp_path: Path, name: str) -> None:
    programs = {"python3": PYTHON_OLD, name: PRESENT, "git": PRESENT, "node": PRESENT}
    done = need(tmp_path, npm=PRESENT, **programs)

    assert (done.returncode, done.stderr) == (0, "")


def test_a_python_too_old_is_named(tmp_path: Path) -> None:
    done = need(tmp_path, python3=PYTHON_OLD, git=PRESENT, node=PRESENT, npm=PRESENT)

    assert done.returncode == 1
    assert "Python 3.11 or newer is needed; this system's python3 is 3.9.2" in done.stderr
