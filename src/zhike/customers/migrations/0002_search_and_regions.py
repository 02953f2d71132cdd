"""The search index, the order of last contacts, and the provinces a new installation starts with."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from zhike.core.search import index_operations

# (name, written before a city's name). Ordered by pinyin within their kind, municipalities first.
PROVINCES = (
    "北京市", "重庆市", "上海市", "天津市",
    "安徽省", "福建省", "甘肃省", "广东省", "贵州省", "海南省", "河北省", "河南省", "黑龙江省", "湖北省",
    "湖南省", "吉林省", "江苏省", "江西省", "辽宁省", "青海省", "山东省", "山西省", "陕西省", "四川省",
    "台湾省", "云南省", "浙江省",
    "广西壮族自治区", "内蒙古自治区", "宁夏回族自治区", "西藏自治区", "新疆维吾尔自治区",
    "香港特别行政区", "澳门特别行政区",
)  # fmt: skip


def seed_provinces(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    region_model = apps.get_model("customers", "Region")
    for position, name in enumerate(PROVINCES, 1):
        region = region_model.objects.create(
            name=name, full_name=name, level="province", position=position
        )
        region.path = f"/{region.pk}/"
        region.save(update_fields=["path"])


# Declared here and not in the model: "empty last" is a word only PostgreSQL's indexes know; SQLite's
# descending indexes end with the empty ones anyway. The third serves "longest without contact first".
CONTACT_INDEXES = (
    ("customer_unit_contact", "unit_id, last_contact_at DESC{last}, id DESC"),
    ("customer_contact", "last_contact_at DESC{last}, id DESC"),
    ("customer_contact_rising", "last_contact_at, id"),
)


def index_last_contact(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    last = " NULLS LAST" if editor.connection.vendor == "postgresql" else ""
    for name, columns in CONTACT_INDEXES:
        editor.execute(
            f"CREATE INDEX {name} ON customers_customer ({columns.format(last=last)}) "
            "WHERE merged_into_id IS NULL AND voided_at IS NULL"
        )


def drop_last_contact(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    for name, _columns in CONTACT_INDEXES:
        editor.execute(f"DROP INDEX {name}")


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]
    operations = [
        migrations.RunPython(seed_provinces, migrations.RunPython.noop),
        migrations.RunPython(index_last_contact, drop_last_contact),
        *index_operations("customers_customer"),
    ]
