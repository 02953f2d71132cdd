import pytest
from django.test import Client
from django.urls import reverse

from tests.accounts.test_grants import ALL, SETUP, person, unit
from zhike.accounts.models import ApiToken, Role, Unit, User
from zhike.accounts.services.tokens import TokenRefused, create_token, holder_of_token
from zhike.core.models import AuditRow

pytestmark = pytest.mark.django_db
PAGES = (
    "people",
    "person-create",
    "unit-create",
    "roles",
    "role-create",
    "tokens",
    "security",
    "password",
)


@pytest.fixture
def company() -> Unit:
    return unit("海晨三轮车", kind="company")


@pytest.fixture
def boss(company) -> Client:
    return signed_in(person("1", company, "administrator"))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_an_empty_house_asks_for_its_administrator_and_then_never_again() -> None:
    client = Client()
    assert client.get("/")["Location"].startswith(reverse("accounts:sign-in"))
    assert client.get(reverse("accounts:sign-in"))["Location"] == reverse("accounts:setup")
    page = client.get(reverse("accounts:setup"))
    assert page.status_code == 200
    answer = client.post(
        reverse("accounts:setup"),
        {"company": "海晨", "name": "王", "staff_number": "1", "password": "haichen-desk-1"},
    )
    assert answer.status_code == 302
    assert User.objects.get().assignments.get().role.code == "administrator"
    assert client.get(reverse("accounts:setup")).status_code == 302
    again = client.post(
        reverse("accounts:setup"),
        {"company": "贼", "name": "贼", "staff_number": "2", "password": "haichen-desk-1"},
    )
    assert again.status_code == 302
    assert User.objects.count() == 1


def test_a_weak_first_password_is_said_at_its_field_and_makes_nothing() -> None:
    answer = Client().post(
        reverse("accounts:setup"),
        {"company": "海晨", "name": "王", "staff_number": "1", "password": "1234567890"},
    )
    assert answer.status_code == 422
    assert not User.objects.exists()
    assert not Unit.objects.exists()


def test_signing_in_by_staff_number_in_any_spelling_is_audited(company) -> None:
    person("a100", company, "agent")
    answer = Client().post(
        reverse("accounts:sign-in"), {"staff_number": "Ａ100", "password": "haichen-desk-1"}
    )
    assert answer.status_code == 302
    assert AuditRow.objects.filter(action="accounts.sign_in", actor_name="员工a100").exists()


@pytest.mark.parametrize("number", ["a100", "nobody"])
def test_a_wrong_password_and_an_unknown_number_look_the_same(company, number: str) -> None:
    person("a100", company, "agent")
    answer = Client().post(
        reverse("accounts:sign-in"), {"staff_number": number, "password": "wrong-password"}
    )
    assert answer.status_code == 422
    assert "工号或密码不对" in answer.content.decode()


def test_after_signing_in_only_our_own_pages_are_next(company) -> None:
    person("a100", company, "agent")
    form = {"staff_number": "a100", "password": "haichen-desk-1"}
    elsewhere = Client().post(reverse("accounts:sign-in"), {**form, "next": "https://example.com/"})
    assert elsewhere["Location"] == reverse("web:home")
    here = Client().post(reverse("accounts:sign-in"), {**form, "next": "/search/?q=1"})
    assert here["Location"] == "/search/?q=1"


def test_a_newcomer_chooses_their_own_password_before_anything_else(company, given) -> None:
    agent = person("a100", company, "agent")
    with given():
        User.objects.filter(pk=agent.pk).update(must_change_password=True)
    client = signed_in(agent)
    assert client.get(reverse("web:search"))["Location"] == reverse("accounts:password")
    answer = client.post(
        reverse("accounts:password"), {"old": "haichen-desk-1", "new": "a-better-one-2"}
    )
    assert answer.status_code == 302
    assert client.get(reverse("web:search")).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_the_administrator_sees_every_page_of_the_room(boss, name: str) -> None:
    assert boss.get(reverse(f"accounts:{name}")).status_code == 200


