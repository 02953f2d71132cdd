"""After any sequence of acts the counters say what a plain GROUP BY says."""

import random
from collections import Counter

import pytest
from django.db.models import Count

from tests.cast import Cast
from tests.desk.conftest import OpenCase
from zhike.core import counts
from zhike.core.errors import RuleError
from zhike.core.work import Actor
from zhike.desk import selectors, services
from zhike.desk.models import Case, CaseEvent
from zhike.desk.rules import STAGE_OF, UNDER_WAY, CaseState
from zhike.desk.services.handling import METRIC

Cell = tuple[int | None, str, str, int | None]


def counted(cast: Cast) -> Counter[Cell]:
    cells: Counter[Cell] = Counter()
    for cell in counts.cells(METRIC, cast.admin.grants):
        cells[cell.unit_id, cell.state, cell.kind, cell.owner_id] += cell.n
    return Counter({key: n for key, n in cells.items() if n})


def plainly() -> Counter[Cell]:
    rows = Case.objects.filter(voided_at__isnull=True).values_list(
        "unit_id", "state", "type_id", "owner_id"
    )
    return Counter({row[:4]: row[4] for row in rows.annotate(n=Count("pk"))})


def act_at_random(cast: Cast, dice: random.Random, cases: list[Case]) -> None:
    one, other = dice.choice(cases), dice.choice(cases)
    who = dice.choice([cast.lin, cast.wang, cast.admin])
    me = {**who.acting, "case_id": one.pk}
    receiver = dice.choice([cast.lin, cast.wang, cast.zhou]).user.pk
    owner_id = Case.objects.values_list("owner_id", flat=True).get(pk=one.pk)
    acts = [
        lambda: services.claim(**me),
        lambda: services.give_back(**me, reason="r"),
        lambda: services.hand_over(
            **me, to_user_id=receiver, reason="r", expected_owner_id=owner_id
        ),
        lambda: services.reply(**me, text="答复", expected_seq=None),
        lambda: services.change_state(**me, target=dice.choice(list(CaseState))),
        lambda: services.close_case(**me, outcome="solved", text="好了"),
        lambda: services.reopen(**me, reason="r"),
        lambda: services.change_type(**me, type_code=dice.choice(["repair", "praise", "inquiry"])),
        lambda: services.set_unit(
            **me, unit_id=dice.choice([cast.zhoukou.pk, cast.shangqiu.pk]), reason="r"
        ),
        lambda: services.merge_cases(**who.acting, into_id=one.pk, from_id=other.pk),
        lambda: services.void_case(**me),
        lambda: services.receive_message(
            actor=Actor.customer(),
            grants=cast.admin.grants,
            case_id=one.pk,
            text="来信",
            channel="api",
        ),
    ]
    try:
        dice.choice(acts)()
    except RuleError:
        # Refused by a rule or by scope: then nothing may have been counted either.
        return


@pytest.mark.parametrize("seed", range(4))
def test_counters_equal_a_plain_group_by(cast: Cast, open_case: OpenCase, seed: int):
    dice = random.Random(seed)
    cases = [open_case(keep=dice.random() < 0.5, import_run_id=1) for _ in range(5)]
    for step in range(40):
        act_at_random(cast, dice, cases)
        if step % 10 == 9:
            counts.fold()
    assert counted(cast) == plainly()
    tabs = selectors.counts_by_stage(cast.admin.grants)
    assert (
        tabs[STAGE_OF[CaseState.OPEN]]
        == Case.objects.filter(state="open", voided_at__isnull=True).count()
    )
    under_way = Case.objects.filter(state__in=UNDER_WAY, voided_at__isnull=True)
    assert selectors.open_count(cast.admin.grants) == under_way.count()
    # The version is the number of lines, whatever happened.
    for case in Case.objects.all():
        numbers = CaseEvent.objects.filter(case=case).order_by("seq").values_list("seq", flat=True)
        assert list(numbers) == list(range(1, case.seq + 1))
        assert (case.closed_at is None) == (case.case_state in UNDER_WAY)


def test_my_day_figures_have_their_rows(cast: Cast, open_case: OpenCase):
    open_case(channel="letter")
    open_case(keep=False)
    case = open_case()
    services.wait_for_customer(**cast.lin.acting, case_id=case.pk, reason="等照片")
    day = selectors.my_day(cast.lin.grants)
    for key in ("overdue", "due_today", "waiting_for_me", "fresh", "unowned"):
        assert selectors.my_day_rows(cast.lin.grants, key).count() == getattr(day, key), key
    assert (day.waiting_for_me, day.unowned) == (1, 1)
    first = selectors.first_to_do(cast.lin.grants)
    assert first is not None
    assert first.channel == "letter"
