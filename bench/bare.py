"""The least a page of this kind can be: 50 rows of one table in a plain template, behind every middleware,
signed in. What the real pages do beyond it is what the mixed load measures."""

from django.http import HttpRequest, HttpResponse
from django.template import engines

from zhike.desk.models import Case

TEMPLATE = engines["pages"].from_string(
    "<!doctype html><title>bare</title><p>{{ user.name }}</p><table>{% for row in rows %}"
    "<tr><td>{{ row.number }}</td><td>{{ row.title }}</td><td>{{ row.customer_name }}</td>"
    "<td>{{ row.state }}</td><td>{{ row.opened_at }}</td></tr>{% endfor %}</table>"
)


def bare(request: HttpRequest) -> HttpResponse:
    rows = Case.objects.only("number", "title", "customer_name", "state", "opened_at")
    return HttpResponse(TEMPLATE.render({"rows": rows.order_by("-id")[:50]}, request))
