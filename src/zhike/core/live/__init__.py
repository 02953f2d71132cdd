"""Live updates: pages ask for the news of topics "since N", over a stream or by polling.

A topic is a name such as `case:15`; `core.work` numbers its news. A room that owns a prefix says who may
listen, in its `AppConfig.ready()`: `TOPIC_RIGHTS.fill(TopicRight("case", may_listen))`.
"""

from zhike.core.live.rights import TOPIC_RIGHTS, TopicRight

__all__ = ["TOPIC_RIGHTS", "TopicRight"]
