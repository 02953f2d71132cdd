import pytest
from typer.testing import CliRunner

from tests.accounts.test_sign_in import attempt
from tests.cast import PASSWORD, Cast
from zhike.accounts.services import second_factor
from zhike.accounts.totp import code_of, step_of
from zhike.cli import unlocking
from zhike.cli.main import app
from zhike.core import clock
from zhike.core.models import AuditRow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _here(monkeypatch, tmp_path) -> None:
    """The program is loaded already, and its data folder is the tests'."""
    monkeypatch.setattr(unlocking, "load", lambda: tmp_path)


def test_the_only_administrator_is_let_in_again(cast: Cast) -> None:
    user, actor = cast.admin.user, cast.admin.actor
    factor = second_factor.begin(actor=actor, user=user)
    code = code_of(second_factor.secret_of(factor), step_of(clock.now()))
    second_factor.confirm(actor=actor, user=user, code=code)
    for _ in range(6):
        attempt("0001")
    done = CliRunner().invoke(app, ["unlock", "0001", "--second-step"])
    assert done.exit_code == 0, done.output
    assert attempt("0001", PASSWORD)["Location"] == "/"
    names = AuditRow.objects.filter(via="cli").values_list("action", flat=True)
    assert set(names) == {"accounts.sign_in.unlock", "accounts.second_factor.reset"}


def test_nobodys_number_is_said(cast: Cast) -> None:
    done = CliRunner().invoke(app, ["unlock", "nobody"])
    assert done.exit_code == 2
    assert "NOBODY" in done.output
