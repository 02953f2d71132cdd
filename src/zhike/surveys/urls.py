from django.urls import path

from zhike.surveys.views import builder, closing, files, links, publishing, questions, surveys

app_name = "surveys"
urlpatterns = [
    path("", surveys.survey_list, name="list"),
    path("new/", surveys.survey_create, name="create"),
    path("import/", files.survey_import, name="import"),
    path("library/", surveys.library_page, name="library"),
    path("library/<slug:code>/", surveys.library_item, name="library-item"),
    path("<int:pk>/", surveys.survey_detail, name="detail"),
    path("<int:pk>/versions/<int:number>/", surveys.survey_version, name="version"),
    path("<int:pk>/copy/", surveys.survey_copy, name="copy"),
    path("<int:pk>/publish/", publishing.publish_page, name="publish"),
    path("<int:pk>/remove/", publishing.survey_remove, name="remove"),
    path("<int:pk>/unit/", publishing.survey_move, name="move"),
    path("<int:pk>/state/", publishing.state_change, name="state"),
    path("<int:pk>/closing/", closing.closing_page, name="closing"),
    path("<int:pk>/links/", links.link_add, name="link-add"),
    path("<int:pk>/links/<int:link>/", links.link_change, name="link-change"),
    path("<int:pk>/links/<int:link>/poster/", links.poster, name="poster"),
    path("<int:pk>/file.<str:form>", files.survey_file, name="file"),
    path("<int:pk>/import/", files.survey_import, name="replace"),
    path("<int:pk>/build/", builder.builder, name="builder"),
    path("<int:pk>/build/general/", builder.general, name="general"),
    path("<int:pk>/build/quotas/", builder.quotas, name="quotas"),
    path("<int:pk>/build/arrange/", builder.arrange, name="arrange"),
    path("<int:pk>/build/pages/<slug:key>/", builder.section, name="section"),
    path("<int:pk>/build/questions/new/", questions.question_add, name="question-add"),
    path("<int:pk>/build/questions/<slug:key>/", questions.question_edit, name="question"),
]
