"""The locks hold what pyproject asks for, with hashes and no addresses; the docs name each of it."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


RUN, DEV, PEERS = "requirements/run.txt", "requirements/dev.txt", "bench/methods/peers.txt"


def pinned(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    return {canonicalize_name(package): version for package, version in PINNED.findall(text)}


def unlocked(requirements: list[str], lock: str) -> list[str]:
    versions = pinned(lock)
    problems = []
    for line in requirements:
        wanted = Requirement(line)
        version = versions.get(canonicalize_name(wanted.name))
        if version is None or not wanted.specifier.contains(version, prereleases=True):
            problems.append(f"{lock} has {version} of {line}: run `make lock`")
    return problems


def without_hash(lock: str) -> list[str]:
    text = (ROOT / lock).read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    return [
        f"{lock}: {block.split()[0]} without a hash"
        for block in blocks
        if PINNED.match(block) and "--hash=sha256:" not in block
    ]


def unexplained(names: list[str]) -> list[str]:
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    words = set(re.findall(r"[@\w./-]+", page))
    return [
        f"docs/dependencies.md does not say why {name} is here"
        for name in names
        if name not in words
    ]


def peers() -> list[str]:
    """What the bench of the methods stands beside."""
    lines = (ROOT / "bench/methods/peers.in").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def main() -> int:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    run: list[str] = project["project"]["dependencies"]
    dev: list[str] = project["dependency-groups"]["dev"]
    assets = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    problems = unlocked(run, RUN) + unlocked([*run, *dev], DEV) + unlocked(peers(), PEERS)
    problems += without_hash(RUN) + without_hash(DEV) + without_hash(PEERS)
    problems += unexplained([Requirement(line).name for line in [*run, *dev]] + list(assets))
    print(*problems, sep="\n", end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
