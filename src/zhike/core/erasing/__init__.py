"""Erasing a person: which places hold something about them, what keeps a file from being erased, and the list
of erasures kept outside the database so that a restore can do them again.

The rooms fill `PLACES` and `HOLDS` in their `erasing.py`; `zhike.customers.services.erasing` goes through them.
"""

from zhike.core.erasing.places import (
    ADDRESSES,
    AGAIN,
    ERASED,
    HOLDS,
    IMPORTED,
    PLACES,
    Addresses,
    Again,
    Hold,
    Imported,
    Person,
    Place,
    Reason,
    deleted,
    set_to,
)

__all__ = [
    "ADDRESSES",
    "AGAIN",
    "ERASED",
    "HOLDS",
    "IMPORTED",
    "PLACES",
    "Addresses",
    "Again",
    "Hold",
    "Imported",
    "Person",
    "Place",
    "Reason",
    "deleted",
    "set_to",
]
