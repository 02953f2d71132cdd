"""How often an address sent in answers within the hour, counted in this process alone.

An answer shall cost one row, so no second one is written for counting; two processes let through twice as much,
which stops programs just as well.
"""

from collections import OrderedDict
from threading import Lock

from zhike.core import clock

MOST_ADDRESSES = 20_000

_tries: OrderedDict[tuple[str, int], int] = OrderedDict()
_lock = Lock()


def tries_this_hour(address: str) -> int:
    """This one included."""
    key = (address, int(clock.now().timestamp()) // 3600)
    with _lock:
        count = _tries.get(key, 0) + 1
        _tries[key] = count
        _tries.move_to_end(key)
        if len(_tries) > MOST_ADDRESSES:
            _tries.popitem(last=False)
    return count


def forget_tries() -> None:
    with _lock:
        _tries.clear()
