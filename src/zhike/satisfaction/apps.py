from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SatisfactionConfig(AppConfig):
    name = "zhike.satisfaction"
    label = "satisfaction"
    verbose_name = _("Satisfaction")

    def ready(self) -> None:
        from zhike.core.importer.kinds import KINDS
        from zhike.satisfaction import (
            case_page,
            erasing,
            handlers,
            live_readers,
            personal_data,
            retaining,
            shell_entries,
            standing_owner,
            survey_page,
            visit_page,
        )
        from zhike.satisfaction.delivery_files import DeliveryImport
        from zhike.satisfaction.outside_files import OutsideImport

        shell_entries.register()
        KINDS.fill(OutsideImport())
        KINDS.fill(DeliveryImport())
        handlers.register()
        live_readers.register()
        case_page.register()
        standing_owner.register()
        survey_page.register()
        visit_page.register()
        erasing.register()
        personal_data.register()
        retaining.register()
