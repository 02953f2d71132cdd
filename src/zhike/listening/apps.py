from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ListeningConfig(AppConfig):
    name = "zhike.listening"
    label = "listening"
    verbose_name = _("Customers' words")

    def ready(self) -> None:
        from zhike.core.exporter import KINDS as EXPORT_KINDS
        from zhike.core.importer import KINDS
        from zhike.core.search.kinds import SEARCH_KINDS, SearchKind
        from zhike.core.shell import MENU, MenuEntry
        from zhike.customers.slots import TIMELINE_KINDS, TimelineKind
        from zhike.listening import (
            erasing,
            handlers,
            permissions,
            personal_data,
            retaining,
            selectors,
        )
        from zhike.listening.exporting import FeedbackExport
        from zhike.listening.importing import FeedbackImport
        from zhike.listening.services.feedback import TIMELINE_KIND

        permissions.register()
        erasing.register()
        personal_data.register()
        retaining.register()
        handlers.subscribe()
        KINDS.fill(FeedbackImport())
        EXPORT_KINDS.fill(FeedbackExport())
        SEARCH_KINDS.fill(
            SearchKind(
                "feedback",
                _("Customers' words"),
                "message-2",
                permissions.VIEW,
                find=selectors.find_hits,
                count=selectors.count_hits,
                order=40,
            )
        )
        TIMELINE_KINDS.fill(
            TimelineKind(TIMELINE_KIND, _("Customer's words"), "message-2", group="talk")
        )
        MENU.fill(
            MenuEntry(
                "feedback",
                _("Customers' words"),
                "message-2",
                "listening:list",
                permission=permissions.VIEW,
                group="people",
                order=40,
                go_key="v",
            )
        )
