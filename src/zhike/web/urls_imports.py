"""Addresses of the import wizard; part of the namespace `web`."""

from django.urls import path

from zhike.web.views import imports

urlpatterns = [
    path("", imports.imports, name="imports"),
    path("new/", imports.import_new, name="import-new"),
    path("template/<slug:kind>.xlsx", imports.import_template, name="import-template"),
    path("<int:pk>/", imports.import_detail, name="import"),
    path("<int:pk>/progress/", imports.import_progress, name="import-progress"),
    path("<int:pk>/sheet/", imports.import_sheet, name="import-sheet"),
    path("<int:pk>/columns/", imports.import_columns, name="import-columns"),
    path("<int:pk>/try/", imports.import_try, name="import-try"),
    path("<int:pk>/correct/", imports.import_correct, name="import-correct"),
    path("<int:pk>/begin/", imports.import_begin, name="import-begin"),
    path("<int:pk>/stop/", imports.import_stop, name="import-stop"),
    path("<int:pk>/go-on/", imports.import_go_on, name="import-go-on"),
    path("<int:pk>/undo/", imports.import_undo, name="import-undo"),
    path("<int:pk>/discard/", imports.import_discard, name="import-discard"),
    path("<int:pk>/errors.xlsx", imports.import_errors, name="import-errors"),
]
