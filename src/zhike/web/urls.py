from django.urls import include, path

from zhike.web.views import (
    audit,
    calendar,
    calendar_setup,
    due_plans,
    home,
    jobs,
    lists,
    notifications,
    outbox,
    search,
    unit_calendars,
)

app_name = "web"
urlpatterns = [
    path("imports/", include("zhike.web.urls_imports")),
    path("exports/", include("zhike.web.urls_exports")),
    path("", home.home, name="home"),
    path("lists/preference/", lists.preference, name="list-preference"),
    path("lists/views/", lists.view_add, name="view-add"),
    path("lists/views/<int:pk>/", lists.view_change, name="view-change"),
    path("search/", search.search, name="search"),
    path("notifications/", notifications.notifications, name="notifications"),
    path("notifications/read/", notifications.notifications_read, name="notifications-read"),
    path("notifications/<int:pk>/", notifications.notification_open, name="notification-open"),
    path("audit/", audit.audit_list, name="audit"),
    path("audit/check/", audit.audit_check, name="audit-check"),
    path("audit/<int:pk>/", audit.audit_row, name="audit-row"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/repeating/", jobs.repeating_jobs, name="jobs-repeating"),
    path("jobs/<uuid:pk>/", jobs.job, name="job"),
    path("jobs/<uuid:pk>/retry/", jobs.job_retry, name="job-retry"),
    path("jobs/<uuid:pk>/cancel/", jobs.job_cancel, name="job-cancel"),
    path("outbox/", outbox.outbox_list, name="outbox"),
    path("outbox/<int:pk>/", outbox.outbox_message, name="outbox-message"),
    *calendar.urlpatterns,
    *calendar_setup.urlpatterns,
    *due_plans.urlpatterns,
    *unit_calendars.urlpatterns,
]
