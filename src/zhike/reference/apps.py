from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReferenceConfig(AppConfig):
    name = "zhike.reference"
    label = "reference"
    verbose_name = _("Reference values")

    def ready(self) -> None:
        from zhike.core.exporter import KINDS as EXPORT_KINDS
        from zhike.core.importer import KINDS
        from zhike.core.shell import MENU, MenuEntry
        from zhike.reference import permissions
        from zhike.reference.files import ReferenceExport, ReferenceImport

        permissions.register()
        KINDS.fill(ReferenceImport())
        EXPORT_KINDS.fill(ReferenceExport())
        MENU.fill(
            MenuEntry(
                "reference",
                _("Reference values"),
                "scale",
                "reference:list",
                permission=permissions.VIEW,
                group="quality",
                order=80,
            )
        )
