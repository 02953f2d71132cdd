"""Messages as people may see them."""

from django.db.models import QuerySet

from zhike.core.access import Grants, NotFound
from zhike.core.models import OutboxMessage
from zhike.core.outbox.carriers import SUBJECTS, SubjectLine
from zhike.core.outbox.rights import MANAGE


def visible_messages(grants: Grants) -> QuerySet[OutboxMessage]:
    """The messages of the units somebody manages; who reaches only what is theirs sees what they wrote."""
    rows = OutboxMessage.objects.all()
    if not grants.allows(MANAGE):
        return rows.none()
    if grants.own_only:
        return rows.filter(author_id=grants.user_id or 0)
    return rows if grants.unit_ids is None else rows.filter(unit_id__in=grants.unit_ids)


def message_for(grants: Grants, message_id: int) -> OutboxMessage:
    """One message: of those one manages, or about something one may see."""
    row = visible_messages(grants).filter(pk=message_id).first()
    if row is not None:
        return row
    row = OutboxMessage.objects.filter(pk=message_id).first()
    if row is None or row.subject_id is None or not lines_of([row], grants):
        raise NotFound()
    return row


def lines_of(rows: list[OutboxMessage], grants: Grants) -> dict[int, SubjectLine]:
    """By message: what it is about, where this person may see it. One look-up per kind of thing."""
    by_type: dict[str, dict[int, int]] = {}
    for row in rows:
        if row.subject_id is not None:
            by_type.setdefault(row.subject_type, {})[row.pk] = row.subject_id
    found: dict[int, SubjectLine] = {}
    for subject_type, ids in by_type.items():
        subject = SUBJECTS.get(subject_type)
        lines = subject.visible(set(ids.values()), grants) if subject else {}
        found |= {pk: lines[wanted] for pk, wanted in ids.items() if wanted in lines}
    return found
