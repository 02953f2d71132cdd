"""Channels of the tests: a pigeon without a key, a courier who remembers one for a day."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from tests.desk.conftest import _planted, open_case, waiting_case  # noqa: F401
from zhike.core import sealing
from zhike.core.outbox import CARRIERS, Answer, Carrier, Outgoing, Sent
from zhike.desk.slots import ADAPTERS, DeliveryAdapter


@dataclass
class Receiver:
    """What a channel was given, and what it answers, in turn; the last answer stays."""

    kind: str
    calls: list[Outgoing] = field(default_factory=list)
    answers: list[Any] = field(default_factory=lambda: [Sent("r-1")])

    def deliver(self, message: Outgoing) -> Answer:
        self.calls.append(message)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            answer = answer()
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def texts(self) -> list[str]:
        return [call.text for call in self.calls]


@pytest.fixture
def channel() -> Iterator[Callable[..., Receiver]]:
    """`channel("pigeon", per_minute=6)` registers a carrier for this test."""
    made: list[str] = []

    def register(kind: str = "pigeon", **options: Any) -> Receiver:
        receiver = Receiver(kind)
        CARRIERS.fill(Carrier(kind, kind.title(), receiver.deliver, **options))
        ADAPTERS.fill(
            DeliveryAdapter(
                kind,
                kind.title(),
                lambda case: (
                    sealing.seal(case.customer.key_id, "loft 7") if case.customer else None
                ),
            )
        )
        made.append(kind)
        return receiver

    yield register
    for kind in made:
        CARRIERS._items.pop(kind)
        ADAPTERS._items.pop(kind)


A_DAY = timedelta(days=1)
