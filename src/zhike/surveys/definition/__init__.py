"""A questionnaire as a document: what it consists of, and how it is read and written."""

from zhike.surveys.definition.parts import (
    Condition,
    Definition,
    Option,
    Question,
    Quota,
    Section,
    Words,
)
from zhike.surveys.definition.reading import DefinitionError, Problem, document, read

__all__ = [
    "Condition",
    "Definition",
    "DefinitionError",
    "Option",
    "Problem",
    "Question",
    "Quota",
    "Section",
    "Words",
    "document",
    "read",
]
