"""The sentences of the desk under the bell."""

from django.utils.translation import gettext_lazy as _

from zhike.core.shell import NOTICES, Notice


def register() -> None:
    for kind, text, icon in (
        (
            "desk.handover",
            _("%(name)s handed %(number)s over to you: %(title)s"),
            "arrows-transfer-up",
        ),
        (
            "desk.taken_over",
            _("%(name)s passed your case %(number)s on: %(title)s"),
            "arrows-transfer-up",
        ),
        ("desk.mention", _("%(name)s asks you in %(number)s: %(text)s"), "at"),
        ("desk.urge", _("The customer asks for news of %(number)s: %(title)s"), "bell-ringing"),
        (
            "desk.dissatisfied",
            _("The customer is not content with %(number)s: %(title)s"),
            "mood-sad",
        ),
    ):
        NOTICES.fill(Notice(kind, text, icon))
