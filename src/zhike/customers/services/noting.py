"""What is noted about a customer is read by whoever opens the file: higher rooms look it through first."""

from zhike.core import work
from zhike.core.access import Grants
from zhike.customers.slots import NOTE_READERS


def look_through(actor: work.Actor, grants: Grants, **texts: str) -> None:
    """Texts by the names of their fields. Raises what a reader finds, so call it before anything is written."""
    written = {field: text for field, text in texts.items() if text}
    if not written:
        return
    for reader in NOTE_READERS:
        reader.look_through(actor, grants, written)
