"""Deliveries as a file, for those whose shipments stand in a spreadsheet."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as _noop
from django.utils.translation import pgettext_lazy

from zhike.accounts.selectors import reachable_units
from zhike.core.errors import Conflict
from zhike.core.importer import Change, Context, ImportField, ImportKind, Outcome, Row
from zhike.core.work import Work
from zhike.customers.importing import refuse_numbers
from zhike.customers.models import Customer
from zhike.customers.permissions import PHONE, is_hidden
from zhike.customers.permissions import VIEW as VIEW_CUSTOMERS
from zhike.satisfaction.models import Delivery
from zhike.satisfaction.permissions import MANAGE
from zhike.satisfaction.services.asking import running_rules
from zhike.satisfaction.services.deliveries import (
    LONGEST_CUSTOMER,
    LONGEST_REFERENCE,
    LONGEST_SOURCE,
    LONGEST_WHAT,
    customers_meant,
    is_same,
    record,
    take_back,
)

UNKNOWN_CUSTOMER = _noop("No customer has this number.")
UNKNOWN_HINT = _noop("Import the customer first, or leave out the line.")
NO_UNIT = _noop("There is no unit of this name, or it is not yours.")
TWO_UNITS = _noop("Several units have this name.")
TOLD_OTHERWISE = _noop("It was told before, with another customer, unit or time.")
TOLD_HINT = _noop("If that was wrong, please withdraw it in the list of deliveries first.")
NOT_YOURS = _noop(
    "Your role does not see customers, so it cannot say whom something was delivered to."
)
ASKED_ABOUT = _noop("A mail about it has left.")


class DeliveryImport(ImportKind):
    """A delivery is known by the number it has where it comes from: the same file again changes nothing."""

    key: ClassVar[str] = "deliveries"
    label: ClassVar[Any] = pgettext_lazy("delivery", "Deliveries")
    icon: ClassVar[str] = "package"
    permission: ClassVar[str] = MANAGE
    list_url: ClassVar[str] = "satisfaction:deliveries"
    summary: ClassVar[Any] = _(
        "What was delivered to whom and when; running rules then ask the customers."
    )
    fields: ClassVar[tuple[ImportField, ...]] = (  # zh-data
        ImportField(
            "reference", _("Number of the delivery"), required=True, max_length=LONGEST_REFERENCE,
            aliases=(
                "送达单号", "送货单号", "运单号", "快递单号", "物流单号", "订单号", "订单编号", "出库单号",
                "发货单号", "单号", "reference", "order",
            ),
            help=_("Of the order or the shipment. Told twice, it is asked about once."),
            example="SO-20261124-031",
        ),
        ImportField(
            "customer", _("Customer's phone or number"), required=True, personal=True,
            max_length=LONGEST_CUSTOMER,
            aliases=(
                "客户电话", "收货人电话", "收货电话", "手机", "手机号", "电话", "联系电话", "客户编号", "会员号",
                "客户", "customer", "phone",
            ),
            help=_("A full phone number, or the number of the customer in your other system."),
            example="13800002222",
        ),
        ImportField(
            "delivered_at", pgettext_lazy("delivery", "Delivered"), kind="datetime", required=True,
            aliases=(
                "送达时间", "送达日期", "签收时间", "签收日期", "交货日期", "交付日期", "到货日期", "日期", "时间",
                "delivered", "date",
            ),
            example="2026-11-24 10:30",
        ),
        ImportField(
            "unit", _("Unit"), max_length=80, aliases=("部门", "站点", "网点", "门店", "unit"),
            help=_("Without it, the unit chosen for the import."),
        ),
        ImportField(
            "what", pgettext_lazy("delivery", "What was delivered"), max_length=LONGEST_WHAT,
            aliases=("送达物品", "物品", "货物", "商品", "商品名称", "品名", "产品", "内容", "what", "goods"),
            example="后桥总成一件",
        ),
        ImportField(
            "source", _("Source"), max_length=LONGEST_SOURCE,
            aliases=("来源", "来源系统", "系统", "source"),
            help=_("Which program or list. Two of them may count alike."),
        ),
    )  # fmt: skip

    def identity(self, row: Row, by_line: str) -> str:
        return "" if row.values.get("reference") else by_line

    def unique_values(self, row: Row) -> Mapping[str, str]:
        reference = row.values.get("reference")
        return {"reference": "\x1f".join(_key(row))} if reference else {}

    def plan(self, rows: list[Row], context: Context) -> None:
        if not context.grants.allows(VIEW_CUSTOMERS):
            # Found or not would tell whose number it is.
            for row in rows:
                row.refuse("customer", NOT_YOURS)
            return
        if is_hidden(context.grants, PHONE):
            refuse_numbers(rows)
        meant = customers_meant(
            context.grants, [row.values["customer"] for row in rows if row.values.get("customer")]
        )
        units = _units(context)
        told = Delivery.objects.filter(
            reference__in=[row.values.get("reference", "") for row in rows],
            withdrawn_at__isnull=True,
        ).exclude(reference="")
        known = {(one.source, one.reference): one for one in told}
        for row in rows:
            delivery = _delivery(row, meant, units, context)
            if delivery is None or row.outcome is Outcome.ERROR:
                continue
            row.found = delivery
            before = known.get((delivery.source, delivery.reference))
            if before is None:
                continue
            if context.grants.reaches_unit(before.unit_id) and is_same(before, delivery):
                row.known_id, row.outcome = before.pk, Outcome.SAME
            else:
                row.refuse("reference", TOLD_OTHERWISE, TOLD_HINT)

    def save(self, rows: list[Row], context: Context, work: Work) -> None:
        running = running_rules()
        for row in rows:
            told = record(work, context.grants, row.found, running)
            row.object_id = told.delivery.pk

    def undo_created(self, made: list[Change], context: Context, work: Work) -> dict[int, str]:
        """Those nobody was written to about are withdrawn."""
        rows = Delivery.objects.filter(
            pk__in=[one.object_id for one in made], withdrawn_at__isnull=True
        )
        files = Customer.objects.filter(pk__in=rows.values("customer_id")).order_by("pk")
        list(files.select_for_update(no_key=True).only("pk"))
        kept: dict[int, str] = {}
        held = rows.select_related("customer").select_for_update(of=("self",), no_key=True)
        for delivery in held.order_by("pk"):
            try:
                with transaction.atomic():
                    take_back(work, delivery)
            except Conflict:
                kept[delivery.pk] = ASKED_ABOUT
        return kept

    def object_url(self, object_id: int) -> str:
        return reverse("satisfaction:delivery", args=[object_id])


def _key(row: Row) -> tuple[str, str]:
    """Source and number, as `record` knows a delivery."""
    source, reference = (row.values.get(name) or "" for name in ("source", "reference"))
    return " ".join(source.split()), " ".join(reference.split())


def _units(context: Context) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for unit in reachable_units(context.grants):
        found.setdefault(unit.name, []).append(unit.pk)
    return found


def _delivery(
    row: Row, meant: Mapping[str, int], units: Mapping[str, list[int]], context: Context
) -> Delivery | None:
    """Not saved; None where the row lacks something. Everything wrong with it is told at once."""
    values = row.values
    customer, name = values.get("customer"), values.get("unit")
    if customer and customer not in meant:
        row.refuse("customer", UNKNOWN_CUSTOMER, UNKNOWN_HINT)
    named = units.get(name, []) if name else [context.unit_id]
    if len(named) != 1:
        row.refuse("unit", TWO_UNITS if named else NO_UNIT)
    if row.outcome is Outcome.ERROR:
        return None
    source, reference = _key(row)
    return Delivery(
        source=source,
        reference=reference,
        customer_id=meant[values["customer"]],
        unit_id=named[0],
        what=" ".join(values.get("what", "").split()),
        delivered_at=values["delivered_at"],
        import_run_id=context.run_id,
    )
