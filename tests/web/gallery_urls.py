"""Every component on its own pages, for tests of the look: `urls("tests.web.gallery_urls")`."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path, reverse

from zhike.accounts.models import User
from zhike.config.urls import handler400, handler403, handler404, handler500
from zhike.config.urls import urlpatterns as whole
from zhike.core import access, clock
from zhike.core.listing import (
    Batch,
    Choice,
    Column,
    DateRange,
    Flag,
    Keyword,
    Listing,
    Sort,
    Tab,
)

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
HERE = Path(__file__).parent
TIERS = (("vip", "VIP"), ("key", "重点"), ("normal", "普通"))

PEOPLE = Listing(
    "gallery.people",
    columns=(
        Column("name", "工单", always=True, sort="name"),
        Column("tier", "客户"),
        Column("title", "类型"),
        Column("due", "时限", sort="seen"),
        Column("owner", "负责人"),
        Column("number", "工号", sort="number", number=True),
        Column("email", "电子邮箱", shown=False),
    ),
    tabs=(
        Tab("all", "全部"),
        Tab("working", "在岗", lambda rows: rows.filter(is_active=True)),
        Tab("left", "离岗", lambda rows: rows.filter(is_active=False)),
    ),
    filters=(
        Keyword("q", "姓名、工号", lambda rows, text: rows.filter(name__contains=text)),
        DateRange("seen", "最近登录", field="last_login"),
        Choice("language", "语言", (("zh-hans", "简体中文"), ("en", "English")), field="language"),
        Choice("title", "岗位", (("坐席", "坐席"), ("主管", "主管")), field="title", multiple=True),
        Flag("unseen", "从未登录", lambda rows: rows.filter(last_login=None), more=True),
    ),
    sorts=(
        Sort("name", "name"),
        Sort("number", "staff_number"),
        Sort("seen", "last_login", nullable=True),
    ),
    default_sort="number",
    batch=(
        Batch("move", "转派", "arrows-transfer-up", "gallery-batch"),
        Batch("stop", "停用", "ban", "gallery-batch", danger=True),
    ),
)


class ComponentForm(forms.Form):
    name = forms.CharField(label="姓名", help_text="写身份证上的名字。")
    city = forms.ChoiceField(label="城市", choices=[("", "请选择"), ("1", "周口"), ("2", "商丘")])
    born = forms.DateField(
        label="生日", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    phone = forms.RegexField(
        r"^1\d{10}$", label="手机号", error_messages={"invalid": "还少 1 位，请再看一下"}
    )
    note = forms.CharField(label="备注", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    wishes = forms.MultipleChoiceField(
        label="您希望怎样解决",
        choices=[("fix", "修好"), ("swap", "换货"), ("say", "给个说法")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    way = forms.ChoiceField(
        label="怎么联系您",
        choices=[("call", "打电话"), ("wechat", "微信")],
        widget=forms.RadioSelect,
    )
    agree = forms.BooleanField(label="我同意用以上信息处理这件事")


def page(request: HttpRequest, name: str, context: Mapping[str, Any]) -> HttpResponse:
    text = (HERE / "gallery" / name).read_text(encoding="utf-8")
    return HttpResponse(engines["pages"].from_string(text).render(dict(context), request))


def filled_form(public: bool = False) -> ComponentForm:
    form = ComponentForm(
        {"name": "陈志强", "phone": "138 0000 602", "wishes": ["fix"], "way": "call"}
    )
    form.is_valid()
    return form


def components(request: HttpRequest) -> HttpResponse:
    now = clock.now()
    hours = {f"h{n}".replace("-", "m"): now + timedelta(hours=n) for n in (-30, -1, 1, 3, 30, 80)}
    messages.success(request, "已存为视图“今天到期”。")
    messages.error(request, "没有发出去：可以改用短信。")
    context = {"form": filled_form(), "now": now, "long_ago": now - timedelta(days=400), **hours}
    return page(request, "components.html", context)


def states(request: HttpRequest) -> HttpResponse:
    return page(request, "states.html", {})


def people(request: HttpRequest) -> HttpResponse:
    rows = User.objects.select_related("unit")
    if "view_counts" in request.GET:
        return PEOPLE.respond(request, rows, "", grants=access.grants_of(request.user))
    shown = PEOPLE.page(
        request,
        rows,
        grants=access.grants_of(request.user),
        counts=lambda: {"all": 40, "working": 31, "left": 9},
        export_url="/export/",
    )
    return page(request, "people.html", {"list": shown, "now": clock.now()})


def people_counted(request: HttpRequest) -> HttpResponse:
    """The same through `respond`, with a template of the program."""
    rows = User.objects.all()
    return PEOPLE.respond(request, rows, "web/list.html", grants=access.grants_of(request.user))


def batch(request: HttpRequest) -> HttpResponse:
    return HttpResponse(",".join(map(str, PEOPLE.chosen_ids(request.POST))))


@login_not_required
def public(request: HttpRequest) -> HttpResponse:
    return page(request, "public.html", {"form": filled_form()})


@login_not_required
def tracking(request: HttpRequest) -> HttpResponse:
    return page(request, "tracking.html", {})


def forbidden(request: HttpRequest) -> HttpResponse:
    raise access.Forbidden("views.share")


def missing(request: HttpRequest) -> HttpResponse:
    raise access.NotFound("没有这张工单")


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


def away(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=302, headers={"Location": reverse("gallery")})


urlpatterns = [
    path("gallery/", components, name="gallery"),
    path("gallery/states/", states),
    path("gallery/people/", people, name="gallery-people"),
    path("gallery/counted/", people_counted, name="gallery-counted"),
    path("gallery/batch/", batch, name="gallery-batch"),
    path("gallery/public/", public),
    path("gallery/tracking/", tracking),
    path("gallery/forbidden/", forbidden),
    path("gallery/missing/", missing),
    path("gallery/broken/", broken),
    path("gallery/away/", away),
    *whole,
]
