"""SERVQUAL: reckoned anew person by person in plain Python, by hand, and by what must hold for any answers."""

import doctest
from math import sqrt
from statistics import mean, stdev, variance

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zhike.methods import servqual as module
from zhike.methods.errors import MethodError
from zhike.methods.servqual import cronbach_alpha, servqual

NAN = float("nan")
# Numbers of the items, from 1, as the questionnaire counts them.
PARTS = {
    "tangibles": [1, 2, 3, 4],
    "reliability": [5, 6, 7, 8, 9],
    "responsiveness": [10, 11, 12, 13],
    "assurance": [14, 15, 16, 17],
    "empathy": [18, 19, 20, 21, 22],
}


def people(n=25, seed=1):
    rng = np.random.default_rng(seed)
    mood = rng.integers(-1, 2, (n, 1))
    wanted = np.clip(rng.integers(4, 8, (n, 22)) + mood, 1, 7).astype(float)
    seen = np.clip(rng.integers(2, 7, (n, 22)) + mood, 1, 7).astype(float)
    points = rng.multinomial(100, [0.1, 0.35, 0.2, 0.2, 0.15], n).astype(float)
    return wanted, seen, points


def refused(what, why, *args, **options):
    with pytest.raises(MethodError) as caught:
        servqual(*args, **options)
    assert caught.value.what == what
    assert why in caught.value.why


def test_examples_in_the_docstrings_run():
    tried = doctest.testmod(module)
    assert tried.attempted > 3
    assert tried.failed == 0


def test_items_by_plain_python():
    wanted, seen, _ = people()
    found = servqual(wanted, seen)
    assert list(found.items) == [str(number) for number in range(1, 23)]
    for number in range(1, 23):
        item = found.items[str(number)]
        pairs = list(zip(wanted[:, number - 1], seen[:, number - 1], strict=True))
        gaps = [p - e for e, p in pairs]
        assert item.expectation == pytest.approx(mean(e for e, _ in pairs))
        assert item.perception == pytest.approx(mean(p for _, p in pairs))
        assert item.gap == pytest.approx(mean(gaps))
        assert item.sd == pytest.approx(stdev(gaps))
        assert item.t == pytest.approx(mean(gaps) / (stdev(gaps) / sqrt(25)))
        assert (item.n, item.missing) == (25, 0)


def test_dimensions_hold_their_items():
    wanted, seen, points = people()
    found = servqual(wanted, seen, points=points)
    assert list(found.dimensions) == list(PARTS)
    for at, (name, numbers) in enumerate(PARTS.items()):
        columns = [number - 1 for number in numbers]
        part = found.dimensions[name]
        assert part.expectation == pytest.approx(wanted[:, columns].mean())
        assert part.perception == pytest.approx(seen[:, columns].mean())
        assert part.gap == pytest.approx((seen - wanted)[:, columns].mean())
        assert part.points == pytest.approx(points[:, at].mean())


def alpha_by_covariances(answers):
    """Another form: k times the mean covariance over the mean variance and the other covariances."""
    table = np.cov(answers.T)
    k = len(table)
    between = (table.sum() - np.trace(table)) / (k * (k - 1))
    return k * between / (np.trace(table) / k + (k - 1) * between)


def test_alphas_by_mean_covariances():
    wanted, seen, _ = people()
    found = servqual(wanted, seen)
    for name, numbers in PARTS.items():
        columns = [number - 1 for number in numbers]
        part = found.dimensions[name]
        for alpha, answers in (
            (part.alpha_expectation, wanted),
            (part.alpha_perception, seen),
            (part.alpha_gap, seen - wanted),
        ):
            assert alpha == pytest.approx(alpha_by_covariances(answers[:, columns]))


def test_overall_gaps_person_by_person():
    wanted, seen, points = people()
    found = servqual(wanted, seen, points=points).overall

    def gap(person, numbers):
        return mean(seen[person][no - 1] - wanted[person][no - 1] for no in numbers)

    own = [
        sum(
            points[person][at] / 100 * gap(person, numbers)
            for at, numbers in enumerate(PARTS.values())
        )
        for person in range(25)
    ]
    assert found.weighted_individual == pytest.approx(mean(own))
    of_all = {
        name: mean(gap(person, numbers) for person in range(25)) for name, numbers in PARTS.items()
    }
    assert found.unweighted == pytest.approx(mean(of_all.values()))
    shares = [mean(points[:, at]) / 100 for at in range(5)]
    assert found.weighted_mean_points == pytest.approx(
        sum(share * part for share, part in zip(shares, of_all.values(), strict=True))
    )
    # Points of people whose gaps differ: the two ways of weighting are not the same.
    assert found.weighted_individual != pytest.approx(found.weighted_mean_points, abs=1e-6)


def test_the_overall_gap_may_be_that_of_the_items():
    wanted, seen, _ = people()
    by_items = servqual(wanted, seen, overall="items")
    assert by_items.overall.unweighted == pytest.approx((seen - wanted).mean())
    assert by_items.options["overall"] == "items"
    assert by_items.overall.unweighted != pytest.approx(servqual(wanted, seen).overall.unweighted)


