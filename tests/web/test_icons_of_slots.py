"""An icon that a slot names and the sprite lacks is an empty square on the page."""

from pathlib import Path

from zhike.core.search.kinds import SEARCH_KINDS
from zhike.core.shell import CREATE, MENU, NOTICES
from zhike.customers.slots import TIMELINE_KINDS

LIST = Path(__file__).parents[2] / "tools" / "icons.txt"


def test_every_icon_named_by_a_slot_is_in_the_sprite() -> None:
    lines = [line.split() for line in LIST.read_text("utf-8").splitlines()]
    known = {words[0] for words in lines if words and not words[0].startswith("#")}
    named = {
        (slot.name, one.icon)
        for slot in (MENU, CREATE, NOTICES, SEARCH_KINDS, TIMELINE_KINDS)
        for one in slot
    }
    assert len(named) > 15
    assert {(name, icon) for name, icon in named if icon and icon not in known} == set()
