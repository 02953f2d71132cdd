"""The live topic of the shell: `user:<id>`, the news under somebody's own bell."""

from zhike.core.access import Grants
from zhike.core.live import TOPIC_RIGHTS, TopicRight


def is_own(grants: Grants, rest: str) -> bool:
    return grants.user_id is not None and str(grants.user_id) == rest


def register() -> None:
    TOPIC_RIGHTS.fill(TopicRight("user", is_own))
