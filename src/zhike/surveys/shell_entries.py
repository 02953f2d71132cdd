"""Where questionnaires are found."""

from django.utils.translation import gettext_lazy as _

from zhike.core.shell import MENU, MenuEntry
from zhike.surveys.permissions import VIEW


def register() -> None:
    MENU.fill(
        MenuEntry(
            "surveys",
            _("Questionnaires"),
            "clipboard-list",
            "surveys:list",
            permission=VIEW,
            group="quality",
            order=10,
            go_key="s",
        )
    )
