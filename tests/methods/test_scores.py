"""Scores of one question: published Wilson intervals, closed forms, and what must hold for any answers."""

import doctest
from itertools import pairwise
from math import isclose, sqrt
from statistics import NormalDist, mean, stdev, variance
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from zhike.methods import scores
from zhike.methods.errors import MethodError
from zhike.methods.scores import (
    bottom_box,
    ces,
    csat,
    mean_score,
    normal_quantile,
    nps,
    t_quantile,
    top_box,
    wilson,
)
from zhike.methods.scores_counting import Counts, effective_n

NAN = float("nan")
MIXED = [10, 9, 9, 8, 7, 6, 3, 10, 9, 10]


def refused(what, why, call, *args, **options):
    with pytest.raises(MethodError) as caught:
        call(*args, **options)
    assert caught.value.what == what
    assert why in caught.value.why


def test_examples_in_the_docstrings_run():
    tried = doctest.testmod(scores)
    assert tried.attempted > 8
    assert tried.failed == 0


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_gives_the_intervals_newcombe_printed(successes, n, low, high):
    assert wilson(successes, n) == pytest.approx((low, high), abs=0.00005)


@given(
    n=st.integers(1, 500),
    part=st.floats(0, 1),
    level=st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99, 0.999]),
)
def test_wilson_is_scipys_interval(n, part, level):
    successes = round(part * n)
    theirs = stats.binomtest(successes, n).proportion_ci(level, method="wilson")
    assert wilson(successes, n, level=level) == pytest.approx(tuple(theirs), abs=1e-12)


def test_wilson_ends_solve_the_score_equation_for_a_number_that_is_not_whole():
    low, high = wilson(3.7, 11.3)
    z = NormalDist().inv_cdf(0.975)
    for end in (low, high):
        assert abs(3.7 / 11.3 - end) / sqrt(end * (1 - end) / 11.3) == pytest.approx(z)


def test_wilson_touches_0_and_1_exactly():
    assert wilson(0, 7)[0] == 0.0
    assert wilson(7, 7)[1] == 1.0
    assert 0 < wilson(0, 7)[1] < 1
    assert wilson(10**12, 2 * 10**12) == pytest.approx((0.5, 0.5), abs=1e-5)


def test_wilson_refuses_what_is_no_share():
    refused("n", "more than 0", wilson, 0, 0)
    refused("n", "finite", wilson, 0, float("inf"))
    refused("successes", "between 0 and 5", wilson, 6, 5)
    refused("successes", "between 0 and 5", wilson, -1, 5)
    refused("successes", "between 0 and 5", wilson, NAN, 5)
    refused("level", "between 0 and 1", wilson, 1, 5, level=1.0)


def test_quantiles_are_those_of_the_tables():
    assert normal_quantile(0.95) == pytest.approx(NormalDist().inv_cdf(0.975))
    assert t_quantile(0.95, 10) == pytest.approx(2.228, abs=0.0005)
    assert t_quantile(0.99, 5) == pytest.approx(4.032, abs=0.0005)


def test_nps_by_hand():
    # 6 promoters, 2 passives, 2 detractors of 10: 40; variance .6 + .2 - .4² = .64.
    found = nps(MIXED)
    error = 100 * sqrt(0.64 / 10)
    assert found.estimate == pytest.approx(40)
    assert found.standard_error == pytest.approx(error)
    assert found.low == pytest.approx(40 - 1.959964 * error, abs=1e-4)
    assert found.high == pytest.approx(40 + 1.959964 * error, abs=1e-4)
    assert found.groups == pytest.approx({"promoters": 0.6, "passives": 0.2, "detractors": 0.2})
    assert (found.n, found.unit, found.method, found.notes) == (10, "points", "nps", ())
    assert found.options["interval"] == "variance"


@pytest.mark.parametrize("answer", range(11))
def test_nps_knows_the_group_of_every_answer(answer):
    expected = 100 if answer in (9, 10) else -100 if answer <= 6 else 0
    assert nps([answer]).estimate == expected


