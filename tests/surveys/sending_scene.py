"""People with e-mail addresses, and a mail server that is none: what would have left is in the outbox."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.test import Client, override_settings

from tests.cast import SETUP, Cast, everybody, make_customer, make_region
from tests.surveys.scene import AFTER_CONTACT, published
from zhike.core.outbox import CARRIERS, Answer, Carrier, Outgoing, Sent
from zhike.core.outbox.delivering import send_due
from zhike.customers import services as customers
from zhike.customers.models import Customer
from zhike.surveys.models import Sending, Survey
from zhike.surveys.sampling import Sampling
from zhike.surveys.sending_figures import figures_of
from zhike.surveys.services import sendings
from zhike.surveys.services.counting import count_some
from zhike.surveys.services.inviting import invite_some
from zhike.surveys.services.sendings import Message

# A Tuesday in Zhoukou, at 14:26 and at 22:30.
AFTERNOON = datetime(2026, 11, 24, 6, 26, tzinfo=UTC)
NIGHT = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
SITE = "https://desk.example.com"
TEXT = "{name}，您好：\n请您花两分钟评价。\n\n{link}\n\n谢谢。"


@dataclass
class Post:
    """What left, and what is answered in turn; the last answer stays."""

    letters: list[Outgoing] = field(default_factory=list)
    answers: list[Any] = field(default_factory=lambda: [Sent("r")])

    def deliver(self, message: Outgoing) -> Answer:
        self.letters.append(message)
        answer: Answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer


@contextmanager
def post_office() -> Iterator[Post]:
    post = Post()
    CARRIERS.fill(Carrier("email", "E-mail", post.deliver))
    try:
        with override_settings(ZHIKE_PUBLIC_URL=SITE):
            yield post
    finally:
        CARRIERS._items.pop("email")


def person(cast: Cast, name: str, *, address: str = "", **fields: Any) -> Customer:
    found = make_customer(cast.zhoukou, name, **fields)
    if address:
        customers.add_identity(
            actor=SETUP, grants=everybody(), customer_id=found.pk, channel="email", value=address
        )
    return found


def people(cast: Cast, count: int, **fields: Any) -> list[Customer]:
    start = Customer.objects.count()
    return [
        person(cast, f"客户{n}", address=f"c{n}@example.com", **fields)
        for n in range(start, start + count)
    ]


def province(name: str) -> int:
    return make_region(name).pk


def questionnaire(cast: Cast) -> Survey:
    return published(cast.zhoukou, AFTER_CONTACT).survey


def start(cast: Cast, survey: Survey, **changes: Any) -> Sending:
    given_ = {
        "name": "十一月回访",
        "purpose": "survey",
        "sampling": Sampling("", "all", None, 7),
        "message": Message("请您评价", TEXT),
        **changes,
    }
    return sendings.start(**cast.admin.acting, survey_id=survey.pk, **given_)


def invite() -> None:
    while invite_some():
        pass


def deliver() -> None:
    """Until nothing is left in the outbox that could leave."""
    while send_due(linger_seconds=0):
        pass


def everything_leaves() -> None:
    invite()
    deliver()


def path_in(letter: Outgoing, end: str = "/") -> str:
    """The personal address in a mail, without the site."""
    assert settings.ZHIKE_PUBLIC_URL
    lines = [word for word in letter.text.split() if word.startswith(SITE)]
    (found,) = {word for word in lines if word.endswith("/stop/") == (end == "stop")}
    return found.removeprefix(SITE)


def states(sending: Sending) -> dict[str, int]:
    return dict(figures_of(sending).by_state)


def answer(path: str, score: str = "5") -> Any:
    browser = Client(enforce_csrf_checks=True)
    html = browser.get(path, follow=True).content.decode()
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))
    return browser.post(path, {**fields, "q1": score})


def count() -> None:
    while count_some():
        pass
