from django.urls import path

from zhike.satisfaction.views import contacts

app_name = "contacts"
urlpatterns = [
    path("<int:pk>/contacts/", contacts.contact_list, name="list"),
    path("contacts/<int:pk>/case/", contacts.contact_case, name="case"),
    path("contacts/<int:pk>/reveal/<slug:part>/", contacts.contact_reveal, name="reveal"),
]