def test_nps_variance_is_that_of_plus_and_minus_ones():
    answers = np.random.default_rng(3).integers(0, 11, 400)
    marks = np.where(answers >= 9, 1.0, np.where(answers <= 6, -1.0, 0.0))
    found = nps(answers)
    assert found.estimate == pytest.approx(100 * marks.mean())
    assert found.standard_error == pytest.approx(100 * marks.std() / sqrt(400))


def test_nps_interval_is_clipped_to_100():
    assert nps([10] * 9 + [7]).high == 100
    assert nps([0] * 9 + [7]).low == -100


def test_nps_where_all_agree_has_no_width_and_says_so_unless_by_wilson():
    found = nps([9, 10, 10])
    assert (found.low, found.high) == (100, 100)
    assert "no proof of certainty" in found.notes[0]
    by_wilson = nps([9, 10, 10], interval="wilson")
    assert by_wilson.notes == ()
    # Nobody is a detractor, so both shares reach as Wilson's interval of 3 in 3 and 0 in 3 do.
    low = wilson(3, 3)[0]
    assert by_wilson.low == pytest.approx(100 * (1 - sqrt(2) * (1 - low)))
    assert by_wilson.high == 100


def test_nps_by_wilson_without_passives_is_the_share_of_promoters_stretched():
    # Promoters and detractors are then each other's rest: correlation -1, difference 2p - 1.
    found = nps([10] * 7 + [2] * 5, interval="wilson")
    low, high = wilson(7, 12)
    assert found.low == pytest.approx(100 * (2 * low - 1))
    assert found.high == pytest.approx(100 * (2 * high - 1))


def test_nps_by_wilson_and_by_variance_agree_for_many():
    answers = np.random.default_rng(5).integers(0, 11, 200_000)
    one, other = nps(answers), nps(answers, interval="wilson")
    assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=0.01)


def test_csat_counts_the_top_two_by_default_and_top_k_by_option():
    answers = [5, 4, 3, 2, 1, 5, 4, 3, 5, 5]
    assert csat(answers).estimate == pytest.approx(0.6)
    assert csat(answers, top=1).estimate == pytest.approx(0.4)
    assert csat(answers, top=3).estimate == pytest.approx(0.8)
    assert csat(answers, scale=(1, 7), top=2).estimate == 0
    assert csat(answers).options["top"] == 2


def test_a_box_says_how_many_are_in_it_and_how_many_out():
    found = csat([5, 4, 4, 1, 2, 3, 3, 3])
    assert found.groups == {"inside": 3 / 8, "outside": 5 / 8}
    assert found.standard_error == pytest.approx(sqrt(3 / 8 * 5 / 8 / 8))


def test_csat_interval_is_wilsons():
    found = csat([5] * 81 + [2] * 182)
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=0.00005)
    assert found.standard_error == pytest.approx(sqrt(81 / 263 * 182 / 263 / 263))


def test_boxes_at_both_ends():
    answers = [1, 1, 2, 4, 7, 7, 7, 6]
    assert top_box(answers, scale=(1, 7)).estimate == pytest.approx(3 / 8)
    assert top_box(answers, scale=(1, 7), points=2).estimate == pytest.approx(4 / 8)
    assert bottom_box(answers, scale=(1, 7)).estimate == pytest.approx(2 / 8)
    assert bottom_box(answers, scale=(1, 7), points=2).estimate == pytest.approx(3 / 8)
    assert bottom_box(answers, scale=(1, 7)).options["bottom"] == 1
    assert top_box(answers, scale=(1, 7)).options["top"] == 1
    # What is not in the upper four of seven points is in the lower three.
    assert top_box(answers, scale=(1, 7), points=4).estimate == pytest.approx(
        1 - bottom_box(answers, scale=(1, 7), points=3).estimate
    )


def test_ces_is_the_mean_with_students_interval():
    answers = [7, 6, 5, 6, 7, 4, 3, 6]
    found = ces(answers)
    error = stdev(answers) / sqrt(8)
    theirs = stats.t.interval(0.95, 7, loc=mean(answers), scale=error)
    assert found.estimate == pytest.approx(mean(answers))
    assert found.standard_error == pytest.approx(error)
    assert (found.low, found.high) == pytest.approx(theirs)
    assert (found.unit, found.method, found.groups) == ("scale", "ces", {})


