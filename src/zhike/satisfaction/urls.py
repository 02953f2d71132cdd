from django.urls import path

from zhike.satisfaction.views import judging, modelling, systems

app_name = "satisfaction"
urlpatterns = [
    path("", systems.system_list, name="list"),
    path("new/", systems.system_create, name="create"),
    path("<int:pk>/", systems.system_page, name="system"),
    path("<int:pk>/weights/", systems.weights, name="weights"),
    path("<int:pk>/pairs/", judging.pairs_page, name="pairs"),
    path("<int:pk>/pairs/<int:judging>/drop/", judging.drop, name="drop-judging"),
    path("<int:pk>/model/", modelling.model_page, name="model"),
    path("<int:pk>/compute/", systems.compute, name="compute"),
    path("<int:pk>/runs/<int:number>/", systems.run_page, name="run"),
    path("<int:pk>/runs/<int:number>/file/", systems.run_file, name="run-file"),
]