def test_without_points_there_are_no_weighted_gaps():
    wanted, seen, _ = people()
    found = servqual(wanted, seen)
    assert found.overall.weighted_individual is None
    assert found.overall.weighted_mean_points is None
    assert found.dimensions["empathy"].points is None
    assert found.options == {
        "scale": (1, 7),
        "points": False,
        "points_rule": "refuse",
        "missing": "pairs",
        "overall": "dimensions",
    }
    assert (found.method, found.n, found.notes) == ("servqual", 25, ())


def test_a_missing_side_takes_out_the_pair_alone():
    wanted, seen, points = people(6)
    wanted[0, 0], seen[1, 0], seen[2, 5] = NAN, NAN, NAN
    found = servqual(wanted, seen, points=points)
    item = found.items["1"]
    assert (item.n, item.missing) == (4, 2)
    assert item.expectation == pytest.approx(mean(wanted[2:, 0]))
    assert item.gap == pytest.approx(mean(seen[2:, 0] - wanted[2:, 0]))
    assert item.gap == pytest.approx(item.perception - item.expectation)
    assert found.n == 6
    assert found.excluded == {
        "persons": 0,
        "incomplete_persons": 3,
        "missing_pairs": 3,
        "not_weighted": 0,
    }
    # Alpha needs whole rows of its dimension: persons 3 to 6 for tangibles.
    assert found.dimensions["tangibles"].alpha_gap == pytest.approx(
        alpha_by_covariances((seen - wanted)[2:, :4])
    )
    gaps = seen - wanted
    own = []
    for person in range(6):
        parts = [
            np.nanmean([gaps[person][number - 1] for number in numbers])
            for numbers in PARTS.values()
        ]
        own.append(np.dot(parts, points[person]) / 100)
    assert found.overall.weighted_individual == pytest.approx(mean(own))


def test_listwise_keeps_whole_persons_alone():
    wanted, seen, points = people(9)
    one = servqual(wanted[2:], seen[2:], points=points[2:])
    wanted[0, 3], seen[1, 20] = NAN, NAN
    other = servqual(wanted, seen, points=points, missing="listwise")
    assert other.n == 7
    assert other.excluded["persons"] == 2
    assert other.excluded["missing_pairs"] == 2
    assert other.items == one.items
    assert other.overall == one.overall
    assert other.dimensions == one.dimensions


def test_persons_without_any_pair_are_counted_out():
    wanted, seen, points = people(5)
    wanted[1] = NAN
    found = servqual(wanted, seen, points=points)
    assert found.n == 4
    assert found.excluded["persons"] == 1
    assert found.excluded["missing_pairs"] == 22
    assert found.excluded["not_weighted"] == 1


def test_persons_lacking_a_dimension_or_points_do_not_weigh():
    wanted, seen, points = people(6)
    wanted[0, 13:17] = NAN
    points[1] = NAN
    found = servqual(wanted, seen, points=points)
    assert found.excluded["not_weighted"] == 2
    rest = servqual(wanted[2:], seen[2:], points=points[2:])
    assert found.overall.weighted_individual == pytest.approx(rest.overall.weighted_individual)
    # The mean points are those of everybody who gave some.
    assert found.dimensions["assurance"].points == pytest.approx(
        mean([points[0, 3], *points[2:, 3]])
    )


def test_points_that_miss_100_are_refused_or_rescaled():
    wanted, seen, points = people(4)
    refused(
        "points", "row 3 sums to 90", wanted, seen, points=_with(points, 2, [20, 20, 20, 20, 10])
    )
    wrong = _with(points, 2, [40, 40, 40, 40, 40])
    found = servqual(wanted, seen, points=wrong, points_rule="rescale")
    right = servqual(wanted, seen, points=_with(points, 2, [20] * 5))
    assert found.overall == right.overall
    assert found.dimensions["empathy"].points == right.dimensions["empathy"].points
    # A rounding of decimals is no fault.
    thirds = _with(points, 0, [33.3333333, 33.3333333, 33.3333334, 0, 0])
    assert servqual(wanted, seen, points=thirds).n == 4
    refused(
        "points", "row 1 sums to 101", wanted, seen, points=_with(points, 0, [21, 20, 20, 20, 20])
    )


def _with(points, row, values):
    changed = points.copy()
    changed[row] = values
    return changed


def test_bad_points_are_named():
    wanted, seen, points = people(4)
    negative = _with(points, 1, [120, -20, 0, 0, 0])
    refused("points", "row 2, column reliability is -20", wanted, seen, points=negative)
    part = _with(points, 3, [50, 50, NAN, 0, 0])
    refused("points", "row 4 gives points to some", wanted, seen, points=part)
    for rule in ("refuse", "rescale"):
        none = _with(points, 0, [0] * 5)
        refused("points", "row 1 shares out nothing", wanted, seen, points=none, points_rule=rule)
    refused("points", "all are missing", wanted, seen, points=np.full((4, 5), NAN))
    refused("points", "4 rows of 5 columns", wanted, seen, points=points[:3])
    refused("points", "4 rows of 5 columns", wanted, seen, points=points[:, :4])
    alone = np.full((4, 5), NAN)
    alone[0] = 20
    lacking = wanted.copy()
    lacking[0, :4] = NAN
    refused("points", "nobody has both", lacking, seen, points=alone)
    lacking[0] = NAN
    refused("points", "none are left", lacking, seen, points=alone, missing="listwise")


