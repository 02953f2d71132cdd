"""Every job, run twice in a row, does what it does once: a worker may die between the work and its note.

A scene goes through every room and makes each job run that something enqueues; then each repeating job comes
round. Each of these is run twice, and the second run may change no value of any table, send nothing, keep no file.
A job that never ran fails the test: give it something to do in the scene.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from django.test import override_settings

from tests.cast import Cast
from tests.guards import given
from tests.outbox.conftest import channel  # noqa: F401
from tests.privacy.conftest import _planted, plant  # noqa: F401
from tests.satisfaction import loop_scene
from tests.satisfaction.scene import SCENIC, answer, visitors
from tests.surveys.scene import published
from tests.surveys.sending_scene import post_office
from tests.upgrade.columns import layouts
from zhike.core import clock, outbox, work
from zhike.core.importer import services as imports
from zhike.core.jobs import definition, repeating, runner
from zhike.core.jobs.discovery import discover
from zhike.core.jobs.inline import run_pending_jobs
from zhike.core.models import ImportRun
from zhike.core.work import Actor
from zhike.customers import services as customers
from zhike.customers.models import Region, Tag
from zhike.customers.services.erasing import erase_customer
from zhike.customers.services.segments import SegmentFields, save_segment
from zhike.desk import services as desk
from zhike.insight.services.weeks import subscribe
from zhike.satisfaction import services as satisfaction
from zhike.satisfaction.models import Ask
from zhike.satisfaction.services.ask_rules import pause_rule
from zhike.surveys.services.answers import Sent, new_ref, save, way_of
from zhike.surveys.services.inviting import conversation_of

pytestmark = pytest.mark.django_db

# What belongs to the running of jobs itself.
MACHINERY = ("django_tasks", "core_jobprogress", "core_worker", "core_periodic")
# Jobs each run of which is meant to leave its own note, and where.
NOTES_EACH_RUN = {
    # When it was counted.
    "zhike.customers.tasks.count_segment": {"customers_segment"},
    "zhike.customers.tasks.count_segments": {"customers_segment"},
    "zhike.core.tasks.check_audit_log": {"core_auditcheck", "core_auditrow", "core_auditseal"},
}


class Twice:
    """In place of the runner's call: calls, looks, calls again, looks again."""

    def __init__(self, call: Callable[[Any], Any], outside: Callable[[], int]) -> None:
        self.call = call
        self.outside = outside
        self.ran: set[str] = set()
        self.faults: list[str] = []
        self.tables = [table for table in layouts() if not table.name.startswith(MACHINERY)]

    def __call__(self, row: Any) -> Any:
        return self.run(row.task_path, lambda: self.call(row))

    def run(self, path: str, call: Callable[[], Any]) -> Any:
        value = call()
        once = self.look()
        call()
        twice = self.look()
        allowed = NOTES_EACH_RUN.get(path, set())
        differ = {name for name in once if once[name] != twice[name]} - allowed
        if differ:
            self.faults.append(f"{path} run again changed {sorted(differ)}")
        self.ran.add(path)
        return value

    def look(self) -> dict[str, Any]:
        rows = {table.name: table.rows() for table in self.tables}
        return {**rows, "mails": len(mail.outbox), "messages": self.outside()}


def everything_happens(cast: Cast) -> None:
    planted = plant(cast)
    _rename_things(cast)
    _take_an_import_back(cast)
    _ask_visitors(cast)
    _ask_after_a_case(cast)
    case = desk.open_case(
        **cast.lin.acting,
        new=desk.NewCase(
            type_code="repair", channel="phone", text="异响", customer_id=cast.chen.pk
        ),
    ).case
    desk.reply(
        **cast.lin.acting, case_id=case.pk, text="明天到", expected_seq=None, delivery="pigeon"
    )
    subscribe(**cast.admin.acting, is_on=True)
    erase_customer(**cast.admin.acting, customer_id=planted.customer.pk, reason="本人要求")
    run_pending_jobs()


