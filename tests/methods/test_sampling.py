"""Samples: published tables, exact counts over all starts, and what must hold for any strata."""

import doctest
from itertools import product
from math import ceil, sqrt

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from zhike.methods import sampling
from zhike.methods.errors import MethodError
from zhike.methods.sampling import (
    quotas,
    response_rates,
    sample_size_for_mean,
    sample_size_for_share,
    stratified_draw,
    systematic_draw,
)

NAN = float("nan")


def refused(what, why, call, *args, **options):
    with pytest.raises(MethodError) as caught:
        call(*args, **options)
    assert caught.value.what == what
    assert why in caught.value.why


def test_examples_in_the_docstrings_run():
    tried = doctest.testmod(sampling)
    assert tried.attempted > 5
    assert tried.failed == 0


@pytest.mark.parametrize(
    ("population", "printed"),
    [(10, 10), (50, 44), (100, 80), (500, 217), (1000, 278), (5000, 357), (10000, 370)],
)
def test_sizes_of_krejcie_and_morgan(population, printed):
    # Their table of 1970 rounds to the nearest person, ours is rounded up.
    found = sample_size_for_share(0.05, population=population)
    assert round(found.exact) == pytest.approx(printed, abs=0.5)
    assert found.n == ceil(found.exact)


def test_textbook_sizes_without_population():
    assert sample_size_for_share(0.05).n == 385
    assert sample_size_for_share(0.03).n == 1068
    assert sample_size_for_share(0.05, level=0.99).n == 664
    assert sample_size_for_share(0.05, expected=0.1).n == 139
    assert sample_size_for_share(0.05).exact == sample_size_for_share(0.05).infinite


@given(
    margin=st.floats(0.005, 0.5),
    expected=st.floats(0.05, 0.95),
    population=st.integers(2, 10**7),
)
def test_the_size_reaches_the_margin_and_no_smaller_one_does(margin, expected, population):
    found = sample_size_for_share(margin, expected=expected, population=population)

    def reach(n):
        return 1.959964 * sqrt(expected * (1 - expected) / n * (population - n) / (population - 1))

    assert 1 <= found.n <= population
    assert reach(found.n) <= margin * (1 + 1e-6)
    if found.n > 1:
        assert reach(found.n - 1) >= margin * (1 - 1e-6)


@given(margin=st.floats(0.01, 3), sd=st.floats(0.1, 5), population=st.integers(2, 10**7))
def test_the_size_for_a_mean_reaches_the_margin(margin, sd, population):
    found = sample_size_for_mean(margin, sd, population=population)

    def reach(n):
        return 1.959964 * sd * sqrt((1 - n / population) / n)

    assert reach(found.n) <= margin * (1 + 1e-6)
    if found.n > 1:
        assert reach(found.n - 1) >= margin * (1 - 1e-6)


def test_those_who_do_not_answer_are_asked_besides():
    found = sample_size_for_share(0.05, response_ratio=0.25)
    assert (found.n, found.ask, found.reachable) == (385, 1540, True)
    few = sample_size_for_share(0.05, population=1000, response_ratio=0.25)
    assert (few.n, few.ask, few.reachable) == (278, 1112, False)
    assert sample_size_for_share(0.05, population=10, response_ratio=1).reachable
    # A whole result is not rounded up because of its last binary digit.
    assert sample_size_for_mean(1.959963984540054 / 10, 1.0).n == 100
    assert sample_size_for_share(0.05, response_ratio=0.385).ask == 1000


def test_sizes_refuse_what_cannot_be():
    refused("margin", "between 0 and 1", sample_size_for_share, 5)
    refused("margin", "more than 0", sample_size_for_mean, 0, 1)
    refused("sd", "more than 0", sample_size_for_mean, 1, NAN)
    refused("expected", "between 0 and 1", sample_size_for_share, 0.05, expected=0)
    refused("population", "at least 1", sample_size_for_share, 0.05, population=0)
    refused("population", "whole", sample_size_for_mean, 0.5, 1, population=2.5)
    refused("response_ratio", "above 0", sample_size_for_share, 0.05, response_ratio=0)
    refused("response_ratio", "at most 1", sample_size_for_share, 0.05, response_ratio=20)
    refused("level", "between 0 and 1", sample_size_for_share, 0.05, level=95)


