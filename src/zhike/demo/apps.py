from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "zhike.demo"
    label = "demo"
