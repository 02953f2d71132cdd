"""Make the demo company through the services, so that every rule, clock and record is the real one.

Ninety days are played in order: each act waits in an agenda with its moment, and the clock is set to that
moment while it happens. The seed is fixed; only "today" moves.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import count as counting
from random import Random
from typing import NamedTuple

from zhike.accounts.grants import actor_of, grants_of_user
from zhike.accounts.models import Role, Unit, User
from zhike.accounts.models.units import UnitKind
from zhike.accounts.services.units import create_unit
from zhike.accounts.services.users import Profile, RoleGrant, create_user
from zhike.core import access, clock, counts, work
from zhike.core.access import Grants
from zhike.core.work import Actor
from zhike.demo import company, names
from zhike.demo.asking import make_ask_rule
from zhike.demo.catching_up import plan_catching_up, read_old_news, space_out_papers
from zhike.demo.customers import make_customers
from zhike.demo.deliveries import make_deliveries
from zhike.demo.feedback import make_feedback
from zhike.demo.leaving import erase_one
from zhike.demo.legal import make_legal_clocks
from zhike.demo.plot import Plot
from zhike.demo.privacy import plan_privacy
from zhike.demo.reference import make_reference_values
from zhike.demo.reports import look_for_changes, plan_reports
from zhike.demo.satisfaction import make_answers
from zhike.demo.segments import make_segments
from zhike.demo.sendings import make_sending
from zhike.demo.surveys import make_surveys

SEED = 20261122
CUSTOMERS = 400
CASES = 600
DAYS = 90


class SignIn(NamedTuple):
    staff_number: str
    name: str
    role: str
    password: str


@dataclass
class Stage:
    """The company as the acts of the demo need it."""

    random: Random
    now: datetime
    units: dict[str, Unit]
    people: dict[str, User]
    grants: dict[str, Grants] = field(default_factory=dict)

    def who(self, number: str) -> tuple[Actor, Grants]:
        user = self.people[number]
        if number not in self.grants:
            self.grants[number] = grants_of_user(user)
        return actor_of(user, via="demo"), self.grants[number]

    def at_work(self, day: datetime, after: datetime | None = None) -> datetime:
        """A moment within the desk's hours of that day, or of the next working day after a weekend's.

        With `after`, never before that moment: people do one thing after the other.
        """
        while clock.local(day).weekday() > 4 and day + timedelta(days=1) < self.now:
            day += timedelta(days=1)
        minute = self.random.choice((8 * 60 + 35, 13 * 60 + 35)) + self.random.randrange(0, 195)
        start = datetime.combine(clock.local(day).date(), time(), tzinfo=clock.zone())
        moment = start + timedelta(minutes=minute)
        return max(moment, after + timedelta(minutes=9)) if after else moment


Act = Callable[[datetime], None]


class Agenda:
    """What happens when; acts may put further acts into it."""

    def __init__(self, until: datetime) -> None:
        self._until = until
        self._order = counting()
        self._heap: list[tuple[datetime, int, Act]] = []

    def add(self, moment: datetime, act: Act) -> bool:
        """Note an act; one that lies ahead of today does not happen. Says whether it will."""
        if moment >= self._until:
            return False
        heapq.heappush(self._heap, (moment, next(self._order), act))
        return True

    def play(self) -> None:
        while self._heap:
            moment, _order, act = heapq.heappop(self._heap)
            with clock.override(moment):
                act(moment)


def sign_ins() -> list[SignIn]:
    return [SignIn(m.number, m.name, m.title, m.password) for m in company.STAFF]


def is_loaded() -> bool:
    return User.objects.filter(staff_number=company.STAFF[0].number).exists()


def ensure_demo() -> list[SignIn]:
    """Load the demo company unless there is one already; somebody else's data are left alone."""
    if is_loaded():
        return sign_ins()
    if User.objects.exists():
        raise RuntimeError(
            "This data folder belongs to another company. Give the demo a folder of its own: --data DIR"
        )
    load_demo()
    return sign_ins()


def load_demo(customers: int = CUSTOMERS, cases: int = CASES) -> None:
    now = clock.now()
    random = Random(SEED)
    opened = now - timedelta(days=DAYS + 30)
    with clock.override(opened):
        # Units and people in one piece: a loader killed here starts again from nothing.
        with work.unit(Actor.system("demo", via="demo"), "demo company"):
            units = _units()
            people = _people(units)
        stage = Stage(random, now, units, people)
    drafts = names.draft_customers(random, customers, company.TOWNS)
    rows = make_customers(stage, drafts, opened)
    agenda = Agenda(until=now - timedelta(minutes=1))
    plot = Plot(stage, agenda, rows)
    for _ in range(cases):
        plot.plan_case(DAYS)
    plot.plan_open_complaints()
    plan_catching_up(plot, DAYS)
    plan_reports(stage, agenda, DAYS)
    plan_privacy(stage, agenda, rows)
    agenda.play()
    make_legal_clocks(stage)
    make_feedback(stage, rows)
    make_reference_values(stage)
    make_surveys(stage)
    make_answers(stage)
    erase_one(stage, rows)
    make_segments(stage)
    look_for_changes()
    read_old_news(stage)
    space_out_papers()
    make_sending(stage)
    make_ask_rule(stage)
    make_deliveries(stage)
    while counts.fold():
        pass


def _units() -> dict[str, Unit]:
    actor, grants = Actor.system("demo", via="demo"), access.everything("demo")

    def make(name: str, kind: str, parent: Unit | None) -> Unit:
        return create_unit(actor=actor, grants=grants, name=name, kind=kind, parent=parent)

    root = make(company.COMPANY, UnitKind.COMPANY, None)
    units = {company.COMPANY: root, company.DESK: make(company.DESK, UnitKind.DEPARTMENT, root)}
    for name in company.DEPARTMENTS:
        units[name] = make(name, UnitKind.DEPARTMENT, root)
    for region, dealers in company.REGIONS.items():
        units[region] = make(region, UnitKind.REGION, units[company.DESK])
        for dealer in dealers:
            units[dealer] = make(dealer, UnitKind.DEALER, units[region])
    return units


def _people(units: dict[str, Unit]) -> dict[str, User]:
    roles = {role.code: role for role in Role.objects.all()}
    people: dict[str, User] = {}
    for member in company.STAFF:
        people[member.number] = create_user(
            actor=Actor.system("demo", via="demo"),
            grants=access.everything("demo"),
            profile=Profile(
                staff_number=member.number,
                name=member.name,
                unit=units[member.unit],
                title=member.title,
                extension=member.extension,
            ),
            password=member.password,
            roles=[RoleGrant(roles[member.role])],
        )
    return people
