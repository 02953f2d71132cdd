from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "zhike.web"
    label = "web"
    verbose_name = _("Pages")

    def ready(self) -> None:
        from zhike.core.listing import memory
        from zhike.web import erasing, menu, permissions, topics
        from zhike.web.list_memory import StoredMemory

        permissions.register()
        erasing.register()
        topics.register()
        memory.install(StoredMemory())
        menu.fill()
