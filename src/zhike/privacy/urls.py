from django.urls import path

from zhike.privacy.views import lists, requests

app_name = "privacy"
urlpatterns = [
    path("", lists.request_list, name="list"),
    path("export/", lists.export, name="export"),
    path("new/", requests.create, name="create"),
    path("<str:number>/", requests.request_page, name="request"),
    path("<str:number>/identity/", requests.identity, name="identity"),
    path("<str:number>/package/", requests.package, name="package"),
    path("<str:number>/consents/", requests.consents, name="consents"),
    path("<str:number>/erase/", requests.erase, name="erase"),
    path("<str:number>/complete/", requests.complete, name="complete"),
    path("<str:number>/refuse/", requests.refuse, name="refuse"),
    path("<str:number>/take-back/", requests.take_back, name="take-back"),
]
