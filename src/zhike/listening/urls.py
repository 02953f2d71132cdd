from django.urls import path

from zhike.listening.views import feedback

app_name = "listening"
urlpatterns = [
    path("", feedback.feedback_list, name="list"),
    path("new/", feedback.feedback_create, name="create"),
    path("export/", feedback.feedback_export, name="export"),
    path("<int:pk>/", feedback.feedback_detail, name="detail"),
    path("<int:pk>/case/", feedback.feedback_case, name="case"),
    path("<int:pk>/customer/", feedback.feedback_customer, name="customer"),
]
