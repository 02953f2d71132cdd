"""Fill a database with a large company: customers, cases and their records, by COPY (SQLite: many-row inserts).

The rows are the program's own model instances, so that a new column cannot be forgotten; only the way in is
short: services would take hours, and what is measured is reading.

    bench/seed.py --cases 1000000 --customers 200000
    bench/seed.py --add complaints,replies,days      to a database seeded before these were known
"""

from __future__ import annotations

import argparse
import os
import random
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, models  # noqa: E402

from bench import seed_complaints, seed_days  # noqa: E402
from bench.pour import Indexes, insert, reset_sequences  # noqa: E402
from zhike.accounts.models import Unit, User  # noqa: E402
from zhike.complaints.models import StepRecord  # noqa: E402
from zhike.core import sealing, work  # noqa: E402
from zhike.core.models import CountRow, PersonKey  # noqa: E402
from zhike.core.search import bigrams, fold  # noqa: E402
from zhike.customers.models import Customer, Identity, TimelineEntry  # noqa: E402
from zhike.demo import company, names, stories  # noqa: E402
from zhike.demo.load import _people, _units  # noqa: E402
from zhike.desk.models import Case, CaseEvent  # noqa: E402
from zhike.desk.services.handling import METRIC  # noqa: E402

SEED = 7
EVENTS_A_CASE = 3
NOW = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
# Of each hundred cases 2 are under way, as in a desk that keeps up.
OPEN_SHARE = 0.02
# Words for the search bench: one in every text, one in a few, each found in new or only in old rows.
EVERYWHERE, RARE, OLD_ONLY, OLD_RARE = "三轮", "琥珀灯罩", "旧款", "樟木箱板"


class Company:
    """What rows of this bench point to."""

    def __init__(self) -> None:
        actor = work.Actor.system("bench", via="bench")
        with work.unit(actor):
            self.units = _units()
            self.people = _people(self.units)
        self.agents = [self.people[number] for number in company.AGENTS[:3]]
        self.regions = [self.units[name] for name in company.REGIONS]


@lru_cache(maxsize=4096)
def _folded(text: str) -> tuple[str, str]:
    folded = fold(text)
    return folded, bigrams(folded)


def customers(
    count: int, house: Company, keys: list[int], rng: random.Random
) -> Iterator[Customer]:
    drafts = names.draft_customers(rng, min(count, 4000), company.TOWNS)
    for index in range(count):
        draft = drafts[index % len(drafts)]
        customer = Customer(
            id=index + 1,
            kind=draft.kind,
            name=f"{draft.name}{index // len(drafts) or ''}",
            name_key=f"{index * 7919 % count:08d}",
            unit=house.units[draft.region],
            key_id=keys[index],
            tier=draft.tier,
            stage=draft.stage,
            stage_since=NOW.date(),
            occupation=draft.occupation,
            phone_mask=f"199****{index % 10000:04d}",
            contact_words=f"{index % 10000:04d}",
            last_contact_at=NOW - timedelta(minutes=index % 500_000),
            created_at=NOW - timedelta(minutes=count - index),
            completeness=index % 100,
        )
        customer.refresh_search()
        yield customer


def identities(count: int) -> Iterator[Identity]:
    for index in range(count):
        yield Identity(
            id=index + 1,
            customer_id=index + 1,
            channel="phone",
            value_sealed="v1:1:bench:bench",
            value_blind=f"bench{index:020d}",
            head="199",
            last4=f"{index % 10000:04d}",
            masked=f"199****{index % 10000:04d}",
            is_primary=True,
            added_at=NOW,
        )


