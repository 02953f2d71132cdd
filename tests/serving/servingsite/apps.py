from django.apps import AppConfig


class ServingSiteConfig(AppConfig):
    name = "servingsite"

    def ready(self) -> None:
        from zhike.core import access
        from zhike.core.live import TOPIC_RIGHTS, TopicRight

        access.install(lambda user: access.Grants(user_id=user.pk, name=user.get_username()))
        TOPIC_RIGHTS.fill(TopicRight("desk", lambda _grants, rest: rest in {"1", "2"}))
        TOPIC_RIGHTS.fill(TopicRight("case", lambda _grants, rest: int(rest) < 10))
