"""Figures as JSON takes them."""

import json

import numpy as np
import pytest

from zhike.cli.analyze.figures import as_json, listed, plain


def test_json_has_neither_nan_nor_infinity():
    assert plain({"a": [float("nan"), float("inf"), 1.5], 2: None}) == {
        "a": [None, None, 1.5],
        "2": None,
    }
    with pytest.raises(TypeError):
        plain(object())


def test_arrays_and_names_become_plain():
    given = {
        "a": np.array([1.5, np.nan]),
        3: (np.int64(2), np.bool_(True)),
        "b": np.eye(2),
        "c": {},
    }
    wanted = {"a": [1.5, None], "3": [2, True], "b": [[1, 0], [0, 1]], "c": {}}
    assert plain(given) == wanted
    assert json.loads(as_json(plain(given))) == wanted
    assert as_json({"q": 'a "b"', "n": [1, 2]}) == '{\n  "q": "a \\"b\\"",\n  "n": [1, 2]\n}'


def test_many_names_are_cut_short():
    assert listed(["a", "b"]) == "a, b"
    assert listed([str(at) for at in range(20)], 3) == "0, 1, 2 …"
