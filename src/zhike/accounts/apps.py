from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "zhike.accounts"
    label = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from zhike.accounts import due_plans, grants, handlers, permissions, selectors
        from zhike.core import access
        from zhike.core.calendar import units

        permissions.register()
        handlers.register()
        due_plans.register()
        # Signing in writes `last_login` in its own unit of work, beside the audit row (services/signins.py).
        user_logged_in.disconnect(dispatch_uid="update_last_login")
        access.install(grants.grants_of_user)
        units.install(selectors.way_up)
