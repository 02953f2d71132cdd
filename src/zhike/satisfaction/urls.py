from django.urls import path

from zhike.satisfaction.views import (
    answers,
    assessments,
    comparing,
    improvements,
    judging,
    modelling,
    rules,
    systems,
)

app_name = "satisfaction"
urlpatterns = [
    path("", systems.system_list, name="list"),
    path("new/", systems.system_create, name="create"),
    path("rules/", rules.rule_list, name="rules"),
    path("rules/new/", rules.rule_new, name="rule-new"),
    path("rules/<int:pk>/", rules.rule_page, name="rule"),
    path("rules/<int:pk>/asked/", rules.rule_asked, name="rule-asked"),
    path("rules/<int:pk>/in-call/<int:visit>/", rules.in_call, name="in-call"),
    path("rules/<int:pk>/state/", rules.rule_state, name="rule-state"),
    path("improvements/", improvements.improvement_list, name="improvements"),
    path("improvements/<int:pk>/", improvements.improvement_page, name="improvement"),
    path("improvements/<int:pk>/end/", improvements.improvement_end, name="improvement-end"),
    path("assessments/", assessments.assessment_list, name="assessments"),
    path("assessments/<int:pk>/", assessments.assessment_page, name="assessment"),
    path("assessments/<int:pk>/paper/", assessments.assessment_paper, name="assessment-paper"),
    path("<int:pk>/", systems.system_page, name="system"),
    path("<int:pk>/outside/<int:outside>/end/", systems.outside_end, name="outside-end"),
    path("<int:pk>/weights/", systems.weights, name="weights"),
    path("<int:pk>/pairs/", judging.pairs_page, name="pairs"),
    path("<int:pk>/pairs/<int:judging>/drop/", judging.drop, name="drop-judging"),
    path("<int:pk>/model/", modelling.model_page, name="model"),
    path("<int:pk>/compare/", comparing.compare, name="compare"),
    path("<int:pk>/compute/", systems.compute, name="compute"),
    path("<int:pk>/runs/<int:number>/", systems.run_page, name="run"),
    path(
        "<int:pk>/runs/<int:number>/improve/",
        improvements.improvement_new,
        name="improvement-new",
    ),
    path("<int:pk>/runs/<int:number>/answers/", answers.run_answers, name="run-answers"),
    path("<int:pk>/runs/<int:number>/file/", systems.run_file, name="run-file"),
]
