"""The register of exports, below /exports/."""

from django.urls import path

from zhike.web.views import exports

urlpatterns = [
    path("", exports.exports, name="exports"),
    path("<str:number>/", exports.export, name="export"),
    path("<str:number>/file/", exports.export_fetch, name="export-fetch"),
]
