"""NUL reaches no view: one database keeps it, the other refuses so much as to be asked for it."""

import re

import pytest
from django.test import Client

from tests.api.test_api import Caller
from tests.cast import Cast
from tests.security.fuzzing import all_templates
from zhike.api.root import api
from zhike.desk.models import Case

pytestmark = pytest.mark.django_db


def filled(template: str, part: str) -> str:
    """NUL for what may be any text, `part` for what must be a number or an id of its own."""
    pieces = re.split(r"(<[^>]+>|\{[^}]+\})", template)
    return "".join(
        piece if piece[:1] not in ("<", "{") else "%00" if "int:" not in piece else part
        for piece in pieces
    )


def test_no_address_that_holds_it_is_looked_up(cast: Cast) -> None:
    """Whoever holds everything asks, and whoever is not signed in, as a customer from a link."""
    addresses = [filled(template, "1") for _name, template in all_templates()]
    addresses = [address for address in addresses if "%00" in address]
    assert len(addresses) > 40
    for visitor in (cast.admin.client(), Client()):
        for address in addresses:
            for answer in (visitor.get(address), visitor.post(address)):
                assert answer.status_code in (302, 404), (address, answer.status_code)


@pytest.mark.parametrize("path", ["/cases/", "/surveys/", "/customers/", "/s/", "/healthz"])
def test_conditions_are_read_without_it(cast: Cast, path: str) -> None:
    answer = cast.admin.client().get(f"{path}?q=a%00b&zz%00=%00")
    assert answer.status_code == 200
    assert dict(answer.wsgi_request.GET.lists()) == {"q": ["ab"], "zz": [""]}


def test_a_form_is_taken_without_it(cast: Cast) -> None:
    """It comes along with something pasted: nobody should type a complaint twice for it."""
    sent = Client().post(
        "/s/",
        {
            "kind": "complaint",
            "text": "电池\x00不耐用",
            "name\x00": "许红梅",
            "phone": "139\x0000001111",
        },
    )
    assert sent.status_code == 302
    case = Case.objects.get()
    assert "\x00" not in case.title
    assert "电池不耐用" in case.title


def test_the_interface_knows_no_such_address(cast: Cast) -> None:
    caller = Caller(cast.admin)
    addresses = [filled(path, "1") for path in api.get_openapi_schema()["paths"]]
    addresses = [address for address in addresses if "%00" in address]
    assert len(addresses) > 20
    for address in addresses:
        assert caller.get(address.removeprefix("/api/v1"))[0] == 404, address
