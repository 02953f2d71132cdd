from django.urls import path

from zhike.complaints.views import archive, complaints, steps

app_name = "complaints"
urlpatterns = [
    path("", complaints.complaint_list, name="list"),
    path("export/", complaints.export, name="export"),
    path("rule/", complaints.rule, name="rule"),
    path("<str:number>/step/<int:step>/", steps.step, name="step"),
    path("<str:number>/first-call/", steps.first_call, name="first-call"),
    path("<str:number>/skip/<int:step>/", steps.skip, name="skip"),
    path("<str:number>/way-out/", steps.way_out, name="way-out"),
    path("<str:number>/cause/", complaints.cause, name="cause"),
    path("<str:number>/archive/", archive.archive, name="archive"),
    path(
        "<str:number>/archive/unconfirmed/", archive.archive_unconfirmed, name="archive-unconfirmed"
    ),
    path("<str:number>/archive.pdf", archive.archive_pdf, name="archive-pdf"),
    path(
        "<str:number>/archive-<int:round_number>.pdf", archive.archive_pdf, name="archive-round-pdf"
    ),
]
