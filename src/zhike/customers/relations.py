"""Every column of every room that points to a customer, found by walking the models."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import ForeignKey, Model, Q, UniqueConstraint

from zhike.customers.models import Customer

# Columns a merge leaves alone, each with its reason. Everything else that points to a customer is moved.
LEFT_ALONE = {
    "customers.MergeJournal.keep": "a journal tells which files were merged at the time",
    "customers.MergeJournal.drop": "a journal tells which files were merged at the time",
    "customers.Erasure.customer": "an erased file is never merged",
    "customers.Consent.customer": "a ledger no row of which is ever changed; reading unites the files",
    "customers.CustomFieldValue.customer": "an index made from `custom`, rebuilt for the kept file",
}


@dataclass(frozen=True)
class Relation:
    model: type[Model]
    field: "ForeignKey[Any, Any]"

    @property
    def name(self) -> str:
        return f"{self.model._meta.label}.{self.field.name}"


def relations() -> Iterator[Relation]:
    """Foreign keys and one-to-ones to `Customer`, through tables of many-to-many included."""
    for found in Customer._meta.get_fields(include_hidden=True):
        if not (found.auto_created and not found.concrete):
            continue
        if found.one_to_many or found.one_to_one:
            field = found.field  # type: ignore[union-attr]  # a reverse relation has its forward field
            assert isinstance(field, ForeignKey)
            yield Relation(field.model, field)


def moved_relations() -> list[Relation]:
    return [relation for relation in relations() if relation.name not in LEFT_ALONE]


@dataclass(frozen=True)
class Uniqueness:
    """A rule by which a moved row could clash with one the kept file has already."""

    other_fields: tuple[str, ...]
    condition: Q | None = None


def uniqueness_of(relation: Relation) -> list[Uniqueness]:
    meta, name = relation.model._meta, relation.field.name
    rules: list[Uniqueness] = []
    if relation.field.unique:
        rules.append(Uniqueness(()))
    rules += [
        Uniqueness(tuple(f for f in together if f != name))
        for together in meta.unique_together
        if name in together
    ]
    for constraint in meta.constraints:
        if isinstance(constraint, UniqueConstraint) and name in constraint.fields:
            others = tuple(f for f in constraint.fields if f != name)
            rules.append(Uniqueness(others, constraint.condition))
    return rules


def rows_of_other_rooms(customer: Customer) -> set[str]:
    """Names of relations outside this room that hold something about `customer`."""
    return {
        relation.name
        for relation in relations()
        if relation.model._meta.app_label != "customers"
        and relation.model._base_manager.filter(**{relation.field.name: customer}).exists()
    }
