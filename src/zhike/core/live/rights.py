"""Who may listen to which topic."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from zhike.core.access import Grants
from zhike.core.registry import Slot


@dataclass(frozen=True)
class TopicRight:
    """`allows(grants, rest)`: for `case:15`, prefix is `case` and rest is `15`. It may ask the database."""

    prefix: str
    allows: Callable[[Grants, str], bool]


TOPIC_RIGHTS: Slot[TopicRight] = Slot(
    "core.topic_rights", "Who may listen to a live topic, by its prefix", key=lambda r: r.prefix
)


def allowed(grants: Grants, names: Iterable[str]) -> frozenset[str]:
    """Those of `names` the person may hear. A prefix nobody answers for is closed."""
    return frozenset(name for name in names if _may_hear(grants, name))


def _may_hear(grants: Grants, name: str) -> bool:
    prefix, _, rest = name.partition(":")
    right = TOPIC_RIGHTS.get(prefix)
    if right is None:
        return False
    try:
        return right.allows(grants, rest)
    except ValueError:
        # `rest` comes from the client: `case:abc` is no case, so it is nobody's topic.
        return False
