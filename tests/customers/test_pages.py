"""The pages: who may open them, what they show and what they refuse."""

import re
from typing import Any

import pytest
from django.urls import reverse

from tests.cast import CHEN_PHONE, Cast, make_customer, make_staff
from zhike.core.models import AuditRow
from zhike.customers import services
from zhike.customers.models import Customer, CustomFieldDefinition, Identity, MergeJournal, Tag

pytestmark = pytest.mark.django_db

NASTY = "<script>alert(1)</script>"


def url(name: str, *args: Any) -> str:
    return reverse(f"customers:{name}", args=args)


def test_the_list_shows_name_tier_and_masked_number(cast: Cast, query_budget) -> None:
    for n in range(30):
        make_customer(cast.zhoukou, f"客户{n}", manager_id=cast.lin.user.pk, tags=("批发",))
    client = cast.lin.client()
    client.get(url("list"))
    with query_budget("customers:list"):
        page = client.get(url("list"))
    text = page.content.decode()
    assert page.status_code == 200
    assert "陈志强" in text
    assert "138****6027" in text
    assert CHEN_PHONE not in text


def test_the_list_is_narrowed_searched_and_scoped(cast: Cast) -> None:
    make_customer(cast.zhoukou, "许红梅", phone="15039412281", tags=("批发",))
    make_customer(cast.shangqiu, "外站客户")
    tag = Tag.objects.get().pk
    region = cast.chen.region.path.split("/")[1]
    expected = {
        "": {"陈志强", "许红梅"},
        "?tab=vip": {"陈志强"},
        "?q=6027": {"陈志强"},
        "?q=15039412281": {"许红梅"},
        "?q=150%203941%202281": {"许红梅"},
        "?q=陈老板": {"陈志强"},
        "?q=商水": {"陈志强"},
        f"?tag={tag}": {"许红梅"},
        f"?region={region}": {"陈志强"},
        "?orphan=1": {"许红梅"},
        "?sort=name": {"陈志强", "许红梅"},
        "?sort=-contact": {"陈志强", "许红梅"},
    }
    client = cast.lin.client()
    for query, names in expected.items():
        text = client.get(url("list") + query).content.decode()
        seen = {name for name in ("陈志强", "许红梅", "外站客户") if f">{name}</a>" in text}
        assert seen == names, query
    assert "外站客户" in cast.zhou.client().get(url("list")).content.decode()


def test_an_email_finds_its_customer(cast: Cast) -> None:
    services.add_identity(
        **cast.lin.acting, customer_id=cast.chen.pk, channel="email", value="Chen@Example.com"
    )
    text = cast.lin.client().get(url("list") + "?q=chen@example.com").content.decode()
    assert ">陈志强</a>" in text


def test_the_file_page_within_its_budget(cast: Cast, query_budget) -> None:
    services.record_preference(
        **cast.lin.acting, customer_id=cast.chen.pk, value="4:00–8:00 请勿来电", is_caution=True
    )
    services.record_need(
        **cast.lin.acting, customer_id=cast.chen.pk, kind="unmet_problem", text="雨天断电"
    )
    client = cast.lin.client()
    client.get(url("file", cast.chen.pk))
    with query_budget("customers:file"):
        page = client.get(url("file", cast.chen.pk))
    text = page.content.decode()
    for told in ("陈志强", "陈老板", "138****6027", "4:00–8:00 请勿来电", "雨天断电", "林静"):
        assert told in text
    assert CHEN_PHONE not in text
    for tab in ("changes", "details"):
        assert client.get(url("file", cast.chen.pk) + f"?tab={tab}").status_code == 200


def test_a_foreign_file_looks_like_a_missing_one(cast: Cast) -> None:
    client = cast.zhou.client()
    for name in ("file", "edit", "card"):
        foreign = client.get(url(name, cast.chen.pk))
        absent = client.get(url(name, 10**9))
        assert (foreign.status_code, absent.status_code) == (404, 404)
        assert shape(foreign) == shape(absent)


def shape(page: Any) -> str:
    return re.sub(r"E-[0-9A-F]{6}|[A-Za-z0-9]{64}|/customers/\d+/", "", page.content.decode())