def test_other_bad_input_is_named():
    wanted, seen, _ = people(4)
    high = seen.copy()
    high[2, 21] = 8
    refused("perceptions", "row 3, column P22 is 8", wanted, high)
    refused("expectations", "row 3, column E22 is 8", high, wanted)
    assert servqual(wanted, high, scale=(1, 9)).options["scale"] == (1, 9)
    refused("expectations", "22 columns, got 21", wanted[:, :21], seen)
    refused("perceptions", "3 rows for 4", wanted, seen[:3])
    refused("scale", "lowest point before", wanted, seen, scale=(7, 1))
    refused("missing", "known are pairs and listwise", wanted, seen, missing="mean")
    refused("overall", "known are dimensions and items", wanted, seen, overall="all")
    refused("points_rule", "known are refuse and rescale", wanted, seen, points_rule="drop")
    refused("item 1", "1 pairs of E1 and P1; needs 2", wanted[:1], seen[:1])
    lacking = wanted.copy()
    lacking[:, 6] = NAN
    refused("item 7", "0 pairs of E7 and P7", lacking, seen)
    refused("expectations", "no number", [["x"] * 22], seen)


def test_equal_gaps_have_no_t_and_equal_sums_no_alpha_and_it_is_said():
    wanted, seen, _ = people(8)
    seen[:, 0] = wanted[:, 0] - 1
    seen[:, 0] = np.where(seen[:, 0] < 1, 1, seen[:, 0])
    wanted[:, 0] = seen[:, 0] + 1
    wanted[:, 17:] = 7
    found = servqual(wanted, seen, scale=(1, 8))
    assert found.items["1"].t is None
    assert (found.items["1"].gap, found.items["1"].sd) == (-1, 0)
    assert found.dimensions["empathy"].alpha_expectation is None
    assert found.dimensions["empathy"].alpha_perception is not None
    assert len(found.notes) == 2
    assert "Item 1" in found.notes[0]
    assert "empathy: the expectations of 8" in found.notes[1]


def test_alpha_by_its_definition_and_at_its_ends():
    answers = np.array([[1.0, 2, 3], [2, 3, 5], [4, 4, 6], [3, 5, 5]])
    sums = [sum(row) for row in answers.tolist()]
    parts = sum(variance(column) for column in answers.T.tolist())
    assert cronbach_alpha(answers) == pytest.approx(1.5 * (1 - parts / variance(sums)))
    assert cronbach_alpha(np.array([[1.0, 1], [2, 2], [5, 5]])) == pytest.approx(1)
    two = np.array([[1.0, 2, 2], [3, 3, 6]])
    assert cronbach_alpha(two) == pytest.approx(alpha_by_covariances(two))
    assert cronbach_alpha(np.array([[1.0, 3], [2, 2], [3, 1]])) is None
    assert cronbach_alpha(np.array([[1.0, 3]])) is None


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), n=st.integers(3, 30))
def test_gaps_lie_between_their_parts_and_order_does_not_matter(seed, n):
    wanted, seen, points = people(n, seed)
    found = servqual(wanted, seen, points=points)
    order = np.random.default_rng(seed).permutation(n)
    mixed = servqual(wanted[order], seen[order], points=points[order])
    gaps = [part.gap for part in found.dimensions.values()]
    assert min(gaps) - 1e-9 <= found.overall.unweighted <= max(gaps) + 1e-9
    assert min(gaps) - 1e-9 <= found.overall.weighted_mean_points <= max(gaps) + 1e-9
    assert mixed.overall.weighted_individual == pytest.approx(found.overall.weighted_individual)
    assert mixed.items["22"].gap == pytest.approx(found.items["22"].gap)
    # Exchanging the two sides turns every gap.
    turned = servqual(seen, wanted)
    assert turned.items["9"].gap == pytest.approx(-found.items["9"].gap)
    assert turned.overall.unweighted == pytest.approx(-found.overall.unweighted)
    assert turned.dimensions["empathy"].alpha_gap == pytest.approx(
        found.dimensions["empathy"].alpha_gap
    )


def test_equal_points_weigh_nothing():
    wanted, seen, _ = people(12)
    found = servqual(wanted, seen, points=np.full((12, 5), 20.0)).overall
    assert found.weighted_individual == pytest.approx(found.unweighted)
    assert found.weighted_mean_points == pytest.approx(found.unweighted)


def test_a_hundred_thousand_people():
    rng = np.random.default_rng(2)
    wanted = rng.integers(1, 8, (100_000, 22)).astype(float)
    seen = rng.integers(1, 8, (100_000, 22)).astype(float)
    assert servqual(wanted, seen).overall.unweighted == pytest.approx(0, abs=0.02)
