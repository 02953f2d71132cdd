"""Times and shares as people type them at a terminal: 30m, 1h, 180, .8, 80%."""

import re

from zhike.cli.analyze.problems import Problem
from zhike.cli.texts import gettext as _

SECONDS = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600}
_DURATION = re.compile(r"([0-9]*\.?[0-9]+)\s*(s|m|min|h|)")
_SHARE = re.compile(r"([0-9]*\.?[0-9]+)\s*(%?)")


def seconds(option: str, text: str) -> float:
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise Problem(
            _("{option} is “{text}”, no time; write seconds (180) or 90s, 30m, 1h.").format(
                option=option, text=text
            )
        )
    return float(found[1]) * SECONDS[found[2]]


def share(option: str, text: str) -> float:
    found = _SHARE.fullmatch(text.strip())
    if not found:
        raise Problem(
            _("{option} is “{text}”, no share; write .8 or 80%.").format(option=option, text=text)
        )
    return float(found[1]) / (100 if found[2] else 1)


def scale(option: str, text: str) -> tuple[float, float]:
    """“1-5”, “0-10”; both ends may be negative or decimal."""
    found = re.fullmatch(r"\s*(-?[0-9.]+)\s*(?:-|–|\.\.|:|,)\s*(-?[0-9.]+)\s*", text)
    try:
        low, high = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
    except ValueError:
        low, high = 0.0, 0.0
    if low >= high:
        raise Problem(
            _("{option} is “{text}”; write its lowest and highest answer, such as 1-5.").format(
                option=option, text=text
            )
        )
    return low, high


def choice(option: str, given: str, known: dict[str, str]) -> str:
    """What `given` stands for; several spellings may stand for the same."""
    if given not in known:
        raise Problem(
            _("{option} is “{text}”; possible are {known}.").format(
                option=option, text=given, known=", ".join(dict.fromkeys(known))
            )
        )
    return known[given]
