"""What this room tells the rooms above, inside the unit of work that did it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class UserChanged:
    """`fields` as in the audit row: staff_number, name, unit, roles …"""

    user_id: int
    fields: tuple[str, ...]
