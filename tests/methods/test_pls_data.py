"""What a path model does with missing answers, and which data it refuses, by name."""

import numpy as np
import pytest

from tests.methods.pls_oracle import plain_pls, satisfaction_answers
from zhike.methods.errors import MethodError
from zhike.methods.pls import estimate, path_model, pls_options

DATA, NAMES, BLOCKS, PATHS = satisfaction_answers(n=60)
MODEL = path_model(BLOCKS, PATHS)
NAN = float("nan")


def gaps():
    """The answers with a whole row and three single answers missing."""
    data = DATA.copy()
    data[4] = NAN
    data[[7, 9], NAMES.index("q2")] = NAN
    data[20, NAMES.index("l1")] = NAN
    return data


def test_missing_answers_become_the_mean_and_are_counted():
    found = estimate(MODEL, gaps(), NAMES)
    assert found.n == 59
    assert found.excluded == {"every answer is missing": 1}
    assert found.replaced == {"q2": 2, "l1": 1}
    assert 4 not in found.rows
    filled = np.delete(gaps(), 4, axis=0)
    for column in filled.T:
        column[np.isnan(column)] = np.nanmean(column)
    _, _, paths, _ = plain_pls(BLOCKS, PATHS, {}, filled, NAMES)
    for path, value in paths.items():
        assert found.paths[path] == pytest.approx(value, abs=1e-6)
    assert found.means["q2"] == pytest.approx(np.nanmean(gaps()[:, NAMES.index("q2")]))


def test_listwise_leaves_out_rows_with_any_missing_answer():
    found = estimate(MODEL, gaps(), NAMES, options=pls_options(missing="listwise"))
    assert found.n == 56
    assert found.excluded == {"an answer is missing": 4}
    assert found.replaced == {}
    plain = estimate(MODEL, np.delete(DATA, [4, 7, 9, 20], axis=0), NAMES)
    assert found.paths == pytest.approx(plain.paths, abs=1e-12)
    assert list(found.rows) == [at for at in range(60) if at not in (4, 7, 9, 20)]


def test_the_mean_that_replaces_is_weighted_and_rows_of_weight_0_are_counted():
    weights = np.ones(60)
    weights[:3] = 0
    weights[10:20] = 3
    found = estimate(MODEL, gaps(), NAMES, case_weights=weights)
    column = gaps()[:, NAMES.index("q2")]
    there = ~np.isnan(column)
    assert found.means["q2"] == pytest.approx(np.average(column[there], weights=weights[there]))
    assert found.n == 56
    assert found.excluded == {"every answer is missing": 1, "case weight 0": 3}


def test_columns_the_model_does_not_use_are_not_looked_at():
    wide = np.column_stack([np.full(60, NAN), DATA, np.ones(60)])
    found = estimate(MODEL, wide, ["free", *NAMES, "flat"])
    assert found.n == 60
    assert found.paths == pytest.approx(estimate(MODEL, DATA, NAMES).paths, abs=1e-12)


def test_raw_weights_make_the_scores_from_answers_as_given():
    found = estimate(MODEL, DATA, NAMES)
    for at, (block, items) in enumerate(BLOCKS.items()):
        raw = DATA[:, [NAMES.index(i) for i in items]] @ list(found.raw_weights[block].values())
        assert found.scores[:, at] == pytest.approx(raw - raw.mean(), abs=1e-10)
        assert found.sds[items[0]] == pytest.approx(DATA[:, NAMES.index(items[0])].std(ddof=1))


def changed(item, values):
    data = DATA.copy()
    data[:, NAMES.index(item)] = values
    return data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (changed("q3", 7.0), r"item q3: is constant: every answer is 7$"),
        (changed("q3", NAN), r"item q3: nobody answered it"),
        (changed("l2", [NAN] * 59 + [3]), r"item l2: is constant: every answer is 3"),
        (changed("v1", [np.inf] + [1] * 59), r"data: row 1, column v1 is infinite"),
        (changed("v1", [5, -2e100] + [1] * 58), r"data: row 2, column v1 is beyond 1e100"),
        (DATA[:11], r"data: 10 items need at least 12 rows, 11 can be used"),
        (DATA[0], r"data: needs rows of persons and columns of items"),
        (DATA[:, 1:], r"data: has 9 columns, but 10 names were given"),
        ([["x"] * 10] * 20, r"data: holds something that is no number"),
    ],
)
def test_unusable_answers_are_refused_by_name(data, message):
    with pytest.raises(MethodError, match=message):
        estimate(MODEL, data, NAMES)


def test_twelve_rows_are_enough_for_ten_items():
    assert estimate(MODEL, DATA[:12], NAMES, options=pls_options(most_rounds=5000)).n == 12


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([*NAMES[:-1], "other"], r"block Loyalty: item l2 is no column of the data"),
        ([*NAMES[:-1], "i1"], r"names: column i1 stands there twice"),
    ],
)
def test_wrong_names_are_refused(names, message):
    with pytest.raises(MethodError, match=message):
        estimate(MODEL, DATA, names)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([1.0] * 59, r"weights: 59 for 60 answers"),
        ([-1.0] + [1.0] * 59, r"weights: must be numbers of at least 0"),
        ([0.0] * 60, r"weights: are all 0"),
        ([1.0] * 11 + [0.0] * 49, r"data: 10 items need at least 12 rows, 11 can be used"),
    ],
)
def test_wrong_case_weights_are_refused(weights, message):
    with pytest.raises(MethodError, match=message):
        estimate(MODEL, DATA, NAMES, case_weights=weights)


