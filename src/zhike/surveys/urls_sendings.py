from django.urls import path

from zhike.surveys.views import sendings

app_name = "sendings"
urlpatterns = [
    path("<int:pk>/sendings/", sendings.sending_list, name="list"),
    path("<int:pk>/sendings/new/", sendings.sending_new, name="new"),
    path("sendings/<int:pk>/", sendings.sending_page, name="sending"),
    path("sendings/<int:pk>/people/", sendings.sending_people, name="people"),
    path("sendings/<int:pk>/stop/", sendings.sending_stop, name="stop"),
]
