"""Files people send: .xlsx and .csv, whatever their name says. The bytes decide."""

from zhike.core.importer.reading.table import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    FileNote,
    Table,
    column_letter,
    open_table,
)

__all__ = [
    "MAX_CELLS",
    "MAX_COLUMNS",
    "MAX_ROWS",
    "FileNote",
    "Table",
    "column_letter",
    "open_table",
]
