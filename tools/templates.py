"""Run djade over all templates: formats them, or with --check only says which it would change."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    templates = sorted(str(path) for path in ROOT.glob("src/zhike/**/templates/**/*.html"))
    if not templates:
        return 0
    command = [str(Path(sys.executable).parent / "djade"), "--target-version", "5.2"]
    done = subprocess.run(command + sys.argv[1:] + templates, capture_output=True, text=True)
    changed = done.stderr + done.stdout
    checking = "--check" in sys.argv
    if checking and done.returncode:
        print(changed)
        return 1
    # Without --check djade's 1 only means "rewrote something".
    return 0 if checking or "error" not in changed.lower() else done.returncode


if __name__ == "__main__":
    sys.exit(main())
