"""Imports: read a file, map its columns, try it out, write it in short transactions, undo it."""

from zhike.core.importer.fields import ImportField
from zhike.core.importer.kinds import EXTERNAL_ID, KINDS, ImportKind, kinds_for
from zhike.core.importer.problems import CellError, Problem, sentence
from zhike.core.importer.rows import Change, Context, Outcome, Row

__all__ = [
    "EXTERNAL_ID",
    "KINDS",
    "CellError",
    "Change",
    "Context",
    "ImportField",
    "ImportKind",
    "Outcome",
    "Problem",
    "Row",
    "kinds_for",
    "sentence",
]
