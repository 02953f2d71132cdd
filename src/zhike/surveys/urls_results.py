from django.urls import path

from zhike.surveys.views import preview, results

app_name = "survey_results"
urlpatterns = [
    path("<int:pk>/results/", results.results_page, name="results"),
    path("<int:pk>/results/answers/", results.answers_page, name="answers"),
    path("<int:pk>/results/answers/files/<slug:token>/", results.answer_file, name="answer-file"),
    path("<int:pk>/results/export/", results.answers_export, name="export"),
    path("<int:pk>/preview/", preview.preview_page, name="preview"),
]
