"""The weighted model: totals by hand, and the room of each weight by trying weights."""

import doctest
import math

import numpy as np
import pytest
from hypothesis import assume, settings
from hypothesis import given as always
from hypothesis import strategies as st

from zhike.methods import decision
from zhike.methods.decision import weighted_decision
from zhike.methods.errors import MethodError
from zhike.methods.weights import given_weights

RATINGS = [[4, 300], [5, 500], [2, 200]]
CHOICES = ["repair", "replace", "refund"]
WEIGHTS = {"content": 60, "cost": 40}
CASES = st.integers(0, 100_000)


def decided(seed: int):
    chance = np.random.default_rng(seed)
    ratings = chance.uniform(0, 10, (5, 4))
    weights = dict(zip("abcd", chance.dirichlet([1] * 4).tolist(), strict=True))
    return ratings, weights, weighted_decision(ratings, list("vwxyz"), weights, costs=["b"])


def test_the_examples_in_the_docstrings_hold():
    assert doctest.testmod(decision).failed == 0


@pytest.mark.parametrize(
    ("normalisation", "scale", "expected"),
    [
        ("min-max", None, [0.6 * 2 / 3 + 0.4 * 2 / 3, 0.6, 0.4]),
        ("max", None, [0.6 * 4 / 5 + 0.4 * 2 / 3, 0.6 + 0.4 * 2 / 5, 0.6 * 2 / 5 + 0.4]),
        ("sum", None, [0.6 * 4 / 11 + 0.4 * 10 / 31, 0.6 * 5 / 11 + 0.4 * 6 / 31, 0.6 * 2 / 11 + 0.4 * 15 / 31]),
        ("scale", (0, 500), [0.6 * 4 / 500 + 0.4 * 0.4, 0.6 * 0.01, 0.6 * 2 / 500 + 0.4 * 0.6]),
    ],
)  # fmt: skip
def test_totals_are_those_worked_by_hand(normalisation, scale, expected):
    found = weighted_decision(
        RATINGS, CHOICES, WEIGHTS, costs=["cost"], normalisation=normalisation, scale=scale
    )
    assert list(found.totals.values()) == pytest.approx(expected)
    assert found.options["normalisation"] == normalisation
    assert found.options["costs"] == ("cost",)
    assert found.n == 3
    for choice, parts in found.contributions.items():
        assert math.fsum(parts.values()) == pytest.approx(found.totals[choice])


def test_places_go_by_totals_and_equals_share_the_better_one():
    found = weighted_decision([[1, 0], [0, 1], [0, 0], [1, 1]], list("abcd"), {"x": 1, "y": 1})
    assert found.places == {"a": 2, "b": 2, "c": 4, "d": 1}
    assert found.winners == ("d",)
    tie = weighted_decision([[1, 0], [0, 1], [0, 0]], list("abc"), {"x": 1, "y": 1})
    assert tie.winners == ("a", "b")
    assert tie.room == ()
    assert tie.tightest() is None


def test_a_record_of_weights_is_taken_as_it_is():
    weights = given_weights(WEIGHTS)
    found = weighted_decision(RATINGS, CHOICES, weights, costs=["cost"])
    assert found.weights == weights.weights
    assert found.options["weights"] == "given"


@settings(deadline=None, max_examples=60)
@always(CASES)
def test_just_inside_its_room_a_weight_keeps_the_winner_and_just_outside_the_rival_leads(seed):
    ratings, weights, found = decided(seed)
    assume(len(found.winners) == 1)
    for room in found.room:
        assert room.low <= room.weight <= room.high
        assume(room.weight < 1 - 1e-6)

        def first(share: float, room=room) -> tuple[str, ...]:
            moved = {
                name: share if name == room.criterion else value * (1 - share) / (1 - room.weight)
                for name, value in weights.items()
            }
            return weighted_decision(ratings, list("vwxyz"), moved, costs=["b"]).winners

        step = 1e-6
        for end, rival, outward in (
            (room.low, room.low_rival, -step),
            (room.high, room.high_rival, step),
        ):
            inside = min(max(end - outward, 0), 1)
            if room.low < inside < room.high:
                assert first(inside) == found.winners
            if rival is None:
                assert end in (0.0, 1.0)
            elif 0 <= end + outward <= 1:
                assert rival in first(end + outward)


@settings(deadline=None, max_examples=40)
@always(CASES)
def test_the_tightest_weight_is_the_one_that_moves_least(seed):
    *_, found = decided(seed)
    moves = {
        room.criterion: min(
            room.weight - room.low if room.low_rival else math.inf,
            room.high - room.weight if room.high_rival else math.inf,
        )
        for room in found.room
    }
    tightest = found.tightest()
    if tightest is None:
        assert all(math.isinf(move) for move in moves.values())
    else:
        assert moves[tightest.criterion] == min(moves.values())