@pytest.mark.parametrize("name", [name for name in PAGES if name != "password"])
@pytest.mark.parametrize("role", ["agent", "supervisor", "executive"])
def test_others_see_none_of_them(company, role: str, name: str) -> None:
    client = signed_in(person("2", company, role))
    people, roles = User.objects.count(), list(Role.objects.values_list("pk", "permissions"))
    assert client.get(reverse(f"accounts:{name}")).status_code == 403
    assert client.post(reverse(f"accounts:{name}"), {"name": "x"}).status_code == 403
    assert User.objects.count() == people
    assert list(Role.objects.values_list("pk", "permissions")) == roles
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("name", PAGES)
def test_strangers_are_sent_to_sign_in(company, name: str) -> None:
    person("1", company, "administrator")
    answer = Client().get(reverse(f"accounts:{name}"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("accounts:sign-in"))


def test_a_person_is_added_and_edited(boss, company) -> None:
    form = {
        "name": "林静",
        "staff_number": "1001",
        "unit": company.pk,
        "roles": [Role.objects.get(code="agent").pk],
        "password": "first-password",
    }
    assert boss.post(reverse("accounts:person-create"), form).status_code == 302
    lin = User.objects.get(staff_number="1001")
    assert lin.must_change_password
    agent = Role.objects.get(code="agent").pk
    form = {**form, "name": "林 静", f"scope-{agent}": "all", "is_active": "on"}
    assert boss.post(reverse("accounts:person", args=[lin.pk]), form).status_code == 302
    lin.refresh_from_db()
    assert (lin.name, lin.assignments.get().scope) == ("林 静", "all")
    assert boss.get(reverse("accounts:person", args=[lin.pk])).status_code == 200


def test_scripts_in_names_are_shown_as_text(boss, company) -> None:
    form = {
        "name": "<script>alert(1)</script>",
        "staff_number": "1001",
        "unit": company.pk,
        "roles": [Role.objects.get(code="agent").pk],
        "password": "first-password",
    }
    boss.post(reverse("accounts:person-create"), form)
    page = boss.get(reverse("accounts:people")).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


@pytest.mark.parametrize("name", ["person", "unit", "role"])
def test_what_is_not_there_is_not_found(boss, name: str) -> None:
    assert boss.get(reverse(f"accounts:{name}", args=[999999])).status_code == 404


def test_a_token_is_shown_once_and_can_be_revoked(boss) -> None:
    page = boss.post(reverse("accounts:tokens"), {"label": "ERP", "days": 30}).content.decode()
    token = ApiToken.objects.get()
    text = page[page.index("zk_") :].split("<")[0]
    assert not holder_of_token(text)[1].allows("cases.work")
    assert text not in boss.get(reverse("accounts:tokens")).content.decode()
    assert text not in str(ApiToken.objects.values())
    boss.post(reverse("accounts:token-revoke", args=[token.pk]))
    with pytest.raises(TokenRefused, match="作废"):
        holder_of_token(text)


def test_nobody_revokes_a_foreign_token(boss, company) -> None:
    other = person("2", company, "administrator")
    token, text = create_token(actor=SETUP, grants=ALL, user=other, label="x")
    assert boss.post(reverse("accounts:token-revoke", args=[token.pk])).status_code == 404
    assert holder_of_token(text)[0] == other


def test_the_language_is_kept_with_the_person(boss) -> None:
    boss.post(reverse("accounts:language"), {"language": "en", "next": "/search/"})
    assert User.objects.get(staff_number="1").language == "en"
    assert "Search" in boss.get(reverse("web:search")).content.decode()
    boss.post(reverse("accounts:language"), {"language": "xx", "next": "/search/"})
    assert User.objects.get(staff_number="1").language == "zh-hans"
