from django.urls import path

from zhike.desk.views import actions, batch, case, export, intake, person, queue, saying, types

app_name = "desk"
urlpatterns = [
    path("", queue.queue, name="queue"),
    path("new/", intake.intake, name="case-create"),
    path("new/who/", intake.who, name="who"),
    path("export/", export.export, name="export"),
    path("batch/handover/", batch.batch_handover, name="batch-handover"),
    path("batch/type/", batch.batch_type, name="batch-type"),
    path("batch/merge/", batch.batch_merge, name="batch-merge"),
    path("files/<int:pk>/", case.file, name="file"),
    path("types/", types.types, name="types"),
    path("types/new/", types.type_add, name="type-add"),
    path("types/<str:code>/", types.type_change, name="type-change"),
    path("<str:number>/", case.case_page, name="case"),
    path("<str:number>/receipt/", intake.receipt, name="receipt"),
    path("<str:number>/events/", case.case_events, name="case-events"),
    path("<str:number>/panels/", case.case_panels, name="panels"),
    path("<str:number>/person/", person.person, name="person"),
    path("<str:number>/people/", case.people, name="people"),
    path("<str:number>/claim/", actions.claim, name="claim"),
    path("<str:number>/resume/", actions.resume, name="resume"),
    path("<str:number>/say/<str:kind>/", saying.say, name="say"),
    path("<str:number>/draft/<str:kind>/", saying.draft, name="draft"),
    path("<str:number>/do/<str:action>/", actions.act, name="case-act"),
]
