"""What a path model may be, and what is refused before any number is looked at."""

import doctest
import itertools

import pytest

from zhike.methods import pls_model
from zhike.methods.errors import MethodError
from zhike.methods.pls_model import Mode, path_model, pls_options

BLOCKS = {"A": ["a1", "a2"], "B": ["b1"], "C": ["c1"]}
CHAIN = {"A": ["B"], "B": ["C"]}


def test_examples_in_the_text_run():
    assert doctest.testmod(pls_model).failed == 0


def test_a_model_knows_its_items_sources_and_order():
    model = path_model(
        {"C": ["c1"], "B": ["b1"], "A": ["a1", "a2"]}, {"A": ["C", "B"], "B": ["C"]}, {"A": "B"}
    )
    assert model.items == ("c1", "b1", "a1", "a2")
    assert model.order == ("A", "B", "C")
    assert model.paths == (("B", "C"), ("A", "C"), ("A", "B"))
    assert model.sources("C") == ("B", "A")
    assert model.targets("A") == ("C", "B")
    assert model.explained == ("C", "B")
    assert model.modes == {"C": Mode.A, "B": Mode.A, "A": Mode.B}


@pytest.mark.parametrize(
    ("blocks", "paths", "modes", "message"),
    [
        ({"A": ["a"]}, {"A": ["A"]}, {}, r"blocks: a path needs two blocks, got 1"),
        ({"A": [], "B": ["b"]}, {"A": ["B"]}, {}, r"block A: needs a list of at least one item"),
        ({"A": "abc", "B": ["b"]}, {"A": ["B"]}, {}, r"block A: needs a list"),
        ({"A": ["x"], "B": ["x"]}, {"A": ["B"]}, {}, r"block B: item x stands already in block A"),
        (
            {"A": ["x", "x"], "B": ["b"]},
            {"A": ["B"]},
            {},
            r"block A: item x stands already in block A",
        ),
        (BLOCKS, {"A": ["B"], "D": ["C"]}, {}, r"paths: D is no block; there are A, B, C"),
        (BLOCKS, {"A": ["B", "D"]}, {}, r"paths: D is no block"),
        (BLOCKS, {"A": "B", "B": ["C"]}, {}, r"paths: A needs a list"),
        (BLOCKS, {"A": ["B", "B"], "B": ["C"]}, {}, r"paths: A -> B is stated twice"),
        (BLOCKS, {"A": ["B"]}, {}, r"block C: has no path"),
        (BLOCKS, CHAIN, {"A": "C"}, r"mode of A: must be one of A, B, got C"),
        (BLOCKS, CHAIN, {"D": "A"}, r"modes: D is no block"),
        (BLOCKS, {"A": ["A", "B"], "B": ["C"]}, {}, r"paths: run in a circle: A -> A$"),
        (BLOCKS, {"A": ["B"], "B": ["A", "C"]}, {}, r"run in a circle: (A -> B -> A|B -> A -> B)$"),
    ],
)
def test_a_wrong_model_is_refused_by_name(blocks, paths, modes, message):
    with pytest.raises(MethodError, match=message):
        path_model(blocks, paths, modes)


def test_a_circle_is_spelled_out_in_the_direction_of_its_paths():
    blocks = {name: [name.lower()] for name in "ABCDE"}
    paths = {"A": ["B"], "B": ["C"], "C": ["D"], "D": ["B", "E"]}
    with pytest.raises(MethodError) as caught:
        path_model(blocks, paths)
    walk = caught.value.why.removeprefix("run in a circle: ").split(" -> ")
    assert walk[0] == walk[-1]
    assert set(walk) == {"B", "C", "D"}
    assert all(end in paths[start] for start, end in itertools.pairwise(walk))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scheme": "star"}, r"scheme: must be one of path, factorial, centroid, got star"),
        ({"scaling": "raw"}, r"scaling: must be one of standardized, centered, got raw"),
        ({"missing": "pairwise"}, r"missing: must be one of mean, listwise, got pairwise"),
        ({"tolerance": 0.0}, r"tolerance: must lie between 0 and 1"),
        ({"tolerance": 1.0}, r"tolerance: must lie between 0 and 1"),
        ({"most_rounds": 0}, r"most_rounds: must be at least 1"),
        ({"consistent": True, "scaling": "centered"}, r"consistent: is defined for standardized"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(MethodError, match=message):
        pls_options(**options)


def test_the_options_default_to_the_definition():
    options = pls_options()
    assert (options.scheme, options.scaling, options.missing) == ("path", "standardized", "mean")
    assert (options.tolerance, options.most_rounds, options.consistent) == (1e-7, 300, False)