def test_quotas_by_largest_remainder():
    # Shares of 7 from 41, 33, 26 of 100: 2.87, 2.31, 1.82; the two free ones go to .87 and .82.
    found = quotas(7, {"a": 41, "b": 33, "c": 26})
    assert found.quotas == {"a": 3, "b": 2, "c": 2}
    assert found.exact == pytest.approx({"a": 2.87, "b": 2.31, "c": 1.82})
    assert found.raised == ()


def test_equal_remainders_go_to_the_larger_then_to_the_earlier():
    assert quotas(1, {"a": 5, "b": 5}).quotas == {"a": 1, "b": 0}
    # Shares of 2 are 1.5 and 0.5.
    assert quotas(2, {"small": 1, "large": 3}).quotas == {"small": 0, "large": 2}


def test_a_minimum_lifts_small_strata_and_the_others_share_the_rest():
    found = quotas(20, {"big": 900, "mid": 80, "tiny": 3, "none": 0}, minimum=4)
    assert found.quotas == {"big": 13, "mid": 4, "tiny": 3, "none": 0}
    assert found.raised == ("mid", "tiny")


def test_lifting_one_stratum_may_lift_another():
    # b's share of 12 is 3.03; after c takes its 3, only 2.9 would be left for b.
    sizes = {"a": 660, "b": 300, "c": 30}
    assert quotas(10, sizes).quotas == {"a": 7, "b": 3, "c": 0}
    found = quotas(10, sizes, minimum=3)
    assert found.quotas == {"a": 4, "b": 3, "c": 3}
    assert found.raised == ("b", "c")


strata = st.dictionaries(
    st.text("abcdefg", min_size=1, max_size=3), st.integers(0, 500), min_size=1, max_size=8
)


@given(sizes=strata, data=st.data())
def test_quotas_sum_up_and_keep_to_their_bounds(sizes, data):
    assume(sum(sizes.values()) > 0)
    total = data.draw(st.integers(1, sum(sizes.values())))
    minimum = data.draw(st.integers(0, 5))
    assume(sum(min(size, minimum) for size in sizes.values()) <= total)
    found = quotas(total, sizes, minimum=minimum).quotas
    assert sum(found.values()) == total
    assert all(min(minimum, sizes[name]) <= count <= sizes[name] for name, count in found.items())
    # A larger stratum never gets less.
    for one, other in product(sizes, sizes):
        if sizes[one] > sizes[other]:
            assert found[one] >= found[other]


@given(sizes=strata, data=st.data())
def test_without_minimum_a_quota_is_its_share_rounded_up_or_down(sizes, data):
    assume(sum(sizes.values()) > 0)
    everybody = sum(sizes.values())
    total = data.draw(st.integers(1, everybody))
    found = quotas(total, sizes)
    for name, count in found.quotas.items():
        assert total * sizes[name] // everybody <= count <= -(-total * sizes[name] // everybody)
    assert found.raised == ()


def test_quotas_refuse_what_cannot_be():
    refused("total", "hold 10", quotas, 11, {"a": 4, "b": 6})
    refused("total", "at least 1", quotas, 0, {"a": 4})
    refused("total", "hold 0", quotas, 1, {})
    refused("stratum a", "whole", quotas, 1, {"a": 2.5})
    refused("stratum a", "at least 0", quotas, 1, {"a": -1})
    refused("stratum a", "whole", quotas, 1, {"a": NAN})
    refused("minimum", "more than 3 in all", quotas, 3, {"a": 9, "b": 9}, minimum=2)
    assert quotas(10, {"a": 4, "b": 6}).quotas == {"a": 4, "b": 6}
    assert quotas(4, {"a": 9, "b": 9}, minimum=2).quotas == {"a": 2, "b": 2}


