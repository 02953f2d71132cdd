from django.urls import path

from zhike.care.views import lists, settings, visit

app_name = "care"
urlpatterns = [
    path("", lists.follow_up_list, name="list"),
    path("export/", lists.export, name="export"),
    path("settings/", settings.settings_page, name="settings"),
    path("settings/scripts/default/", settings.script, name="script-default"),
    path("settings/scripts/<str:type_code>/", settings.script, name="script"),
    path("settings/scripts/<str:type_code>/drop/", settings.script_drop, name="script-drop"),
    path("<int:pk>/", visit.visit_page, name="visit"),
    path("<int:pk>/attempt/", visit.attempt, name="attempt"),
    path("<int:pk>/result/", visit.result, name="result"),
    path("<int:pk>/best-time/", visit.best_time, name="best-time"),
    path("<int:pk>/assign/", visit.assign, name="assign"),
    path("<int:pk>/call-off/", visit.call_off, name="call-off"),
]
