"""The CDNOW sample in weeks, from the counted facts in `data/cdnow_summary.txt`."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zhike.methods.given import Floats


@dataclass(frozen=True)
class Cdnow:
    x: Floats
    t_x: Floats
    T: Floats
    mean_spend: Floats
    counts: Floats


def cdnow() -> Cdnow:
    rows = np.loadtxt(Path(__file__).parent / "data" / "cdnow_summary.txt")
    x, recency, age, cents, counts = rows.T
    mean = np.where(x > 0, cents / 100 / np.maximum(x, 1), 0.0)
    return Cdnow(x, recency / 7, age / 7, mean, counts)