def test_every_route_asks_for_sign_in_and_permission(cast: Cast) -> None:
    from django.test import Client

    trainer = make_staff("4001", "周老师", cast.company, "trainer")
    gets = [url("list"), url("export"), url("create"), url("file", cast.chen.pk)]
    gets += [url("edit", cast.chen.pk), url("merge", cast.chen.pk), url("card", cast.chen.pk)]
    gets += [url("fields"), url("field-create"), url("tags"), url("regions")]
    identity = cast.chen.identities.get().pk
    posts = [
        url(name, cast.chen.pk)
        for name in ("stage", "preference-add", "need-add", "identity-add", "address-add")
    ]
    posts += [url("identity-reveal", cast.chen.pk, identity), url("duplicates")]
    posts += [url("identity-void", cast.chen.pk, identity), url("merge-undo", 1)]
    before = Customer.objects.values_list("version", flat=True).get(pk=cast.chen.pk)
    for address in gets:
        assert Client().get(address).status_code == 302, address
        assert trainer.client().get(address).status_code == 403, address
    for address in posts:
        assert Client().post(address).status_code == 302, address
        assert trainer.client().post(address).status_code == 403, address
        assert cast.lin.client().get(address).status_code == 405, address
    assert Customer.objects.values_list("version", flat=True).get(pk=cast.chen.pk) == before
    assert Identity.objects.filter(voided_at__isnull=True).count() == 1


def test_looking_at_a_number_is_a_post_that_is_written_down(cast: Cast) -> None:
    identity = cast.chen.identities.get()
    shown = cast.lin.client().post(
        url("identity-reveal", cast.chen.pk, identity.pk), headers={"HX-Request": "true"}
    )
    assert CHEN_PHONE in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    assert AuditRow.objects.filter(action="customers.reveal").count() == 1
    refused = cast.zhou.client().post(url("identity-reveal", cast.chen.pk, identity.pk))
    assert refused.status_code == 404
    assert AuditRow.objects.filter(action="customers.reveal").count() == 1


def test_a_file_is_opened_by_the_form(cast: Cast) -> None:
    page = cast.lin.client().post(
        url("create"),
        {
            "kind": "person",
            "name": "许红梅",
            "phone": "150 3941 2281",
            "tier": "key",
            "unit": cast.zhoukou.pk,
            "region": "河南省周口市商水县",
            "birthday": "11-25",
            "tags": "批发，老客户",
            "address": "果品市场 3 排 12 号",
            "manager": cast.lin.user.pk,
        },
    )
    made = Customer.objects.get(name="许红梅")
    assert page.status_code == 302
    assert (made.birth_month, made.birth_day, made.tags_text) == (11, 25, "批发 老客户")
    assert made.addresses.count() == 1
    assert "果品市场" not in made.addresses.get().text_sealed


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"phone": "1381234602"},
        {"phone": CHEN_PHONE},
        {"birthday": "2月30日"},
        {"birthday": "someday"},
        {"region": "亚特兰蒂斯"},
        {"organisation": "没有这家"},
        {"tier": "god"},
        {"unit": "999999"},
        {"household_size": "0"},
        {"referrer_phone": "15000000000"},
    ],
)
def test_a_wrong_form_says_so_and_writes_nothing(cast: Cast, wrong: dict[str, str]) -> None:
    data = {"name": "许红梅", "tier": "ordinary", "unit": str(cast.zhoukou.pk), **wrong}
    page = cast.lin.client().post(url("create"), data)
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.content.decode()
    assert Customer.objects.count() == 1


def test_an_edit_on_an_old_version_shows_the_news_first(cast: Cast) -> None:
    client = cast.lin.client()
    page = client.get(url("edit", cast.chen.pk)).content.decode()
    assert 'name="version" value="1"' in page
    services.update_customer(**cast.wang.acting, customer_id=cast.chen.pk, salutation="陈先生")
    data = {
        "name": "陈志强",
        "salutation": "陈总",
        "tier": "vip",
        "unit": cast.zhoukou.pk,
        "manager": cast.lin.user.pk,
        "region": "河南省周口市商水县",
        "version": 1,
    }
    refused = client.post(url("edit", cast.chen.pk), data)
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "陈老板 → 陈先生" in text
    assert 'value="2"' in text
    assert client.post(url("edit", cast.chen.pk), {**data, "version": 2}).status_code == 302
    cast.chen.refresh_from_db()
    assert cast.chen.salutation == "陈总"


def test_duplicates_are_told_while_typing(cast: Cast) -> None:
    post = {"name": "某人", "phone": "13812346027"}
    own = cast.lin.client().post(url("duplicates"), post).content.decode()
    assert url("file", cast.chen.pk) in own
    foreign = cast.zhou.client().post(url("duplicates"), post).content.decode()
    assert "陈志强" in foreign
    assert "138****6027" in foreign
    assert url("file", cast.chen.pk) not in foreign
    assert "商水" not in foreign


