"""A questionnaire as a workbook: written for people to edit in Excel, read back with every wrong cell named."""

from zhike.surveys.workbook.reading import Fault, WorkbookFaults, read_book
from zhike.surveys.workbook.writing import write_book

__all__ = ["Fault", "WorkbookFaults", "read_book", "write_book"]
