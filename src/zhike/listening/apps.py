from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ListeningConfig(AppConfig):
    name = "zhike.listening"
    label = "listening"
    verbose_name = _("Customers' words")

    def ready(self) -> None:
        from zhike.listening import permissions

        permissions.register()
