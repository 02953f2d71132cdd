from django.urls import path

from zhike.complaints.views import causes, notice_figures, notice_sending, notices

app_name = "notices"
urlpatterns = [
    path("", notices.notice_list, name="list"),
    path("export/", notices.export, name="export"),
    path("departments/", notice_figures.departments, name="departments"),
    path("departments/export/", notice_figures.export, name="departments-export"),
    path("causes/", causes.tree, name="causes"),
    path("causes/<int:pk>/", causes.change, name="cause"),
    path("send/<str:number>/", notice_sending.send, name="send"),
    path("<str:number>/", notices.notice, name="notice"),
    path("<str:number>/answer/", notices.answer, name="answer"),
    path("<str:number>/do/<str:action>/", notices.act, name="act"),
]
