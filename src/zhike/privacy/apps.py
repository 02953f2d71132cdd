from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "zhike.privacy"
    label = "privacy"
    verbose_name = _("Personal data requests")

    def ready(self) -> None:
        from zhike.privacy import filling, holds, permissions, retaining
        from zhike.privacy.services import recounting

        permissions.register()
        filling.fill()
        holds.register()
        recounting.register()
        retaining.register()
