"""An address as a code to scan, drawn as one path of an SVG."""

from dataclasses import dataclass

import segno

# White around it, which readers need.
_QUIET = 4


@dataclass(frozen=True)
class Code:
    path: str
    size: int

    @property
    def box(self) -> str:
        side = self.size + 2 * _QUIET
        return f"-{_QUIET} -{_QUIET} {side} {side}"


def code_of(address: str) -> Code:
    """With a quarter of it mendable: posters get dirty."""
    matrix = segno.make(address, error="q").matrix
    squares = [
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark
    ]
    return Code("".join(squares), len(matrix))
