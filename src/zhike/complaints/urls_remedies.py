from django.urls import path

from zhike.complaints.views import remedies

app_name = "remedies"
urlpatterns = [
    path("", remedies.ledger, name="list"),
    path("export/", remedies.export, name="export"),
    path("limits/", remedies.limit_page, name="limits"),
    path("limits/<int:pk>/", remedies.limit_change, name="limit-change"),
    path("propose/<str:number>/", remedies.propose, name="propose"),
    path("<int:pk>/carry-out/", remedies.carry_out, name="carry-out"),
    path("<int:pk>/call-off/", remedies.call_off, name="call-off"),
]
