from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplaintsConfig(AppConfig):
    name = "zhike.complaints"
    label = "complaints"
    verbose_name = _("Complaints")

    def ready(self) -> None:
        from zhike.complaints import (
            case_page,
            erasing,
            handlers,
            notices_shell,
            permissions,
            personal_data,
            remedy_page,
            retaining,
            shell_entries,
        )

        permissions.register()
        handlers.register()
        case_page.register()
        notices_shell.register()
        shell_entries.register()
        remedy_page.register()
        erasing.register()
        personal_data.register()
        retaining.register()
