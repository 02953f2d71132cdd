from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SurveysConfig(AppConfig):
    name = "zhike.surveys"
    label = "surveys"
    verbose_name = _("Questionnaires")

    def ready(self) -> None:
        from zhike.surveys import (
            erasing,
            exporting,
            motives,
            permissions,
            personal_data,
            retaining,
            segment_step,
            sending_outbox,
            shell_entries,
        )
        from zhike.surveys.services import inviting

        permissions.register()
        shell_entries.register()
        inviting.register()
        sending_outbox.register()
        erasing.register()
        exporting.register()
        personal_data.register()
        retaining.register()
        motives.register()
        segment_step.register()
