"""Who may listen to `case:<id>`, `delivery:<case id>` and `queue:<unit id>`."""

from zhike.core.access import Grants
from zhike.core.live.rights import TOPIC_RIGHTS, TopicRight
from zhike.desk.permissions import VIEW
from zhike.desk.selectors.scope import visible_cases


def may_hear_case(grants: Grants, rest: str) -> bool:
    return visible_cases(grants).filter(pk=int(rest)).exists()


def may_hear_queue(grants: Grants, rest: str) -> bool:
    """A unit's queue; who sees only their own cases hears of them on `user:<id>`."""
    return grants.allows(VIEW) and not grants.own_only and grants.reaches_unit(int(rest))


def register() -> None:
    TOPIC_RIGHTS.fill(TopicRight("case", may_hear_case))
    TOPIC_RIGHTS.fill(TopicRight("delivery", may_hear_case))
    TOPIC_RIGHTS.fill(TopicRight("queue", may_hear_queue))
