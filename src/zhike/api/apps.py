from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "zhike.api"
    label = "api"
