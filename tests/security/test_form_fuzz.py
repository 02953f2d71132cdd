"""Whatever a form is sent, its page answers below 500 and a refusal leaves nothing behind."""

import logging
from collections.abc import Iterator
from random import Random

import pytest
from django.core.signals import got_request_exception
from django.test import Client

from tests.browser.walking import listed
from tests.proofs import figure, rounds
from tests.security import fuzzing, hostile
from tests.security.fuzzing import Found, Tally, Visitor
from tests.security.pages import Form, Input
from zhike.accounts.models import User
from zhike.demo.load import load_demo

pytestmark = [pytest.mark.proof, pytest.mark.django_db]
SEED = 20261129
# Who holds everything comes first: refusals for want of a right are of no interest here.
PEOPLE = ("1000", "1010", "1001", "1040", "1060")


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of refusals are what is asked for here; nobody wants to read them."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def people(tally: Tally) -> list[Visitor]:
    found = []
    for number in PEOPLE:
        client = Client()
        client.force_login(User.objects.get(staff_number=number))
        found.append(Visitor(number, client, tally))
    return found


def customer(tally: Tally) -> Visitor:
    """Somebody who has just sent the public form and holds the link of its progress."""
    client = Client()
    sent = client.post(
        "/s/", {"kind": "complaint", "text": "电池不耐用", "name": "许红梅", "phone": "13900001111"}
    )
    assert sent.status_code == 302
    visitor = Visitor("customer", client, tally)
    visitor.keep_cookies()
    return visitor


def dice(*what: str) -> Random:
    """For each form and address its own: what it is sent does not depend on what else is there today."""
    return Random(f"{SEED} {' '.join(what)}")


def test_no_form_breaks_its_page_or_leaves_half_of_anything(given) -> None:
    with given():
        load_demo(customers=20, cases=25)
    count = rounds(short=1, long=4)
    tally, found = Tally(), Found()
    public = customer(tally)
    staff = people(tally)
    visitors = [*staff, public, Visitor("stranger", Client(), tally)]
    starts = [page.path for page in listed() if page.path]
    fuzzing.listen(visitors)
    try:
        forms = 0
        for visitor in visitors:
            visitor.look()
            own = ["/s/done/", "/t/", "/s/"] if visitor is public else starts
            for form in list(fuzzing.walk(visitor, own, found)):
                chance = dice(form.method, fuzzing.view_of(form.action), *form.names())
                fuzzing.send_spoiled(visitor, form, chance, count)
                forms += 1
        spoil_addresses(staff[0], found, count)
    finally:
        for visitor in visitors:
            got_request_exception.disconnect(visitor.note_exception)
    figure("Hostile requests to pages", tally.requests)
    figure("Kinds of form they were sent to", forms)
    figure("Addresses tried", len(fuzzing.all_templates()))
    figure("Answers of 5xx to them", sum(n for code, n in tally.statuses.items() if code >= 500))
    assert not tally.faults, tally.report()
    assert not tally.half_written, tally.report()


def spoil_addresses(visitor: Visitor, found: Found, count: int) -> None:
    """Every address: its parameters, bodies that are no forms, and nonsense for its parts."""
    for view, addresses in list(found.addresses.items()):
        for name in sorted(found.parameters.get(view, set())):
            for value in [b"\x00", *hostile.some(dice(view, name), count)]:
                plain = addresses[0].partition("?")[0]
                visitor.send("GET", f"{plain}?{fuzzing.urlencoded([(name, value)]).decode()}")
    reached = {view for _method, view, _names in found.forms}
    for view, template in fuzzing.all_templates():
        random = dice(view, template)
        known = [a.partition("?")[0] for a in found.addresses.get(view, [])]
        if not known and view not in reached:
            # Nobody was led here: an address made up, with what forms of this kind usually hold.
            made = fuzzing.likely_address(template)
            form = Form(made, "POST", inputs=[Input(name, "text") for name in fuzzing.USUAL_FIELDS])
            fuzzing.send_spoiled(visitor, form, random, 1)
            known = [made]
        for address in [*known[:1], *fuzzing.hostile_addresses(template, random, count)]:
            visitor.send("GET", address)
            visitor.send("POST", address, b"a=1")
        for address in known[:1]:
            for body, kind in random.sample(list(fuzzing.broken_bodies()), min(count, 8)):
                visitor.send("POST", address, body, kind)