def test_ces_takes_another_scale_and_level():
    found = ces([1, 5, 3, 2], scale=(1, 5), level=0.8)
    theirs = stats.t.interval(0.8, 3, loc=2.75, scale=stdev([1, 5, 3, 2]) / 2)
    assert (found.low, found.high) == pytest.approx(theirs)
    refused("answers", "row 2 is 6", ces, [1, 6], scale=(1, 5))
    refused("answers", "row 2 is 8", ces, [1, 8])
    assert ces([4, 5, 4, 5]).standard_error == pytest.approx(stdev([4, 5, 4, 5]) / 2)


def test_a_mean_of_equal_answers_has_no_width_and_says_so():
    found = mean_score([4, 4, 4], scale=(1, 5))
    assert (found.low, found.estimate, found.high) == (4, 4, 4)
    assert "no proof of certainty" in found.notes[0]
    # A mean whose weights do not add up exactly leaves no rounding behind.
    assert mean_score([3, 3, 3], scale=(1, 5), weights=[0.1, 0.2, 0.3]).standard_error == 0


def test_kish_effective_number():
    assert effective_n([2, 2, 2, 2]) == pytest.approx(4)
    assert effective_n([1, 2, 3]) == pytest.approx(36 / 14)
    assert effective_n([1e300, 1e300]) == pytest.approx(2)
    assert effective_n([1e-300, 1e-300]) == pytest.approx(2)
    assert effective_n([1, 0, 1]) == pytest.approx(2)
    refused("weights", "all 0", effective_n, [0, 0])


def test_weights_move_the_score_and_cost_precision():
    answers, weights = [10, 9, 3, 7], [1, 1, 4, 2]
    found = nps(answers, weights=weights)
    assert found.estimate == pytest.approx(100 * (2 - 4) / 8)
    assert found.effective_n == pytest.approx(64 / 22)
    assert found.standard_error == pytest.approx(100 * sqrt((6 / 8 - 1 / 16) / (64 / 22)))
    assert found.options["weighted"] is True


def test_weighted_mean_by_hand():
    # Weights 1, 1, 2 of 2, 4, 6: mean 4.5, spread 2.75; worth 16/6 answers.
    found = mean_score([2, 4, 6], scale=(1, 7), weights=[1, 1, 2])
    worth = 16 / 6
    assert found.estimate == pytest.approx(4.5)
    assert found.standard_error == pytest.approx(sqrt(2.75 * worth / (worth - 1) / worth))
    reach = stats.t.ppf(0.975, worth - 1) * found.standard_error
    assert found.high - found.estimate == pytest.approx(reach)


def test_weighted_share_uses_the_effective_number():
    found = csat([5, 1, 4], weights=[1, 2, 1])
    assert (found.low, found.high) == pytest.approx(wilson(16 / 6 / 2, 16 / 6))


def test_a_finite_population_narrows_and_a_full_count_leaves_nothing_open():
    answers = [5] * 30 + [1] * 20
    half = csat(answers, population=99)
    assert half.standard_error == pytest.approx(sqrt(0.6 * 0.4 / 50 * (99 - 50) / (99 - 1)))
    # The factor 1/2 makes 50 answers worth 100.
    assert (half.low, half.high) == pytest.approx(wilson(60, 100))
    full = csat(answers, population=50)
    assert (full.low, full.high, full.standard_error) == (0.6, 0.6, 0.0)


def test_a_finite_population_in_means_and_nps():
    answers = [1, 2, 3, 4, 5]
    found = mean_score(answers, scale=(1, 5), population=20)
    assert found.standard_error == pytest.approx(sqrt(variance(answers) / 5 * (1 - 5 / 20)))
    assert "no sampling error" in mean_score(answers, scale=(1, 5), population=5).notes[0]
    full = nps(MIXED, population=10)
    assert (full.low, full.high) == (full.estimate, full.estimate)
    assert "no sampling error" in full.notes[0]
    part = nps(MIXED, population=19)
    assert part.standard_error == pytest.approx(nps(MIXED).standard_error * sqrt(9 / 18))
    assert nps([9], population=1).low == 100


