"""The register as a file: what goes out can be changed, come back, and be taken back."""

import io
from decimal import Decimal

import pytest
from django.utils.translation import override

from tests.importer.scene import IMPORTER, counts, imported, tried, uploaded, whole, worked
from zhike.core.access import everything
from zhike.core.exporter import KINDS
from zhike.core.exporter.services import begin_export
from zhike.core.exporter.writers import write_csv, write_xlsx
from zhike.core.importer import kinds_for
from zhike.core.importer import services as importing
from zhike.reference.models import ReferenceValue
from zhike.reference.services import add_value, change_value
from zhike.reference.services.values import ValueFields

OWN = ValueFields(
    "换车年限", Decimal(5), Decimal(7), "年", said_by="座谈", source="纪要", year=2024
)
HEAD = "指标,数值（或下限）,上限,单位,基数,谁说的,出处,年份,备注\n"


def exported() -> str:
    kind = KINDS.get("reference")
    assert kind is not None
    export = begin_export(
        actor=IMPORTER, grants=everything("tests"), kind=kind, file_format="csv", reason="往返"
    )
    return b"".join(write_csv(export.columns, export.records())).decode("utf-8-sig")


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_what_went_out_comes_back_as_the_same(cast, language) -> None:
    add_value(**cast.wang.acting, given=OWN)
    with override(language):
        text = exported()
    # Figures as people write them.
    assert ",332000," in text
    assert ".0000" not in text
    run = whole("reference", text, cast.zhoukou.pk)
    total = ReferenceValue.objects.count()
    assert counts(run) == (0, 0, total, 0, 0)


def test_a_workbook_comes_back_as_the_same(cast) -> None:
    add_value(**cast.wang.acting, given=OWN)
    kind = KINDS.get("reference")
    assert kind is not None
    export = begin_export(
        actor=IMPORTER, grants=everything("tests"), kind=kind, file_format="xlsx", reason="往返"
    )
    book = io.BytesIO()
    write_xlsx(export.columns, export.records(), book, "参考值")
    sent = uploaded("reference", book.getvalue(), cast.zhoukou.pk, name="参考值.xlsx")
    run = imported(tried(sent))
    assert counts(run) == (0, 0, ReferenceValue.objects.count(), 0, 0)


def test_lines_are_added_changed_and_taken_back(cast) -> None:
    loyal = ReferenceValue.objects.get(code="loyal")
    with override("zh-hans"):
        line = f"{loyal.label},80,,%,{loyal.base_text},{loyal.said_by_text},,,"
    own = "换车年限,5,7,年,,座谈,纪要,2024,"
    run = whole("reference", HEAD + line + "\n" + own + "\n", cast.zhoukou.pk)
    assert counts(run)[:2] == (1, 1)
    loyal.refresh_from_db()
    assert (loyal.low, loyal.base, loyal.said_by) == (Decimal(80), "", "")
    made = ReferenceValue.objects.get(measure="换车年限")
    assert (made.value, made.source, made.year) == ("5–7 年", "纪要", 2024)
    importing.undo(actor=IMPORTER, run=run)
    worked(run)
    loyal.refresh_from_db()
    made.refresh_from_db()
    assert loyal.low == Decimal(95)
    assert made.ended_at is not None


def test_what_somebody_changed_since_is_not_taken_back(cast) -> None:
    loyal = ReferenceValue.objects.get(code="loyal")
    with override("zh-hans"):
        line = f"{loyal.label},80,,%,{loyal.base_text},{loyal.said_by_text},,,"
        base, who = loyal.base_text, loyal.said_by_text
    run = whole("reference", HEAD + line + "\n", cast.zhoukou.pk)
    given = ValueFields(loyal.measure, Decimal(70), unit="%", base=base, said_by=who)
    change_value(**cast.wang.acting, value_id=loyal.pk, given=given)
    importing.undo(actor=IMPORTER, run=run)
    worked(run)
    loyal.refresh_from_db()
    assert loyal.low == Decimal(70)


def test_wrong_lines_are_told_and_left_out(cast) -> None:
    lines = (
        "换车年限,5,3,年,,座谈,,,",
        "推荐率,30,,%,,协会,,,",
        "推荐率,三成,,%,占新客户,协会,,,",
        "推荐率,,,%,占新客户,学会,,,",
        ",30,,%,占新客户,学会,,,",
        "推荐率,30,,%,占新客户,研究所,,1700,",
    )
    run = tried(uploaded("reference", HEAD + "\n".join(lines) + "\n", cast.zhoukou.pk))
    assert run.error_count == len(lines)
    before = ReferenceValue.objects.count()
    assert before == ReferenceValue.objects.exclude(code="").count()


def test_one_origin_twice_in_a_file_is_refused(cast) -> None:
    lines = "推荐率,30,,%,占新客户,协会,,,\n推荐率,40,,%,占新客户,协会,,,\n"
    run = tried(uploaded("reference", HEAD + lines, cast.zhoukou.pk))
    assert run.error_count == 1


def test_customers_stay_what_an_import_begins_with() -> None:
    keys = [kind.key for kind in kinds_for(everything("tests"))]
    assert keys[0] == "customers"
    assert keys[-1] == "reference"
