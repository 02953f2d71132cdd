from zhike.core import work
from zhike.core.access import Grants
from zhike.core.models import Notification


def mark_all_read(*, actor: work.Actor, grants: Grants) -> int:
    """Everything under the bell counts as read. Like an opened page this needs no audit row."""
    with work.unit(actor) as unit:
        read = Notification.objects.filter(user_id=grants.user_id or 0, read_at=None).update(
            read_at=unit.now
        )
        if read and grants.user_id is not None:
            unit.touch(f"user:{grants.user_id}", "notification")
    return read


def open_notification(*, actor: work.Actor, grants: Grants, pk: int) -> str:
    """Mark one as read; the address it leads to, empty when there is none or it is somebody else's."""
    note = Notification.objects.filter(pk=pk, user_id=grants.user_id or 0).first()
    if note is None:
        return ""
    if note.read_at is None:
        with work.unit(actor) as unit:
            note.read_at = unit.now
            note.save(update_fields=["read_at"])
            unit.touch(f"user:{note.user_id}", "notification")
    return note.url
