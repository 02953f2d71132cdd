"""What the customer sees, and what a guesser does not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.cast import Cast
from tests.desk.conftest import OpenCase
from zhike.core.errors import NotFound, TooOften
from zhike.core.work import Actor
from zhike.desk import selectors, services
from zhike.desk.errors import TrackingExpired
from zhike.desk.models import Attempt, Case
from zhike.desk.selectors.tracking import MOST_PER_ADDRESS, MOST_PER_NUMBER

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


@pytest.fixture
def sent(cast: Cast) -> services.Opened:
    """What the public form makes: codes shown once."""
    new = services.NewCase("repair", "web", "爬坡断电", with_codes=True)
    return services.open_case(actor=Actor.customer(), grants=cast.admin.grants, new=new)


def codes_of(sent: services.Opened) -> services.Codes:
    assert sent.codes is not None
    return sent.codes


def test_link_and_code_lead_to_the_case(sent: services.Opened):
    codes = codes_of(sent)
    assert selectors.find_by_token(codes.token).pk == sent.case.pk
    typed = f" {codes.query_code[:3].lower()} {codes.query_code[3:]} "
    number = f" {sent.case.number.lower()} "
    found = selectors.find_by_number_and_code(number, typed, address="10.0.0.1")
    assert found.pk == sent.case.pk
    # Neither stands anywhere in the row.
    row = str(Case.objects.filter(pk=sent.case.pk).values().get())
    assert codes.token not in row
    assert codes.query_code not in row


def test_an_old_link_says_that_it_is_old(
    sent: services.Opened, frozen_clock: Callable[[datetime], None]
):
    codes = codes_of(sent)
    frozen_clock(codes.expires_at + timedelta(minutes=1))
    with pytest.raises(TrackingExpired) as refused:
        selectors.find_by_token(codes.token)
    assert refused.value.status == 410
    with pytest.raises(NotFound):
        selectors.find_by_token("x" * 22)


def test_new_codes_make_the_old_ones_worthless(cast: Cast, sent: services.Opened):
    old = codes_of(sent)
    new = services.issue_codes(**cast.admin.acting, case_id=sent.case.pk)
    assert selectors.find_by_token(new.token).pk == sent.case.pk
    with pytest.raises(NotFound):
        selectors.find_by_token(old.token)
    with pytest.raises(NotFound):
        selectors.find_by_number_and_code(sent.case.number, old.query_code, address="a")


def test_wrong_number_and_wrong_code_get_one_answer_and_then_a_lock(
    sent: services.Opened, frozen_clock: Callable[[datetime], None]
):
    frozen_clock(NOON)
    answers = set()
    for number in (sent.case.number, "TS209901019999"):
        for _ in range(MOST_PER_NUMBER):
            with pytest.raises(NotFound) as wrong:
                selectors.find_by_number_and_code(number, "WRONG2", address=f"{number}")
            answers.add((wrong.value.code, str(wrong.value), wrong.value.status))
        with pytest.raises(TooOften) as locked:
            selectors.find_by_number_and_code(number, "WRONG2", address="elsewhere")
        assert locked.value.status == 429
    assert len(answers) == 1
    # Locked even for the right code, so that a guesser learns nothing; open again later.
    code = codes_of(sent).query_code
    with pytest.raises(TooOften):
        selectors.find_by_number_and_code(sent.case.number, code, address="b")
    frozen_clock(NOON + timedelta(minutes=16))
    assert selectors.find_by_number_and_code(sent.case.number, code, address="b")


def test_one_address_cannot_try_many_numbers(frozen_clock: Callable[[datetime], None]):
    frozen_clock(NOON)
    for n in range(MOST_PER_ADDRESS):
        with pytest.raises(NotFound):
            selectors.find_by_number_and_code(f"TS20261124{n:04}", "AAAAAA", address="10.9.9.9")
    with pytest.raises(TooOften):
        selectors.find_by_number_and_code("TS202611249999", "AAAAAA", address="10.9.9.9")
    assert not Attempt.objects.filter(key__contains="10.9").exists()
    frozen_clock(NOON + timedelta(hours=1))
    with pytest.raises(NotFound):
        selectors.find_by_number_and_code("TS202611249999", "AAAAAA", address="10.9.9.9")
    # Windows that are over leave the table.
    assert Attempt.objects.count() == 2


@pytest.mark.parametrize("code", ["", " ", "\x00", "%", "长" * 500])
def test_no_code_is_no_key(cast: Cast, open_case: OpenCase, code: str):
    case = open_case()
    with pytest.raises(NotFound):
        selectors.find_by_number_and_code(case.number, code, address="c")


def test_the_customer_reads_public_words_only(cast: Cast, sent: services.Opened):
    case_id = sent.case.pk
    me = cast.admin.acting
    services.claim(**me, case_id=case_id)
    services.add_note(**me, case_id=case_id, text="内部：别说")
    services.reply(**me, case_id=case_id, text="让您受惊了", expected_seq=None)
    services.record_call(**me, case_id=case_id, text="内部通话记录")
    services.receive_message(
        actor=Actor.customer(), grants=cast.admin.grants, case_id=case_id, text="什么时候来",
        channel="tracking",
    )  # fmt: skip
    page = selectors.public_case(selectors.find_by_token(codes_of(sent).token))
    assert [(line.is_ours, line.text) for line in page.lines] == [
        (False, "爬坡断电"),
        (True, "让您受惊了"),
        (False, "什么时候来"),
    ]
    assert page.stage.stage == "in_hand"


def test_stages_tell_how_far_it_is(cast: Cast, sent: services.Opened):
    me = {**cast.admin.acting, "case_id": sent.case.pk}

    def now_at() -> str:
        case = selectors.load_case(cast.admin.grants, sent.case.pk)
        steps = selectors.stages_of(case)
        assert sum(step.is_now for step in steps) == 1
        return next(step.stage for step in steps if step.is_now)

    assert now_at() == "received"
    services.claim(**me)
    assert now_at() == "in_hand"
    services.wait_for_customer(**me, reason="请补拍")
    assert now_at() == "needs_you"
    services.resume(**me)
    services.close_case(**me, outcome="solved", text="已换新")
    assert now_at() == "done"


def test_a_merged_case_is_tracked_where_it_went(cast: Cast, sent: services.Opened):
    other = services.open_case(
        **cast.admin.acting, new=services.NewCase("complaint", "phone", "同一件事")
    ).case
    services.merge_cases(**cast.admin.acting, into_id=other.pk, from_id=sent.case.pk)
    page = selectors.public_case(selectors.find_by_token(codes_of(sent).token))
    assert page.case.pk == other.pk
    assert {line.text for line in page.lines} == {"爬坡断电", "同一件事"}
