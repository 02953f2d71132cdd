"""Who was erased after a backup stays erased when it is restored."""

import shutil
from pathlib import Path

import pytest
from django.conf import settings

from tests.backup.conftest import Place
from tests.backup.test_round_trip import Rows, rows_of
from tests.cast import Cast, make_customer
from zhike.core.backup.saving import save
from zhike.core.erasing import notes
from zhike.core.models import PersonKey
from zhike.core.sealing.ring import ring
from zhike.customers import services
from zhike.customers.models import Customer, Erasure
from zhike.customers.services.erasing import carry_out, erase_customer, mark_of
from zhike.customers.services.erasing_again import replay

pytestmark = pytest.mark.django_db(transaction=True)
SIGN = "鎏鱻"


def erased(town: Cast, customer: Customer) -> Erasure:
    record = erase_customer(**town.admin.acting, customer_id=customer.pk, reason="书面要求")
    carry_out(record.pk)
    return record


def own_list() -> Path:
    return notes.path_in(Path(settings.DATA))


def named(rows: Rows) -> set[str]:
    return {table for table, found in rows.items() for row in found if SIGN in row}


def test_erased_after_the_backup_erased_after_the_restore(
    town: Cast, tmp_path: Path, empty_place: Place
) -> None:
    customer = make_customer(town.zhoukou, f"钱{SIGN}", phone="15098760321", remark=f"卖{SIGN}的")
    other = make_customer(town.zhoukou, f"孙{SIGN}", phone="15098760322")
    services.merge_customers(**town.wang.acting, keep_id=customer.pk, drop_id=other.pk)
    keys = tmp_path / "safe.keys"
    first = save(tmp_path / "first.zip", keys)
    # Apart again, then only one of them is erased: in the backup both still are one.
    journal = customer.merges_kept.get()
    services.undo_merge(**town.wang.acting, journal_id=journal.pk)
    record = erased(town, customer)
    save(tmp_path / "second.zip", keys)
    answer = empty_place.zhike("restore", first.path, "--keys", keys)
    assert answer.returncode == 0, answer.stderr
    assert "1 customers erased after that moment were erased again." in answer.stdout
    rows = rows_of(empty_place)
    assert all(f"钱{SIGN}" not in row for found in rows.values() for row in found)
    assert any(f"孙{SIGN}" in row for row in rows["customers_customer"])
    assert any(record.token in row for row in rows["customers_erasure"])
    found = empty_place.inspected()
    assert (found["fault"], found["miscounted"]) == (None, [])
    assert not [one for one in found["phones"] if "15098760321" in one]
    assert [one for one in found["phones"] if "15098760322" in one]
    # It is noted in the restored house as well, for the next time.
    assert record.token in notes.path_in(empty_place.folder).read_text()
    assert notes.path_in(empty_place.folder).stat().st_mode & 0o777 == 0o600


def test_a_list_by_name_and_no_list_at_all(town: Cast, tmp_path: Path, new_place) -> None:
    customer = make_customer(town.zhoukou, f"钱{SIGN}", phone="15098760321")
    saved = save(tmp_path / "only.zip", tmp_path / "only.keys")
    erased(town, customer)
    bare = tmp_path / "bare.keys"
    shutil.copy(saved.keys, bare)
    place = new_place()
    answer = place.zhike("restore", saved.path, "--keys", bare)
    assert answer.returncode == 0, answer.stderr
    assert "No list of erasures was found" in answer.stdout
    assert "customers_customer" in named(rows_of(place))
    place = new_place()
    answer = place.zhike("restore", saved.path, "--keys", bare, "--erasures", own_list())
    assert "1 customers erased after that moment were erased again." in answer.stdout
    assert named(rows_of(place)) == set()
    place = new_place()
    answer = place.zhike("restore", saved.path, "--keys", bare, "--erasures", tmp_path / "none")
    assert answer.returncode == 1
    assert place.is_untouched()


def test_a_number_given_out_anew_is_not_taken_for_the_person(town: Cast) -> None:
    customer = make_customer(town.zhoukou, f"钱{SIGN}")
    good = notes.NotedFile(customer.pk, customer.key_id, mark_of(customer))
    wrong = notes.NotedFile(customer.pk, customer.key_id, "0" * 32)
    later = notes.Note("t-1", "2026-11-29T00:00:00+00:00", (wrong,))
    assert replay([later]) == 0
    assert PersonKey.objects.filter(pk=customer.key_id, destroyed_at=None).exists()
    assert replay([notes.Note("t-2", later.at, (good,))]) == 1
    assert replay([notes.Note("t-2", later.at, (good,))]) == 0
    assert Erasure.objects.get().is_again


def test_the_list_holds_ids_and_digests_alone(town: Cast) -> None:
    customer = make_customer(town.zhoukou, f"钱{SIGN}", phone="15098760321")
    record = erased(town, customer)
    lines = [line for line in own_list().read_text().splitlines() if record.token in line]
    assert len(lines) == 1
    assert SIGN not in lines[0]
    assert "15098760321" not in lines[0]
    assert own_list().stat().st_mode & 0o777 == 0o600
    # A line torn by a power cut costs nothing but itself.
    torn = own_list().with_name("torn.jsonl")
    torn.write_text(lines[0] + "\n" + lines[0][:40])
    assert [note.token for note in notes.read(torn)] == [record.token]
    assert notes.add(torn, notes.Note("next", "2026-11-29", ()))
    assert [note.token for note in notes.read(torn)] == [record.token, "next"]
    assert ring().index.hex() not in lines[0]
    torn.unlink()
