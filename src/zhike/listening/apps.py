from django.apps import AppConfig


class ListeningConfig(AppConfig):
    name = "zhike.listening"
    label = "listening"