LABELS = ["vip"] * 10 + ["plain"] * 90


def test_a_draw_has_so_many_of_each_stratum_and_its_weights():
    found = stratified_draw(LABELS, {"vip": 5, "plain": 9}, seed=11)
    drawn = [LABELS[at] for at in found.positions]
    assert (drawn.count("vip"), drawn.count("plain"), found.n) == (5, 9, 14)
    assert list(found.positions) == sorted(set(found.positions))
    assert sum(found.inverse_chances) == pytest.approx(100)
    by_label = dict(zip(drawn, found.inverse_chances, strict=True))
    assert by_label == {"vip": 2.0, "plain": 10.0}


def test_a_seed_gives_the_same_draw_and_another_seed_another():
    one = stratified_draw(LABELS, {"plain": 9}, seed=11)
    assert one == stratified_draw(LABELS, {"plain": 9}, seed=11)
    assert one.positions != stratified_draw(LABELS, {"plain": 9}, seed=12).positions
    assert one.excluded == {"not_wanted": 10}
    assert all(LABELS[at] == "plain" for at in one.positions)


def test_the_draw_is_the_smallest_raw_keys_of_pcg64():
    # Tripwire: the same positions on every machine and with every numpy to come.
    keys = np.random.PCG64(5).random_raw(6)
    expected = sorted(sorted(range(6), key=lambda at: keys[at])[:3])
    found = stratified_draw(["x"] * 6, {"x": 3}, seed=5)
    assert list(found.positions) == expected
    assert found.positions == (3, 4, 5)


def test_every_set_of_positions_is_drawn_as_often():
    drawn = [stratified_draw(["x"] * 5, {"x": 2}, seed=seed).positions for seed in range(5000)]
    counts = [drawn.count((a, b)) for b in range(5) for a in range(b)]
    # 10 sets, 500 each; chi-square with 9 degrees stays below 27.9 in 999 of 1000.
    assert sum((count - 500) ** 2 / 500 for count in counts) < 27.9


def test_draws_refuse_what_cannot_be():
    refused("stratum vip", "11 wanted, 10 there", stratified_draw, LABELS, {"vip": 11}, seed=1)
    refused("stratum gold", "1 wanted, 0 there", stratified_draw, LABELS, {"gold": 1}, seed=1)
    refused("stratum vip", "at least 0", stratified_draw, LABELS, {"vip": -1}, seed=1)
    refused("wanted", "nobody", stratified_draw, LABELS, {"vip": 0}, seed=1)
    refused("strata", "empty", stratified_draw, [], {"vip": 1}, seed=1)
    refused("seed", "at least 0", stratified_draw, LABELS, {"vip": 1}, seed=-1)
    assert stratified_draw(LABELS, {"vip": 10}, seed=1).positions == tuple(range(10))


