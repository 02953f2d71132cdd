"""The row ids behind a settled figure, packed: sorted, as distances, deflated. Pure."""

import hashlib
import json
import zlib
from collections.abc import Iterable
from itertools import accumulate


def _distances(ids: Iterable[int]) -> list[int]:
    ordered = sorted(set(ids))
    return [b - a for a, b in zip([0, *ordered], ordered, strict=False)]


def pack(numerator: Iterable[int], denominator: Iterable[int]) -> bytes:
    text = json.dumps([_distances(numerator), _distances(denominator)], separators=(",", ":"))
    return zlib.compress(text.encode(), 6)


def unpack(packed: bytes | memoryview) -> tuple[list[int], list[int]]:
    numerator, denominator = json.loads(zlib.decompress(bytes(packed)))
    return list(accumulate(numerator)), list(accumulate(denominator))


def digest(*parts: object) -> str:
    """Over all a settled figure says, so that a changed copy is noticed."""
    text = json.dumps(parts, separators=(",", ":"), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
