from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "zhike.customers"
    label = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        from zhike.customers import due_plans, erasing, filling, permissions

        permissions.register()
        filling.fill()
        due_plans.register()
        erasing.register()