@given(size=st.integers(1, 400), seed=st.integers(0, 2**63), data=st.data())
def test_a_systematic_draw_takes_equal_steps(size, seed, data):
    wanted = data.draw(st.integers(1, size))
    found = systematic_draw(size, wanted, seed=seed)
    assert found.n == len(set(found.positions)) == wanted
    assert found.positions[0] >= 0
    assert found.positions[-1] < size
    steps = set(np.diff(found.positions).tolist())
    assert steps <= {size // wanted, -(-size // wanted)}
    assert found == systematic_draw(size, wanted, seed=seed)
    assert sum(found.inverse_chances) == pytest.approx(size)


@pytest.mark.parametrize(("size", "wanted"), [(10, 3), (7, 7), (9, 1), (12, 5)])
def test_over_all_starts_every_position_has_the_same_chance(size, wanted, monkeypatch):
    seen: list[int] = []
    for start in range(size):
        monkeypatch.setattr(sampling, "_below", lambda size, seed, start=start: start)
        seen.extend(systematic_draw(size, wanted, seed=0).positions)
    assert [seen.count(at) for at in range(size)] == [wanted] * size


def test_starts_are_spread_evenly():
    starts = [sampling._below(7, seed) for seed in range(7000)]
    counts = [starts.count(at) for at in range(7)]
    # Chi-square with 6 degrees stays below 22.5 in 999 of 1000.
    assert sum((count - 1000) ** 2 / 1000 for count in counts) < 22.5


def test_systematic_draws_refuse_what_cannot_be():
    refused("wanted", "4 of 3 positions", systematic_draw, 3, 4, seed=1)
    refused("wanted", "at least 1", systematic_draw, 3, 0, seed=1)
    refused("size", "at least 1", systematic_draw, 0, 0, seed=1)
    refused("size", "at most", systematic_draw, 2_000_000_001, 1, seed=1)
    refused("seed", "at least 0", systematic_draw, 3, 1, seed=-5)
    assert systematic_draw(2_000_000_000, 3, seed=1).positions[-1] < 2_000_000_000


def test_a_million_positions_are_drawn():
    labels = ["a", "b"] * 500_000
    found = stratified_draw(labels, {"a": 1000, "b": 500}, seed=3)
    assert found.n == 1500
    assert len(systematic_draw(1_000_000, 250_000, seed=3).positions) == 250_000


def test_response_rates_by_their_definitions():
    found = response_rates(
        50,
        partial=10,
        refused=20,
        not_reached=15,
        other=5,
        unknown=40,
        not_eligible=60,
        eligible_ratio=0.25,
    )
    assert found.n == 200
    assert found.excluded == {"not_eligible": 60}
    assert found.rates == pytest.approx(
        {
            "answered_of_asked": 60 / 200,
            "RR1": 50 / 140,
            "RR2": 60 / 140,
            "RR3": 50 / 110,
            "RR4": 60 / 110,
            "RR5": 50 / 100,
            "RR6": 60 / 100,
            "COOP1": 50 / 85,
            "COOP2": 60 / 85,
            "REF1": 20 / 140,
            "CON1": 85 / 140,
        }
    )


def test_rates_that_need_an_assumption_are_given_only_with_it():
    found = response_rates(3, not_reached=1)
    assert "RR3" not in found.rates
    assert (found.n, found.excluded) == (4, {"not_eligible": 0})
    assert found.rates["RR1"] == 0.75
    assert "COOP1" not in response_rates(0, not_reached=4).rates
    for ratio, same in ((0, "RR5"), (1, "RR1")):
        rates = response_rates(3, refused=2, unknown=5, eligible_ratio=ratio).rates
        assert rates["RR3"] == rates[same]


def test_response_rates_refuse_what_cannot_be():
    refused("refused", "at least 0", response_rates, 5, refused=-1)
    refused("complete", "whole", response_rates, 2.5)
    refused("complete", "nobody", response_rates, 0, unknown=7, not_eligible=2)
    refused("eligible_ratio", "between 0 and 1", response_rates, 5, eligible_ratio=1.5)


@given(counts=st.lists(st.integers(0, 50), min_size=7, max_size=7), ratio=st.floats(0, 1))
def test_response_rates_are_ordered(counts, ratio):
    assume(sum(counts[:5]) > 0)
    names = ["partial", "refused", "not_reached", "other", "unknown", "not_eligible"]
    rest = dict(zip(names, counts[1:], strict=True))
    rates = response_rates(counts[0], **rest, eligible_ratio=ratio).rates
    assert 0 <= rates["RR1"] <= rates["RR3"] + 1e-12
    assert rates["RR3"] <= rates["RR5"] + 1e-12
    assert rates["RR2"] <= rates["RR4"] + 1e-12
    assert rates["RR4"] <= rates["RR6"] + 1e-12
    assert all(0 <= rate <= 1 for rate in rates.values())
