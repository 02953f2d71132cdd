from django.urls import path

from servingsite import views
from zhike.core.serving.health import health

urlpatterns = [
    path("healthz", health),
    path("sign-in", views.sign_in),
    path("sign-out", views.sign_out),
    path("page", views.page),
    path("slow", views.slow),
    path("upload", views.upload),
    path("csv", views.csv),
    path("broken-stream", views.broken_stream),
    path("language-stream", views.language_stream),
    path("touch/<str:topic>", views.touch),
    path("state", views.state),
    path("echo/<path:rest>", views.echo),
]
