"""Small things several desk pages need of a request."""

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse


def is_part(request: HttpRequest) -> bool:
    """A script asks for the inside of a page."""
    return request.headers.get("HX-Request") == "true"


def tracking_link(request: HttpRequest, token: str) -> str:
    """The whole address of the customer's progress page; nothing while no room offers one."""
    try:
        return request.build_absolute_uri(reverse("webform:tracking", args=[token]))
    except NoReverseMatch:
        return ""
