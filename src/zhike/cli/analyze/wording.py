"""Sentences that several analyses say alike: the sample, what was left out, notes of a method."""

from collections.abc import Iterable, Mapping

from zhike.cli.analyze.method_words import worded
from zhike.cli.texts import gettext as _
from zhike.core.drawing.figures import shown


def sample_of(first: str, excluded: Mapping[str, int]) -> list[str]:
    return [first, *left_out(excluded)]


def left_out(excluded: Mapping[str, int]) -> list[str]:
    return [
        _("Left out: {reason}: {n}.").format(reason=worded(reason) or reason, n=shown(n, "count"))
        for reason, n in excluded.items()
        if n
    ]


def notes_of(notes: Iterable[str]) -> list[str]:
    return [worded(note) or note for note in dict.fromkeys(notes)]


def interval_of(level: float) -> str:
    return _("{level} interval").format(level=f"{100 * level:g}%")
