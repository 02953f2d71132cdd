"""Whom finders of a fault may write to: ZHIKE_SECURITY_CONTACT (a mailto: or https: address), and until when that
holds: ZHIKE_SECURITY_EXPIRES, a day. Both or neither: RFC 9116 asks for both."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Contact:
    address: str
    expires: date


def security_contact(address: str, expires: str) -> Contact | None:
    """None when neither is set; a wrong one stops the start with a sentence."""
    address, expires = address.strip(), expires.strip()
    if not address and not expires:
        return None
    day = _day(expires)
    is_address = (
        address.startswith(("mailto:", "https://")) and address.isascii() and len(address) > 8
    )
    if day is None or not is_address or not address.isprintable() or " " in address:
        raise ValueError(
            "ZHIKE_SECURITY_CONTACT must look like mailto:security@example.com or https://…, "
            "with ZHIKE_SECURITY_EXPIRES like 2027-11-30."
        )
    return Contact(address, day)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
