"""Every path that the documentation names must exist: maps drift otherwise."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("README*.md", "CONTRIBUTING*.md", "CHANGELOG.md", "docs/**/*.md")
TICKED = re.compile(r"`([^`\s]+)`")
LINKED = re.compile(r"\]\(([^)\s#]+)(?:#[^)\s]*)?\)")
ENDINGS = r"py|md|html|js|css|json|toml|txt|sh|sql|csv|xlsx|po|png|svg|lock"
# Folders at the top of the repository, and rooms: `desk/services/claim.py` means src/zhike/desk/….
STARTS = r"src|tests|docs|tools|bench|requirements|\.ci"
ROOMS = r"config|cli|web|api|demo|listening|channels|desk|customers|accounts|core|zhike"
PATHLIKE = re.compile(rf"^(?:(?:{STARTS}|{ROOMS})/[\w./*<>{{}}-]*|[\w-]+\.(?:{ENDINGS})|\.ci/run)$")
# Written by the program or the build, so absent from a fresh clone.
MADE = re.compile(r"^(var|dist|node_modules|\.venv|test-results)(/|$)|static/vendor|\.mo$")

PICTURES = "docs/pictures/"


def tracked() -> set[str]:
    """Files of the repository and their folders; new files count before they are committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    files = {name for name in listed if (ROOT / name).exists()}
    folders = {str(parent) for name in files for parent in Path(name).parents}
    return files | folders


def exists(path: str, known: set[str], page: Path) -> bool:
    clean = path.rstrip("/").split(":")[0].split("::")[0]
    if re.search(r"[*<>{}…]", clean):
        return True  # A pattern such as tests/<room>/: names no one file.
    beside = str((page.parent / clean).relative_to(ROOT)) if ".." not in clean else clean
    candidates = [clean, f"src/{clean}", f"src/zhike/{clean}", f"docs/{clean}", beside]
    if any(candidate in known for candidate in candidates):
        return True
    # `rules.py` names the file that each room has, `web/base.html` a template by its own name.
    return any(name.endswith(f"/{clean}") for name in known)


def problems(page: Path, known: set[str]) -> list[str]:
    found = []
    fenced = False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        if fenced:
            continue
        links = [link for link in LINKED.findall(line) if "://" not in link]
        ticked = [path for path in TICKED.findall(line) if PATHLIKE.match(path)]
        for path in [*ticked, *links]:
            if MADE.search(path) or exists(path, known, page):
                continue
            if path.startswith(PICTURES) and not (ROOT / PICTURES).exists():
                continue  # Taken by `make screenshots`; once there are any, all must be there.
            if path in links and (page.parent / path).resolve().exists():
                continue
            found.append(f"{page.relative_to(ROOT)}:{number}: {path} does not exist")
    return found


def main() -> int:
    known = tracked()
    pages = sorted({page for pattern in PAGES for page in ROOT.glob(pattern)})
    found = [problem for page in pages for problem in problems(page, known)]
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