def test_small_forms_on_the_file(cast: Cast) -> None:
    client = cast.lin.client()
    pk = cast.chen.pk
    assert client.post(url("preference-add", pk), {"value": "喜欢打电话"}).status_code == 302
    assert client.post(url("preference-add", pk), {"value": "长" * 201}).status_code == 422
    assert client.post(url("need-add", pk), {"kind": "need", "text": "上门"}).status_code == 302
    need = cast.chen.needs.get()
    assert client.post(url("need-close", pk, need.pk), {"state": "met"}).status_code == 302
    assert client.post(url("need-close", pk, need.pk), {"state": "met"}).status_code == 422
    stage = {"stage": "kept", "day": "2026-01-02"}
    assert client.post(url("stage", pk), stage).status_code == 302
    assert client.post(url("stage", pk), {"stage": "lost"}).status_code == 422
    way = {"channel": "wechat", "value": "chenlaoban88"}
    assert client.post(url("identity-add", pk), way).status_code == 302
    assert client.post(url("address-add", pk), {"text": "某处 1 号"}).status_code == 302
    assert client.post(url("address-void", pk, cast.chen.addresses.get().pk)).status_code == 302
    assert (
        client.post(url("preference-void", pk, cast.chen.preferences.get().pk)).status_code == 302
    )
    changes = client.get(url("file", pk) + "?tab=changes").content.decode()
    for told in ("喜欢打电话", "ch****88", "上门", "••••"):
        assert told in changes
    assert "某处" not in changes


def test_merging_by_the_page_and_taking_it_apart(cast: Cast) -> None:
    other = make_customer(cast.zhoukou, "陈志强", phone="15039412281", occupation="批发商")
    client = cast.wang.client()
    choose = client.get(url("merge", cast.chen.pk)).content.decode()
    assert f"?with={other.pk}" in choose
    address = url("merge", cast.chen.pk) + f"?with={other.pk}"
    assert client.get(address).status_code == 200
    done = client.post(address, {"take.occupation": "drop", "reason": "同一人"})
    assert done.status_code == 302
    moved = client.get(url("file", other.pk))
    assert (moved.status_code, moved.headers["Location"]) == (302, url("file", cast.chen.pk))
    journal = MergeJournal.objects.get()
    assert client.get(url("file", cast.chen.pk) + "?tab=details").status_code == 200
    undone = client.post(url("merge-undo", journal.pk), {"keep": cast.chen.pk})
    assert undone.status_code == 302
    assert client.get(url("file", other.pk)).status_code == 200


def test_whatever_is_typed_is_shown_as_text(cast: Cast) -> None:
    firm = make_customer(cast.zhoukou, f"公司{NASTY}", kind="organisation")
    nasty = make_customer(
        cast.zhoukou,
        f"陈{NASTY}",
        salutation=NASTY,
        remark=NASTY,
        tags=("<b>x</b>",),
        organisation_id=firm.pk,
        organisation_role=NASTY,
        occupation=NASTY,
        household_note=NASTY,
    )
    pk = nasty.pk
    services.record_preference(
        **cast.lin.acting, customer_id=pk, value=NASTY, topic=NASTY, source=NASTY, is_caution=True
    )
    services.record_need(**cast.lin.acting, customer_id=pk, kind="need", text=NASTY)
    services.change_stage(**cast.lin.acting, customer_id=pk, stage="lost", reason=NASTY)
    twin = make_customer(cast.zhoukou, f"陈{NASTY}", remark=f"{NASTY}2")
    client = cast.wang.client()
    pages = [
        url("list"),
        url("file", pk),
        url("file", pk) + "?tab=changes",
        url("file", pk) + "?tab=details",
        url("file", firm.pk),
        url("edit", pk),
        url("card", pk),
        url("merge", pk),
        url("merge", pk) + f"?with={twin.pk}",
    ]
    for address in pages:
        page = client.get(address)
        assert page.status_code == 200, address
        assert "<script>alert" not in page.content.decode(), address
        assert "&lt;script&gt;" in page.content.decode(), address


def test_settings_of_fields_tags_and_regions(cast: Cast) -> None:
    client = cast.admin.client()
    field = {"label": "用车", "code": "vehicles", "kind": "choice", "choices": "1 台\n2 台\n更多"}
    assert client.post(url("field-create"), {**field, "filterable": "on"}).status_code == 302
    assert client.post(url("field-create"), field).status_code == 422
    row = CustomFieldDefinition.objects.get()
    services.update_customer(
        **cast.lin.acting, customer_id=cast.chen.pk, custom={"vehicles": "2 台"}
    )
    listed = cast.lin.client().get(url("list") + "?f_vehicles=2+台").content.decode()
    assert ">陈志强</a>" in listed
    none = cast.lin.client().get(url("list") + "?f_vehicles=1+台").content.decode()
    assert ">陈志强</a>" not in none
    assert "2 台" in cast.lin.client().get(url("file", cast.chen.pk)).content.decode()
    assert client.get(url("field", row.pk)).status_code == 200
    assert client.post(url("field-retire", row.pk)).status_code == 302
    assert client.post(url("tags"), {"name": "批发"}).status_code == 302
    tag = Tag.objects.get()
    assert client.post(url("tag", tag.pk), {"name": "大批发"}).status_code == 302
    assert client.get(url("regions")).status_code == 200
    province = cast.chen.region.parent.parent
    assert (
        client.post(url("region", province.pk), {"name": "漯河市", "level": "city"}).status_code
        == 302
    )
    assert client.post(url("region-change", province.pk), {"name": "豫"}).status_code == 302
    assert "豫周口市商水县" in str(type(cast.chen.region).objects.get(pk=cast.chen.region_id))
    for page in ("fields", "tags", "regions"):
        assert client.get(url(page)).status_code == 200


