"""The columns a customer file can be imported from, and the headers they are recognised by."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as _noop
from django.utils.translation import pgettext_lazy

from zhike.core.importer import EXTERNAL_ID, CellError, ImportField, Row
from zhike.core.importer.values import PHONE_HINT, clean_date, plain
from zhike.customers import rules
from zhike.customers.choices import (
    Channel,
    CompanyType,
    CustomerKind,
    FieldKind,
    IncomeBand,
    Sex,
    Stage,
    Tier,
)
from zhike.customers.models import ConsentPurpose, CustomFieldDefinition
from zhike.customers.normal import is_hotline

HOTLINE = _noop("This is a public short number, not the customer's own.")
NOT_A_BIRTHDAY = _noop("This is not a birthday.")
BIRTHDAY_HINT = _noop("Write it as 1985-03-12, or 03-12 without the year.")

_MONTH_DAY = re.compile(r"(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?")
# Import field → column of the file, where the value goes as it is.
PLAIN = (
    "name", "kind", "salutation", "sex", "occupation", "income_band", "company_type", "tier",
    "household_size", "household_note", "organisation_role", "remark", "external_id",
)  # fmt: skip
# Before the code of a purpose: a yes or a no to it.
CONSENT = "consent."
WAYS = (
    ("phone", Channel.PHONE),
    ("phone2", Channel.PHONE),
    ("id_card", Channel.ID_CARD),
    ("email", Channel.EMAIL),
)


def own_number(number: str) -> str:
    """Refuses what is a phone number, but nobody's: 110, 12345, 95588."""
    if is_hotline(number):
        raise CellError(HOTLINE, PHONE_HINT)
    return number


def _birthday(text: str) -> tuple[int | None, int, int]:
    short = _MONTH_DAY.fullmatch(plain(text))
    if short:
        year, month, day = None, int(short[1]), int(short[2])
    else:
        try:
            whole = clean_date(text)
        except CellError as error:
            raise CellError(NOT_A_BIRTHDAY, BIRTHDAY_HINT) from error
        year, month, day = whole.year, whole.month, whole.day
    if not rules.is_birthday(year, month, day):
        raise CellError(NOT_A_BIRTHDAY, BIRTHDAY_HINT)
    return year, month, day


def _tags(text: str) -> list[str]:
    return [part for part in re.split(r"[,，、;；\s]+", text) if part]


