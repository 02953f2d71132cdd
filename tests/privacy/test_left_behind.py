"""What a person would leave behind: bytes others share, imports, files taken back, old names, copies."""

import shutil
from datetime import timedelta

import pytest
from django.conf import settings

from tests.cast import Cast
from tests.importer.scene import Upload, tried, uploaded, whole, worked
from tests.privacy.conftest import SECOND_PHONE, SIGN, where
from tests.privacy.test_retention import YEARS, on
from zhike.core import clock, retention
from zhike.core.errors import Conflict, RuleError
from zhike.core.exporter import KINDS, begin_export, register
from zhike.core.files import file_path, remove_bytes, store_file
from zhike.core.importer import services as imports
from zhike.core.importer.context import table_of
from zhike.core.jobs.inline import run_pending_jobs
from zhike.core.models import ExportRun, ImportRun, PersonKey, StoredFile
from zhike.core.retention import rounds
from zhike.customers import services
from zhike.customers.models import Customer, Identity
from zhike.customers.services.erasing import erase_customer
from zhike.desk import services as desk
from zhike.desk.models import Attachment, Case

pytestmark = pytest.mark.django_db
SHEET = f"姓名,手机,备注,生日\n{SIGN}导入,{SECOND_PHONE},{SIGN}说的,1985-03-08\n"


@pytest.fixture(autouse=True)
def _no_bytes_of_earlier_tests() -> None:
    """Rows are rolled back after a test, its files are not; here all files are looked through."""
    shutil.rmtree(settings.DATA / "files", ignore_errors=True)


def case_with_file(cast: Cast, customer_id: int) -> Case:
    """A closed case; all of them hold the same bytes."""
    new = desk.NewCase("inquiry", "phone", "问价", customer_id=customer_id)
    case = desk.open_case(**cast.lin.acting, new=new).case
    photo = desk.NewFile(store_file(Upload(f"{SIGN}照片")), "照片.txt")
    desk.add_attachment(**cast.lin.acting, case_id=case.pk, files=[photo])
    desk.close_case(**cast.wang.acting, case_id=case.pk, outcome="solved", text="已答复")
    return case


def erased(cast: Cast, customer_id: int) -> None:
    erase_customer(**cast.admin.acting, customer_id=customer_id, reason="本人书面要求")
    run_pending_jobs()


def is_kept(case: Case) -> bool:
    stored = StoredFile.objects.get(pk=Attachment.objects.get(case=case).file_id)
    # What a commit starts does not run inside a test.
    remove_bytes()
    assert (stored.removed_at is None) == file_path(stored.digest).exists()
    return stored.removed_at is None


# Bytes that several rows share


def test_bytes_of_two_cases_go_with_the_second_one_that_ends(cast: Cast, frozen_clock) -> None:
    start = clock.now()
    first = case_with_file(cast, cast.chen.pk)
    frozen_clock(start + timedelta(days=400))
    second = case_with_file(cast, cast.chen.pk)
    on(cast, "desk.files", 3 * 365)
    frozen_clock(start + timedelta(days=3 * 365 + 30))
    assert rounds.run_all() == 1
    assert Attachment.objects.get(case=first).name == retention.ENDED
    assert is_kept(second)
    frozen_clock(start + YEARS)
    assert rounds.run_all() == 1
    assert not is_kept(second)


def test_bytes_of_two_people_go_with_the_second_one_erased(cast: Cast) -> None:
    other = services.create_customer(**cast.lin.acting, name="另一人")
    first, second = case_with_file(cast, cast.chen.pk), case_with_file(cast, other.pk)
    erased(cast, cast.chen.pk)
    assert is_kept(first)
    erased(cast, other.pk)
    assert not is_kept(second)


# The same workbook uploaded again


def person_imported(cast: Cast) -> tuple[ImportRun, Customer]:
    run = whole("customers", SHEET, cast.zhoukou.pk)
    return run, Customer.objects.get(name=f"{SIGN}导入", voided_at__isnull=True)


def test_imports_that_wrote_nothing_keep_no_workbook_of_an_erased_person(cast: Cast) -> None:
    name = f"{SIGN}.csv"
    discarded = uploaded("customers", SHEET, cast.zhoukou.pk, name=name)
    imports.discard(actor=cast.admin.actor, run=discarded)
    run, customer = person_imported(cast)
    left = tried(uploaded("customers", SHEET, cast.zhoukou.pk, name=name))
    assert {discarded.file_id, left.file_id} == {run.file_id}
    erased(cast, customer.pk)
    assert not file_path(run.file.digest).exists()
    assert where(SIGN, SECOND_PHONE) == []
    left.refresh_from_db()
    assert (left.state, left.sample) == ("undone", "")
    with pytest.raises(RuleError) as refused:
        table_of(left)
    assert refused.value.code == "file_gone"
    page = cast.admin.client().get(f"/imports/{left.pk}/")
    assert page.status_code == 200


