"""Where one is signed in: listed, ended one by one or all, ended by idleness and when somebody leaves."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.accounts.test_sign_in import SIGN_IN
from tests.cast import PASSWORD, Cast
from zhike.accounts.devices import device_of
from zhike.accounts.models import Attempt, Session, SignInRules
from zhike.accounts.services.tokens import create_token
from zhike.accounts.services.users import Profile, RoleGrant, update_user
from zhike.accounts.sessions import real_now
from zhike.accounts.tasks import forget_ended_sessions
from zhike.core.live.visitor import visit
from zhike.core.models import AuditRow, LiveEvent

pytestmark = pytest.mark.django_db
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"
HOME = "/"


@pytest.fixture(autouse=True)
def _keep_connection(monkeypatch) -> None:
    # The live part looks at a session in a thread of its own, and tidies that thread's connection.
    monkeypatch.setattr("zhike.core.live.visitor.close_old_connections", lambda: None)


def sign_in(number: str = "1001", agent: str = EDGE, ip: str = "10.0.0.1") -> Client:
    client = Client(REMOTE_ADDR=ip, headers={"user-agent": agent})
    answer = client.post(SIGN_IN, {"staff_number": number, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get(HOME).status_code == 200


def row_of(client: Client) -> Session:
    return Session.objects.get(pk=client.session.session_key)


def set_back(client: Client, **moments: timedelta) -> None:
    row = row_of(client)
    for name, by in moments.items():
        setattr(row, name, getattr(row, name) - by)
    row.save()


def deactivate(cast: Cast) -> None:
    lin = cast.lin.user
    held = [RoleGrant(one.role, one.scope) for one in lin.assignments.select_related("role")]
    profile = Profile(staff_number="1001", name=lin.name, unit=lin.unit)
    update_user(**cast.admin.acting, user=lin, profile=profile, roles=held, is_active=False)


def test_ones_own_page_lists_devices_and_nothing_of_others(cast: Cast) -> None:
    here, _phone = sign_in(), sign_in(agent=PHONE, ip="10.0.0.2")
    sign_in("2001", ip="10.9.9.9")
    page = here.get(reverse("accounts:sessions")).content.decode()
    for text in ("Edge · Windows", "10.0.0.1", "Safari · iPhone", "10.0.0.2"):
        assert text in page
    assert page.count("本机") == 1
    assert "10.9.9.9" not in page
    for key in Session.objects.values_list("pk", flat=True):
        assert key not in page


def test_one_device_is_signed_out_and_the_others_stay(cast: Cast) -> None:
    here, phone, tablet = sign_in(), sign_in(agent=PHONE), sign_in()
    rows = here.get(reverse("accounts:sessions")).context["rows"]
    handle = next(row.handle for row in rows if row.device == "Safari · iPhone")
    assert here.post(reverse("accounts:session-end", args=[handle])).status_code == 302
    assert (is_in(here), is_in(phone), is_in(tablet)) == (True, False, True)
    other = sign_in("2001")
    mine = here.get(reverse("accounts:sessions")).context["rows"][0].handle
    assert other.post(reverse("accounts:session-end", args=[mine])).status_code == 404
    assert is_in(here)


def test_all_others_are_signed_out_at_once(cast: Cast) -> None:
    here, phone, colleague = sign_in(), sign_in(agent=PHONE), sign_in("2001")
    assert here.post(reverse("accounts:sessions-end-others")).status_code == 302
    assert (is_in(here), is_in(phone), is_in(colleague)) == (True, False, True)
    assert AuditRow.objects.filter(action="accounts.session.end").count() == 1


def test_an_administrator_ends_a_persons_sessions_and_nobody_else_does(cast: Cast) -> None:
    lin, wang = sign_in(), sign_in("1002")
    url = reverse("accounts:person-sessions-end", args=[cast.lin.user.pk])
    assert wang.post(url).status_code == 403
    assert is_in(lin)
    assert sign_in("0001").post(url).status_code == 302
    assert not is_in(lin)


@pytest.mark.parametrize("address", [HOME, SIGN_IN, "/t/"])
def test_a_cookie_no_database_can_look_for_is_that_of_nobody(cast: Cast, address: str) -> None:
    # In quotes \000 is NUL, by the rules of cookies.
    cookie = f'{settings.SESSION_COOKIE_NAME}="abcdefghijkl\\000mnopqrstuvwxyz0123456"'
    there = Client().get(address)
    assert Client().get(address, HTTP_COOKIE=cookie).status_code == there.status_code < 400
    assert visit("abcdefghijkl\x00mnopqrstuvwxyz0123456", ()) is None


def test_idle_for_half_an_hour_one_is_signed_out(cast: Cast) -> None:
    client = sign_in()
    set_back(client, seen_at=timedelta(minutes=29))
    assert is_in(client)
    set_back(client, seen_at=timedelta(minutes=30))
    key = client.session.session_key
    assert visit(key or "", ()) is None
    answer = client.get("/cases/?tab=all")
    assert answer["Location"].startswith(SIGN_IN)
    assert "next=" in answer["Location"]
    assert "lost" not in answer["Location"]


def test_a_form_sent_after_the_end_is_said_to_be_lost(cast: Cast) -> None:
    client = sign_in()
    set_back(client, seen_at=timedelta(minutes=30))
    sent = client.post("/cases/new/", {"subject": "x"})
    assert sent["Location"] == f"{SIGN_IN}?next=/cases/new/&lost=1"
    html = client.get(sent["Location"]).content.decode()
    assert "刚才提交的内容没有保存" in html
    assert 'name="next" value="/cases/new/"' in html
    # Whether something lies in the tab only the browser knows: that line is there, and hidden.
    plain = client.get(f"{SIGN_IN}?next=/cases/new/").content.decode()
    assert "data-kept-lost" not in plain
    assert "data-kept-told hidden" in plain


def test_after_the_longest_time_one_is_signed_out_however_busy(cast: Cast) -> None:
    client = sign_in()
    set_back(client, made_at=timedelta(hours=11, minutes=59))
    assert is_in(client)
    set_back(client, made_at=timedelta(minutes=1))
    assert not is_in(client)


def test_a_stricter_rule_holds_at_once_for_open_sessions(cast: Cast, given) -> None:
    client = sign_in()
    set_back(client, seen_at=timedelta(minutes=10))
    with given():
        SignInRules.objects.create(pk=1, idle_minutes=10)
    assert not is_in(client)


def test_use_is_noted_once_a_minute_and_not_by_news(cast: Cast) -> None:
    client = sign_in()
    before = row_of(client).seen_at
    assert is_in(client)
    assert row_of(client).seen_at == before
    set_back(client, seen_at=timedelta(minutes=5))
    client.get(HOME, headers={"x-zhike-live": "1"})
    assert row_of(client).seen_at == before - timedelta(minutes=5)
    assert is_in(client)
    assert real_now() - row_of(client).seen_at < timedelta(minutes=1)


def test_whoever_leaves_is_out_at_once_on_pages_live_and_api(cast: Cast) -> None:
    client = sign_in()
    _token, text = create_token(**cast.admin.acting, user=cast.lin.user, label="ERP")
    key = client.session.session_key or ""
    topic = f"user:{cast.lin.user.pk}"
    api = {"authorization": f"Bearer {text}"}
    assert visit(key, (topic,)) is not None
    assert Client().get("/api/v1/cases", headers=api).status_code == 200
    deactivate(cast)
    assert not is_in(client)
    assert visit(key, (topic,)) is None
    assert LiveEvent.objects.filter(topic=topic, kind="signed_out").count() == 1
    refused = Client().get("/api/v1/cases", headers=api)
    assert refused.status_code == 401
    assert refused.json()["error"]["code"] == "token_person_gone"
    assert not Session.objects.filter(user=cast.lin.user).exists()


def test_signing_out_leaves_no_session(cast: Cast) -> None:
    client = sign_in()
    client.post(reverse("accounts:sign-out"))
    assert not Session.objects.filter(user=cast.lin.user).exists()


def test_what_has_ended_is_forgotten_by_night(cast: Cast, given) -> None:
    old, fresh = sign_in(), sign_in("2001")
    set_back(old, seen_at=timedelta(hours=2))
    with given():
        Attempt.objects.create(kind="address", what="x", last_at=real_now() - timedelta(days=3))
    forget_ended_sessions.func()
    assert list(Session.objects.values_list("pk", flat=True)) == [fresh.session.session_key]
    assert not Attempt.objects.filter(what="x").exists()


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (EDGE, "Edge · Windows"),
        (PHONE, "Safari · iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/1 MicroMessenger/8.0", "WeChat · Android"),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_devices_have_names_people_know(agent: str, device: str) -> None:
    assert device_of(agent) == device
