"""What lists remember: columns, row height, page size, saved views."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast, Staff
from zhike.core.errors import Forbidden, NotFound, RuleError
from zhike.core.models import AuditRow
from zhike.web.list_memory import StoredMemory
from zhike.web.models import ListPreference, SavedView
from zhike.web.services import lists

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.gallery_urls")]
LIST = "gallery.people"


def post(client: Client, name: str, *args: int, **data: object) -> Any:
    body = {"next": reverse("gallery-people"), "list": LIST, **data}
    return client.post(reverse(name, args=args), body)


def save(
    who: Staff, title: str = "主管", query: str = "title=主管", shared: bool = False
) -> SavedView:
    return lists.save_view(**who.acting, list_name=LIST, title=title, query=query, is_shared=shared)


def test_chosen_columns_stay_and_a_newer_column_follows_its_own_default(cast: Cast) -> None:
    client = cast.lin.client()
    offered = ["tier", "title", "due", "owner", "email"]
    post(client, "web:list-preference", offered=offered, column=["tier", "email"])
    text = client.get(reverse("gallery-people")).content.decode()
    heads = text[text.index("<thead") : text.index("</thead")]
    assert "电子邮箱" in heads
    assert "负责人" not in heads
    # `number` was not offered, as if a newer version had brought it.
    assert "工号" in heads


def test_each_choice_leaves_the_others_alone(cast: Cast) -> None:
    client = cast.lin.client()
    post(client, "web:list-preference", offered=["tier"], column=[])
    post(client, "web:list-preference", density="compact")
    post(client, "web:list-preference", size="20")
    kept = StoredMemory().preference(cast.lin.grants, LIST)
    assert (kept.hidden, kept.density, kept.size) == (frozenset({"tier"}), "compact", 20)
    page = client.get(reverse("gallery-people")).content.decode()
    assert "density-compact" in page
    # Another person's list is as it was.
    assert StoredMemory().preference(cast.zhou.grants, LIST).density == "normal"


@pytest.mark.parametrize(
    "data",
    [
        {"size": "7"},
        {"size": "²"},
        {"size": "99999999999999"},
        {"density": "huge"},
        {"offered": ["\x00", "<b>", "a" * 500], "column": ["\x00"]},
    ],
)
def test_a_forged_preference_changes_nothing(cast: Cast, data: dict[str, object]) -> None:
    answer = post(cast.lin.client(), "web:list-preference", **data)
    assert answer.status_code == 302
    row = ListPreference.objects.get()
    assert (row.shown, row.hidden, row.density, row.size) == ([], [], "normal", 50)


def test_a_list_nobody_declared_like_this_is_refused(cast: Cast) -> None:
    answer = post(cast.lin.client(), "web:list-preference", list="x\x00'; --")
    assert answer.status_code == 404
    assert not ListPreference.objects.exists()


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "", "\\\\evil.example"]
)
def test_the_way_back_never_leads_to_another_house(cast: Cast, to: str) -> None:
    answer = post(cast.lin.client(), "web:list-preference", density="roomy", next=to)
    assert answer.headers["Location"] == "/"


def test_only_posts_and_only_people_who_are_signed_in(cast: Cast) -> None:
    assert cast.lin.client().get(reverse("web:list-preference")).status_code == 405
    for name, args in (("list-preference", ()), ("view-add", ()), ("view-change", (1,))):
        answer = post(Client(), f"web:{name}", *args, title="x")
        assert answer.status_code == 302
        assert reverse("accounts:sign-in") in answer.headers["Location"]
    assert not ListPreference.objects.exists()
    assert not SavedView.objects.exists()


def test_a_view_is_kept_shown_active_and_audited(cast: Cast) -> None:
    client = cast.lin.client()
    answer = post(client, "web:view-add", title=" 主管 ", query="title=主管")
    assert answer.status_code == 302
    view = SavedView.objects.get()
    assert (view.title, view.owner_id) == ("主管", cast.lin.user.pk)
    assert AuditRow.objects.filter(action="web.view.save").count() == 1
    page = client.get(reverse("gallery-people"), {"title": "主管"}).content.decode()
    assert f'class="is-on" aria-current="true" data-view="{view.pk}"' in page
    assert "存为视图</summary>" not in page


def test_the_same_name_again_keeps_the_newer_conditions(cast: Cast) -> None:
    save(cast.lin)
    save(cast.lin, query="title=坐席")
    assert SavedView.objects.get().query == "title=坐席"


def test_a_view_counts_its_rows_after_the_page(cast: Cast) -> None:
    view = save(cast.lin, query="q=林静")
    answer = cast.lin.client().get(reverse("gallery-people"), {"view_counts": "1"})
    assert answer.json() == {str(view.pk): "1"}


def test_sharing_needs_the_permission_and_then_everybody_sees_it(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        save(cast.lin, shared=True)
    assert not SavedView.objects.exists()
    shared = save(cast.wang, shared=True)
    save(cast.wang, title="我自己的")
    seen = StoredMemory().views(cast.zhou.grants, LIST)
    assert [(v.id, v.is_own) for v in seen] == [(shared.pk, False)]


def test_a_view_of_somebody_else_is_as_good_as_missing(cast: Cast) -> None:
    view = save(cast.wang, shared=True)
    for data in ({"title": "改名"}, {"do": "remove"}):
        assert post(cast.zhou.client(), "web:view-change", view.pk, **data).status_code == 404
    assert SavedView.objects.get().title == "主管"
    with pytest.raises(NotFound):
        lists.remove_view(**cast.zhou.acting, pk=view.pk)


def test_a_view_is_renamed_but_not_onto_another_one(cast: Cast) -> None:
    first, second = save(cast.lin), save(cast.lin, title="坐席")
    lists.rename_view(**cast.lin.acting, pk=first.pk, title="组长", is_shared=False)
    assert SavedView.objects.get(pk=first.pk).title == "组长"
    with pytest.raises(RuleError, match="同名"):
        lists.rename_view(**cast.lin.acting, pk=second.pk, title="组长", is_shared=False)
    post(cast.lin.client(), "web:view-change", first.pk, do="remove")
    assert SavedView.objects.get() == second


@pytest.mark.parametrize("title", ["", "   ", "\x00\n"])
def test_a_view_needs_a_name(cast: Cast, title: str) -> None:
    client = cast.lin.client()
    post(client, "web:view-add", title=title, query="a=1")
    assert not SavedView.objects.exists()
    assert "请给视图起个名字" in client.get(reverse("gallery-people")).content.decode()


def test_thirty_views_are_enough(cast: Cast) -> None:
    for n in range(30):
        save(cast.lin, title=f"视图 {n}")
    with pytest.raises(RuleError, match="30"):
        save(cast.lin, title="再来一个")
    save(cast.lin, title="视图 3", query="q=新的")
    with pytest.raises(RuleError):
        save(cast.lin, title="视图 4", query="q=" + "长" * 2000)