def test_imports_left_lying_end_with_their_file(cast: Cast, frozen_clock) -> None:
    start = clock.now()
    run = tried(uploaded("customers", SHEET, cast.zhoukou.pk))
    on(cast, "core.imports", 90)
    frozen_clock(start + timedelta(days=80))
    assert rounds.run_all() == 0
    frozen_clock(start + timedelta(days=91))
    assert rounds.run_all() == 1
    run.refresh_from_db()
    assert (run.state, run.file_name, run.sample) == ("undone", retention.ENDED, "")
    remove_bytes()
    assert not file_path(run.file.digest).exists()
    page = cast.admin.client().get(f"/imports/{run.pk}/")
    assert page.status_code == 200
    assert rounds.run_all() == 0


def test_a_stopped_import_ends_with_its_file_and_says_how_far_it_came(
    cast: Cast, frozen_clock, given
) -> None:
    start = clock.now()
    on(cast, "core.imports", 90)
    half = whole("customers", SHEET, cast.zhoukou.pk)
    with given():
        # As a job leaves it that was stopped after its first rows.
        ImportRun.objects.filter(pk=half.pk).update(
            state="stopped", finished_at=None, rows_total=9, changed_at=start
        )
    none = tried(uploaded("customers", SHEET.replace("说的", "没写的"), cast.zhoukou.pk))
    imports.begin(actor=cast.admin.actor, run=none, policy="skip")
    imports.stop(actor=cast.admin.actor, run=ImportRun.objects.get(pk=none.pk))
    frozen_clock(start + timedelta(days=80))
    assert rounds.run_all() == 0
    frozen_clock(start + timedelta(days=91))
    assert rounds.run_all() == 2
    half.refresh_from_db()
    none.refresh_from_db()
    assert (half.state, half.finished_at, half.created_count) == ("done", start, 1)
    assert (none.state, none.created_count) == ("undone", 0)
    remove_bytes()
    for run in (half, none):
        assert (run.file_name, run.sample) == (retention.ENDED, "")
        assert not file_path(run.file.digest).exists()
        with pytest.raises(Conflict):
            imports.go_on(actor=cast.admin.actor, run=run)
        assert not imports.can_undo(run)
    page = cast.admin.client().get(f"/imports/{half.pk}/").content.decode()
    assert "导入到第 1 行（共 9 行）时停下" in page
    assert rounds.run_all() == 0
    # What an unfinished import held up can be done now.
    erased(cast, Customer.objects.get(name=f"{SIGN}导入").pk)
    assert where(SIGN, SECOND_PHONE) == []


# Files an undone import took out of use


def test_a_file_taken_back_goes_with_the_one_imported_again(cast: Cast) -> None:
    first, voided = person_imported(cast)
    imports.undo(actor=cast.admin.actor, run=first)
    assert worked(first).state == "undone"
    again = SHEET.replace("说的", "又说的")
    whole("customers", again, cast.zhoukou.pk)
    customer = Customer.objects.get(name=f"{SIGN}导入", voided_at__isnull=True)
    assert customer.pk != voided.pk
    erased(cast, customer.pk)
    assert where(SIGN, SECOND_PHONE) == []
    gone = Customer.objects.get(pk=voided.pk)
    assert gone.erased_at is not None
    assert (gone.remark, gone.birth_month, gone.birth_day) == ("", None, None)
    assert PersonKey.objects.get(pk=gone.key_id).wrapped == ""
    assert Identity.objects.get(customer=gone).value_sealed == ""
    assert cast.admin.client().get(f"/customers/{voided.pk}/").status_code in (404, 410)


# Names they once had


def test_ending_the_history_keeps_the_names_an_erasure_searches_by(
    cast: Cast, frozen_clock
) -> None:
    lin = cast.lin.acting
    customer = services.create_customer(**lin, name=f"{SIGN}旧名", phone=SECOND_PHONE)
    services.update_customer(**lin, customer_id=customer.pk, name="新名", remark="旧备注")
    services.update_customer(**lin, customer_id=customer.pk, remark="新备注")
    on(cast, "customers.history", 3 * 365)
    frozen_clock(clock.now() + YEARS)
    assert rounds.run_all() > 0
    changes = dict(customer.changes.filter(version=2).values_list("field", "before"))
    assert changes["name"] == f"{SIGN}旧名"
    assert not customer.changes.filter(field="remark", after="新备注").exists()
    kind = KINDS.get("customers")
    assert kind is not None
    made = begin_export(
        **cast.wang.acting, kind=kind, file_format="csv", reason=f"找{SIGN}旧名", purpose="contact"
    )
    b"".join(made.chunks())
    erased(cast, customer.pk)
    assert SIGN not in ExportRun.objects.get(pk=made.run.pk).reason


# An export under way


def test_an_export_under_way_while_somebody_is_erased_is_not_kept(cast: Cast) -> None:
    kind = KINDS.get("customers")
    assert kind is not None
    made = begin_export(
        **cast.wang.acting, kind=kind, file_format="csv", reason="逐户回访", purpose="contact"
    )
    chunks = made.chunks()
    next(chunks)
    erased(cast, cast.chen.pk)
    for _chunk in chunks:
        pass
    run = ExportRun.objects.get(pk=made.run.pk)
    assert (run.state, run.digest) == ("broken", "")
    assert run.gone_at is not None
    assert not register.export_path(run).exists()
    with pytest.raises(Conflict):
        register.fetch_again(**cast.wang.acting, number=run.number)
