"""Where visits are found: menu, bell, export."""

from django.utils.translation import gettext_lazy as _

from zhike.care.exporting import FollowUpExport
from zhike.care.permissions import FOLLOW_UP, MANAGE_SETTINGS
from zhike.care.rules import State
from zhike.care.selectors import METRIC
from zhike.core.exporter.kinds import KINDS
from zhike.core.shell import MENU, NOTICES, MenuEntry, Notice, OwnCount


def register() -> None:
    MENU.fill(
        MenuEntry(
            "follow-ups",
            _("Follow-ups"),
            "phone-calling",
            "care:list",
            permission=FOLLOW_UP,
            group="today",
            order=40,
            own=OwnCount(METRIC, (State.DUE.value,)),
            go_key="f",
        )
    )
    MENU.fill(
        MenuEntry(
            "follow-up-settings",
            _("Follow-up rules"),
            "phone-calling",
            "care:settings",
            permission=MANAGE_SETTINGS,
            group="admin",
            order=46,
        )
    )
    for kind, text in (
        ("care.due", _("The follow-up visit to %(customer)s is due by %(due)s")),
        ("care.assigned", _("%(name)s gave you the follow-up visit to %(customer)s, %(due)s")),
    ):
        NOTICES.fill(Notice(kind, text, "phone-calling"))
    KINDS.fill(FollowUpExport())
