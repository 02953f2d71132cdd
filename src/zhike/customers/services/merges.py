"""Merging two files into one, as a journal that can be undone.

Rows are moved, never copied or deleted; the dropped file stays as a redirect. See
docs/adr/0007-customers-merge-as-a-journal.md.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.core.sealing import SealBroken, seal, unseal
from zhike.customers import rules
from zhike.customers.choices import MergeState
from zhike.customers.errors import missing
from zhike.customers.events import CustomersMerged, CustomersMergeUndone
from zhike.customers.masks import closed, is_shown, kind_of, personal_codes
from zhike.customers.models import (
    Address,
    Customer,
    CustomFieldDefinition,
    Identity,
    MergeJournal,
    MergeStep,
)
from zhike.customers.permissions import MERGE
from zhike.customers.relations import Relation, moved_relations, uniqueness_of
from zhike.customers.selectors import in_reach
from zhike.customers.services.copies import refresh_copies, refresh_people_of
from zhike.customers.services.custom_fields import definitions_for, index_custom
from zhike.customers.services.fields import BIRTHDAY, as_text, birthday_text
from zhike.customers.services.noting import look_through
from zhike.customers.services.opening import open_files
from zhike.customers.services.recording import (
    Change,
    add_change_rows,
    count_file,
    count_key,
    note_on_timeline,
    recount_file,
)

BATCH = 500
# What one chooses between; columns that only make sense together are one choice.
GROUPS: dict[str, tuple[str, ...]] = {
    "name": ("name", "name_key"),
    "salutation": ("salutation",),
    "organisation": ("organisation_id", "organisation_name", "organisation_role"),
    "region": ("region_id", "region_name"),
    "sex": ("sex",),
    "birthday": BIRTHDAY,
    "household": ("household_size", "household_note"),
    "occupation": ("occupation",),
    "income_band": ("income_band",),
    "company_type": ("company_type",),
    "tier": ("tier",),
    "stage": ("stage", "stage_since"),
    "manager": ("manager_id",),
    "unit": ("unit_id",),
    "referrer": ("referrer_id",),
    "remark": ("remark",),
}
# Never empty, so "take the other one where this one is empty" says nothing about them.
ALWAYS_FILLED = ("name", "tier", "stage", "unit")
# The one flag a merge changes on moved rows beside the pointer itself.
PRIMARY = "is_primary"
KEEP, DROP, BOTH = "keep", "drop", "both"


def merge_customers(
    *,
    actor: work.Actor,
    grants: Grants,
    keep_id: int,
    drop_id: int,
    choices: Mapping[str, str] | None = None,
    reason: str = "",
) -> MergeJournal:
    """Unite two files. `choices` says per field group (or `custom.<code>`) whose value stays.

    Without a choice the kept file's value stays; where it has none, the dropped file's is taken.
    """
    grants.require(MERGE)
    if keep_id == drop_id:
        raise RuleError("merge_same", _("These are one and the same file."))
    look_through(actor, grants, reason=reason)
    refuse_closed_choices(grants, choices or {})
    with work.unit(actor, rules.clean_line(reason)) as unit:
        files = open_files(grants, (keep_id, drop_id), MERGE)
        keep, drop = files[keep_id], files[drop_id]
        if keep.kind != drop.kind:
            raise RuleError(
                "merge_kinds", _("A person and an organisation cannot become one file.")
            )
        journal = MergeJournal.objects.create(
            keep=keep,
            drop=drop,
            reason=unit.reason,
            at=unit.now,
            author_id=actor.id,
            author_name=actor.name,
        )
        cells = count_key(keep), count_key(drop)
        journal.rows_moved = sum(_move(journal, relation) for relation in moved_relations())
        _settle_primaries(journal, keep)
        values, changes = _take_values(keep, drop, choices or {})
        drop.merged_into = keep
        keep.version = max(keep.version, drop.version) + 1
        drop.version += 1
        _save_both(keep, drop)
        journal.values_sealed = seal(keep.key_id, json.dumps(values, ensure_ascii=False))
        journal.save()
        recount_file(unit, cells[0], keep)
        count_file(unit, cells[1], -1)
        _tell_merge(unit, journal, keep, drop, changes)
    return journal


def refuse_closed_choices(grants: Grants, choices: Mapping[str, str]) -> None:
    """Nobody decides between two values they are not shown."""
    personal = personal_codes(CustomFieldDefinition.objects.all())
    for group in choices:
        if not is_shown(grants, group, personal):
            raise closed(kind_of(group, personal), group)


def _tell_merge(
    unit: work.Work, journal: MergeJournal, keep: Customer, drop: Customer, changes: list[Change]
) -> None:
    add_change_rows(unit, keep, [Change("merged", "", drop.name), *changes])
    note_on_timeline(unit, keep, "customer.merged", drop.name)
    unit.audit(
        "customers.merge",
        keep,
        after={"journal": journal.pk, "dropped": drop.pk, "rows": journal.rows_moved},
        subject=keep.key_id,
    )
    unit.publish(CustomersMerged(keep.pk, drop.pk, journal.pk))
    unit.touch(f"customer:{keep.pk}")
    unit.touch(f"customer:{drop.pk}", "merged", {"into": keep.pk})


def _save_both(keep: Customer, drop: Customer) -> None:
    for customer in (keep, drop):
        refresh_copies(customer)
        customer.save()
        index_custom(customer, definitions_for(customer.kind))
    refresh_people_of(keep)


def _movable(relation: Relation, journal: MergeJournal) -> QuerySet[Model]:
    """Rows of the dropped file that would not clash with one the kept file has."""
    name = relation.field.name
    rows = relation.model._base_manager.filter(**{name: journal.drop_id})
    if relation.model is Customer:
        # The two files themselves may not come to point at themselves.
        rows = rows.exclude(pk__in=(journal.keep_id, journal.drop_id))
    for unique in uniqueness_of(relation):
        same = {other: OuterRef(other) for other in unique.other_fields}
        condition = unique.condition or Q()
        clash = relation.model._base_manager.filter(condition, **{name: journal.keep_id}, **same)
        rows = rows.exclude(condition & Exists(clash))
    return rows


def _move(journal: MergeJournal, relation: Relation) -> int:
    """Point the rows of one column to the kept file, batch by batch. A row that would clash stays behind."""
    column, moved = relation.field.attname, 0
    while True:
        # A moved row no longer matches, so each round finds the next ones.
        rows = _movable(relation, journal).order_by("pk")
        ids = list(rows.values_list("pk", flat=True)[:BATCH])
        if not ids:
            return moved
        relation.model._base_manager.filter(pk__in=ids).update(**{column: journal.keep_id})
        _note(journal, relation.model, column, journal.drop_id, journal.keep_id, ids)
        moved += len(ids)


def _note(
    journal: MergeJournal, model: type[Model], column: str, before: Any, after: Any, ids: list[int]
) -> None:
    MergeStep.objects.create(
        journal=journal, model=model._meta.label, field=column, before=before, after=after, ids=ids
    )


def _settle_primaries(journal: MergeJournal, keep: Customer) -> None:
    """Of two main numbers the kept file's stays the main one."""
    came = {model: set(_moved_ids(journal, model, "customer_id")) for model in (Identity, Address)}
    ways = Identity.objects.filter(customer=keep, is_primary=True, voided_at__isnull=True)
    own = {way.channel for way in ways if way.pk not in came[Identity]}
    second = [way.pk for way in ways if way.pk in came[Identity] and way.channel in own]
    places = Address.objects.filter(customer=keep, is_primary=True, voided_at__isnull=True)
    has_own = any(place.pk not in came[Address] for place in places)
    other = [place.pk for place in places if has_own and place.pk in came[Address]]
    for model, ids in ((Identity, second), (Address, other)):
        if ids:
            model._base_manager.filter(pk__in=ids).update(is_primary=False)
            _note(journal, model, PRIMARY, True, False, ids)


