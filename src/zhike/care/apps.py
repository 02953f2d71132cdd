from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CareConfig(AppConfig):
    name = "zhike.care"
    label = "care"
    verbose_name = _("Follow-up visits")

    def ready(self) -> None:
        from zhike.care import (
            case_page,
            erasing,
            handlers,
            paper,
            permissions,
            personal_data,
            retaining,
            shell_entries,
        )
        from zhike.care.services import recounting

        permissions.register()
        handlers.register()
        case_page.register()
        paper.register()
        shell_entries.register()
        erasing.register()
        personal_data.register()
        recounting.register()
        retaining.register()
