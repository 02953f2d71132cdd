from django.urls import path

from zhike.reference.views import values

app_name = "reference"
urlpatterns = [
    path("", values.value_list, name="list"),
    path("new/", values.value_add, name="add"),
    path("export/", values.value_export, name="export"),
    path("<int:pk>/", values.value, name="value"),
    path("<int:pk>/switch/", values.value_switch, name="switch"),
]
