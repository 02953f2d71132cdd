"""Everything that writes a request about personal data."""

from zhike.privacy.services.answering import (
    check_identity,
    complete,
    erase,
    refuse,
    take_back,
    withdraw_consents,
)
from zhike.privacy.services.packing import make_package
from zhike.privacy.services.taking_in import take_in

__all__ = [
    "check_identity",
    "complete",
    "erase",
    "make_package",
    "refuse",
    "take_back",
    "take_in",
    "withdraw_consents",
]
