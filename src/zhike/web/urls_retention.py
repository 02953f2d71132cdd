"""How long data are kept, below /retention/."""

from django.urls import path

from zhike.web.views import retention

urlpatterns = [
    path("", retention.classes, name="retention"),
    path("holds/", retention.holds, name="legal-holds"),
    path("holds/<int:pk>/end/", retention.hold_end, name="legal-hold-end"),
    path("<str:key>/", retention.one_class, name="retention-class"),
]
