"""Small traces of reading and writing that are no acts: the unread mark, unsent texts."""

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.work import Actor
from zhike.desk.models import Case, Draft
from zhike.desk.permissions import WORK
from zhike.desk.selectors.scope import load_case
from zhike.desk.services.texts import body_of


def mark_read(*, actor: Actor, grants: Grants, case_id: int) -> None:
    """The owner has opened the case: its unread mark goes. Reading is no act, so nothing is recorded."""
    case = load_case(grants, case_id)
    if case.unread_count == 0 or case.owner_id != actor.id:
        return
    with work.unit(actor) as unit:
        if Case.objects.filter(pk=case.pk, seq=case.seq).update(unread_count=0):
            unit.touch(f"queue:{case.unit_id}", "read", {"case": case.number, "by": actor.id})


def save_draft(
    *, actor: Actor, grants: Grants, case_id: int, text: str, seq: int, is_note: bool = False
) -> None:
    """Keep what is being typed; empty text drops the draft."""
    grants.require(WORK)
    if actor.id is None:
        return
    case = load_case(grants, case_id)
    with work.unit(actor) as unit:
        mine = Draft.objects.filter(case=case, user_id=actor.id, is_note=is_note)
        if not text.strip():
            mine.delete()
            return
        Draft.objects.update_or_create(
            case=case,
            user_id=actor.id,
            is_note=is_note,
            defaults={"text": body_of(text), "seq": seq, "saved_at": unit.now},
        )
