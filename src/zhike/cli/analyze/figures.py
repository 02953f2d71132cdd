"""Figures as people read them, and as JSON takes them."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from zhike.cli.texts import gettext as _


def plain(value: Any) -> Any:
    """What JSON takes: numpy's numbers and arrays as Python's, texts for what has a name, no NaN or infinity."""
    if value is None or isinstance(value, str | bool | int):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if hasattr(value, "tolist"):
        return _of_array(value)
    if isinstance(value, Sequence | Iterator | frozenset | set):
        return [plain(part) for part in value]
    raise TypeError(f"no JSON for {type(value).__name__}")


def beside(name: str, value: str) -> str:
    """A name and its figure."""
    return _("{name} ({value})").format(name=name, value=value)


def joined(one: str, other: str) -> str:
    return _("{one}, {other}").format(one=one, other=other)


def _of_array(value: Any) -> Any:
    found = value.tolist()
    if value.ndim == 1 and value.dtype.kind == "f":
        # A million figures: looked at in one go.
        return [one if math.isfinite(one) else None for one in found]
    return plain(found)


def as_json(value: Any, indent: str = "") -> str:
    """A line for each name; lists stand in one line, which also keeps a million figures quick to write."""
    if not isinstance(value, dict) or not value:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    inner = indent + "  "
    lines = [
        f"{inner}{json.dumps(name, ensure_ascii=False)}: {as_json(part, inner)}"
        for name, part in value.items()
    ]
    return "{\n" + ",\n".join(lines) + "\n" + indent + "}"


def listed(names: Sequence[str], most: int = 12) -> str:
    """Names one after the other; many are cut short."""
    return _(", ").join(names[:most]) + (" …" if len(names) > most else "")
