"""The least a page of this kind can be: 50 rows of one table in a plain template, behind every middleware,
signed in. What the real pages do beyond it is what the mixed load measures.

Twice: drawn by Django's own templates, the page the goal was set against, and by Jinja2, as ours are.
"""

from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine, engines

from zhike.desk.models import Case

TEXT = (
    "<!doctype html><title>bare</title><p>{{ user.name }}</p><table>{% for row in rows %}"
    "<tr><td>{{ row.number }}</td><td>{{ row.title }}</td><td>{{ row.customer_name }}</td>"
    "<td>{{ row.state }}</td><td>{{ row.opened_at }}</td></tr>{% endfor %}</table>"
)
BY_DJANGO = Engine().from_string(TEXT)
BY_JINJA = engines["pages"].from_string(TEXT)


def _content(request: HttpRequest) -> dict[str, object]:
    rows = Case.objects.only("number", "title", "customer_name", "state", "opened_at")
    return {"rows": rows.order_by("-id")[:50], "user": request.user}


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(BY_DJANGO.render(Context(_content(request))))


def bare_by_jinja(request: HttpRequest) -> HttpResponse:
    return HttpResponse(BY_JINJA.render(_content(request)))
