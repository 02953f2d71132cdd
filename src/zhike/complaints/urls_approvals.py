from django.urls import path

from zhike.complaints.views import approvals

app_name = "approvals"
urlpatterns = [
    path("", approvals.approval_list, name="list"),
    path("<int:pk>/", approvals.decide, name="decide"),
    path("<int:pk>/withdraw/", approvals.withdraw, name="withdraw"),
]