def _moved_ids(journal: MergeJournal, model: type[Model], column: str) -> Iterator[int]:
    for step in journal.steps.filter(model=model._meta.label, field=column):
        yield from step.ids


def _plain(customer: Customer, column: str) -> Any:
    value = getattr(customer, column)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _take_values(
    keep: Customer, drop: Customer, choices: Mapping[str, str]
) -> tuple[dict[str, list[Any]], list[Change]]:
    """Set the chosen values on `keep`; returns {column: [before, after]} and the changes to show."""
    columns = ["custom", "last_contact_at", *(c for group in GROUPS.values() for c in group)]
    before = {column: _plain(keep, column) for column in columns}
    shown = _shown(keep)
    for group, members in GROUPS.items():
        choice = choices.get(group, KEEP)
        is_empty = group not in ALWAYS_FILLED and not any(getattr(keep, c) for c in members)
        if group == "remark" and choices.get(group, BOTH) == BOTH:
            keep.remark = "\n".join(dict.fromkeys(filter(None, (keep.remark, drop.remark))))
        elif choice == DROP or (is_empty and group not in choices):
            for column in members:
                setattr(keep, column, getattr(drop, column))
    for link in ("referrer_id", "organisation_id"):
        if getattr(keep, link) in (keep.pk, drop.pk):
            setattr(keep, link, None)
    custom = {**drop.custom, **keep.custom}
    for code in custom:
        if choices.get(f"custom.{code}") == DROP and code in drop.custom:
            custom[code] = drop.custom[code]
    keep.custom = custom
    contacts = [at for at in (keep.last_contact_at, drop.last_contact_at) if at is not None]
    keep.last_contact_at = max(contacts) if contacts else None
    values = {
        column: [before[column], _plain(keep, column)]
        for column in columns
        if before[column] != _plain(keep, column)
    }
    after = _shown(keep)
    return values, [Change(f, shown[f], after[f]) for f in shown if shown[f] != after[f]]


