"""Build the wheel and look into it: without page assets and catalogues it would start, and be useless."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
PACKAGE = ROOT / "src" / "zhike"


def expected() -> set[str]:
    """Built files that git does not hold and the wheel must."""
    assets = {path for path in PACKAGE.glob("web/static/vendor/**/*") if path.is_file()}
    catalogues = {path.with_suffix(".mo") for path in PACKAGE.glob("**/LC_MESSAGES/*.po")}
    templates = set(PACKAGE.glob("**/templates/**/*.html"))
    return {path.relative_to(ROOT / "src").as_posix() for path in assets | catalogues | templates}


def main() -> int:
    wanted = expected()
    if not any("/static/vendor/" in name for name in wanted):
        print(
            "No page assets in src/zhike/web/static/vendor: run `make setup` first.",
            file=sys.stderr,
        )
        return 1
    shutil.rmtree(DIST, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(DIST)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        print(done.stdout, file=sys.stderr)
        return done.returncode
    (wheel,) = DIST.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        missing = sorted(wanted - set(archive.namelist()))
    if missing:
        print(f"{wheel.name} lacks:", *missing, sep="\n  ", file=sys.stderr)
        return 1
    size = wheel.stat().st_size / 1e6
    print(
        f"{wheel.relative_to(ROOT)}  {size:.1f} MB, {len(wanted)} built files and templates inside"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