def test_an_option_that_is_best_on_all_stays_first_at_any_weight():
    found = weighted_decision([[5, 5], [1, 4], [2, 1]], list("abc"), {"x": 1, "y": 3})
    assert [(room.low, room.high, room.low_rival, room.high_rival) for room in found.room] == [
        (0.0, 1.0, None, None),
        (0.0, 1.0, None, None),
    ]
    assert found.tightest() is None


def test_of_two_rivals_who_meet_the_winner_together_the_first_is_named():
    rows = [[4, 4], [0, 5], [0, 5], [5, 0], [5, 0]]
    found = weighted_decision(rows, list("abcde"), {"x": 1, "y": 1})
    assert found.winners == ("a",)
    assert [(room.low_rival, room.high_rival) for room in found.room] == [("b", "d"), ("d", "b")]
    assert found.tightest().criterion == "x"


def test_a_criterion_that_holds_all_weight_gives_way_to_the_others_alike():
    found = weighted_decision(
        [[10, 0, 0], [5, 10, 10], [0, 0, 5]], list("abc"), {"x": 1, "y": 0, "z": 0}
    )
    assert found.winners == ("a",)
    # a: t; b: t / 2 + (1 − t): they meet at 2/3.
    assert found.room[0].low == pytest.approx(2 / 3)
    assert found.room[0].low_rival == "b"
    assert found.room[0].high_rival is None


@settings(deadline=None, max_examples=40)
@always(CASES, st.randoms(use_true_random=False))
def test_units_order_and_the_sum_of_weights_do_not_matter(seed, chance):
    ratings, weights, usual = decided(seed)
    rows, columns = chance.sample(range(5), 5), chance.sample(range(4), 4)
    changed = (ratings * [2, 0.5, 100, 3] + [5, -9, 0, 1])[rows][:, columns]
    moved = {name: 7 * weights[name] for name in ("abcd"[place] for place in columns)}
    found = weighted_decision(changed, ["vwxyz"[place] for place in rows], moved, costs=["b"])
    assert found.totals == pytest.approx(usual.totals)
    assert all(0 <= total <= 1 for total in found.totals.values())


@pytest.mark.parametrize(
    ("ratings", "options", "said"),
    [
        ([[4, 300], [5, math.nan], [2, 200]], {}, "^replace: has no rating on “cost”"),
        ([[4, 300], [5, 300], [2, 300]], {}, "^cost: is the same for all options"),
        ([[4, 0.3], [5, 0.1 + 0.2], [2, 0.3]], {}, "^cost: is the same for all options"),
        ([[4, 3e6], [5, math.nextafter(3e6, 4e6)], [2, 3e6]], {}, "^cost: is the same for all"),
        (RATINGS, {"costs": ["price"]}, "“price” is none of the criteria"),
        (RATINGS, {"normalisation": "rank"}, "normalisation"),
        (RATINGS, {"normalisation": "scale"}, "^scale: is given with"),
        (RATINGS, {"scale": (1, 5)}, "^scale: is given with"),
        (RATINGS, {"normalisation": "scale", "scale": (5, 5)}, "^scale: must rise"),
        (RATINGS, {"normalisation": "scale", "scale": (0, math.inf)}, "^scale: must rise"),
        (RATINGS, {"normalisation": "scale", "scale": (-math.inf, 5)}, "^scale: must rise"),
        (RATINGS, {"normalisation": "scale", "scale": (0, 10)}, "row 1, column cost is 300, outside"),
        ([[4, 300], [-1, 500], [2, 200]], {"normalisation": "max"}, "^content: of “replace” is -1"),
        ([[4, 300], [1, 500], [2, 0]], {"normalisation": "sum", "costs": ["cost"]},
         "^cost: of “refund” is 0; .*above 0"),
        ([[0, 300], [0, 500], [0, 200]], {"normalisation": "max"}, "^content: is 0 for all"),
        ([[4, 300], [5, 500]], {}, "^choices: 3 names for 2"),
        ([[4], [5], [2]], {}, "^weights: 2 names for 1"),
    ],
)  # fmt: skip
def test_ratings_that_cannot_be_compared_are_named(ratings, options, said):
    with pytest.raises(MethodError, match=said):
        weighted_decision(ratings, CHOICES, WEIGHTS, **options)


def test_a_choice_needs_two_options_and_two_criteria():
    with pytest.raises(MethodError, match="at least two options"):
        weighted_decision([[1, 2]], ["a"], WEIGHTS)
    with pytest.raises(MethodError, match="two criteria"):
        weighted_decision([[1], [2]], ["a", "b"], {"x": 1})
    same = weighted_decision(
        [[4, 3], [5, 3]], ["a", "b"], WEIGHTS, normalisation="scale", scale=(1, 5)
    )
    assert same.winners == ("b",)
