from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightConfig(AppConfig):
    name = "zhike.insight"
    label = "insight"
    verbose_name = _("Reports")

    def ready(self) -> None:
        from zhike.insight import handing_out, permissions, shell_entries

        permissions.register()
        shell_entries.register()
        handing_out.fill()
