"""Turning the ring: everything stays readable, a kill costs nothing, other processes follow, old backups open."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.cast import CHEN_PHONE, Cast
from zhike.core import audit_chain, clock, sealing
from zhike.core.backup import keyfile
from zhike.core.backup.problems import BackupProblem
from zhike.core.models import AuditRow, PersonKey
from zhike.core.sealing import turning
from zhike.core.sealing.ring import ring, ring_path
from zhike.customers import services
from zhike.customers.models import Identity
from zhike.customers.selectors import customer_by_identity

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_ring(tmp_path: Path, settings: Any) -> Iterator[None]:
    """A ring of this test's own: others share the folder of the run."""
    (tmp_path / "keys").mkdir()
    before = settings.DATA
    settings.DATA = tmp_path
    ring()
    yield
    settings.DATA = before


def phone_of(cast: Cast) -> str:
    return sealing.unseal(Identity.objects.get(customer=cast.chen).value_sealed)


def later(minutes: int = 11) -> Any:
    return clock.override(clock.now() + timedelta(minutes=minutes))


def test_a_turn_leaves_everything_readable(cast: Cast) -> None:
    before, audited = phone_of(cast), AuditRow.objects.filter(subject_key_id=cast.chen.key_id)[0]
    digest = Identity.objects.get(customer=cast.chen).value_blind
    audit_chain.lengthen()
    assert turning.begin_turn() == "r2"
    assert turning.left() == PersonKey.objects.exclude(wrapped="").count() > 0
    assert phone_of(cast) == before
    turning.wrap_anew()
    assert turning.left() == 0
    assert [(one.id, one.is_current) for one in turning.status()] == [("r1", False), ("r2", True)]
    with later():
        assert turning.retire() == ["r1"]
    assert list(ring().wrapping) == ["r2"]
    assert phone_of(cast) == before
    assert Identity.objects.get(customer=cast.chen).value_blind == digest
    found = customer_by_identity("phone", CHEN_PHONE)
    assert found is not None
    assert "陈志强" in sealing.unseal(audited.payload)
    audit_chain.lengthen()
    assert audit_chain.verify().fault is None
    assert ring_path().stat().st_mode & 0o777 == 0o600


def test_a_killed_turn_goes_on(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(9):
        services.create_customer(**cast.lin.acting, name=f"客户{number}号")
    monkeypatch.setattr(turning, "CHUNK", 4)
    turning.begin_turn()
    total = turning.left()

    class Killed(Exception):
        pass

    def killed(done: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        turning.wrap_anew(killed)
    assert turning.left() == total - 4
    # A second `rotate` makes no further key, it goes on with this one.
    assert turning.begin_turn() == "r2"
    assert turning.wrap_anew() == total - 4
    assert phone_of(cast)


def test_nothing_is_dropped_that_is_needed(cast: Cast) -> None:
    turning.begin_turn()
    with pytest.raises(turning.NotYet) as refused, later():
        turning.retire()
    assert refused.value.people > 0
    turning.wrap_anew()
    with pytest.raises(turning.NotYet) as fresh:
        turning.retire()
    assert fresh.value.minutes > 0
    assert set(ring().wrapping) == {"r1", "r2"}


def test_a_destroyed_key_stays_destroyed(cast: Cast, given: Any) -> None:
    with given():
        sealing.destroy_key(cast.chen.key_id, clock.now())
    turning.begin_turn()
    turning.wrap_anew()
    assert PersonKey.objects.get(pk=cast.chen.key_id).wrapped == ""
    with pytest.raises(sealing.SealBroken):
        phone_of(cast)


def test_another_process_follows_without_a_restart(cast: Cast, tmp_path: Path) -> None:
    told = (
        "import sys\n"
        "import django\ndjango.setup()\n"
        "from zhike.core.sealing.ring import ring\n"
        "print(ring().current, flush=True)\n"
        "sys.stdin.readline()\n"
        "print(ring().current, flush=True)\n"
    )
    environment = {
        **os.environ,
        "ZHIKE_DATA": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "zhike.config.settings",
    }
    with subprocess.Popen(
        [sys.executable, "-c", told],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "r1"
        turning.begin_turn()
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline().strip() == "r2"


def test_the_file_of_keys_goes_on_opening_old_backups(cast: Cast, tmp_path: Path) -> None:
    target = tmp_path / "safe.keys"
    folder = Path(settings.DATA)
    (folder / "keys" / "session_secret").write_text("secret")
    old = keyfile.of_folder(folder)
    assert keyfile.write(old, target)
    assert not keyfile.write(old, target)
    turning.begin_turn()
    turning.wrap_anew()
    assert keyfile.write(keyfile.of_folder(folder), target)
    with later():
        turning.retire()
    assert not keyfile.write(keyfile.of_folder(folder), target)
    kept = keyfile.read(target).opened
    assert kept.current == "r2"
    assert keyfile.fits(kept, keyfile.marks(old.opened))
    assert keyfile.fits(kept, keyfile.marks(keyfile.of_folder(folder).opened))


def test_the_keys_of_another_house_are_not_overwritten(tmp_path: Path) -> None:
    folder = Path(settings.DATA)
    (folder / "keys" / "session_secret").write_text("secret")
    target = tmp_path / "safe.keys"
    assert keyfile.write(keyfile.of_folder(folder), target)
    told = json.loads(ring_path().read_text())
    told["wrapping"]["r1"] = "A" * 43 + "="
    ring_path().write_text(json.dumps(told))
    with pytest.raises(BackupProblem):
        keyfile.write(keyfile.of_folder(folder), target)
