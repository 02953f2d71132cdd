"""Doing again, in a restored database, what was erased after its backup was made."""

from zhike.core import work
from zhike.core.access import everything
from zhike.core.erasing import notes
from zhike.core.errors import RuleError
from zhike.customers.choices import MergeState
from zhike.customers.models import Customer, Erasure, MergeJournal
from zhike.customers.services import erasing
from zhike.customers.services.merges import undo_merge


def replay(noted: list[notes.Note]) -> int:
    """Every noted erasure this database has not carried out; how many people that were."""
    return sum(_again(note) for note in noted)


def _again(note: notes.Note) -> bool:
    known = Erasure.objects.filter(token=note.token).first()
    if known is not None:
        # Saved while it was under way.
        was_done = known.is_done
        erasing.carry_out(known.pk)
        return not was_done
    files = [file.id for file in note.files if _is_theirs(file)]
    if not files:
        # Opened after the backup was made, so nothing of them came back.
        return False
    _take_apart(files)
    with work.unit(erasing.ACTOR) as unit:
        customer = Customer.objects.select_for_update().get(pk=files[0])
        record = erasing.begin(unit, customer, erasing.person_of(files), reason="", again=note)
    erasing.carry_out(record.pk)
    return True


def _is_theirs(noted: notes.NotedFile) -> bool:
    """The same file and not one that got its number later."""
    customer = Customer.objects.filter(pk=noted.id, key_id=noted.key).first()
    return customer is not None and erasing.mark_of(customer) == noted.mark


def _take_apart(files: list[int]) -> None:
    """Merges that had been undone by then: whose rows lie in another one's file goes back first."""
    done = MergeJournal.objects.filter(state=MergeState.DONE)
    joined = done.filter(keep_id__in=files).exclude(drop_id__in=files)
    joined |= done.filter(drop_id__in=files).exclude(keep_id__in=files)
    for journal in joined.order_by("-pk"):
        try:
            undo_merge(actor=erasing.ACTOR, grants=everything("erasure"), journal_id=journal.pk)
        except RuleError:
            # Covered by a later merge that stands: then both are one person to this database.
            continue
