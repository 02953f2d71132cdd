"""A questionnaire as a document: what it consists of, and how it is read and written."""

from zhike.surveys.definition.drafts import Draft, clean, next_key, problems, shaped
from zhike.surveys.definition.parts import (
    Condition,
    Definition,
    Option,
    Question,
    Quota,
    Section,
    Words,
)
from zhike.surveys.definition.reading import DefinitionError, Problem, read
from zhike.surveys.definition.writing import document

__all__ = [
    "Condition",
    "Definition",
    "DefinitionError",
    "Draft",
    "Option",
    "Problem",
    "Question",
    "Quota",
    "Section",
    "Words",
    "clean",
    "document",
    "next_key",
    "problems",
    "read",
    "shaped",
]
