from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplaintsConfig(AppConfig):
    name = "zhike.complaints"
    label = "complaints"
    verbose_name = _("Complaints")

    def ready(self) -> None:
        from zhike.complaints import case_page, handlers, permissions, shell_entries

        permissions.register()
        handlers.register()
        case_page.register()
        shell_entries.register()
