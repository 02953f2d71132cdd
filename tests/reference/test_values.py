"""The register of reference values: what it refuses, what stands side by side, what is ended and taken up."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from zhike.core.errors import Conflict, Forbidden, NotFound, RuleError
from zhike.core.models import AuditRow
from zhike.reference.models import ReferenceValue
from zhike.reference.rules import LANGUAGES, value_text
from zhike.reference.seeds import MEASURES, SEEDS, UNITS, first_rows
from zhike.reference.selectors import beside, contested, in_use, visible_values
from zhike.reference.services import add_value, change_value, switch_value
from zhike.reference.services.values import LIMITS, MOST, ValueFields

REFERRAL = ValueFields(
    "new_by_referral",
    Decimal(34),
    base="占新车主",
    said_by="某协会年度调查",
    source="第 12 页",
    year=2025,
)


def built_in(code: str) -> ReferenceValue:
    return ReferenceValue.objects.get(code=code)


@pytest.mark.parametrize(
    ("low", "high", "unit", "shown"),
    [
        ("4", None, "percent", "4%"),
        ("5", "6", "times", "5–6 times"),
        (None, "85", "percent", "up to 85%"),
        ("10", "10", "people", "10 people"),
        ("332000", None, "usd", "332,000 US dollars"),
        ("-2.5", None, "percent", "−2.5%"),
        ("0.0001", "100", "", "0.0001–100"),
        ("1200.50", None, "yuan", "1,200.5 yuan"),
    ],
)
def test_a_value_reads_as_people_write_it(low, high, unit, shown) -> None:
    least, most = (None if text is None else Decimal(text) for text in (low, high))
    with override("en"):
        assert value_text(least, most, unit) == shown


def test_every_built_in_value_says_of_what_and_by_whom_in_every_language() -> None:
    assert {seed.measure for seed in SEEDS.values()} == set(MEASURES)
    assert {seed.unit for seed in SEEDS.values()} <= set(UNITS)
    said: dict[str, set[tuple[str, ...]]] = {}
    for language in LANGUAGES:
        with override(language):
            for code, seed in SEEDS.items():
                texts = {name: str(getattr(seed, name)) for name in ("base", "said_by", "note")}
                assert texts["said_by"], code
                assert texts["base"] or seed.unit != "percent", code
                assert all(len(text) <= LIMITS[name] for name, text in texts.items()), code
                said.setdefault(code, set()).add(tuple(texts.values()))
    # Simplified, Traditional and English differ.
    assert all(len(texts) == 3 for texts in said.values())
    with override("zh-hans"):
        # Nobody of the built-in ones says two things of one measure.
        pairs = [(seed.measure, str(seed.said_by)) for seed in SEEDS.values()]
    assert len(set(pairs)) == len(pairs)


def test_what_contradicts_itself_stands_side_by_side(cast) -> None:
    rows = beside(cast.wang.grants, "leave_indifference")
    assert [row.value for row in rows] == ["68%", "70%"]
    assert len({row.said_by_text for row in rows}) == 2
    add_value(**cast.wang.acting, given=REFERRAL)
    measures = set(contested(visible_values(cast.wang.grants)).values_list("measure", flat=True))
    assert "new_by_referral" in measures
    assert "keeping_cost" not in measures
    # The new one stands beside the one that was there, not at the end.
    order = [row.measure for row in in_use(cast.wang.grants)]
    at = order.index("new_by_referral")
    assert order[at : at + 2] == ["new_by_referral"] * 2
    assert order.count("new_by_referral") == 2


def test_a_label_in_any_language_means_the_built_in_measure_and_unit(cast) -> None:
    for language in LANGUAGES:
        with override(language):
            label, unit = str(MEASURES["keeping_cost"]), str(UNITS["times"])
        given = ValueFields(label, Decimal(3), unit=unit, said_by=f"某书 {language}")
        row = add_value(**cast.wang.acting, given=given)
        assert (row.measure, row.unit) == ("keeping_cost", "times")
    own = ValueFields("换车年限", Decimal(5), Decimal(7), "年", said_by="座谈")
    row = add_value(**cast.wang.acting, given=own)
    assert (row.measure, row.label, row.value) == ("换车年限", "换车年限", "5–7 年")
    assert row.place > ReferenceValue.objects.get(code="car").place


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"measure": " \x00 "}, "measure_missing", "measure"),
        ({"measure": "指" * 81}, "text_too_long", "measure"),
        ({"note": "字" * 301}, "text_too_long", "note"),
        ({"said_by": ""}, "origin_missing", "said_by"),
        ({"base": ""}, "base_missing", "base"),
        ({"low": None}, "value_missing", "low"),
        ({"low": Decimal(5), "high": Decimal(4)}, "range_falls", "high"),
        ({"low": Decimal(10) ** 12}, "value_too_large", "low"),
        ({"low": Decimal("NaN")}, "value_too_large", "low"),
        ({"low": Decimal("0.00001")}, "too_many_decimals", "low"),
        ({"year": 1799}, "year_unlikely", "year"),
        ({"year": 2999}, "year_unlikely", "year"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_written(
    cast, wrong, code, field
) -> None:
    before = ReferenceValue.objects.count()
    with pytest.raises(RuleError) as caught:
        add_value(**cast.wang.acting, given=ValueFields(**{**REFERRAL.__dict__, **wrong}))
    assert (caught.value.code, caught.value.field, caught.value.status) == (code, field, 422)
    assert ReferenceValue.objects.count() == before


def test_the_database_refuses_it_too(cast, given) -> None:
    fine = {
        "measure": "某指标",
        "place": 1,
        "low": 1,
        "unit": "percent",
        "base": "甲",
        "said_by": "乙",
    }
    for wrong in ({"low": None}, {"high": 0}, {"said_by": ""}, {"base": ""}, {"code": "loyal"}):
        with given(), pytest.raises(IntegrityError), transaction.atomic():
            ReferenceValue.objects.create(**{**fine, **wrong})
    with given():
        ReferenceValue.objects.create(**fine)
        with pytest.raises(IntegrityError), transaction.atomic():
            ReferenceValue.objects.create(**fine)


def test_whoever_says_something_of_a_measure_says_one_thing(cast) -> None:
    first = add_value(**cast.wang.acting, given=REFERRAL)
    with pytest.raises(Conflict):
        add_value(**cast.wang.acting, given=REFERRAL)
    for language in LANGUAGES:
        with override(language):
            words = built_in("referral").said_by_text
        with pytest.raises(Conflict):
            add_value(
                **cast.wang.acting, given=ValueFields(**{**REFERRAL.__dict__, "said_by": words})
            )
    switch_value(**cast.wang.acting, value_id=first.pk, is_in_use=False)
    second = add_value(**cast.wang.acting, given=REFERRAL)
    with pytest.raises(Conflict):
        switch_value(**cast.wang.acting, value_id=first.pk, is_in_use=True)
    switch_value(**cast.wang.acting, value_id=second.pk, is_in_use=False)
    switch_value(**cast.wang.acting, value_id=first.pk, is_in_use=True)
    first.refresh_from_db()
    assert first.ended_at is None


def test_a_built_in_value_changes_its_figure_and_keeps_its_translated_words(cast) -> None:
    row = built_in("loyal")
    with override("zh-hant"):
        shown = ValueFields(
            row.label, Decimal(80), unit="%", base=row.base_text, said_by=row.said_by_text
        )
    row = change_value(**cast.wang.acting, value_id=row.pk, given=shown)
    assert (row.low, row.base, row.said_by) == (Decimal(80), "", "")
    with override("en"):
        assert row.value_and_base == "80% of those whose complaint was solved well"
    with override("zh-hans"):
        assert row.value_and_base == "80%（占投诉得到妥善解决的客户）"
    own = ValueFields(**{**shown.__dict__, "said_by": "某大学 2020 年研究"})
    row = change_value(**cast.wang.acting, value_id=row.pk, given=own)
    assert (row.base, row.said_by_text) == ("", "某大学 2020 年研究")
    audit = AuditRow.objects.filter(action="reference.change").order_by("pk")
    assert audit.count() == 2
    # The same once more changes nothing and says nothing.
    change_value(**cast.wang.acting, value_id=row.pk, given=own)
    assert audit.count() == 2


def test_an_ended_value_is_shown_beside_nothing_and_comes_back(cast) -> None:
    row = built_in("heard_spoken")

    def shown() -> list[int]:
        return [one.pk for one in beside(cast.wang.grants, "unhappy_heard")]

    assert row.pk in shown()
    switch_value(**cast.wang.acting, value_id=row.pk, is_in_use=False)
    assert row.pk not in shown()
    assert shown()
    # Ended twice is ended once.
    switch_value(**cast.wang.acting, value_id=row.pk, is_in_use=False)
    switch_value(**cast.wang.acting, value_id=row.pk, is_in_use=True)
    assert row.pk in shown()
    codes = AuditRow.objects.filter(action__startswith="reference.").order_by("pk")
    assert [one.action for one in codes] == ["reference.end", "reference.resume"]


def test_only_who_keeps_the_register_writes_and_only_who_may_reads(cast) -> None:
    row = built_in("loyal")
    for act in (
        lambda who: add_value(**who.acting, given=REFERRAL),
        lambda who: change_value(**who.acting, value_id=row.pk, given=REFERRAL),
        lambda who: switch_value(**who.acting, value_id=row.pk, is_in_use=False),
    ):
        with pytest.raises(Forbidden):
            act(cast.lin)
    row.refresh_from_db()
    assert (row.low, row.ended_at) == (Decimal(95), None)
    assert beside(cast.lin.grants, "loyal_after_solution") == []
    assert not visible_values(cast.lin.grants).exists()
    with pytest.raises(NotFound):
        switch_value(**cast.wang.acting, value_id=10**9, is_in_use=True)


def test_the_register_stays_one_somebody_reads(cast, given) -> None:
    with given():
        ReferenceValue.objects.bulk_create(
            ReferenceValue(measure="某", place=1, low=1, said_by=str(n), unit="")
            for n in range(MOST)
        )
    with pytest.raises(RuleError) as caught:
        add_value(**cast.wang.acting, given=REFERRAL)
    assert caught.value.code == "too_many_values"


def test_the_seeds_are_what_the_method_states() -> None:
    by_code = {row["code"]: row for row in first_rows()}
    assert len(by_code) == len(SEEDS)
    ranges = {code: (row["low"], row["high"]) for code, row in by_code.items()}
    assert ranges["winning_five"] == (5, 6)
    assert ranges["retention_up"] == (None, 85)
    assert ranges["trust_up"] == (25, 80)
    reasons = [row["low"] for row in by_code.values() if row["measure"].startswith("leave_")]
    # Both sources name shares of one whole.
    assert sum(reasons) == 200
