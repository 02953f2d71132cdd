"""Answers of the demo company's customers, and what they add up to: two ways in, a year's index twice."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from zhike.core import clock, work
from zhike.satisfaction.choices import Weighing
from zhike.satisfaction.models import OutsideIndex
from zhike.satisfaction.pairs import groups_of, pair_key
from zhike.satisfaction.scopes import Scope
from zhike.satisfaction.services import (
    ask_for_run,
    carry_out_run,
    make_system,
    save_judging,
    set_weighing,
)
from zhike.satisfaction.services.improvements import Plan, end_improvement, plan_improvement
from zhike.satisfaction.structure import from_json
from zhike.surveys import flow
from zhike.surveys.choices import QuestionKind, SurveyState
from zhike.surveys.contacts import ContactDetails, details
from zhike.surveys.definition import Question
from zhike.surveys.library import ready
from zhike.surveys.models import Link, Survey
from zhike.surveys.services import change_state, copy_survey, make_survey, publish
from zhike.surveys.services.answers import Sent, Way, new_ref, save, way_of
from zhike.surveys.services.counting import count_some
from zhike.surveys.services.leaving import Left, send

if TYPE_CHECKING:
    from zhike.demo.load import Stage

SUPERVISOR = "1010"
WORDS = (
    "配件等了三天，别的都好。",
    "师傅讲得明白，也没乱换件。",
    "希望周末也能修。",
    "充电口盖子容易掉。",
    "电话里说当天来，第二天才到。",
    "车拉得动，省电。",
)
FAMILIES = ("陈", "刘", "马", "孙", "何")
# How content people are with a page of the yearly questionnaire, by its place.
MOODS = {1: 4.1, 2: 3.5, 3: 3.8}
YEARLY, AFTER, NATIONAL = 130, 70, 110
# What is done, begun so many days ago, due in so many.
IMPROVEMENTS = (
    ("周口、商丘、驻马店各加一辆巡回服务车", 8, -3),
    ("师傅出车前按清单核对配件，一次带齐", 7, -1),
    ("报修电话高峰时段加两个坐席", 6, 12),
)
OTHERS = (
    ("宏达三轮", 72.6, 850, "购车两年内的车主", "省消费者协会年度调查"),
    ("宏达三轮", 64.0, None, "论坛网友", "某汽车论坛"),
    ("三轮车行业平均", 70.1, 5200, "六省车主", "行业协会 2026 年上半年报告"),
)
STEPS_JUDGED = (1, -3, -3)
# So many of each begin and never finish.
GIVEN_UP = 14


def make_answers(stage: "Stage") -> None:
    """After the questionnaires were made; the same each time."""
    chance = random.Random(20261129)
    after, yearly, national = Survey.objects.filter(current__isnull=False).order_by("pk")[:3]
    with clock.override(stage.now - timedelta(days=28)):
        ways = {
            "after": _link(after, "通话后短信", "afterca11xyz"),
            "yearly": _link(yearly, "门店海报", "yearposter26"),
            "national": _link(national, "微信服务号", "nationalwx26"),
            "counter": _link(yearly, "总部前台平板", "countertab26", is_counter=True),
        }
    _answered(stage, chance, ways["after"], AFTER)
    _answered(stage, chance, ways["yearly"], YEARLY * 2 // 3)
    _answered(stage, chance, ways["national"], NATIONAL, newest=12)
    _counted()
    _modelled(stage, national)
    _index(stage, yearly, days=9)
    _answered(stage, chance, ways["counter"], YEARLY // 3, newest=8)
    _counted()
    _index(stage, yearly, days=1)
    _seen_to(stage, yearly)
    _assessed(stage, chance)
    _compared(stage, yearly)
    _told_by_others(stage, yearly)
    _judged(stage, yearly)


def _assessed(stage: "Stage", chance: random.Random) -> None:
    """The house looks at itself, last year and this: managers see it brighter than their people."""
    actor, grants = stage.who(SUPERVISOR)
    with clock.override(stage.at_work(stage.now - timedelta(days=400))):
        made = make_survey(
            actor=actor,
            grants=grants,
            document=ready("customer_orientation").document,
            unit_id=stage.units["客服部"].pk,
            origin="customer_orientation",
        )
        publish(actor=actor, grants=grants, survey_id=made.pk)
        made.refresh_from_db()
        ways = [
            _link(made, unit.name, f"selfcheck{place}26", unit_id=unit.pk)
            for place, unit in enumerate(list(stage.units.values())[1:3], 2)
        ]
    _of_us(stage, chance, ways, days=395, mood=-0.3)
    with clock.override(stage.at_work(stage.now - timedelta(days=388))):
        change_state(actor=actor, grants=grants, survey_id=made.pk, state=SurveyState.CLOSED)
    _next_round(stage, chance, made)
    _still_open(stage, chance)
    _counted()


def _next_round(stage: "Stage", chance: random.Random, first: Survey) -> None:
    """This year's is a copy of last year's, which was closed for good."""
    actor, grants = stage.who(SUPERVISOR)
    with clock.override(stage.at_work(stage.now - timedelta(days=24))):
        made = copy_survey(
            actor=actor, grants=grants, survey_id=first.pk, title=f"{first.title}（第二轮）"
        )
        publish(actor=actor, grants=grants, survey_id=made.pk)
        made.refresh_from_db()
        ways = [
            _link(made, unit.name, f"selfagain{place}26", unit_id=unit.pk)
            for place, unit in enumerate(list(stage.units.values())[1:3], 2)
        ]
    _of_us(stage, chance, ways, days=20, mood=0.1)
    with clock.override(stage.at_work(stage.now - timedelta(days=13))):
        change_state(actor=actor, grants=grants, survey_id=made.pk, state=SurveyState.CLOSED)


def _still_open(stage: "Stage", chance: random.Random) -> None:
    """Colleagues are being asked: results wait until it is closed."""
    actor, grants = stage.who(SUPERVISOR)
    with clock.override(stage.at_work(stage.now - timedelta(days=4))):
        made = make_survey(
            actor=actor,
            grants=grants,
            document=ready("staff").document,
            unit_id=stage.units["客服部"].pk,
            origin="staff",
        )
        publish(actor=actor, grants=grants, survey_id=made.pk)
        made.refresh_from_db()
        way = _link(made, "食堂海报", "canteenstaff")
    for number in range(12):
        with clock.override(stage.now - timedelta(days=3, minutes=41 * number)):
            _one(chance, way, gives_up=False)


def _of_us(
    stage: "Stage", chance: random.Random, ways: Sequence[Way], *, days: int, mood: float
) -> None:
    for number in range(36):
        with clock.override(stage.now - timedelta(days=days, minutes=17 * number)):
            is_manager = number % 4 == 0
            _one_of_us(chance, ways[number % 2], is_manager, mood + 0.4 * is_manager)
    _counted()


def _one_of_us(chance: random.Random, way: Way, is_manager: bool, mood: float) -> None:
    ref, page = new_ref(), 0
    for page, section in enumerate(way.definition.sections):
        given: dict[str, Any] = {}
        for question in section.questions:
            if question.kind == QuestionKind.SINGLE:
                given[question.key] = question.options[0 if is_manager else 1].key
            else:
                given[question.key] = _answer(chance, question, mood + 3.1 + 0.15 * (page % 4))
        save(way, ref, way.version_id, Sent(frozenset(given), given, "zh-hans", page))


def _link(
    survey: Survey,
    name: str,
    token: str,
    *,
    is_counter: bool = False,
    unit_id: int | None = None,
) -> Way:
    with work.unit(work.Actor.system("demo")):
        Link.objects.create(
            survey=survey,
            name=name,
            token=token,
            is_counter=is_counter,
            unit_id=unit_id,
            made_at=clock.now(),
            made_by_name="王芳",
        )
    return way_of(token)


def _answered(
    stage: "Stage", chance: random.Random, way: Way, people: int, newest: int = 10
) -> None:
    for number in range(people):
        ago = timedelta(
            days=newest + 16 * (people - number) / people, minutes=chance.randint(1, 300)
        )
        with clock.override(stage.now - ago):
            _one(chance, way, gives_up=number % GIVEN_UP == GIVEN_UP - 1)


def _one(chance: random.Random, way: Way, *, gives_up: bool) -> None:
    ref = new_ref()
    answers: dict[str, Any] = {}
    page: int | None = 0
    mood = chance.gauss(0, 0.5)
    while page is not None:
        asked = flow.asked(way.definition.sections[page], answers, ref)
        given = {
            one.key: answer
            for one in asked
            if (answer := _answer(chance, one, mood + MOODS.get(page, 3.9))) is not None
        }
        sent = Sent(frozenset(one.key for one in asked), given, "zh-hans", page)
        left = _contact(chance, asked)
        if left is not None:
            key = next(one.key for one in asked if one.kind == QuestionKind.CONTACT)
            sent = replace(sent, answers={**given, key: left.parts})
        row = send(way, ref, way.version_id, sent, None, Left(contact=left))
        answers = dict(row.answers)
        page = flow.next_page(row.definition, answers, page)
        if gives_up:
            return


def _contact(chance: random.Random, asked: Sequence[Question]) -> ContactDetails | None:
    """One in twenty of those who are asked leaves how to be reached."""
    if not any(one.kind == QuestionKind.CONTACT for one in asked) or chance.random() > 0.05:
        return None
    name = f"{chance.choice(FAMILIES)}{chance.choice(('女士', '先生', '师傅'))}"  # zh-data
    return details({"name": name, "phone": f"1378866{chance.randint(1000, 9999)}"})


def _answer(chance: random.Random, question: Question, mood: float) -> Any:
    def point(most: int) -> int:
        return min(most, max(1, round((mood + chance.gauss(0, 0.7)) * most / 5)))

    if question.kind == QuestionKind.MATRIX:
        return {row.key: point(question.points) for row in question.rows}
    if question.kind == QuestionKind.SCALE:
        return point(question.points)
    if question.kind == QuestionKind.NPS:
        return min(10, max(0, point(5) * 2 + chance.randint(-1, 1)))
    if question.kind == QuestionKind.CES:
        return 8 - point(7)
    if question.kind == QuestionKind.SINGLE:
        return chance.choice(question.options).key
    if question.kind == QuestionKind.MULTIPLE:
        free = [one.key for one in question.options if not one.alone]
        return sorted(chance.sample(free, min(2, len(free))))
    if question.kind == QuestionKind.TEXT and chance.random() < 0.3:
        return chance.choice(WORDS)
    return None


def _counted() -> None:
    while count_some():
        pass


def _modelled(stage: "Stage", survey: Survey) -> None:
    """The model of the national indexes, whose paths come with its questionnaire."""
    actor, grants = stage.who(SUPERVISOR)
    with clock.override(stage.at_work(stage.now - timedelta(days=11))):
        system = make_system(
            actor=actor, grants=grants, survey_id=survey.pk, title="满意度指数（国家指数模型）"
        )
        set_weighing(actor=actor, grants=grants, system_id=system.pk, weighing=Weighing.PLS)
        run = ask_for_run(actor=actor, grants=grants, system_id=system.pk)
        carry_out_run(run.pk, "zh-hans")


def _seen_to(stage: "Stage", survey: Survey) -> None:
    """Of the weakest items of the first index: one done before the second, one under way, one overdue."""
    actor, grants = stage.who(SUPERVISOR)
    system = survey.systems.get()
    run = system.runs.get(number=1)
    assert run.result is not None
    weakest = sorted(run.result["items"], key=lambda one: -one["weight"] * (100 - one["index"]))
    today = clock.local(stage.now).date()
    for item, (what, begun, due) in zip(weakest, IMPROVEMENTS, strict=False):
        with clock.override(stage.at_work(stage.now - timedelta(days=begun))):
            made = plan_improvement(
                actor=actor,
                grants=grants,
                system_id=system.pk,
                number=run.number,
                part=item["part"],
                plan=Plan(what, actor.id or 0, today + timedelta(days=due)),
            )
        if due < -2:
            with clock.override(stage.at_work(stage.now - timedelta(days=2))):
                end_improvement(
                    actor=actor,
                    grants=grants,
                    improvement_id=made.pk,
                    is_done=True,
                    result="三个站都配了第二辆巡回车，平均早到半天",
                )


def _compared(stage: "Stage", survey: Survey) -> None:
    """The vehicles side by side, by the answer to the first question."""
    actor, grants = stage.who(SUPERVISOR)
    with clock.override(stage.at_work(stage.now - timedelta(days=1))):
        run = ask_for_run(
            actor=actor,
            grants=grants,
            system_id=survey.systems.get().pk,
            scope=Scope(by="answer", question="q1"),
        )
        carry_out_run(run.pk, "zh-hans")


def _told_by_others(stage: "Stage", survey: Survey) -> None:
    """As an import leaves them: a rival, told by two who contradict one another, and the trade as a whole."""
    system = survey.systems.get()
    with work.unit(work.Actor.system("demo")) as unit:
        for name, score, n, base, origin in OTHERS:
            OutsideIndex.objects.create(
                system=system, name=name, since=date(2026, 1, 1), until=date(2026, 6, 30),
                score=score, n=n, base=base, origin=origin, made_at=unit.now, made_by_name="王建国",
            )  # fmt: skip


def _judged(stage: "Stage", survey: Survey) -> None:
    """What the supervisor holds to be important, in pairs; components give the weights all the same."""
    actor, grants = stage.who(SUPERVISOR)
    system = survey.systems.get()
    groups = groups_of(from_json(system.structure))
    judgements = {
        group.key: {pair_key(*pair): STEPS_JUDGED[n % 3] for n, pair in enumerate(group.pairs)}
        for group in groups
    }
    with clock.override(stage.at_work(stage.now - timedelta(days=1))):
        save_judging(actor=actor, grants=grants, system_id=system.pk, judgements=judgements)


def _index(stage: "Stage", survey: Survey, *, days: int) -> None:
    actor, grants = stage.who(SUPERVISOR)
    with clock.override(stage.at_work(stage.now - timedelta(days=days))):
        system = survey.systems.first()
        if system is None:
            system = make_system(
                actor=actor, grants=grants, survey_id=survey.pk, title="车主满意度指数 2026"
            )
            set_weighing(actor=actor, grants=grants, system_id=system.pk, weighing=Weighing.PCA)
        run = ask_for_run(actor=actor, grants=grants, system_id=system.pk)
        carry_out_run(run.pk, "zh-hans")
