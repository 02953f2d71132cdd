"""What customers agreed to, and whether they may be contacted."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from hypothesis import HealthCheck, settings
from hypothesis import given as such
from hypothesis import strategies as st

from tests.cast import CHEN_PHONE, Cast, make_customer
from tests.importer.scene import whole
from zhike.accounts.services.tokens import create_token
from zhike.core import clock
from zhike.core.errors import Conflict, Forbidden, NotFound, RuleError
from zhike.core.exporter import KINDS
from zhike.core.importer import services as importing
from zhike.core.jobs.inline import run_pending_jobs
from zhike.core.models import AuditRow, Notification
from zhike.core.sealing import unseal
from zhike.customers import services
from zhike.customers.contact_policy import (
    Verdict,
    latest_consents,
    may_contact,
    who_may_be_contacted,
)
from zhike.customers.contact_rules import Asked, Rules, decide, quiet_until_of
from zhike.customers.models import Consent, ConsentPurpose, Identity, NoticeText

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 25, 14, 30, tzinfo=UTC)
# A busy machine is no fault of the rule.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
EAST = timezone(timedelta(hours=8))


def say(cast: Cast, purpose: str, is_given: bool, who=None, customer=None, **more: Any) -> Consent:
    asked = {"channel": "phone", **more}
    return services.record_consent(
        **(who or cast.lin).acting,
        customer_id=(customer or cast.chen).pk,
        purpose=purpose,
        is_given=is_given,
        **asked,
    )


def verdict(cast: Cast, purpose: str, channel: str = "phone", at: datetime = NOON) -> str:
    return may_contact(cast.chen, purpose, channel, at).verdict.value


# The rule


def test_what_needs_consent_waits_for_a_yes_and_ends_with_a_no(cast: Cast) -> None:
    assert verdict(cast, "marketing") == "no_consent"
    say(cast, "marketing", True)
    assert verdict(cast, "marketing") == "allowed"
    say(cast, "marketing", False)
    assert verdict(cast, "marketing") == "withdrawn"
    say(cast, "marketing", True)
    assert verdict(cast, "marketing") == "allowed"


def test_what_needs_none_is_allowed_until_the_customer_says_no(cast: Cast) -> None:
    assert verdict(cast, "survey") == "allowed"
    say(cast, "survey", False)
    assert verdict(cast, "survey") == "withdrawn"
    assert verdict(cast, "service") == "allowed"
    assert verdict(cast, "nonsense") == "no_purpose"


def test_a_new_notice_asks_anew_only_when_it_says_so(cast: Cast) -> None:
    purpose = ConsentPurpose.objects.get(code="marketing")
    acting = cast.admin.acting
    say(cast, "marketing", True)
    services.add_notice(**acting, purpose_id=purpose.pk, text="措辞改了")
    assert verdict(cast, "marketing") == "allowed"
    services.add_notice(**acting, purpose_id=purpose.pk, text="增加了第三方", needs_renewal=True)
    assert verdict(cast, "marketing") == "renewal"
    again = say(cast, "marketing", True)
    assert again.notice is not None
    assert again.notice.version == 3
    assert verdict(cast, "marketing") == "allowed"


def test_quiet_hours_are_for_what_rings(cast: Cast) -> None:
    decision = may_contact(cast.chen, "service", "phone", NIGHT)
    assert decision.verdict is Verdict.QUIET
    assert decision.until is not None
    assert clock.local(decision.until) == datetime(2026, 11, 26, 8, 0, tzinfo=clock.zone())
    assert verdict(cast, "service", "email", NIGHT) == "allowed"
    services.save_contact_rules(**cast.admin.acting, quiet_from=0, quiet_until=0)
    assert verdict(cast, "service", "phone", NIGHT) == "allowed"


def test_the_cap_counts_own_contacts_of_all_capped_purposes_and_opens_again(
    cast: Cast, frozen_clock
) -> None:
    frozen_clock(NOON)
    for _n in range(2):
        services.contact(
            **cast.lin.acting, customer_id=cast.chen.pk, purpose="survey", channel="sms"
        )
    services.contact(
        **cast.lin.acting, customer_id=cast.chen.pk, purpose="service", channel="phone"
    )
    say(cast, "marketing", True)
    with pytest.raises(Conflict) as refused:
        services.contact(
            **cast.lin.acting, customer_id=cast.chen.pk, purpose="marketing", channel="sms"
        )
    assert refused.value.extra["verdict"] == "too_often"
    assert refused.value.extra["until"] == (NOON + timedelta(days=7)).isoformat()
    assert verdict(cast, "marketing", at=NOON + timedelta(days=7)) == "allowed"
    assert verdict(cast, "service") == "allowed"


@UNHURRIED
@such(
    st.lists(st.integers(0, 40 * 24), max_size=12),
    st.integers(0, 5),
    st.integers(1, 20),
    st.integers(0, 40 * 24),
)
def test_the_moment_a_full_window_opens_is_the_first_at_which_one_more_fits(
    hours: list[int], most: int, days: int, now: int
) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    contacts = [start + timedelta(hours=n) for n in hours]
    rules = Rules(0, 0, most, days)
    asked = Asked(False, True, None, 0, 0, contacts)

    def fits(at: datetime, until: datetime) -> bool:
        since = at - timedelta(days=days)
        return not most or sum(since < one <= until for one in contacts) < most

    at = start + timedelta(hours=now)
    decision = decide(asked, rules, "letter", at, UTC)
    assert decision.allowed == fits(at, at)
    if decision.until is not None:
        assert decision.until > at
        assert fits(decision.until, at)
        assert not fits(decision.until - timedelta(hours=1), at)


@UNHURRIED
@such(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 1439))
def test_quiet_hours_end_where_they_should(begin: int, end: int, minute: int) -> None:
    day = datetime(2026, 11, 25, tzinfo=EAST)
    at = day + timedelta(minutes=minute)
    rules = Rules(begin, end, 0, 1)
    until = quiet_until_of(rules, at, EAST)
    # Walked minute by minute from the last begin.
    span = (end - begin) % 1440
    is_quiet = (minute - begin) % 1440 < span
    assert (until is not None) == is_quiet
    if until is not None:
        assert timedelta(0) < until - at <= timedelta(minutes=span)
        assert until.hour * 60 + until.minute == end


# The ledger


def test_the_ledger_is_never_changed(cast: Cast, given) -> None:
    row = say(cast, "marketing", True)
    notice = NoticeText.objects.filter(purpose__code="marketing")
    for change in (
        lambda: Consent.objects.filter(pk=row.pk).update(is_given=False),
        lambda: Consent.objects.filter(pk=row.pk).delete(),
        lambda: notice.update(text="别的"),
    ):
        with given(), pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            change()
    assert Consent.objects.get().is_given


def test_a_consent_says_who_when_which_words_and_where_the_proof_is(cast: Cast) -> None:
    proof = f"录音 {CHEN_PHONE}"
    row = say(cast, "sensitive", True, proof=proof, channel="paper")
    assert row.notice is not None
    assert (row.notice.version, row.author_name, row.channel) == (1, "林静", "paper")
    assert CHEN_PHONE not in row.proof_sealed
    assert unseal(row.proof_sealed) == proof
    audit = AuditRow.objects.get(action="customers.consent.give")
    assert audit.subject_key_id == cast.chen.key_id


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"purpose": "nonsense"}, "consent_purpose"),
        ({"purpose": "用途"}, "consent_purpose"),
        ({"channel": "smoke"}, "consent_channel"),
        ({"purpose": "sensitive"}, "consent_proof"),
        ({"at": NOON + timedelta(days=9000)}, "consent_moment"),
        ({"at": datetime(1950, 1, 1, tzinfo=UTC)}, "consent_moment"),
        ({"proof": "x" * 201}, "too_long"),
    ],
)
def test_what_cannot_be_a_consent_is_refused(cast: Cast, given: Any, code: str) -> None:
    asked = {"purpose": "marketing", "is_given": True, **given}
    with pytest.raises(RuleError) as refused:
        say(cast, **asked)
    assert refused.value.code == code
    assert not Consent.objects.exists()


def test_a_no_to_a_retired_purpose_is_still_taken(cast: Cast) -> None:
    row = ConsentPurpose.objects.get(code="marketing")
    services.save_purpose(**cast.admin.acting, purpose_id=row.pk, label=row.label, is_active=False)
    assert say(cast, "marketing", False).pk
    with pytest.raises(RuleError):
        say(cast, "marketing", True)


def test_strangers_note_nothing(cast: Cast) -> None:
    with pytest.raises(NotFound):
        say(cast, "marketing", True, who=cast.zhou)
    with pytest.raises(Forbidden):
        services.save_contact_rules(**cast.lin.acting, cap_count=0)
    with pytest.raises(Forbidden):
        services.add_notice(**cast.wang.acting, purpose_id=1, text="x")
    assert not Consent.objects.exists()


def test_the_word_said_on_a_merged_file_counts(cast: Cast) -> None:
    other = make_customer(cast.zhoukou, "陈志强")
    say(cast, "marketing", True, customer=other)
    services.merge_customers(**cast.admin.acting, keep_id=cast.chen.pk, drop_id=other.pk)
    assert Consent.objects.get().customer_id == other.pk
    assert verdict(cast, "marketing") == "allowed"
    assert (
        who_may_be_contacted([other.pk], "marketing", "phone", NOON)[other.pk].verdict
        is Verdict.NO_FILE
    )


def test_a_list_is_decided_with_as_few_statements_as_one(
    cast: Cast, django_assert_num_queries
) -> None:
    many = [make_customer(cast.zhoukou, f"客户{n}").pk for n in range(12)]
    with django_assert_num_queries(7):
        assert len(who_may_be_contacted(many, "marketing", "phone", NOON)) == 12


# Files in and out


def test_consents_come_in_by_file_go_out_by_file_and_an_undo_says_what_held_before(
    cast: Cast,
) -> None:
    say(cast, "survey", False)
    text = (
        "姓名,手机,同意：营销推荐,同意：满意度调查\n"
        f"陈志强,{CHEN_PHONE},是,是\n新客户,13912340000,否,\n"
    )
    run = whole("customers", text, cast.zhoukou.pk)
    assert (run.created_count, run.updated_count, run.error_count) == (1, 1, 0)
    said = latest_consents([cast.chen.pk])[cast.chen.pk]
    codes = {pk: row.code for pk, row in ConsentPurpose.objects.in_bulk().items()}
    assert {codes[pk]: row.is_given for pk, row in said.items()} == {
        "marketing": True,
        "survey": True,
    }
    assert said[next(iter(said))].via == "import"
    kind = KINDS.get("customers")
    assert kind is not None
    records = kind.records([cast.chen], cast.admin.grants, False)
    assert (records[0]["consent.marketing"], records[0]["consent.survey"]) == ("是", "是")
    assert whole("customers", text + "\n", cast.zhoukou.pk).updated_count == 0
    importing.undo(actor=cast.admin.actor, run=run)
    run_pending_jobs()
    said = latest_consents([cast.chen.pk])[cast.chen.pk]
    assert {row.is_given for row in said.values()} == {False}


def test_sensitive_purposes_are_no_column_of_an_import(cast: Cast) -> None:
    from zhike.customers.importing import CustomerImport

    codes = {one.code for one in CustomerImport().all_fields()}
    assert "consent.marketing" in codes
    assert "consent.sensitive" not in codes


# Pages and API


def test_the_file_shows_notes_and_withdraws(cast: Cast, query_budget) -> None:
    client = cast.lin.client()
    page = f"/customers/{cast.chen.pk}/?tab=consents"
    assert "尚未征询" in client.get(page).content.decode()
    url = f"/customers/{cast.chen.pk}/consents/"
    yes = {"purpose": "marketing", "said": "1", "channel": "phone"}
    assert client.post(url, yes).status_code == 302
    assert client.post(url, {**yes, "said": "0"}).status_code == 302
    shown = client.get(page).content.decode()
    assert "不同意" in shown
    assert "谁查看过" not in shown
    for wrong in ({"purpose": "x"}, {"said": "2"}, {"channel": "import"}, {"at": "later"}):
        assert client.post(url, {**yes, **wrong}).status_code == 422
    assert Consent.objects.count() == 2
    assert cast.zhou.client().post(url, yes).status_code == 404
    with query_budget("customers:file/consents"):
        client.get(page)


def test_settings_of_purposes_notices_and_rules(cast: Cast) -> None:
    client = cast.admin.client()
    assert cast.lin.client().get("/customers/settings/contact/").status_code == 403
    assert client.get("/customers/settings/contact/").status_code == 200
    rules = {
        "quiet_from": "22:00",
        "quiet_until": "07:30",
        "cap_count": "1",
        "cap_days": "30",
        "looks_unusual_from": "5",
    }
    assert client.post("/customers/settings/contact/", rules).status_code == 302
    for wrong in ({"quiet_from": "25:00"}, {"cap_days": "0"}, {"cap_count": "-1"}):
        assert client.post("/customers/settings/contact/", {**rules, **wrong}).status_code == 422
    new = {"label": "生日问候", "code": "birthday", "position": "7", "needs_consent": "on"}
    made = client.post("/customers/settings/contact/new/", {**new, "is_active": "on"})
    assert made.status_code == 302
    assert client.post("/customers/settings/contact/new/", new).status_code == 422
    address = made.headers["Location"]
    assert client.post(f"{address}notice/", {"text": "我们想祝您生日快乐"}).status_code == 302
    assert client.post(f"{address}notice/", {"text": "我们想祝您生日快乐"}).status_code == 422
    assert client.post(f"{address}notice/", {"text": " "}).status_code == 422
    page = client.get(address).content.decode()
    assert "第 1 版" in page
    assert client.get("/customers/settings/contact/999999/").status_code == 404


def test_the_api_notes_a_consent_and_answers_whether_contact_is_allowed(cast: Cast) -> None:
    _token, text = create_token(
        **cast.admin.acting, user=cast.lin.user, label="呼叫中心", scopes=["read", "write"], days=3
    )
    api: Any = Client(headers={"authorization": f"Bearer {text}"})
    base = f"/api/v1/customers/{cast.chen.pk}"
    ask = f"{base}/contact-policy?purpose=marketing&at=2026-11-25T12:00:00%2B08:00"
    assert api.get(ask).json()["verdict"] == "no_consent"
    body = {"purpose": "marketing", "is_given": True, "channel": "sms"}
    assert api.post(f"{base}/consents", body, content_type="application/json").status_code == 201
    assert api.get(ask).json()["allowed"] is True
    night = ask.replace("T12", "T23")
    answer = api.get(night).json()
    assert (answer["verdict"], answer["until"]) == ("quiet", "2026-11-26T08:00:00+08:00")
    assert len(api.get(f"{base}/consents").json()["items"]) == 1
    elsewhere = make_customer(cast.shangqiu, "外区").pk
    assert api.get(ask.replace(str(cast.chen.pk), str(elsewhere), 1)).status_code == 404


# Looks


def test_each_look_stands_on_the_file_and_too_many_in_a_day_are_told(cast: Cast) -> None:
    services.save_contact_rules(**cast.admin.acting, looks_unusual_from=3)
    way = Identity.objects.get(customer=cast.chen)
    for _n in range(4):
        services.reveal_identity(**cast.lin.acting, customer_id=cast.chen.pk, identity_id=way.pk)
    told = Notification.objects.get(kind="customers.many_looks")
    assert (told.user_id, told.values) == (cast.admin.user.pk, {"who": "林静", "n": 3})
    page = cast.admin.client().get(f"/customers/{cast.chen.pk}/?tab=consents").content.decode()
    assert page.count("/audit/") >= 4
    assert "谁查看过完整号码和地址" in page
    bell = cast.admin.client().get("/notifications/").content.decode()
    assert "林静今天已查看 3 个完整号码" in bell
