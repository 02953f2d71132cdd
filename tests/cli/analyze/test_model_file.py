"""MODEL.yaml: names keep their spelling, and nothing is dropped in silence."""

import re

import pytest

from zhike.cli.analyze.model_file import read_model
from zhike.cli.analyze.problems import Problem


def read(tmp_path, text: str):
    path = tmp_path / "m.yaml"
    path.write_text(text, encoding="utf-8")
    return read_model(path)


def test_names_that_yaml_takes_for_something_else_stay_names(tmp_path):
    model = read(tmp_path, "blocks: {on: [1, 2.0], 是: [yes, ~]}\npaths: {on: 是}\n")
    assert model.blocks == {"on": ["1", "2.0"], "是": ["yes", "~"]}
    assert model.paths == {"on": ["是"]}
    assert (model.scale, model.modes) == (None, {})


def test_a_mark_at_the_begin_is_read(tmp_path):
    path = tmp_path / "m.yaml"
    path.write_bytes("\ufeffblocks: {A: [a]}".encode())
    assert read_model(path).items == ["a"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "m.yaml holds no model"),
        ("- a", "m.yaml holds no model"),
        ("scale: {min: 1, max: 5}", "m.yaml has no blocks."),
        ("blocks: [a, b]", "“blocks” needs names with lists"),
        ("blocks: {A: [[a]]}", "“A” under “blocks” needs a list of names."),
        ("blocks: {A: [a, '']}", "“A” under “blocks” needs a list of names."),
        ("blocks: {A: [a, a]}", "item “a” stands twice"),
        ("blocks: {A: [a]}\nblocks: {B: [b]}", "line 2: “blocks” stands there twice."),
        ("blocks: {A: [a]}\nscale: 5", "“scale” needs its ends"),
        ("blocks: {A: [a]}\nscale: {min: 1, max: nan}", "“scale” needs its ends"),
        ("blocks: {A: [a]}\nscale: {min: 1, max: 5, step: 1}", "“scale” needs its ends"),
        ("blocks: {A: [a]}\nmodes: {A: [A]}", "“modes” needs a letter for each block"),
        ("blocks: {[a]: [a]}", "line 1: a name is expected."),
        ("blocks: {A: [a]} }", "is no valid YAML"),
        ("blocks: &x {A: [*x]}", "is no valid YAML; look at line 1"),
        ("blocks: !!python/object:os.system {A: [a]}", ""),
        ("[" * 3000, "is no valid YAML"),
        ("\x00", "is no valid YAML"),
    ],
)
def test_what_is_no_model_is_one_sentence(tmp_path, text, sentence):
    if not sentence:
        # A tag asks for an object; only texts, lists and mappings are made.
        assert read(tmp_path, text).blocks == {"A": ["a"]}
        return
    with pytest.raises(Problem, match=re.escape(sentence)):
        read(tmp_path, text)


def test_a_file_that_lacks_or_is_another_is_one_sentence(tmp_path):
    with pytest.raises(Problem, match=r"There is no file .*none\.yaml"):
        read_model(tmp_path / "none.yaml")
    with pytest.raises(Problem, match="cannot be read"):
        read_model(tmp_path)
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(Problem, match=r"b\.yaml is not UTF-8\."):
        read_model(tmp_path / "b.yaml")
    (tmp_path / "b.yaml").write_text("#" * 1_000_001)
    with pytest.raises(Problem, match="too large"):
        read_model(tmp_path / "b.yaml")