def test_the_standard_error_of_a_mean_is_right_over_all_samples():
    # Of a population of five, all samples of three: the mean of the estimated variance is the true one.
    people = [1, 2, 4, 5, 5]
    samples = [
        [people[a], people[b], people[c]] for a in range(5) for b in range(a) for c in range(b)
    ]
    means = [mean(sample) for sample in samples]
    true = mean((one - mean(people)) ** 2 for one in means)
    found = [mean_score(each, scale=(1, 5), population=5).standard_error ** 2 for each in samples]
    assert mean(found) == pytest.approx(true)


def test_missing_answers_and_those_of_no_weight_are_counted():
    found = csat([5, NAN, 4, 1, None], weights=[1, 1, 0, 1, 0])
    assert found.n == 2
    assert found.excluded == {"missing": 2, "zero_weight": 1}
    assert found.estimate == 0.5


def test_the_distribution_holds_every_point_of_the_scale():
    found = csat([5, 5, 3, 1], weights=[1, 1, 1, 5])
    assert [(each.value, each.count) for each in found.distribution] == [
        (1, 1),
        (2, 0),
        (3, 1),
        (4, 0),
        (5, 2),
    ]
    assert [each.share for each in found.distribution] == pytest.approx([5 / 8, 0, 1 / 8, 0, 2 / 8])
    assert len(nps(MIXED).distribution) == 11


@pytest.mark.parametrize("call", [nps, csat, ces])
def test_bad_answers_are_named(call):
    refused("answers", "row 2 is 11", call, [5, 11])
    refused("answers", "row 3 is -1", call, [5, 5, -1])
    refused("answers", "row 1 is 4.5, no point of the scale", call, [4.5, 5])
    refused("answers", "all are missing", call, [NAN, NAN])
    refused("answers", "at least 1 values", call, [])
    refused("answers", "no number", call, ["good"])
    refused("answers", "2 dimensions", call, [[5, 4]])
    refused("answers", "row 1 is infinite", call, [float("inf")])
    refused("weights", "1 for 2 answers", call, [5, 5], weights=[1])
    refused("weights", "at least 0", call, [5, 5], weights=[1, -1])
    refused("level", "between 0 and 1", call, [5, 5], level=0)
    refused("level", "between 0 and 1", call, [5, 5], level=95)
    refused("population", "at least 3", call, [5, 4, 3], population=2)
    refused("population", "whole", call, [5, 4, 3], population=3.5)


def test_bad_options_are_named():
    refused("interval", "known are variance and wilson", nps, [9], interval="exact")
    refused("top", "from 1 to 4", csat, [5], top=5)
    refused("top", "from 1 to 4", csat, [5], top=0)
    refused("top", "whole", csat, [5], top=1.5)
    refused("bottom", "from 1 to 6", bottom_box, [5], scale=(1, 7), points=7)
    refused("scale", "low before high", csat, [5], scale=(5, 1))
    refused("scale", "low before high", csat, [5], scale=(5, 5))
    refused("scale", "whole", csat, [5], scale=(1, 5.5))
    refused("scale", "low before high", csat, [5], scale=(0, 1001))
    assert csat([0, 1000], scale=(0, 1000), top=1).estimate == 0.5
    refused("answers", "at least 2 are needed", ces, [5])
    refused("answers", "at least 2 are needed", ces, [5, 6], weights=[1, 9])


answered = st.lists(st.integers(0, 10), min_size=2, max_size=40)


@given(answers=answered, seed=st.integers(0, 2**32 - 1))
def test_scores_do_not_depend_on_the_order(answers, seed):
    mixed = np.random.default_rng(seed).permutation(answers)
    assert nps(answers) == nps(mixed)
    one, other = mean_score(answers, scale=(0, 10)), mean_score(mixed, scale=(0, 10))
    assert (one.low, one.high) == pytest.approx((other.low, other.high))


