from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SatisfactionConfig(AppConfig):
    name = "zhike.satisfaction"
    label = "satisfaction"
    verbose_name = _("Satisfaction")

    def ready(self) -> None:
        from zhike.satisfaction import case_page, handlers, shell_entries, standing_owner

        shell_entries.register()
        handlers.register()
        case_page.register()
        standing_owner.register()
