from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "zhike.accounts"
    label = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from zhike.accounts import grants, permissions
        from zhike.core import access

        permissions.register()
        access.install(grants.grants_of_user)
