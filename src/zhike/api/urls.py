from django.urls import path

from zhike.api.root import api

urlpatterns = [path("v1/", api.urls)]