def test_an_export_wants_a_reason_and_masks_numbers(cast: Cast) -> None:
    make_customer(cast.zhoukou, "=2+3", tags=("批发",))
    client = cast.wang.client()
    assert client.get(url("export")).status_code == 200
    assert client.post(url("export"), {"format": "csv", "reason": ""}).status_code == 422
    sent: Any = client.post(url("export"), {"format": "csv", "reason": "周报"})
    text = b"".join(sent.streaming_content).decode()
    assert "138****6027" in text
    assert CHEN_PHONE not in text
    assert "'=2+3" in text
    assert AuditRow.objects.filter(action="export.customers", reason="周报").exists()
    assert cast.lin.client().get(url("export")).status_code == 403


def test_numbers_in_free_text_are_masked_for_those_who_may_not_look(cast: Cast) -> None:
    services.update_customer(
        **cast.lin.acting, customer_id=cast.chen.pk, remark="老婆电话 15039412281"
    )
    services.record_preference(
        **cast.lin.acting, customer_id=cast.chen.pk, value="急事打 15039412281", is_caution=True
    )
    inspector = make_staff("3001", "孙丽", cast.company, "inspector")
    for tab in ("", "?tab=changes"):
        address = url("file", cast.chen.pk) + tab
        assert "15039412281" in cast.lin.client().get(address).content.decode()
        assert "15039412281" not in inspector.client().get(address).content.decode()
    assert "15039412281" not in inspector.client().get(url("card", cast.chen.pk)).content.decode()


def test_settings_pages_refuse_bad_input(cast: Cast) -> None:
    client = cast.admin.client()
    for data in (
        {"label": "", "code": "x", "kind": "text"},
        {"label": "名", "code": "1x", "kind": "text"},
        {"label": "名", "code": "x", "kind": "poem"},
        {"label": "名", "code": "x", "kind": "choice", "choices": "一个"},
    ):
        assert client.post(url("field-create"), data).status_code == 422
    assert not CustomFieldDefinition.objects.exists()
    assert client.post(url("tags"), {"name": "长" * 21}).status_code == 422
    assert client.post(url("regions"), {"name": "河南省", "level": "province"}).status_code == 422
    for name in ("field", "region"):
        assert client.get(url(name, 10**9)).status_code == 404


def test_ticked_rows_get_a_manager_tags_or_are_merged(cast: Cast) -> None:
    other = make_customer(cast.zhoukou, "许红梅", tags=("老客户",))
    foreign = make_customer(cast.shangqiu, "外站客户")
    client = cast.wang.client()
    ids = [cast.chen.pk, other.pk, foreign.pk]
    asked = client.post(url("batch-manager"), {"id": ids[:2]})
    assert asked.status_code == 200
    assert "许红梅" in asked.content.decode()
    assert client.post(url("batch-manager"), {"id": [foreign.pk]}).status_code == 302
    done = {"id": ids[:2], "do": "1", "manager": cast.wang.user.pk, "next": "//evil.example/"}
    answer = client.post(url("batch-manager"), done)
    assert (answer.status_code, answer.headers["Location"]) == (302, url("list"))
    assert set(Customer.objects.values_list("pk", "manager_id")) == {
        (cast.chen.pk, cast.wang.user.pk),
        (other.pk, cast.wang.user.pk),
        (foreign.pk, None),
    }
    # One that is out of reach: nothing is done to any.
    refused = client.post(url("batch-tags"), {"id": ids, "do": "1", "tags": "批发"})
    assert refused.status_code == 404
    assert not Tag.objects.filter(name="批发").exists()
    client.post(url("batch-tags"), {"id": ids[:2], "do": "1", "tags": "批发"})
    other.refresh_from_db()
    assert other.tags_text == "批发 老客户"
    side = client.post(url("batch-merge"), {"id": ids[:2]})
    assert side.headers["Location"] == url("merge", ids[0]) + f"?with={ids[1]}"
    assert client.post(url("batch-merge"), {"id": ids[:1]}).headers["Location"] == url("list")
    assert cast.lin.client().post(url("batch-merge"), {"id": ids[:2]}).status_code == 403
