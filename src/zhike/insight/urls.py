from django.urls import path

from zhike.insight.views import days, rows

app_name = "insight"
urlpatterns = [
    path("", days.home, name="home"),
    path("days/", days.day_list, name="days"),
    path("days/settle/", days.settle, name="settle"),
    path("days/<str:day>/", days.day_page, name="day"),
    path("days/<str:day>/rows/<str:key>/", rows.settled_rows, name="settled-rows"),
    path("rows/<str:key>/", rows.figure_rows, name="rows"),
]
