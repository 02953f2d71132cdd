"""`zhike analyze reliability`: the published figures of Holzinger and Swineford through a file."""

import numpy as np
import pytest

from tests.cli.analyze.running import found, refused, said, table
from tests.methods.holzinger_swineford import BLOCKS, CORRELATIONS, NAMES, SDS, N


def rows() -> np.ndarray:
    """301 rows with exactly the published correlations and standard deviations."""
    draw = np.random.Generator(np.random.PCG64(11)).normal(size=(N, len(NAMES)))
    draw -= draw.mean(axis=0)
    free = np.linalg.cholesky(np.linalg.inv(draw.T @ draw / (N - 1)))
    return draw @ free @ np.linalg.cholesky(CORRELATIONS).T * np.array(SDS) + 4


@pytest.fixture
def files(tmp_path):
    model = tmp_path / "hs.yaml"
    lists = "".join(f"  {block}: [{', '.join(items)}]\n" for block, items in BLOCKS.items())
    model.write_text(f"blocks:\n{lists}")
    return model, table(tmp_path / "hs.csv", NAMES, rows().tolist())


def test_the_published_figures(files):
    data = found("reliability", *files)
    assert data["n"] == 301
    assert data["kmo"] == pytest.approx(0.752, abs=5e-4)
    assert data["bartlett"]["chi2"] == pytest.approx(904.10, abs=5e-3)
    assert data["bartlett"]["df"] == 36
    assert 0 <= data["bartlett"]["p"] < 1e-100
    rho = [data["blocks"][block]["rho_c"] for block in BLOCKS]
    assert [round(one, 3) for one in rho] == [0.626, 0.885, 0.691]
    assert len(data["eigenvalues"]) == 9
    assert data["eigenvalues"] == pytest.approx(np.linalg.eigvalsh(CORRELATIONS)[::-1])


def test_alpha_is_that_of_the_answers(files):
    data = found("reliability", *files)
    block = rows()[:, :3]
    alpha = 3 / 2 * (1 - block.var(axis=0, ddof=1).sum() / block.sum(axis=1).var(ddof=1))
    assert data["blocks"]["visual"]["alpha_raw"] == pytest.approx(alpha)


def test_where_no_factor_model_fits_alpha_stands_alone(files):
    model, data = files
    model.write_text("blocks: {pair: [x1, x2]}\n")
    looked = found("reliability", model, data)
    assert looked["blocks"]["pair"]["rho_c"] is None
    assert looked["blocks"]["pair"]["alpha_raw"] > 0
    assert "No factor model, so neither rho_C nor AVE" in said("reliability", model, data)


def test_bad_answers_are_one_sentence(files, tmp_path):
    values = rows().tolist()
    path = table(tmp_path / "d.csv", NAMES, [[*row[:-1], 5] for row in values])
    assert "Column “x9” is constant: every answer is 5" in refused("reliability", files[0], path)
    path = table(tmp_path / "d.csv", NAMES, values[:2])
    assert "Only 2 rows are answered in full" in refused("reliability", files[0], path)
    few = said("reliability", files[0], table(tmp_path / "d.csv", NAMES, values[:8]))
    assert "neither rho_C nor AVE: 8 complete rows are too few for 9 items." in few
    assert "The components rest on fewer rows than items" in few
    path = table(tmp_path / "d.csv", NAMES[:-1], [row[:-1] for row in values])
    assert "d.csv has no column “x9”" in refused("reliability", files[0], path)


def test_rho_a_is_that_of_the_path_model_where_the_file_has_one(files):
    model, data = files
    assert found("reliability", model, data)["blocks"]["visual"]["rho_a"] is None
    model.write_text(model.read_text() + "paths: {visual: [textual, speed], textual: [speed]}\n")
    looked, paths = found("reliability", model, data), found("pls", model, data)
    answers = rows()
    for at, (block, items) in enumerate(BLOCKS.items()):
        rho = looked["blocks"][block]["rho_a"]
        assert rho == pytest.approx(paths["reliability"][block]["rho_a"], rel=1e-12)
        w = np.array([paths["weights"][block][item] for item in items])
        s = np.corrcoef(answers[:, 3 * at : 3 * at + 3].T)
        off = (w @ (s - np.eye(3)) @ w) / ((w @ w) ** 2 - (w**4).sum())
        assert rho == pytest.approx((w @ w) ** 2 * off)
    assert [round(looked["blocks"][one]["rho_c"], 3) for one in BLOCKS] == [0.626, 0.885, 0.691]


def test_a_path_model_that_cannot_be_computed_leaves_the_rest(files):
    model, data = files
    model.write_text(model.read_text() + "paths: {visual: [textual]}\n")
    looked = found("reliability", model, data)
    assert looked["blocks"]["visual"]["rho_a"] is None
    assert looked["blocks"]["visual"]["rho_c"] == pytest.approx(0.626, abs=5e-4)
    assert any("so no rho_A: Block “speed” has no path" in note for note in looked["notes"])


def test_an_item_asked_the_other_way_round_is_suspected(files, tmp_path):
    turned = rows()
    turned[:, 0] *= -1
    path = table(tmp_path / "turned.csv", NAMES, turned.tolist())
    looked = found("reliability", files[0], path)
    assert looked["blocks"]["visual"]["alpha_raw"] < 0
    assert any(note.startswith("Alpha is negative in visual: look") for note in looked["notes"])
    assert not any("Alpha is negative" in note for note in found("reliability", *files)["notes"])
