from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "zhike.core"
    label = "core"
    verbose_name = _("Core")

    def ready(self) -> None:
        from zhike.core.erasing import own_places
        from zhike.core.retention import own_classes

        own_places.register()
        own_classes.register()
