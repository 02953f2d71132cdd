"""The answers of a questionnaire as columns: what each person answered, and what they are grouped by."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhike.core import clock
from zhike.methods.given import Floats
from zhike.satisfaction.choices import Channel
from zhike.satisfaction.disclosure import Ids, Mask
from zhike.satisfaction.rivals import RivalRow, both_of
from zhike.satisfaction.structure import answer_of
from zhike.surveys.choices import ResponseState
from zhike.surveys.models import Link, Response

ROWS_AT_ONCE = 2000
NOBODY = -1


@dataclass(frozen=True, slots=True)
class People:
    """A row is a person who finished; `answers` (people, items) with NaN where an item was left out."""

    ids: Ids
    answers: Floats
    links: Ids
    days: Sequence[date]
    changed: Sequence[datetime]
    tiers: NDArray[np.str_]
    regions: Ids
    # By question somebody groups or narrows by: what each answered, "" where nothing.
    choices: Mapping[str, NDArray[np.str_]]
    # (people, rows, 2): us and them, of each row of questions of that kind.
    sides: Floats

    def of_links(self, links: Sequence[int]) -> Mask:
        return np.isin(self.links, np.array(links, np.int64))

    def of_days(self, since: date | None, until: date | None) -> Mask:
        return np.array(
            [
                (since is None or day >= since) and (until is None or day <= until)
                for day in self.days
            ],
            np.bool_,
        )

    def changed_since(self, moment: datetime) -> Mask:
        return np.array([one > moment for one in self.changed], np.bool_)


def read_people(
    survey_id: int,
    parts: Sequence[str],
    questions: Sequence[str] = (),
    rivals: Sequence[RivalRow] = (),
) -> People:
    """Everybody who finished, in the order they began."""
    rows = (
        Response.objects.filter(survey_id=survey_id, state=ResponseState.COMPLETE)
        .order_by("pk")
        .values_list(
            "pk", "answers", "link_id", "began_at", "changed_at",
            "invitation__tier", "invitation__region_id",
        )
        .iterator(ROWS_AT_ONCE)
    )  # fmt: skip
    ids, links, days, changed, tiers, regions = [], [], [], [], [], []
    # Plain numbers in a row: of a million people a list of lists would hold gigabytes.
    answers, sides = array("d"), array("d")
    choices: dict[str, list[str]] = {question: [] for question in questions}
    for pk, given, link, began, last, tier, region in rows:
        ids.append(pk)
        answers.extend(np.nan if (f := answer_of(given, p)) is None else f for p in parts)
        sides.extend(side for one in rivals for side in both_of(given, one))
        links.append(link)
        days.append(clock.local(began).date())
        changed.append(last)
        tiers.append(tier or "")
        regions.append(region or NOBODY)
        for question, chosen in choices.items():
            chosen.append(_choice(given, question))
    return People(
        ids=np.array(ids, np.int64),
        answers=np.array(answers, np.float64).reshape(len(ids), len(parts)),
        links=np.array(links, np.int64),
        days=days,
        changed=changed,
        tiers=np.array(tiers, np.str_),
        regions=np.array(regions, np.int64),
        sides=np.array(sides, np.float64).reshape(len(ids), len(rivals), 2),
        choices={key: np.array(chosen, np.str_) for key, chosen in choices.items()},
    )


def _choice(given: Mapping[str, Any], question: str) -> str:
    found = given.get(question)
    return found if isinstance(found, str) else ""


def links_by_channel(links: Sequence[Link]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {channel: [] for channel in Channel.values}
    for link in links:
        found[channel_of(link)].append(link.pk)
    return found


def channel_of(link: Link) -> str:
    if link.is_personal:
        return Channel.MAIL
    return Channel.COUNTER if link.is_counter else Channel.OPEN
