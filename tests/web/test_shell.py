"""The frame of every page: language, errors, menu, headers."""

import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.urls import reverse

from tests.cast import Cast
from zhike.core.models import Notification
from zhike.core.serving.environ import TOO_LARGE
from zhike.core.shell import MENU, MENU_GROUPS, MenuEntry
from zhike.web.context import Shell

# As the front marks a body it refused to take in.
HUGE: dict[str, Any] = {TOO_LARGE: True}
pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.gallery_urls")]


def html(answer: Any) -> str:
    return answer.content.decode()


# Language


def test_the_desk_speaks_chinese_whatever_the_browser_prefers(cast: Cast) -> None:
    answer = cast.lin.client().get("/gallery/", headers={"Accept-Language": "en"})
    assert '<html lang="zh-Hans">' in html(answer)
    assert answer.headers["Content-Language"] == "zh-hans"
    assert "跳到正文" in html(answer)


def test_a_persons_own_choice_goes_before_the_cookie(cast: Cast, given) -> None:
    client = cast.lin.client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert '<html lang="en">' in html(client.get("/gallery/"))
    with given():
        cast.lin.user.language = "zh-hant"
        cast.lin.user.save()
    assert '<html lang="zh-Hant">' in html(client.get("/gallery/"))


@pytest.mark.parametrize("cookie", ["xx", "en-us-extra", "../../etc", "zh"])
def test_an_unknown_language_is_ignored(cast: Cast, cookie: str) -> None:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie
    assert '<html lang="zh-Hans">' in html(client.get("/gallery/public/"))


# Errors


def test_forbidden_says_which_permission_and_offers_a_way_on(cast: Cast) -> None:
    answer = cast.lin.client().get("/gallery/forbidden/")
    assert answer.status_code == 403
    assert "把列表视图共享给所有人" in html(answer)
    assert "zk-side" in html(answer)
    assert answer.headers["X-Request-Code"] in html(answer)


def test_missing_and_mistyped_look_alike(cast: Cast) -> None:
    client = cast.lin.client()
    assert client.get("/gallery/missing/").status_code == 404
    assert "没有这张工单" in html(client.get("/gallery/missing/"))
    mistyped = client.get("/nothing/here/")
    assert mistyped.status_code == 404
    assert "不在您的查看范围内" in html(mistyped)


def test_nobody_signed_in_sees_no_menu_on_an_error_page() -> None:
    answer = Client().get("/nothing/here/")
    assert answer.status_code == 404
    assert "zk-side" not in html(answer)
    assert reverse("accounts:sign-in") in html(answer)


def test_a_failure_shows_a_code_that_stands_in_the_log(cast: Cast, caplog) -> None:
    client = cast.lin.client()
    client.raise_request_exception = False
    answer = client.get("/gallery/broken/")
    assert answer.status_code == 500
    code = answer.headers["X-Request-Code"]
    assert code in html(answer)
    assert "我们这边出了问题" in html(answer)
    assert any(code in record.getMessage() for record in caplog.records)
    assert "ZeroDivisionError" not in html(answer)


def test_too_large_is_said_in_the_readers_language(cast: Cast) -> None:
    client = cast.lin.client()
    answer = client.post("/gallery/", **HUGE)
    assert answer.status_code == 413
    assert "20 MB" in html(answer)
    assert "什么都没有存下" in html(answer)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert "Nothing was saved" in html(client.post("/gallery/", **HUGE))


def test_too_large_for_the_api_is_json() -> None:
    answer = Client().post("/api/v1/customers", **HUGE)
    assert answer.status_code == 413
    assert json.loads(answer.content)["error"]["code"] == "too_large"


def test_a_form_kept_open_too_long_keeps_its_reader_calm(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.lin.user)
    answer = client.post(reverse("web:list-preference"), {"list": "x"})
    assert answer.status_code == 403
    assert "这个页面打开得太久了" in html(answer)


# Menu and head


def test_the_menu_shows_what_the_reader_may_open_and_nothing_else(cast: Cast) -> None:
    assert reverse("accounts:people") in html(cast.admin.client().get("/gallery/"))
    assert reverse("accounts:people") not in html(cast.lin.client().get("/gallery/"))


def test_an_entry_without_a_page_is_not_shown(cast: Cast) -> None:
    known = dict(MENU._items)
    try:
        MENU.fill(MenuEntry("moon", "月亮", "star", "web:moon"))
        assert "月亮" not in html(cast.lin.client().get("/gallery/"))
    finally:
        MENU._items.clear()
        MENU._items.update(known)


def test_the_entry_nearest_to_the_address_is_active(cast: Cast) -> None:
    request = RequestFactory().get(reverse("accounts:person", args=[cast.lin.user.pk]))
    request.user = cast.admin.user
    active = [i.entry.key for group in Shell(request).menu for i in group if i.is_active]
    assert active == ["people"]


def test_an_entry_must_name_one_of_the_groups() -> None:
    with pytest.raises(ValueError, match="no group"):
        MenuEntry("x", "x", "star", "web:home", group="elsewhere")
    assert {entry.group for entry in MENU} <= set(MENU_GROUPS)


def test_the_bell_counts_unread_lines(cast: Cast, given) -> None:
    from zhike.core import clock

    with given():
        for _n in range(3):
            Notification.objects.create(user_id=cast.lin.user.pk, kind="x", made_at=clock.now())
    page = html(cast.lin.client().get("/gallery/"))
    assert "，3 条未读" in page
    assert '<b class="zk-dot">3</b>' in page
    assert "条未读" not in html(cast.zhou.client().get("/gallery/"))


def test_a_page_for_customers_asks_for_nobody(query_budget, cast: Cast) -> None:
    with query_budget("gallery:public"):
        answer = Client().get("/gallery/public/")
    assert answer.status_code == 200


def test_headers_forbid_inline_and_keep_pages_out_of_shared_caches(cast: Cast) -> None:
    headers = cast.lin.client().get("/gallery/").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["X-Frame-Options"] == "DENY"
    assert "Cookie" in headers["Vary"]


def test_names_are_escaped_wherever_they_stand(cast: Cast, given) -> None:
    with given():
        cast.lin.user.name = '<script>x</script>"'
        cast.lin.user.save()
    page = html(cast.lin.client().get("/gallery/"))
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


def test_only_the_owner_hears_a_bell(cast: Cast) -> None:
    from zhike.core.live.rights import allowed

    own, other = f"user:{cast.lin.user.pk}", f"user:{cast.zhou.user.pk}"
    heard = allowed(cast.lin.grants, [own, other, "user:x", "user:", "user"])
    assert heard == {own}
