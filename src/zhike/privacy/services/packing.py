"""The copy of a person's data: a .zip with a workbook for people and a JSON file for programs."""

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any

import xlsxwriter
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Forbidden, Grants
from zhike.core.exporter import escaped, register
from zhike.core.exporter.watermark import Watermark
from zhike.core.exporter.writers import safe_sheet_name, shown
from zhike.core.models import ExportPurpose, ExportRun
from zhike.customers.permissions import REVEAL, sees_everything
from zhike.customers.services.erasing import file_ids_of
from zhike.privacy.choices import StepKind
from zhike.privacy.services.answering import stepping
from zhike.privacy.services.taking_in import add_step
from zhike.privacy.slots import PARTS, PersonalPart

KIND = "person_package"
# More of one kind than this are left out, and the copy says so.
MOST_ROWS = 20_000
Rows = list[Mapping[str, Any]]


def make_package(
    *, actor: work.Actor, grants: Grants, number: str
) -> tuple[ExportRun, Iterator[bytes]]:
    """Everything we hold about the person, complete numbers included; the register of exports knows of it."""
    grants.require(REVEAL)
    if not sees_everything(grants):
        raise Forbidden(
            REVEAL, _("Your role keeps some values masked; the package holds all of them.")
        )
    with stepping(actor, grants, number, StepKind.PACKAGE) as at:
        file_ids = file_ids_of(at.request.customer_id)
        # Read while the request is locked: what is counted is what is handed out.
        parts = _collected(file_ids)
        run = register.add(
            at.unit,
            grants,
            kind=KIND,
            reason=_("Request %(number)s") % {"number": at.request.number},
            customer_id=at.request.customer_id,
            purpose=ExportPurpose.PERSON,
            file_format="zip",
            rows=sum(len(rows) for _part, rows in parts),
            revealed=True,
            query=at.request.number,
        )
        add_step(at.unit, at.request, StepKind.PACKAGE, data={"export": run.number})
    return run, register.kept(run, _zipped(run, parts))


def _collected(file_ids: list[int]) -> list[tuple[PersonalPart, Rows]]:
    in_order = sorted(PARTS, key=lambda part: (part.order, part.key))
    return [(part, list(part.rows(file_ids))[:MOST_ROWS]) for part in in_order]


def _zipped(run: ExportRun, parts: list[tuple[PersonalPart, Rows]]) -> Iterator[bytes]:
    buffer = io.BytesIO()
    mark = Watermark.of(run)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr("data.json", _as_json(run, parts))
        box.writestr("data.xlsx", _as_workbook(mark, parts))
    yield buffer.getvalue()


def _as_json(run: ExportRun, parts: list[tuple[PersonalPart, Rows]]) -> str:
    told = {
        "export": run.number,
        "made_at": run.made_at,
        "request": run.query,
        "parts": {part.key: rows for part, rows in parts},
    }
    return json.dumps(told, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder)


def _as_workbook(mark: Watermark, parts: list[tuple[PersonalPart, Rows]]) -> bytes:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(
        stream,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    head = book.add_format({"bold": True, "bg_color": "#eef6f6", "border": 1})
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    for part, rows in parts:
        sheet = book.add_worksheet(safe_sheet_name(str(part.label)))
        sheet.freeze_panes(1, 0)
        sheet.set_header("&R" + mark.line.replace("&", "&&")[:200])
        for place, column in enumerate(part.columns):
            sheet.set_column(place, place, column.width, text)
            sheet.write_string(0, place, str(column.label), head)
        for line, row in enumerate(rows, 1):
            for place, column in enumerate(part.columns):
                sheet.write_string(line, place, escaped(shown(row.get(column.key)))[:32_000])
    about = book.add_worksheet(safe_sheet_name(_("About this file")))
    about.set_column(0, 0, 18, head)
    about.set_column(1, 1, 80, text)
    for line, (label, value) in enumerate(mark.facts()):
        about.write_string(line, 0, label, head)
        about.write_string(line, 1, escaped(value))
    book.set_properties({"title": mark.number, "author": mark.who, "comments": mark.line})
    book.close()
    return stream.getvalue()
