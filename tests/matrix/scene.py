"""Two units with the same things in each; whatever is written in one carries marks the other must never see."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from typing import Any

from django.apps import apps
from django.db import transaction
from django.test import Client

from tests.cast import Staff, _ensure_builtin_roles, everybody, make_staff, make_unit
from tests.guards import given
from tests.matrix.declared import NOTHING, READER, all_lacking, every_permission
from tests.matrix.half import SETUP, Half, make_half
from zhike.accounts.models import ApiToken, Attempt, OutsideIdentity, Role, Unit, User
from zhike.accounts.roles import BUILTIN_ROLES, ROLE_LABELS
from zhike.accounts.services.tokens import create_token
from zhike.care.data.scripts import plant as plant_scripts
from zhike.complaints.cause_seeds import plant as plant_causes
from zhike.complaints.models import Cause, Notice, RemedyLimit, WayOutRule
from zhike.core import clock, work
from zhike.core.calendar import seeds
from zhike.core.calendar.dates_import import send_dates
from zhike.core.jobs.inline import run_pending_jobs
from zhike.core.models import (
    AuditRow,
    DuePlan,
    ExportRun,
    ImportRun,
    Notification,
    WorkCalendar,
)
from zhike.core.notify import notify
from zhike.customers.models import ConsentPurpose, Customer, Region, Tag
from zhike.customers.services.custom_fields import define_custom_field
from zhike.desk.case_types import BUILTIN_TYPES
from zhike.desk.data.phrases import first_rows
from zhike.desk.models import Case, CaseType, EscalationLevel, Phrase
from zhike.insight import services as insight
from zhike.reference.models import ReferenceValue
from zhike.reference.seeds import first_rows as reference_rows
from zhike.web.services.lists import save_view

# Two people of all permissions: one is shown all of a customer's file, from the other all is hidden that can be.
SHOWN_ALL, SHOWN_LITTLE = "shown-all", "shown-little"
HIDDEN_FIELDS = (
    "phone", "account", "id_number", "address", "birthday", "sex", "occupation", "income",
    "household", "custom",
)  # fmt: skip


@dataclass(frozen=True)
class Scene:
    people: dict[str, Staff]
    ours: Half
    theirs: Half
    # Objects without a unit: a role, a calendar, a tag.
    house: dict[str, dict[str, Any]]
    # Objects that belong to one person, by role.
    own: dict[str, dict[str, dict[str, Any]]]
    tokens: dict[str, str]
    clients: dict[str, Client] = field(default_factory=dict)
    # Of each client, signed in; whoever signs out in a call is signed in again for the next.
    cookies: dict[str, Any] = field(default_factory=dict)


def _plant() -> None:
    """What the migrations put there; tests with real transactions may have emptied it."""
    _ensure_builtin_roles()
    seeds.plant(apps)
    seeds.plant_complaint_plans(apps)
    for place, kind in enumerate(BUILTIN_TYPES, 1):
        CaseType.objects.get_or_create(
            code=kind.code,
            defaults={"prefix": kind.prefix, "is_builtin": True, "place": place * 10},
        )
    plant_causes(apps)
    begin = import_module("zhike.complaints.migrations.0002_begin")
    for role in Role.objects.filter(code__in=begin.LIMITS):
        limit = {"limit_cents": begin.LIMITS[role.code]}
        RemedyLimit.objects.get_or_create(role=role, defaults=limit)
    if not Phrase.objects.exists():
        Phrase.objects.bulk_create(Phrase(**row) for row in first_rows())
    if not ReferenceValue.objects.exists():
        ReferenceValue.objects.bulk_create(ReferenceValue(**row) for row in reference_rows())
    WayOutRule.objects.get_or_create(pk=1, defaults={"attempts": 3, "days": 2})
    plant_scripts(apps, clock.now())


def make_scene() -> Scene:
    _plant()
    company = make_unit("矩阵公司", kind="company")
    ours, theirs = make_unit("本站", company), make_unit("他站", company)
    quality = make_unit("品质科", company, "department")
    asked = make_staff("90", "品质张", quality, "department_owner")
    outside = make_staff("91", "外勤", theirs, "agent")
    people = {
        role.code: make_staff(f"7{place:02}", f"岗位{place}", ours, role.code)
        for place, role in enumerate(BUILTIN_ROLES)
    }
    with given():
        Role.objects.create(code=NOTHING, name="无权", permissions=[], default_scope="unit")
    people[NOTHING] = make_staff("799", "岗位无权", ours, NOTHING)
    for place, (code, holder) in enumerate(all_lacking().items()):
        with given():
            Role.objects.create(
                code=f"lacking-{place}", name=code, permissions=sorted(holder.permissions)
            )
        people[code] = make_staff(f"6{place:02}", code, ours, f"lacking-{place}", "all")
    define_custom_field(
        actor=SETUP,
        grants=everybody(),
        code="kin",
        label="家人",
        kind="text",
        is_personal=True,
        filterable=True,
    )
    for code, permissions in ((SHOWN_ALL, every_permission()), (SHOWN_LITTLE, every_permission())):
        with given():
            Role.objects.create(
                code=code,
                name=code,
                permissions=sorted(permissions),
                levels=dict.fromkeys(HIDDEN_FIELDS, "hidden") if code == SHOWN_LITTLE else {},
            )
        people[code] = make_staff(f"5{len(code)}", code, ours, code, "all")
    halves = []
    for unit, tag, phone in ((ours, "甲戌", "13900017351"), (theirs, "壬午", "13700028462")):
        lead = make_staff(f"8{tag}", f"站长{tag}", unit, "supervisor")
        halves.append(make_half(unit, lead, tag, phone, asked))
    insight.settle_day(actor=SETUP, grants=everybody(), day=clock.today() - timedelta(days=1))
    # Papers of archived complaints, trials of imports.
    run_pending_jobs()
    with given():
        RemedyLimit.objects.get_or_create(
            role=Role.objects.get(code="agent"), defaults={"limit_cents": 20000}
        )
    scene = Scene(
        people=people,
        ours=halves[0],
        theirs=halves[1],
        house=_house(company, outside),
        own={code: _own(people[code]) for code in (*ROLE_LABELS, NOTHING)}
        | {"other": _own(outside)},
        tokens={code: _token(one) for code, one in people.items()},
    )
    scene.tokens[READER] = _token(people["administrator"], ("read",))
    for code, one in people.items():
        scene.clients[code] = one.client()
    scene.clients["nobody"] = Client()
    for code, client in scene.clients.items():
        client.raise_request_exception = False
        scene.cookies[code] = client.cookies.copy()
    return scene


def _house(company: Unit, outside: Staff) -> dict[str, dict[str, Any]]:
    with given():
        region = Region.objects.create(name="某省", level="province", full_name="某省")
        tag = Tag.objects.create(name="某标签")
        attempt = Attempt.objects.create(
            kind="account", what="91", failures=5, last_at=clock.now(),
            held_until=clock.now() + timedelta(minutes=9),
        )  # fmt: skip
    custom = define_custom_field(
        actor=SETUP, grants=everybody(), code="some", label="某字段", kind="text"
    )
    agent = Role.objects.get(code="agent")
    calendar = WorkCalendar.objects.order_by("pk")[0]
    dates = send_dates(
        actor=SETUP, grants=everybody(), calendar_id=calendar.pk, file_name="2027.csv",
        data="日期,安排,名称\n2027-03-01,休息日,某日".encode(),
    )  # fmt: skip
    with given():
        outside_name = OutsideIdentity.objects.create(
            user=outside.user, issuer="https://id.example.com", subject="91", made_at=clock.now()
        )
    return {
        "person": {"pk": outside.user.pk},
        "role": {"pk": agent.pk},
        "identity-of-person": {"pk": outside_name.pk},
        "purpose": {"pk": ConsentPurpose.objects.order_by("pk")[0].pk},
        "org-unit": {"pk": company.pk},
        "attempt": {"pk": attempt.pk},
        "region": {"pk": region.pk},
        "tag": {"pk": tag.pk},
        "field": {"pk": custom.pk},
        "type": {"code": "repair"},
        "reference": {"pk": ReferenceValue.objects.order_by("pk")[0].pk},
        "phrase": {"pk": Phrase.objects.order_by("pk")[0].pk},
        "script": {"type_code": "complaint"},
        "limit": {"pk": RemedyLimit.objects.order_by("pk")[0].role_id},
        "cause": {"pk": Cause.objects.order_by("pk")[0].pk},
        "calendar": {"pk": calendar.pk},
        "dates-file": {"pk": dates.pk},
        "audit-row": {"pk": AuditRow.objects.order_by("pk")[0].pk},
        "level": {"pk": EscalationLevel.objects.order_by("pk")[0].pk},
        "plan": {"pk": DuePlan.objects.order_by("pk")[0].pk},
    }  # fmt: skip


def _own(one: Staff) -> dict[str, dict[str, Any]]:
    grants = everybody()
    from dataclasses import replace

    view = save_view(
        actor=one.actor,
        grants=replace(grants, user_id=one.user.pk),
        list_name="cases",
        title=f"视图{one.user.pk}",
        query="tab=all",
    )
    with work.unit(SETUP) as unit:
        notify(unit, user_id=one.user.pk, kind="desk.assigned", url="/")
    note = Notification.objects.filter(user_id=one.user.pk).latest("pk")
    with given():
        token = ApiToken.objects.create(
            user=one.user, label="t", digest=f"{one.user.pk:064}", head="zk_", made_at=clock.now()
        )
    return {
        "view": {"pk": view.pk},
        "notification": {"pk": note.pk},
        "token": {"pk": token.pk},
    }


def _token(one: Staff, scopes: tuple[str, ...] = ("read", "write")) -> str:
    _row, text = create_token(
        actor=SETUP, grants=everybody(), user=one.user, label="matrix", scopes=scopes
    )
    return text


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def hand_to(person: User, half: Half) -> None:
    """The things of this half become this person's own rows."""
    with given():
        Case.objects.filter(unit=half.unit).update(owner_id=person.pk, owner_name=person.name)
        Customer.objects.filter(unit=half.unit).update(manager_id=person.pk)
        Notice.objects.filter(case_unit_id=half.unit.pk).update(person_id=person.pk)
        ImportRun.objects.filter(unit_id=half.unit.pk).update(actor_id=person.pk)
        ExportRun.objects.filter(unit_id=half.unit.pk).update(actor_id=person.pk)
