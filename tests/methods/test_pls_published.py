"""The ECSI mobile-phone model as Tenenhaus, Esposito Vinzi, Chatelin and Lauro printed it in 2005."""

import pytest

from tests.methods.ecsi import NAMES, rows_of_these_moments
from tests.methods.known import ECSI_BLOCKS, ECSI_PATHS, ECSI_PRINTED, ECSI_R2
from zhike.methods.pls import estimate, path_model, pls_options


@pytest.fixture(scope="module", params=[1, 2])
def found(request):
    options = pls_options(scheme="centroid", scaling="centered")
    # On 0-100 instead of 1-10.
    data = rows_of_these_moments(request.param) * 100 / 9
    return estimate(path_model(ECSI_BLOCKS, ECSI_PATHS), data, NAMES, options=options)


def half_a_unit(printed: str) -> float:
    return 0.5 * 10.0 ** -len(printed.partition(".")[2])


@pytest.mark.parametrize(("path", "printed"), ECSI_PRINTED.items())
def test_every_path_is_the_printed_one(found, path, printed):
    # One is .465496 and was printed .466, for the programs of then rounded on the way.
    units = 2 if path == "Satisfaction->Loyalty" else 1
    assert found.paths[path] == pytest.approx(float(printed), abs=units * half_a_unit(printed))


@pytest.mark.parametrize(("block", "printed"), ECSI_R2.items())
def test_every_r2_is_the_printed_one(found, block, printed):
    assert found.r2[block] == pytest.approx(float(printed), abs=half_a_unit(printed))


def test_nothing_else_is_explained(found):
    assert set(found.paths) == set(ECSI_PRINTED)
    assert set(found.r2) == set(ECSI_R2)