def _rename_things(cast: Cast) -> None:
    admin = cast.admin.acting
    customers.set_tags(**cast.lin.acting, customer_id=cast.chen.pk, names=["老客户"])
    tag = Tag.objects.get(name="老客户")
    customers.change_tag(**admin, tag_id=tag.pk, name="熟客")
    customers.change_region(**admin, region_id=Region.objects.get(name="周口市").pk, name="周口")
    made = customers.define_custom_field(**admin, code="plate", label="车牌", kind="text")
    customers.define_custom_field(
        **admin, code="plate", label="车牌", kind="text", filterable=True, definition_id=made.pk
    )
    regulars = SegmentFields("老主顾", cast.company.pk, "tier=vip", "existing", "loyal")
    save_segment(**admin, fields=regulars)
    run_pending_jobs()


def _take_an_import_back(cast: Cast) -> None:
    run = imports.start_import(
        **cast.admin.acting,
        kind_key="feedback",
        upload=ContentFile("内容,编号\n送餐很快,K1\n份量足,K2\n".encode()),
        file_name="评价.csv",
        unit_id=cast.zhoukou.pk,
    )
    imports.choose_columns(
        actor=cast.admin.actor, run=run, mapping=run.mapping, constants=run.constants
    )
    run_pending_jobs()
    for step in (lambda r: imports.begin(actor=cast.admin.actor, run=r, policy="skip"),
                 lambda r: imports.undo(actor=cast.admin.actor, run=r)):  # fmt: skip
        step(ImportRun.objects.get(pk=run.pk))
        run_pending_jobs()


def _ask_visitors(cast: Cast) -> None:
    """An index is computed of those who were counted; of some more the repeating job learns."""
    link = published(cast.zhoukou, SCENIC)
    answer(link, *visitors(12))
    acting = cast.wang.acting
    system = satisfaction.make_system(**acting, survey_id=link.survey_id, title="景区")
    satisfaction.ask_for_run(**acting, system_id=system.pk)
    run_pending_jobs()
    way = way_of(link.token)
    for _visitor in range(3):
        save(way, new_ref(), way.version_id, Sent(frozenset({"env1"}), {"env1": 5}, "zh-hans", 0))


def _ask_after_a_case(cast: Cast) -> None:
    """A low score by name is seen to; the mail of another case is taken back from the outbox."""
    with given():
        loop_scene.address(cast)
    with post_office():
        rule = loop_scene.loop_rule(cast, loop_scene.questionnaire(cast))
        for _case in range(2):
            loop_scene.ended(cast)
        answered, waits = rule.asks.order_by("pk")
        loop_scene.answer(answered, 1)
        loop_scene.count()
        _put_into_the_outbox(waits)
        pause_rule(**cast.admin.acting, rule_id=rule.pk)
        run_pending_jobs()
    answered.refresh_from_db()
    assert answered.opened is not None


def _put_into_the_outbox(ask: Ask) -> None:
    assert ask.invitation is not None
    with work.unit(Actor.system("tests")) as unit:
        outbox.put(
            unit,
            kind="email",
            address=ask.invitation.customer.identities.get(channel="email").value_sealed,
            text="t",
            dedup_key="take-back",
            subject=ask.invitation,
            conversation=conversation_of(ask.invitation.pk),
        )


def next_monday() -> timedelta:
    """From now to a Monday at least three days away: all that is due by then has come due."""
    days = (7 - clock.today().weekday()) % 7
    return timedelta(days=days if days >= 3 else days + 7)


def test_every_job_run_twice_does_the_same_as_once(
    cast: Cast,
    channel: Callable[..., Any],  # noqa: F811
    given: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    discover()
    pigeon = channel()
    with given():
        type(cast.admin.user).objects.filter(pk=cast.admin.user.pk).update(email="he@example.com")
    twice = Twice(runner._call, lambda: len(pigeon.calls))
    monkeypatch.setattr(runner, "_call", twice)
    with override_settings(ZHIKE_EMAIL_URL="smtp://127.0.0.1"):
        everything_happens(cast)
        with clock.override(clock.now() + next_monday()):
            for job in sorted(repeating.all_periodic(), key=lambda job: job.name):
                if job.name.startswith("zhike."):
                    twice.run(job.name, job.task.func)
            run_pending_jobs()
    assert twice.faults == []
    known = {path for path in definition.known_jobs() if path.startswith("zhike.")}
    assert known - twice.ran == set(), "give these something to do in the scene"
    assert len(pigeon.calls) == 1
    assert len(mail.outbox) == 1
