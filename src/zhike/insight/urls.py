from django.urls import path

from zhike.insight.views import days, rows, weekly

app_name = "insight"
urlpatterns = [
    path("", days.home, name="home"),
    path("days/", days.day_list, name="days"),
    path("days/settle/", days.settle, name="settle"),
    path("days/<str:day>/", days.day_page, name="day"),
    path("days/<str:day>/rows/<str:key>/", rows.settled_rows, name="settled-rows"),
    path("weekly/", weekly.weekly, name="weekly"),
    path("weekly/subscription/", weekly.subscription, name="subscription"),
    path("weekly/<str:code>/", weekly.week, name="week"),
    path("weekly/<str:code>/changes/", weekly.changes, name="changes"),
    path("weekly/<str:code>/export/", weekly.export, name="export"),
    path("weekly/<str:code>/finalise/", weekly.finalise, name="finalise"),
    path("weekly/<str:code>/mail/", weekly.mail_again, name="mail-again"),
    path("weekly/<str:code>/measures/", weekly.add_measure, name="measure-add"),
    path("measures/<int:pk>/", weekly.answer_measure, name="measure"),
    path("rows/<str:key>/", rows.figure_rows, name="rows"),
]
