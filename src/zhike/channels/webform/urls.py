from django.urls import path

from zhike.channels.webform.views import form, invited, questionnaire, tracking

INVITED = {"is_invited": True}

app_name = "webform"
urlpatterns = [
    path("s/", form.form, name="form"),
    path("s/done/", form.done, name="done"),
    # The personal link of an invitation, before the open ones: their tokens are no "i".
    path("q/i/<str:token>/", questionnaire.questionnaire, INVITED, name="invited"),
    path("q/i/<str:token>/stop/", invited.stop, name="invited-stop"),
    path(
        "q/i/<str:token>/thanks/",
        questionnaire.questionnaire_thanks,
        INVITED,
        name="invited-thanks",
    ),
    path(
        "q/i/<str:token>/<int:number>/",
        questionnaire.questionnaire_page,
        INVITED,
        name="invited-page",
    ),
    path("q/<str:token>/", questionnaire.questionnaire, name="questionnaire"),
    path("q/<str:token>/thanks/", questionnaire.questionnaire_thanks, name="questionnaire-thanks"),
    path(
        "q/<str:token>/<int:number>/", questionnaire.questionnaire_page, name="questionnaire-page"
    ),
    path("t/", tracking.look_up, name="look-up"),
    path("t/<str:key>/", tracking.tracking, name="tracking"),
    path("t/<str:key>/message/", tracking.message, name="message"),
    path("t/<str:key>/urge/", tracking.urge, name="urge"),
    path("t/<str:key>/unhappy/", tracking.unhappy, name="unhappy"),
    path("t/<str:key>/files/<int:pk>/", tracking.file, name="file"),
]
