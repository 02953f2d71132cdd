"""Every URL of the program, one include per room."""

from django.urls import URLPattern, URLResolver, include, path

from zhike.core.metrics.view import metrics
from zhike.core.serving.health import health
from zhike.core.serving.probe import probe

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("zhike.accounts.urls")),
    path("api/", include("zhike.api.urls")),
    path("approvals/", include("zhike.complaints.urls_approvals")),
    path("", include("zhike.channels.webform.urls")),
    path("cases/", include("zhike.desk.urls")),
    path("complaints/", include("zhike.complaints.urls")),
    path("customers/", include("zhike.customers.urls")),
    path("data-requests/", include("zhike.privacy.urls")),
    path("feedback/", include("zhike.listening.urls")),
    path("follow-ups/", include("zhike.care.urls")),
    path("reference-values/", include("zhike.reference.urls")),
    path("reports/", include("zhike.insight.urls")),
    path("remedies/", include("zhike.complaints.urls_remedies")),
    path("notices/", include("zhike.complaints.urls_notices")),
    path("surveys/", include("zhike.surveys.urls")),
    path("satisfaction/", include("zhike.satisfaction.urls")),
    path("surveys/", include("zhike.surveys.urls_results")),
    path("surveys/", include("zhike.surveys.urls_sendings")),
    path("surveys/", include("zhike.satisfaction.urls_contacts")),
    path("", include("zhike.web.urls")),
    path("healthz", health, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("probe", probe, name="probe"),
]

handler400 = "zhike.web.views.errors.bad_request"
handler403 = "zhike.web.views.errors.forbidden"
handler404 = "zhike.web.views.errors.page_not_found"
handler500 = "zhike.web.views.errors.server_error"