def _words(index: int, total: int, rng: random.Random) -> tuple[stories.Story, str, str]:
    story = rng.choice(stories.STORIES)
    filled = stories.values_for(rng)
    text = stories.fill(story.opening, filled) + f" {EVERYWHERE}车 {index}"
    if index % 20_011 == 7:
        text += RARE
    if index < total // 5:
        text += OLD_ONLY
    if index in (11, total // 50):
        text += OLD_RARE
    return story, stories.fill(story.title, filled), text


def cases(count: int, buyers: int, house: Company, rng: random.Random) -> Iterator[Case]:
    for index in range(count):
        story, title, text = _words(index, count, rng)
        opened = NOW - timedelta(seconds=40 * (count - index))
        is_open = rng.random() < OPEN_SHARE
        owner: User | None = rng.choice(house.agents) if not is_open or index % 4 else None
        due = opened + timedelta(hours=rng.randrange(4, 90))
        state = rng.choice(("open", "open", "waiting_customer", "waiting_department"))
        if owner is None:
            state = "new"
        # Every third came in writing; whoever calls is being answered already.
        is_written = index % 3 == 0
        case = Case(
            id=index + 1,
            number=f"BX{20200101 + index // 10000}{index % 10000:04d}",
            type_id=story.kind,
            title=title[:200],
            state=state if is_open else "closed",
            channel="web" if is_written else "phone",
            first_reply_due_at=opened + timedelta(hours=2) if is_written else None,
            first_reply_at=opened + timedelta(minutes=1 + index % 125) if is_written else None,
            unit=rng.choice(house.regions),
            customer_id=rng.randrange(buyers) + 1,
            owner=owner,
            owner_name=owner.name if owner else "",
            seq=EVENTS_A_CASE,
            opened_at=opened,
            last_event_at=opened + timedelta(hours=1),
            last_text=text[:120],
            last_from="customer",
            closed_at=None if is_open else min(opened + timedelta(hours=30), NOW),
            outcome="" if is_open else "solved",
            due_at=due,
            due_what="resolution",
            queue_at=due,
            customer_name=f"{rng.choice(names.SURNAMES)}{rng.choice(names.GIVEN)}",
            customer_tier="ordinary",
        )
        case.refresh_search()
        yield case


def events(count: int, rng: random.Random) -> Iterator[CaseEvent]:
    for index in range(count):
        story, _title, text = _words(index, count, rng)
        opened = NOW - timedelta(seconds=40 * (count - index))
        said = (
            ("opened", "", "internal", "user"),
            ("message_in", text, "public", "customer"),
            ("reply", story.reply, "public", "user"),
        )
        for place, (kind, words, visibility, who) in enumerate(said):
            event = CaseEvent(
                id=index * EVENTS_A_CASE + place + 1,
                case_id=index + 1,
                seq=place + 1,
                kind=kind,
                visibility=visibility,
                actor_name="林静",
                actor_kind=who,
                text=words,
                at=opened + timedelta(minutes=place),
            )
            # Replies repeat word for word; the customers' words do not.
            if kind == "reply":
                event.folded, event.bigrams = _folded(event.search_text())
            else:
                event.refresh_search()
            yield event


def timeline(count: int, buyers: int, rng: random.Random) -> Iterator[TimelineEntry]:
    for index in range(count):
        yield TimelineEntry(
            id=index + 1,
            customer_id=rng.randrange(buyers) + 1,
            at=NOW - timedelta(seconds=40 * (count - index)),
            kind="desk.opened",
            room="desk",
            object_type="desk.case",
            object_id=index + 1,
            title="工单",
            actor_name="林静",
        )


def _count() -> None:
    grouped = Case.objects.values_list("unit_id", "state", "type_id", "owner_id").annotate(
        n=models.Count("id")
    )
    CountRow.objects.bulk_create(
        CountRow(metric=METRIC, unit_id=unit, state=state, kind=kind, owner_id=owner, n=n)
        for unit, state, kind, owner, n in grouped.order_by()
    )


def fill(case_count: int, customer_count: int) -> None:
    house = Company()
    tables = [m._meta.db_table for m in (Customer, Identity, Case, CaseEvent, TimelineEntry)]
    made = datetime(2026, 1, 1, tzinfo=UTC)
    with work.unit(work.Actor.system("bench", via="bench")):
        keys = [key.pk for key in sealing.new_keys(customer_count, made)]
    steps: list[tuple[str, Any]] = [
        (
            "customers",
            lambda: insert(Customer, customers(customer_count, house, keys, random.Random(SEED))),
        ),
        ("identities", lambda: insert(Identity, identities(customer_count))),
        (
            "cases",
            lambda: insert(Case, cases(case_count, customer_count, house, random.Random(SEED))),
        ),
        ("events", lambda: insert(CaseEvent, events(case_count, random.Random(SEED)))),
        (
            "timeline",
            lambda: insert(
                TimelineEntry, timeline(case_count, customer_count, random.Random(SEED))
            ),
        ),
    ]
    started = time.perf_counter()
    with Indexes(*tables):
        for name, step in steps:
            began = time.perf_counter()
            n = step()
            print(f"  {n:>9,} {name} in {time.perf_counter() - began:.0f} s", flush=True)
    reset_sequences(PersonKey, Customer, Identity, Case, CaseEvent, TimelineEntry)
    _count()
    add(PARTS)
    print(f"  seeded in {time.perf_counter() - started:.0f} s, indexes included", flush=True)


def _add_complaints() -> None:
    if StepRecord.objects.exists():
        print("  complaints have their steps already")
        return
    seed_complaints.fill_complaints(NOW)
    print(f"  {seed_complaints.told()}", flush=True)


def _add_replies() -> None:
    """Only of the last weeks: what is rewritten is not to bloat a large table."""
    if Case.objects.filter(channel="web").exists():
        print("  first replies are owed already")
        return
    print(f"  {seed_days.owe_first_replies(NOW, days=15):,} first replies owed", flush=True)


def _add_days() -> None:
    print(f"  {seed_days.settle_days(NOW)} days settled", flush=True)


PARTS = {"complaints": _add_complaints, "replies": _add_replies, "days": _add_days}


def add(parts: Iterable[str]) -> None:
    for part in parts:
        began = time.perf_counter()
        PARTS[part]()
        print(f"  {part} in {time.perf_counter() - began:.0f} s", flush=True)
    with connection.cursor() as cursor:
        # As autovacuum would have done to a database that grew in its own time.
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--add", default="", help=f"to one seeded before: {','.join(PARTS)}")
    asked = parser.parse_args()
    call_command("migrate", verbosity=0)
    if asked.add:
        add(asked.add.split(","))
        return
    if Unit.objects.exists():
        print("  seeded before")
        return
    fill(asked.cases, asked.customers)


if __name__ == "__main__":
    main()
