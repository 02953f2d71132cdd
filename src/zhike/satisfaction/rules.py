"""When something is asked about, and when an answer is low: the rule says that, not the kind of question."""

from collections.abc import Collection
from hashlib import sha256

PARTS = 10_000
SEEDS = 2**31


def draw_of(seed: int, about_id: int) -> int:
    """0..9999 for the id of a case or a delivery, as if by chance, and the same each time."""
    digest = sha256(f"{seed}:{about_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % PARTS


def is_in_share(draw: int, share_percent: int) -> bool:
    return draw < share_percent * PARTS // 100


def fits(
    *,
    wanted_types: Collection[str],
    wanted_channels: Collection[str],
    wanted_path: str,
    type_code: str,
    channel: str,
    unit_path: str,
) -> bool:
    """An empty wish is none. Paths list the ids from the root, so those below a unit begin with its own."""
    return (
        (not wanted_types or type_code in wanted_types)
        and (not wanted_channels or channel in wanted_channels)
        and unit_path.startswith(wanted_path)
    )


def is_low(
    value: int | str | None, *, bad: str, limit: int | None, options: Collection[str]
) -> bool:
    """A question that was not answered is not low."""
    if value is None:
        return False
    if bad == "chosen":
        return str(value) in options
    if limit is None or isinstance(value, str):
        return False
    return value <= limit if bad == "at_most" else value >= limit
