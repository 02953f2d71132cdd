"""The master ring as it is written: wrapping keys by id and the key of the blind index. Needs no settings."""

import base64
import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Ring:
    current: str
    wrapping: dict[str, bytes]
    index: bytes


def parse(text: str) -> Ring:
    raw = json.loads(text)
    return Ring(
        current=raw["current"],
        wrapping={name: base64.b64decode(value) for name, value in raw["wrapping"].items()},
        index=base64.b64decode(raw["index"]),
    )
