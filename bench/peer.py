"""django-helpdesk 2.6.1 beside us: 50,000 rows each on PostgreSQL under granian, signed in.

It gets an environment of its own. Its list page fills itself from a JSON address; only that address is timed, so
the page round it comes free. 20 rows a page on both sides (our pages know 20, 50 and 100), 25 rows of the API.
"""

from __future__ import annotations

import base64
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from bench.database import Database
from bench.http_load import Visitor
from bench.mixed import make_token
from postgres import own_server

ROWS = 50_000
WORD = "控制器"
TIMES = 5
GOALS = {"list": 20, "search": 20, "API list": 100}

SETTINGS = """
import os
from urllib.parse import urlsplit
url = urlsplit(os.environ["PEER_DATABASE_URL"])
SECRET_KEY = "bench"
DEBUG = False
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
    "django.contrib.sites", "django.contrib.messages", "django.contrib.staticfiles", "django.contrib.humanize",
    "rest_framework", "helpdesk",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {
    "context_processors": [
        "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages"]}}]
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": url.path[1:], "USER": url.username,
    "HOST": url.hostname, "PORT": str(url.port), "CONN_MAX_AGE": None}}
ROOT_URLCONF = "peer_urls"
WSGI_APPLICATION = "peer_wsgi.application"
SITE_ID = 1
USE_TZ = True
STATIC_URL = "/static/"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "/login/"
HELPDESK_TEAMS_MODE_ENABLED = False
"""
URLS = """
from django.urls import include, path
urlpatterns = [path("", include("helpdesk.urls", namespace="helpdesk"))]
"""
WSGI = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "peer_settings"
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
"""
SEED = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "peer_settings"
import django
django.setup()
from datetime import timedelta
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.utils import timezone
from helpdesk.models import FollowUp, Queue, Ticket
call_command("migrate", verbosity=0)
user = get_user_model().objects.create_superuser("bench", "bench@localhost.invalid", "bench")
queue = Queue.objects.create(title="客服", slug="kf")
now = timezone.now()
words = ("爬坡时突然断电，控制器已换过", "后桥异响，要求上门检查", "冬天续航掉得快", "退款还没有到账", "刹车偏软")
rows = int(sys.argv[1])
Ticket.objects.bulk_create([
    Ticket(queue=queue, title=f"{words[i % 5]} {i}", description=words[i % 5] * 3, assigned_to=user,
           submitter_email="c@localhost.invalid", created=now - timedelta(minutes=i), modified=now,
           status=1 if i % 50 == 0 else 4, priority=3) for i in range(rows)], batch_size=2000)
FollowUp.objects.bulk_create([
    FollowUp(ticket_id=pk, date=now, title="回复", comment="已联系", public=True, user=user)
    for pk in Ticket.objects.values_list("id", flat=True)], batch_size=2000)
session = SessionStore()
session["_auth_user_id"] = str(user.pk)
session["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
session["_auth_user_hash"] = user.get_session_auth_hash()
session.create()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("ANALYZE")
print(session.session_key)
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(folder: Path) -> Path:
    """A virtual environment with the peer in it; its Python."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    wanted = ["django-helpdesk==2.6.1", "django<5.3", "psycopg[binary]", "granian"]
    subprocess.run([str(python), "-m", "pip", "install", "-q", "-q", *wanted], check=True)
    return python


@contextmanager
def _peer(folder: Path, url: str) -> Iterator[tuple[int, str]]:
    """The peer, seeded and served; its port and a session key."""
    python = _environment(folder / "venv")
    for name, text in (
        ("peer_settings.py", SETTINGS),
        ("peer_urls.py", URLS),
        ("peer_wsgi.py", WSGI),
        ("seed.py", SEED),
    ):
        (folder / name).write_text(text)
    environment = {**os.environ, "PEER_DATABASE_URL": url, "PYTHONPATH": str(folder)}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    seeded = subprocess.run(
        [str(python), "seed.py", str(ROWS)],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    port = _free_port()
    command = [str(folder / "venv" / "bin" / "granian"), "--interface", "wsgi", "--workers", "2"]
    command += ["--blocking-threads", "4", "--port", str(port), "peer_wsgi:application"]
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.2)
        yield port, seeded.stdout.strip().splitlines()[-1]
    finally:
        process.terminate()
        process.wait(20)


def _times(ask: Callable[[], tuple[int, bytes]], name: str) -> float:
    taken = []
    for turn in range(TIMES + 1):
        began = time.perf_counter()
        status, body = ask()
        if status != 200:
            raise SystemExit(f"{name} answered {status}: {body[:300]!r}")
        if turn:
            taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def _peer_times(port: int, session: str) -> dict[str, float]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)

    def get(path: str) -> tuple[int, bytes]:
        connection.request("GET", path, headers={"Cookie": f"sessionid={session}"})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def rows(search: str) -> str:
        asked = {
            "filtering": {},
            "filtering_null": {},
            "sorting": "created",
            "sortreverse": False,
            "search_string": search,
        }
        code = base64.b64encode(json.dumps(asked).encode()).decode()
        return (
            f"/datatables_ticket_list/{quote(code)}?draw=1&start=0&length=20"
            "&order[0][column]=0&order[0][dir]=desc&search[value]="
        )

    return {
        "list": _times(lambda: get(rows("")), "peer list"),
        "search": _times(lambda: get(rows(WORD)), "peer search"),
        "API list": _times(lambda: get("/api/tickets/?page_size=25"), "peer API list"),
    }


def _our_times(database: Database) -> dict[str, float]:
    with database.serving() as port:
        token = make_token(database)
        visitor = Visitor(port)
        visitor.sign_in()
        bearer = {"Authorization": f"Bearer {token}"}
        return {
            "list": _times(lambda: visitor.send("GET", "/cases/?tab=all&size=20"), "our list"),
            "search": _times(
                lambda: visitor.send("GET", f"/cases/?tab=all&size=20&q={quote(WORD)}"),
                "our search",
            ),
            "API list": _times(
                lambda: visitor.send("GET", "/api/v1/cases?limit=25", headers=bearer),
                "our API list",
            ),
        }


def run() -> None:
    print(f"\nBeside django-helpdesk 2.6.1, {ROWS:,} rows each on PostgreSQL under granian")
    with tempfile.TemporaryDirectory(prefix="zhike-peer-") as name, own_server() as server:
        for database in ("peer", "ours"):
            subprocess.run(["psql", "-q", server, "-c", f"CREATE DATABASE {database}"], check=True)
        folder = Path(name)
        ours = Database(folder / "ours", server.replace("/postgres", "/ours"), ROWS, 10_000)
        ours.seed()
        with _peer(folder, server.replace("/postgres", "/peer")) as (port, session):
            theirs = _peer_times(port, session)
        mine = _our_times(ours)
    for page, goal in GOALS.items():
        times = theirs[page] / mine[page]
        verdict = "met" if times >= goal else "missed"
        print(
            f"  {page:<9} peer {theirs[page] * 1000:>8.0f} ms   ours {mine[page] * 1000:>6.1f} ms   "
            f"{times:>6.0f} times faster; goal {goal}: {verdict}",
            flush=True,
        )
