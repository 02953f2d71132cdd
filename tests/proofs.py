"""Proofs: tests with a short form in every run and a long one for `make proof`, which prints their figures.

pytestmark = pytest.mark.proof

def test_nothing_is_lost_when_killed(...):
    for _kill in range(rounds(short=3, long=50)):
        ...
    figure("Kills while importing", kills)
"""

import json
import os
from pathlib import Path

LONG = os.environ.get("ZHIKE_PROOF") == "1"


def rounds(*, short: int, long: int) -> int:
    """How often a proof is repeated: `short` in `make test`, `long` in `make proof`."""
    return long if LONG else short


def figure(name: str, value: float | str, *, add: bool = False) -> None:
    """Note a figure for the table of `make proof`; the name of the database is added there.

    `add`: this is the share of one of several tests, to be added to that of the others.
    Processes of a parallel run append to one file, a line each, shorter than the system writes at once.
    """
    where = os.environ.get("ZHIKE_PROOF_FIGURES")
    if not where:
        return
    with Path(where).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps([name, value, add], ensure_ascii=False) + "\n")
