from django.apps import AppConfig
from django.conf import settings


class EmailConfig(AppConfig):
    name = "zhike.channels.email"
    label = "email"

    def ready(self) -> None:
        from zhike.channels.email.carrier import CARRIER
        from zhike.core.outbox import CARRIERS

        # Without a mail server there is no such way out, and the outbox does not offer it.
        if settings.ZHIKE_EMAIL_URL:
            CARRIERS.fill(CARRIER)