@given(answers=answered, factor=st.floats(1e-6, 1e6))
def test_only_the_proportions_of_weights_matter(answers, factor):
    one = nps(answers)
    other = nps(answers, weights=[factor] * len(answers))
    assert (other.low, other.estimate, other.high) == pytest.approx(
        (one.low, one.estimate, one.high)
    )


@given(pairs=st.lists(st.tuples(st.integers(0, 10), st.integers(1, 5)), min_size=1, max_size=20))
def test_a_weight_is_a_repetition_for_the_estimate(pairs):
    answers, weights = zip(*pairs, strict=True)
    repeated = [answer for answer, times in pairs for _ in range(times)]
    for one, other in (
        (nps(answers, weights=weights), nps(repeated)),
        (
            top_box(answers, scale=(0, 10), points=3, weights=weights),
            top_box(repeated, scale=(0, 10), points=3),
        ),
    ):
        assert one.estimate == pytest.approx(other.estimate)
        assert [each.share for each in one.distribution] == pytest.approx(
            [each.share for each in other.distribution]
        )


@given(
    answers=answered,
    interval=st.sampled_from(["variance", "wilson"]),
    level=st.floats(0.01, 0.999),
    more=st.integers(0, 100),
)
def test_estimates_lie_in_their_interval_and_on_the_scale(answers, interval, level, more):
    found = nps(answers, interval=interval, level=level, population=len(answers) + more)
    assert -100 <= found.low <= found.estimate + 1e-9
    assert found.estimate - 1e-9 <= found.high <= 100
    share = csat(answers, scale=(0, 10), level=level)
    assert 0 <= share.low <= share.estimate <= share.high <= 1
    assert isclose(sum(each.share for each in share.distribution), 1)


@given(answers=answered)
def test_a_higher_level_gives_a_wider_interval(answers):
    for score in (nps(answers, interval="wilson", level=0.5), csat(answers, scale=(0, 10))):
        assert score.high >= score.low
    widths = [
        csat(answers, scale=(0, 10), level=level).high
        - csat(answers, scale=(0, 10), level=level).low
        for level in (0.5, 0.8, 0.95, 0.99)
    ]
    assert all(less < more for less, more in pairwise(widths))


@settings(max_examples=30)
@given(answers=answered)
def test_turning_the_scale_round_turns_the_score(answers):
    turned = [10 - answer for answer in answers]
    assert top_box(answers, scale=(0, 10), points=3).estimate == pytest.approx(
        bottom_box(turned, scale=(0, 10), points=3).estimate
    )


def test_a_million_answers():
    answers = np.random.default_rng(1).integers(0, 11, 1_000_000).astype(float)
    found = nps(answers)
    assert found.n == 1_000_000
    assert found.estimate == pytest.approx(100 * (2 - 7) / 11, abs=0.5)
    assert found.high - found.low < 0.4


@given(
    st.lists(st.integers(0, 10), min_size=2, max_size=60),
    st.none() | st.integers(60, 500),
)
def test_counted_answers_make_the_score_of_the_answers(answers, population):
    counts = Counts({value: answers.count(value) for value in range(11)})
    for score in (
        lambda given: nps(given, population=population),
        lambda given: nps(given, interval="wilson"),
        lambda given: csat(given, scale=(0, 10), population=population),
        lambda given: bottom_box(given, scale=(0, 10), points=3),
        lambda given: mean_score(given, scale=(0, 10), population=population),
    ):
        one, other = score(answers), score(counts)
        assert one.n == other.n
        assert one.distribution == other.distribution
        assert one.options == other.options
        for name in ("estimate", "standard_error", "low", "high", "effective_n"):
            # Equal answers leave a spread of 0 on one way and a rounding rest on the other.
            assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-6)


def test_counts_are_counts():
    wrong: Any
    for wrong in ({11: 1}, {1.5: 1}, {3: -1}, {3: 0.5}, {}, {3: 0}):
        with pytest.raises(MethodError):
            nps(Counts(wrong))
    with pytest.raises(MethodError, match="weights"):
        nps(Counts({3: 2}), weights=[1, 1])
    with pytest.raises(MethodError, match="at least 2"):
        mean_score(Counts({3: 1}), scale=(1, 5))
