"""Exports: what somebody may see, as .csv or .xlsx, with a reason that is kept."""

from zhike.core.exporter.kinds import KINDS, ExportColumn, ExportKind
from zhike.core.exporter.services import Export, begin_export
from zhike.core.exporter.writers import escaped, write_csv, write_xlsx

__all__ = [
    "KINDS",
    "Export",
    "ExportColumn",
    "ExportKind",
    "begin_export",
    "escaped",
    "write_csv",
    "write_xlsx",
]
