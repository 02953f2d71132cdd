"""Sealed personal data: a data key per person, wrapped by a master ring; blind indexes for equality.

Destroying a person's key makes everything sealed under it unreadable for good, backups included.
"""

from zhike.core.sealing.blind import blind
from zhike.core.sealing.box import (
    SealBroken,
    destroy_key,
    new_key,
    new_keys,
    seal,
    unseal,
)
from zhike.core.sealing.streams import seal_stream, unseal_stream

__all__ = [
    "SealBroken",
    "blind",
    "destroy_key",
    "new_key",
    "new_keys",
    "seal",
    "seal_stream",
    "unseal",
    "unseal_stream",
]
