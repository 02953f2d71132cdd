import os
import threading
import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.contrib.auth import get_user_model, login, logout
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.utils import translation
from django.utils.translation import gettext as _

from zhike.core import work

closed: list[str] = []
slow_begun: list[int] = []


def refuse_large_bodies(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.META.get("zhike.body_too_large"):
            return HttpResponse("page: too large", status=413)
        return get_response(request)

    return middleware


def sign_in(request: HttpRequest) -> HttpResponse:
    user, _made = get_user_model().objects.get_or_create(username="lin")
    login(request, user)
    return HttpResponse("signed in")


def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponse("signed out")


def page(request: HttpRequest) -> HttpResponse:
    names = list(get_user_model().objects.values_list("username", flat=True))
    return HttpResponse(f"pid {os.getpid()} users {len(names)}")


def slow(request: HttpRequest) -> HttpResponse:
    slow_begun.append(1)
    time.sleep(float(request.GET.get("seconds", "1")))
    return HttpResponse("slow")


def upload(request: HttpRequest) -> JsonResponse:
    body = request.read()
    return JsonResponse({"length": len(body), "declared": request.META["CONTENT_LENGTH"]})


def csv(request: HttpRequest) -> StreamingHttpResponse:
    rows = int(request.GET.get("rows", "1000"))

    def lines() -> Iterator[str]:
        try:
            for number in range(rows):
                yield f"{number},林工,杭州市西湖区文三路,2026-11-22\r\n"
        finally:
            closed.append("csv")

    return StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")


def broken_stream(request: HttpRequest) -> StreamingHttpResponse:
    def lines() -> Iterator[str]:
        yield "x" * 200_000
        raise RuntimeError("broken on purpose")

    return StreamingHttpResponse(lines())


def language_stream(request: HttpRequest) -> StreamingHttpResponse:
    def lines() -> Iterator[str]:
        for _number in range(4):
            yield translation.get_language() + " " + "x" * 70_000 + "\n"

    return StreamingHttpResponse(lines())


def touch(request: HttpRequest, topic: str) -> HttpResponse:
    with work.unit(work.Actor.system("tests")) as unit:
        unit.touch(topic, "changed", {"n": request.GET.get("n", "")})
    return HttpResponse("touched")


def state(request: HttpRequest) -> JsonResponse:
    return JsonResponse(
        {
            "pid": os.getpid(),
            "closed": len(closed),
            "slow_begun": len(slow_begun),
            "threads": threading.active_count(),
            "files": sum(1 for fd in os.listdir("/proc/self/fd") if "static" in _target(fd)),
        }
    )


def _target(fd: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{fd}")
    except OSError:
        return ""


def echo(request: HttpRequest, rest: str) -> JsonResponse:
    return JsonResponse(
        {
            "path": request.path,
            "method": request.method,
            "address": request.META["REMOTE_ADDR"],
            "headers": {k: v for k, v in request.META.items() if k.startswith("HTTP_")},
            "language": translation.get_language(),
            "busy": _("Many people are using this right now. Please try again in a moment."),
        }
    )


def big_file(request: HttpRequest) -> FileResponse:
    return FileResponse((settings.STATIC_ROOT / "big.zip").open("rb"))
