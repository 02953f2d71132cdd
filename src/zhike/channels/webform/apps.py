from django.apps import AppConfig


class WebformConfig(AppConfig):
    name = "zhike.channels.webform"
    label = "webform"