def test_weights_that_do_not_settle_are_refused_with_their_block():
    with pytest.raises(MethodError, match=r"block \w+: its weights still move after 2 rounds"):
        estimate(MODEL, DATA, NAMES, options=pls_options(most_rounds=2, tolerance=1e-12))


def test_the_block_named_is_the_one_that_still_moves():
    blocks = {"A": ["i1"], "B": ["q1", "q2", "q3", "q4"], "C": ["l1"]}
    model = path_model(blocks, {"A": ["B", "C"], "B": ["C"]})
    with pytest.raises(MethodError, match=r"block B: its weights still move after 2 rounds"):
        estimate(model, DATA, NAMES, options=pls_options(most_rounds=2, tolerance=1e-12))


@pytest.mark.parametrize("tolerance", [1e-4, 1e-7, 1e-10])
def test_rounds_end_as_soon_as_no_weight_moves_more_than_the_tolerance(tolerance):
    """The weights of each round are those an estimation stopped there by a wide tolerance would have."""
    wide = [
        estimate(MODEL, DATA, NAMES, options=pls_options(tolerance=t))
        for t in np.logspace(-1, -13, 121)
    ]
    by_round = {
        one.rounds: [w for own in one.weights.values() for w in own.values()] for one in wide
    }
    found = estimate(MODEL, DATA, NAMES, options=pls_options(tolerance=tolerance))
    before, last = by_round[found.rounds - 1], by_round[found.rounds]
    earlier = by_round[found.rounds - 2]
    assert np.abs(np.subtract(last, before)).max() < tolerance
    assert np.abs(np.subtract(before, earlier)).max() >= tolerance


def test_correlations_of_rounding_alone_count_as_none():
    rng = np.random.default_rng(8)
    x = rng.normal(size=(30, 2))
    wide = np.column_stack([x, np.ones(30)])
    y = rng.normal(size=30)
    y -= wide @ np.linalg.lstsq(wide, y, rcond=None)[0]
    model = path_model({"X": ["a", "b"], "Y": ["y"]}, {"X": ["Y"]})
    with pytest.raises(MethodError, match=r"block X: cannot be computed"):
        estimate(model, np.column_stack([x, y]), ["a", "b", "y"])


def test_copies_among_items_are_refused_for_mode_b_alone():
    data = changed("q3", 2 * DATA[:, NAMES.index("q1")] + 1)
    assert estimate(MODEL, data, NAMES).n == 60
    with pytest.raises(MethodError, match=r"block Quality: cannot be computed: some of its items"):
        estimate(path_model(BLOCKS, PATHS, {"Quality": "B"}), data, NAMES)


def test_blocks_that_copy_each_other_cannot_both_explain_a_third():
    blocks = {"A": ["i1"], "B": ["q1"], "C": ["l1"]}
    data = changed("q1", DATA[:, NAMES.index("i1")])
    for scheme in ("path", "centroid"):
        with pytest.raises(MethodError, match=r"block C: cannot be computed: the blocks leading"):
            estimate(
                path_model(blocks, {"A": ["C"], "B": ["C"]}),
                data,
                NAMES,
                options=pls_options(scheme=scheme),
            )


def test_a_block_without_any_correlation_to_its_neighbour_is_refused():
    x = np.array([1.0, 2.0, 1.0, 2.0] * 2)
    y = np.array([1.0, 1.0, 2.0, 2.0] * 2)
    z = np.array([1.0, 2.0, 2.0, 1.0] * 2)
    model = path_model({"X": ["x", "z"], "Y": ["y"]}, {"X": ["Y"]})
    with pytest.raises(MethodError, match=r"block X: cannot be computed: .* nothing in common"):
        estimate(model, np.column_stack([x, y, z]), ["x", "y", "z"])


def test_single_items_without_correlation_have_a_path_of_nothing():
    data = np.array([[1.0, 1.0], [2.0, 1.0], [1.0, 2.0], [2.0, 2.0]])
    model = path_model({"X": ["x"], "Y": ["y"]}, {"X": ["Y"]})
    assert estimate(model, data, ["x", "y"]).paths["X->Y"] == pytest.approx(0.0, abs=1e-15)


def test_an_item_nobody_of_weight_answered_is_named_in_both_ways():
    data = changed("q3", [NAN] * 40 + [4, 5] * 10)
    for way in ("mean", "listwise"):
        with pytest.raises(MethodError, match=r"item q3: nobody answered it"):
            estimate(
                MODEL,
                data,
                NAMES,
                options=pls_options(missing=way),
                case_weights=[1] * 40 + [0] * 20,
            )


def test_tiny_and_huge_units_do_not_harm():
    plain = estimate(MODEL, DATA, NAMES)
    for unit in (1e-90, 1e90):
        found = estimate(MODEL, DATA * unit, NAMES)
        for path, value in plain.paths.items():
            assert found.paths[path] == pytest.approx(value, abs=1e-9)


def test_a_large_common_level_does_not_harm():
    plain, high = estimate(MODEL, DATA, NAMES), estimate(MODEL, DATA + 1e9, NAMES)
    for path, value in plain.paths.items():
        assert high.paths[path] == pytest.approx(value, abs=1e-6)