FIELDS = (  # zh-data
    ImportField(
        "name", _("Name"), aliases=("姓名", "名称", "客户姓名", "客户名称", "客户", "联系人", "车主", "车主姓名"),
        required=True, max_length=120, example="陈志强",
    ),
    ImportField(
        "phone", _("Phone"), kind="phone", personal=True, check=own_number,
        aliases=("电话", "手机", "手机号", "手机号码", "联系电话", "联系方式", "移动电话", "电话号码", "mobile"),
        help=_("A row with a number we know updates that customer."), example="13800002222",
    ),
    ImportField(
        "phone2", _("Second phone"), kind="phone", personal=True, check=own_number,
        aliases=("第二电话", "备用电话", "其他电话", "电话2", "座机", "固定电话"), example="021-12345678",
    ),
    ImportField(
        "id_card", _("Identity card"), kind="id_card", personal=True,
        aliases=("身份证", "身份证号", "身份证号码", "证件号", "证件号码"),
    ),
    ImportField(
        "email", _("E-mail"), kind="email", personal=True,
        aliases=("邮箱", "电子邮箱", "电子邮件", "email", "mail"), example="chen@example.com",
    ),
    ImportField(
        "kind", _("Person or organisation"), kind="choice", choices=CustomerKind.choices,
        aliases=("客户类型", "性质", "个人或单位"), help=_("Without it, a person."),
    ),
    ImportField(
        "salutation", _("Form of address"), aliases=("称呼", "尊称"), max_length=40, example="陈师傅"
    ),
    ImportField("sex", _("Sex"), kind="choice", choices=Sex.choices, aliases=("性别",)),
    ImportField(
        "birthday", _("Birthday"), aliases=("生日", "出生日期", "出生年月日"), check=_birthday,
        help=_("1985-03-12, or 03-12 without the year."), example="1985-03-12",
    ),
    ImportField(
        "tier", _("Tier"), kind="choice", choices=Tier.choices,
        aliases=("等级", "客户等级", "级别", "客户级别"),
    ),
    ImportField(
        "stage", _("Stage"), kind="choice", choices=Stage.choices,
        aliases=("阶段", "客户阶段", "状态", "客户状态"), help=_("Only for new customers."),
    ),
    ImportField(
        "region", pgettext_lazy("place", "Region"),
        aliases=("地区", "区域", "所在地", "省市", "省市区", "所在地区", "大区"),
        max_length=200, example="河南省",
    ),
    ImportField(
        "address", _("Address"), personal=True, max_length=200,
        aliases=("地址", "详细地址", "住址", "收货地址", "通讯地址", "联系地址"),
        example="文昌大道东段 8 号",
    ),
    ImportField(
        "organisation", _("Organisation"), aliases=("单位", "公司", "所属单位", "所属公司", "工作单位"),
        max_length=120,
    ),
    ImportField(
        "organisation_role", _("Role there"), aliases=("职务", "职位", "岗位"), max_length=60
    ),
    ImportField("occupation", _("Occupation"), aliases=("职业",), max_length=60, example="物流车队"),
    ImportField(
        "household_size", _("People in the household"), kind="integer", aliases=("家庭人数", "家庭人口")
    ),
    ImportField(
        "household_note", _("About the household"), aliases=("家庭情况",), max_length=200
    ),
    ImportField(
        "income_band", _("Income"), kind="choice", choices=IncomeBand.choices, aliases=("收入", "年收入")
    ),
    ImportField(
        "company_type", _("Type of company"), kind="choice", choices=CompanyType.choices,
        aliases=("企业性质", "单位性质", "公司类型"),
    ),
    ImportField(
        "manager", _("Account manager"), aliases=("客户经理", "负责人", "跟进人", "业务员", "专属客服"),
        help=_("Name or staff number."), max_length=60,
    ),
    ImportField(
        "tags", _("Tags"), aliases=("标签", "客户标签"), help=_("Several: with a comma between."),
        check=_tags, example="老客户、转介绍",
    ),
    ImportField(
        "remark", _("Remark"), kind="long_text", aliases=("备注", "说明", "备注说明"), max_length=2000
    ),
    ImportField(
        EXTERNAL_ID, _("Number in another system"),
        aliases=("编号", "客户编号", "会员号", "会员编号", "外部编号", "客户号", "id"),
        help=_("With it, the same customer is recognised in any later file."), max_length=80,
        example="KH-00031",
    ),
)  # fmt: skip

_CUSTOM_KINDS = {
    FieldKind.NUMBER: "number",
    FieldKind.DATE: "date",
    FieldKind.CHOICE: "choice",
    FieldKind.BOOL: "flag",
}


def own_field(definition: CustomFieldDefinition) -> ImportField:
    return ImportField(
        f"custom.{definition.code}",
        definition.label,
        kind=_CUSTOM_KINDS.get(FieldKind(definition.kind), "text"),
        choices=tuple((choice, choice) for choice in definition.choices),
        help=definition.help,
        max_length=200,
    )


def consent_field(purpose: ConsentPurpose) -> ImportField:
    """Yes or no to one purpose, as said now, with the file as proof."""
    return ImportField(
        f"{CONSENT}{purpose.code}",
        f"{_('Consent')}：{purpose.label}",
        kind="flag",
        help=_("Yes or no; empty says nothing."),
    )


def consents_in(row: Row) -> dict[str, bool]:
    """By code of the purpose: what the row says."""
    return {
        code.removeprefix(CONSENT): value
        for code, value in row.values.items()
        if code.startswith(CONSENT)
    }


def file_fields(row: Row) -> dict[str, Any]:
    """The row's values as the service takes them."""
    values = row.values
    fields: dict[str, Any] = {code: values[code] for code in PLAIN if code in values}
    for code in ("region_id", "manager_id", "organisation_id"):
        if code in values:
            fields[code] = values[code]
    if "birthday" in values:
        year, month, day = values["birthday"]
        fields |= {"birth_month": month, "birth_day": day}
        if year is not None:
            fields["birth_year"] = year
    custom = {
        code.removeprefix("custom."): value
        for code, value in values.items()
        if code.startswith("custom.")
    }
    if custom:
        fields["custom"] = custom
    return fields