def _shown(customer: Customer) -> dict[str, str]:
    """The field groups as the change history names them."""
    texts = {"birthday": birthday_text(customer)}
    for group, columns in GROUPS.items():
        if group != "birthday":
            texts[group] = as_text(columns[0], customer)
    return texts


@dataclass
class UndoReport:
    """What came back, and what could not because somebody had moved or changed it since."""

    rows_restored: int = 0
    moved_on: dict[str, list[int]] = field(default_factory=dict)
    fields_kept: list[str] = field(default_factory=list)

    @property
    def rows_moved_on(self) -> int:
        return sum(len(ids) for ids in self.moved_on.values())


def undo_merge(
    *, actor: work.Actor, grants: Grants, journal_id: int, reason: str = ""
) -> UndoReport:
    """Take a merge apart: each row goes back if it still is where the merge put it.

    What was added to the kept file after the merge stays with it.
    """
    grants.require(MERGE)
    with work.unit(actor, rules.clean_line(reason)) as unit:
        journal, keep, drop = _open_journal(grants, journal_id)
        cell = count_key(keep)
        report = UndoReport()
        for step in journal.steps.order_by("-pk"):
            _take_back(step, report)
        _restore_values(journal, keep, report)
        keep.refresh_from_db(fields=["organisation", "referrer"])
        drop.refresh_from_db()
        drop.merged_into = None
        keep.version += 1
        drop.version = max(drop.version, keep.version) + 1
        _save_both(keep, drop)
        refresh_people_of(drop)
        journal.state = MergeState.UNDONE
        journal.undone_at, journal.undone_by_name = unit.now, actor.name
        journal.save()
        recount_file(unit, cell, keep)
        count_file(unit, count_key(drop), +1)
        _tell_undo(unit, journal, keep, drop, report)
    return report


def _open_journal(grants: Grants, journal_id: int) -> tuple[MergeJournal, Customer, Customer]:
    journal = MergeJournal.objects.filter(pk=journal_id).first()
    reach = in_reach(Customer.objects.all(), grants)
    if journal is None or not reach.filter(pk=journal.keep_id).exists():
        raise missing("merge_missing", _("There is no such merge, or not one you may see."))
    locked = Customer.objects.select_for_update().filter(pk__in=(journal.keep_id, journal.drop_id))
    files = {customer.pk: customer for customer in locked.order_by("pk")}
    # Read again under the lock: two people may press "undo" at once.
    journal.refresh_from_db()
    keep, drop = files[journal.keep_id], files[journal.drop_id]
    if journal.state != MergeState.DONE:
        raise RuleError("merge_undone", _("This merge has been taken apart already."))
    if not keep.in_use or drop.merged_into_id != keep.pk:
        raise RuleError(
            "merge_covered",
            _("The file was merged again since. Please take the later merge apart first."),
        )
    return journal, keep, drop


def _take_back(step: MergeStep, report: UndoReport) -> None:
    model = apps.get_model(step.model)
    rows = model._base_manager.filter(pk__in=step.ids, **{step.field: step.after})
    still_there = set(rows.values_list("pk", flat=True))
    model._base_manager.filter(pk__in=still_there).update(**{step.field: step.before})
    if step.field != PRIMARY:
        report.rows_restored += len(still_there)
    gone = sorted(set(step.ids) - still_there)
    if gone:
        report.moved_on.setdefault(step.model, []).extend(gone)


def _restore_values(journal: MergeJournal, keep: Customer, report: UndoReport) -> None:
    try:
        values: dict[str, list[Any]] = json.loads(unseal(journal.values_sealed) or "{}")
    except SealBroken:
        # The person was erased since: there is nothing left to put back.
        return
    for column, (before, after) in values.items():
        if _plain(keep, column) != after:
            report.fields_kept.append(column)
            continue
        column_field = Customer._meta.get_field(column.removesuffix("_id"))
        is_link = column_field.is_relation
        setattr(keep, column, before if is_link else column_field.to_python(before))  # type: ignore[union-attr]  # columns only
    # Saved at once, so that links set back here are not lost by the refresh that follows.
    keep.save()


def _tell_undo(
    unit: work.Work, journal: MergeJournal, keep: Customer, drop: Customer, report: UndoReport
) -> None:
    add_change_rows(unit, keep, [Change("unmerged", drop.name, "")])
    add_change_rows(unit, drop, [Change("unmerged", keep.name, "")])
    note_on_timeline(unit, keep, "customer.unmerged", drop.name)
    note_on_timeline(unit, drop, "customer.unmerged", keep.name)
    unit.audit(
        "customers.merge.undo",
        keep,
        after={
            "journal": journal.pk,
            "restored": report.rows_restored,
            "moved_on": {name: len(ids) for name, ids in report.moved_on.items()},
        },
        subject=keep.key_id,
    )
    unit.publish(CustomersMergeUndone(keep.pk, drop.pk, journal.pk))
    unit.touch(f"customer:{keep.pk}")
    unit.touch(f"customer:{drop.pk}")


__all__ = ["GROUPS", "UndoReport", "merge_customers", "undo_merge"]
