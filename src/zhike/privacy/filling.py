"""What this room hangs into the slots of others, at start-up."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from zhike.core.access import Grants
from zhike.core.exporter import KINDS as EXPORT_KINDS
from zhike.core.exporter.kinds import LABELS, FileLabel
from zhike.core.shell import MENU, NOTICES, MenuEntry, Notice
from zhike.customers.models import Customer
from zhike.customers.slots import ACTIONS, PANELS, FileAction, FilePanel
from zhike.privacy import package_parts
from zhike.privacy.lists import RequestExport
from zhike.privacy.permissions import TAKE
from zhike.privacy.selectors import visible_requests
from zhike.privacy.services.packing import KIND

SHOWN = 50


def fill() -> None:
    MENU.fill(
        MenuEntry(
            "data-requests",
            _("Personal data requests"),
            "user-question",
            "privacy:list",
            permission=TAKE,
            group="people",
            order=40,
        )
    )
    for kind, text, icon in (
        (
            "privacy.new",
            _("A person asks about their data: %(kind)s (%(number)s)"),
            "user-question",
        ),
        ("privacy.due", _("Request %(number)s is due on %(due)s"), "clock"),
        ("privacy.overdue", _("Request %(number)s was due on %(due)s"), "alert-triangle"),
    ):
        NOTICES.fill(Notice(kind, text, icon))
    EXPORT_KINDS.fill(RequestExport())
    LABELS.fill(FileLabel(KIND, _("A person's copy of their data")))
    PANELS.fill(
        FilePanel(
            "data_requests",
            _("Data requests"),
            "privacy/_customer_requests.html",
            _panel,
            permission=TAKE,
            order=75,
        )
    )
    ACTIONS.fill(
        FileAction(
            "data_request",
            _("Data request"),
            "user-question",
            _new_url,
            permission=TAKE,
            order=90,
        )
    )
    package_parts.fill()


def _new_url(customer: Customer) -> str:
    return f"{reverse('privacy:create')}?{urlencode({'customer': customer.pk})}"


def _panel(request: HttpRequest, customer: Customer, grants: Grants) -> Mapping[str, Any]:
    rows = visible_requests(grants).filter(customer=customer).order_by("-pk")
    return {"requests": list(rows[:SHOWN]), "new_url": _new_url(customer)}
