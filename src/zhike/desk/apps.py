from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "zhike.desk"
    label = "desk"
    verbose_name = _("Service desk")

    def ready(self) -> None:
        from zhike.desk import (
            customer_file,
            deliveries,
            due_plans,
            erasing,
            handlers,
            live_topics,
            measured,
            notices,
            permissions,
            personal_data,
            retaining,
            shell_entries,
        )
        from zhike.desk.selectors import found
        from zhike.desk.services.words import look_through_survey
        from zhike.surveys.slots import TEXT_READERS, TextReader

        permissions.register()
        handlers.register()
        live_topics.register()
        measured.register()
        notices.register()
        deliveries.register()
        customer_file.register()
        found.register()
        shell_entries.register()
        due_plans.register()
        erasing.register()
        personal_data.register()
        retaining.register()
        TEXT_READERS.fill(TextReader("desk.words", look_through_survey))
