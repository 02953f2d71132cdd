"""Deliveries from a spreadsheet: from the file to the case a low answer opens."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.cast import CHEN_PHONE, Cast, make_customer
from tests.guards import given
from tests.importer.scene import IMPORTER, counts, whole, worked
from tests.satisfaction.delivery_scene import delivery_rule
from tests.satisfaction.loop_scene import (
    answered,
    cap,
    leave,
    post_fixture,  # noqa: F401
)
from tests.surveys.sending_scene import AFTERNOON, Post
from zhike.core.access import Level, everything
from zhike.core.importer import Context, Outcome, Row
from zhike.core.importer import services as importing
from zhike.core.models import ImportIssue
from zhike.customers.importing import CLOSED
from zhike.customers.services.identities import NewIdentity
from zhike.satisfaction.delivery_files import NOT_YOURS, DeliveryImport
from zhike.satisfaction.models import Ask, Delivery
from zhike.satisfaction.services.ask_rules import When

pytestmark = pytest.mark.django_db
HEAD = "订单号,收货人电话,签收时间,部门,商品名称\n"
ROW = f"SO-1,{CHEN_PHONE},2026-11-24 13:00,周口站,后桥总成一件\n"


@pytest.fixture(autouse=True)
def often(cast: Cast, post: Post) -> None:
    with given():
        cap(50)


def test_a_file_of_deliveries_is_asked_about_hours_later_and_a_low_answer_opens_a_case(
    cast: Cast, post: Post, frozen_clock: Any
) -> None:
    other = make_customer(
        cast.zhoukou, "周大海", external_id="KH-7",
        identities=[NewIdentity("email", "zhou@example.com")],
    )  # fmt: skip
    delivery_rule(cast, when=When("delivery", delay_hours=3))
    rows = ROW + "SO-2,KH-7,2026/11/24,,轮胎四条\n" + f"SO-3,{CHEN_PHONE},2026-09-01,,旧单\n"
    run = whole("deliveries", HEAD + rows, cast.shangqiu.pk)
    assert counts(run) == (3, 0, 0, 0, 0)
    found = {row.reference: row for row in Delivery.objects.all()}
    assert (found["SO-1"].unit_id, found["SO-2"].unit_id) == (cast.zhoukou.pk, cast.shangqiu.pk)
    assert found["SO-2"].customer_id == other.pk
    assert [found[n].left_out for n in ("SO-1", "SO-2", "SO-3")] == ["", "", "old"]
    leave()
    # One that came at midnight is due already, the other at 16:00.
    assert [letter.address for letter in post.letters] == ["zhou@example.com"]
    frozen_clock(AFTERNOON + timedelta(hours=2))
    leave()
    assert len(post.letters) == 2
    ask = answered(Ask.objects.get(delivery=found["SO-1"]), 1, "箱子破了")
    assert ask.opened is not None
    assert ask.opened.unit_id == cast.zhoukou.pk
    assert "后桥总成" in ask.opened.title


def test_the_same_file_again_changes_nothing(cast: Cast) -> None:
    delivery_rule(cast)
    whole("deliveries", HEAD + ROW, cast.zhoukou.pk)
    assert counts(whole("deliveries", HEAD + ROW, cast.zhoukou.pk)) == (0, 0, 1, 0, 0)
    later = whole("deliveries", HEAD + ROW.replace("13:00", "14:00"), cast.zhoukou.pk)
    assert counts(later) == (0, 0, 0, 1, 0)
    assert Delivery.objects.count() == Ask.objects.count() == 1


def test_wrong_rows_are_named_and_nothing_of_them_is_written(cast: Cast) -> None:
    wrong = (
        ROW.replace("SO-1", ""),
        ROW.replace("SO-1", "SO-2").replace(CHEN_PHONE, "13900000000"),
        ROW.replace("SO-1", "SO-3").replace("2026-11-24 13:00", "昨天"),
        ROW.replace("SO-1", "SO-4").replace("周口站", "没有的站"),
        ROW.replace("SO-1", "SO-5").replace(CHEN_PHONE, ""),
        ROW.replace("SO-1", "SO-6"),
        ROW.replace("SO-1", "SO-6"),
    )
    run = whole("deliveries", HEAD + "".join(wrong), cast.zhoukou.pk)
    issues = ImportIssue.objects.filter(run=run).values_list("line", flat=True)
    assert set(issues) >= {2, 3, 4, 5, 6}
    assert {row.reference for row in Delivery.objects.all()} <= {"SO-6"}
    assert not Ask.objects.exists()


def test_of_two_sources_that_count_alike_both_are_kept(cast: Cast) -> None:
    for source in ("仓库", "门店"):
        run = whole("deliveries", HEAD + ROW, cast.zhoukou.pk, constants={"source": source})
        assert counts(run) == (1, 0, 0, 0, 0)


def test_undone_what_nobody_was_written_to_about_is_withdrawn(cast: Cast, post: Post) -> None:
    make_customer(
        cast.zhoukou, "周大海", external_id="KH-7",
        identities=[NewIdentity("email", "zhou@example.com")],
    )  # fmt: skip
    delivery_rule(cast)
    early = whole("deliveries", HEAD + ROW, cast.zhoukou.pk)
    leave()
    assert len(post.letters) == 1
    late = whole("deliveries", HEAD + "SO-2,KH-7,2026-11-24,,轮胎\n", cast.zhoukou.pk)
    for run in (early, late):
        importing.undo(actor=IMPORTER, run=run)
        worked(run)
    leave()
    assert len(post.letters) == 1
    rows = Delivery.objects.order_by("reference")
    assert [row.withdrawn_at is not None for row in rows] == [False, True]


def test_whose_phones_are_hidden_finds_nobody_by_number(cast: Cast) -> None:
    make_customer(cast.zhoukou, "周大海", external_id="KH-7")
    blind = replace(everything("importer"), levels=(("phone", Level.HIDDEN),))
    context = Context(1, IMPORTER, blind, cast.zhoukou.pk, {}, frozenset(), "", "")
    rows = [row_of("SO-1", "KH-7"), row_of("SO-2", CHEN_PHONE), row_of("SO-3", "13900000000")]
    DeliveryImport().plan(rows, context)
    assert [row.outcome for row in rows] == [Outcome.CREATE, Outcome.ERROR, Outcome.ERROR]
    assert {one.reason for row in rows[1:] for one in row.problems} == {CLOSED}


def test_who_does_not_see_customers_tells_nothing_of_them(cast: Cast) -> None:
    every = everything("importer")
    unseeing = replace(every, codes=every.codes - {"customers.view"})
    context = Context(1, IMPORTER, unseeing, cast.zhoukou.pk, {}, frozenset(), "", "")
    rows = [row_of("SO-1", CHEN_PHONE), row_of("SO-2", "13900000000")]
    DeliveryImport().plan(rows, context)
    assert {(row.outcome, row.problems[0].reason) for row in rows} == {(Outcome.ERROR, NOT_YOURS)}


def row_of(reference: str, customer: str) -> Row:
    values = {"reference": reference, "customer": customer, "delivered_at": AFTERNOON}
    return Row(line=2, cells=[], values=values)


def test_the_list_leads_to_the_file(cast: Cast) -> None:
    html = cast.admin.client().get("/satisfaction/rules/deliveries/").content.decode()
    assert "?kind=deliveries" in html
