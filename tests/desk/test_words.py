"""Words of the list in what staff write: by service, by page with and without a script, by the API."""

import json
from typing import Any

import pytest
from django.test import Client

from tests.api.test_api import Caller
from tests.cast import Cast, make_staff
from tests.desk.conftest import OpenCase
from tests.importer.scene import counts, tried, uploaded, whole
from zhike.accounts.models import RoleAssignment
from zhike.core.errors import Forbidden, NotFound, RuleError
from zhike.core.exporter import KINDS as EXPORTS
from zhike.core.exporter import begin_export, write_csv
from zhike.core.importer import services as imports
from zhike.core.jobs.inline import run_pending_jobs
from zhike.core.models import AuditRow
from zhike.core.work import Actor
from zhike.desk import selectors, services
from zhike.desk.models import Case, CaseEvent, Phrase
from zhike.desk.phrases import Place
from zhike.desk.services import Kept, PhraseFields, check_words, find_words

pytestmark = pytest.mark.django_db

BAD = "陈先生，您可能不太明白，密封圈有问题。"
LABEL = "这个客户难缠。"
WHY = "转述客户原话"


def last(case: Case) -> CaseEvent:
    return CaseEvent.objects.filter(case=case).latest("seq")


def say(client: Client, case: Case, kind: str = "reply", **data: Any) -> Any:
    fresh = Case.objects.get(pk=case.pk)
    filled = {"seen": fresh.seq, "once": "once-1", "text": BAD} | data
    return client.post(f"/cases/{case.number}/say/{kind}/", filled)


# The question itself


def test_the_refusal_names_words_reason_and_better_ones(cast: Cast) -> None:
    with pytest.raises(RuleError) as refused:
        check_words(BAD, Place.OUTGOING, **cast.lin.acting)
    assert (refused.value.code, refused.value.field) == ("phrases_flagged", "phrase_reason")
    (flag,) = refused.value.extra["phrases"]
    assert BAD[flag["start"] : flag["end"]] == flag["said"] == "您可能不太明白"
    assert flag["kind"] == "forbidden"
    assert flag["why"] == "容易让客户觉得被责怪"
    assert flag["better"] == "我把查到的原因跟您说一下"
    json.dumps(refused.value.extra)


def test_a_reason_lets_words_stay_and_is_returned_for_the_record(cast: Cast) -> None:
    kept = check_words(BAD, Place.OUTGOING, **cast.lin.acting, kept=Kept(f"  {WHY} "))
    assert kept == {
        "phrases": [{"said": "您可能不太明白", "kind": "forbidden"}],
        "why_kept": WHY,
    }


def test_a_reason_answers_what_was_shown_and_nothing_else(cast: Cast) -> None:
    flags = find_words(BAD, Place.OUTGOING)
    shown = Kept(WHY, frozenset({flags[0].id}))
    assert check_words(BAD, Place.OUTGOING, **cast.lin.acting, kept=shown)
    for kept in (Kept(WHY, frozenset()), Kept("  ", shown.shown)):
        with pytest.raises(RuleError):
            check_words(BAD, Place.OUTGOING, **cast.lin.acting, kept=kept)
    with pytest.raises(RuleError):
        check_words(f"{BAD}这不可能。", Place.OUTGOING, **cast.lin.acting, kept=shown)


def test_systems_imports_and_customers_are_not_asked(cast: Cast) -> None:
    grants = cast.lin.grants
    lin = cast.lin.actor
    for actor in (
        Actor.system("importer"),
        Actor.customer(),
        Actor(lin.id, lin.name, via="import"),
        Actor(lin.id, lin.name, via="demo"),
    ):
        assert check_words(BAD, Place.OUTGOING, actor=actor, grants=grants) == {}


def test_better_words_come_in_the_signs_of_the_text() -> None:
    (flag,) = find_words("請您冷靜，我們在查。", Place.OUTGOING)
    assert flag.better.startswith("您的心情我理解，請您慢慢說")


def test_line_ends_of_a_form_do_not_move_places() -> None:
    (flag,) = find_words("一\r\n二\r\n这不可能", Place.OUTGOING)
    assert flag.start == 4


# Services


def test_reply_note_call_and_closing_are_asked(cast: Cast, open_case: OpenCase) -> None:
    case = open_case(type_code="inquiry")
    who = {**cast.lin.acting, "case_id": case.pk}
    acts: list[Any] = [
        lambda **k: services.reply(**who, text=BAD, expected_seq=None, **k),
        lambda **k: services.add_note(**who, text=LABEL, **k),
        lambda **k: services.record_call(**who, text=LABEL, **k),
        lambda **k: services.close_case(**who, outcome="solved", text=BAD, tell_customer=True, **k),
    ]
    for act in acts:
        before = Case.objects.values().get(pk=case.pk)
        with pytest.raises(RuleError) as refused:
            act()
        assert refused.value.code == "phrases_flagged"
        assert Case.objects.values().get(pk=case.pk) == before
        act(kept=Kept(WHY))
        assert last(case).data["why_kept"] == WHY
        assert last(case).data["phrases"][0]["said"] in BAD + LABEL


def test_a_closing_sentence_that_stays_here_is_a_note(cast: Cast, open_case: OpenCase) -> None:
    case = open_case(type_code="inquiry")
    who = {**cast.lin.acting, "case_id": case.pk, "outcome": "solved"}
    with pytest.raises(RuleError):
        services.close_case(**who, text=LABEL)
    services.close_case(**who, text="已告知按原价退不可能。")
    assert "phrases" not in last(case).data


def test_quoted_words_of_a_customer_belong_into_a_note(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    services.add_note(**cast.lin.acting, case_id=case.pk, text="客户原话：“你们是不是傻”")
    assert "phrases" not in last(case).data


# The page


def test_without_a_script_the_page_comes_back_with_text_flags_and_a_field(
    cast: Cast, open_case: OpenCase
) -> None:
    case = open_case()
    client = cast.lin.client()
    answer = say(client, case)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert f">{BAD}</textarea>" in html
    assert "“您可能不太明白”" in html
    assert "容易让客户觉得被责怪" in html
    assert "我把查到的原因跟您说一下" in html
    assert "data-keep hidden" not in html
    assert last(case).kind != "reply"
    shown = answer.context["editor"].words.shown
    done = say(client, case, phrase_reason=WHY, phrase_shown=shown)
    assert done.status_code == 302
    assert last(case).data["why_kept"] == WHY
    page = client.get(f"/cases/{case.number}/").content.decode()
    assert f"保留了“您可能不太明白”：{WHY}" in page


def test_a_clean_text_shows_no_field_and_needs_no_reason(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    client = cast.lin.client()
    assert "data-keep hidden" in client.get(f"/cases/{case.number}/").content.decode()
    assert say(client, case, text="明天上门").status_code == 302
    assert "phrases" not in last(case).data


def test_a_reason_for_one_word_does_not_cover_the_next(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    client = cast.lin.client()
    shown = str(find_words(BAD, Place.OUTGOING)[0].id)
    answer = say(client, case, text=f"{BAD}这不可能。", phrase_reason=WHY, phrase_shown=shown)
    assert answer.status_code == 422
    assert f'value="{WHY}"' in answer.content.decode()


@pytest.mark.parametrize("shown", ["", "x", "1,,2", "²", "9" * 400, "-1", "1 2"])
def test_crafted_ids_of_phrases_answer_nothing(cast: Cast, open_case: OpenCase, shown: str) -> None:
    case = open_case()
    assert say(cast.lin.client(), case, phrase_reason=WHY, phrase_shown=shown).status_code == 422


def test_closing_with_a_told_sentence(cast: Cast, open_case: OpenCase) -> None:
    case = open_case(type_code="inquiry")
    client = cast.lin.client()
    sent = {"outcome": "solved", "text": BAD, "tell": "on", "seen": case.seq}
    url = f"/cases/{case.number}/do/close/"
    answer = client.post(url, sent)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "“您可能不太明白”" in html
    # Once, beside the bars: not drawn as a field of the form besides.
    assert html.count('name="phrase_reason"') == html.count('name="phrase_shown"') == 1
    shown = answer.context["form"].words_box("text").shown
    assert client.post(url, sent | {"phrase_reason": WHY, "phrase_shown": shown}).status_code == 302
    assert last(case).data["why_kept"] == WHY


def test_the_customer_sees_neither_flag_nor_reason(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    services.reply(**cast.lin.acting, case_id=case.pk, text=BAD, expected_seq=None, kept=Kept(WHY))
    codes = services.issue_codes(**cast.lin.acting, case_id=case.pk)
    html = Client().get(f"/t/{codes.token}/").content.decode()
    assert BAD in html
    assert WHY not in html
    line = selectors.public_case(Case.objects.get(pk=case.pk)).lines[-1]
    assert WHY not in repr(line)


# While typing


def test_the_keystroke_endpoint_counts_places_as_scripts_do(cast: Cast) -> None:
    answer = cast.lin.client().post(
        "/cases/words/", {"text": "😀这不可能\n的", "place": "outgoing"}
    )
    (flag,) = answer.json()["flags"]
    assert (flag["start"], flag["end"]) == (2, 8)
    assert "data-flag-replace" in answer.json()["bars"]


def test_the_keystroke_endpoint_is_asked_by_place_and_by_right(cast: Cast, given) -> None:
    client = cast.lin.client()
    note = client.post("/cases/words/", {"text": f"{BAD}{LABEL}", "place": "note"}).json()
    assert [flag["said"] for flag in note["flags"]] == ["难缠"]
    # An unknown place is the stricter one.
    strict = client.post("/cases/words/", {"text": BAD, "place": "nowhere"}).json()
    assert len(strict["flags"]) == 1
    assert client.post("/cases/words/", {}).json() == {"flags": [], "bars": ""}
    assert client.get("/cases/words/").status_code == 405
    assert Client().post("/cases/words/", {"text": BAD}).status_code in (302, 403)
    nobody = make_staff("9002", "钱旁观", cast.company, "trainer")
    with given():
        RoleAssignment.objects.filter(user=nobody.user).delete()
    assert nobody.client().post("/cases/words/", {"text": BAD}).status_code == 403
    strictly = Client(enforce_csrf_checks=True)
    strictly.force_login(cast.lin.user)
    assert strictly.post("/cases/words/", {"text": BAD}).status_code == 403


def test_what_is_written_is_escaped(cast: Cast, given) -> None:
    with given():
        Phrase.objects.create(pattern="坏词", kind="label", better='"><b>好</b>', why="<i>x</i>")
    bars = cast.lin.client().post("/cases/words/", {"text": "坏<词"}).json()["bars"]
    assert "<i>" not in bars
    assert "<b>好" not in bars
    assert "“坏&lt;词”" in bars


def test_a_keystroke_costs_no_statement_for_the_list(cast: Cast, query_budget) -> None:
    client = cast.lin.client()
    client.post("/cases/words/", {"text": BAD})
    with query_budget("desk:words") as statements:
        client.post("/cases/words/", {"text": BAD})
    assert not any("desk_phrase" in sql for sql in statements)


def test_a_change_of_the_list_holds_for_the_next_keystroke(cast: Cast) -> None:
    client = cast.lin.client()

    def said() -> list[str]:
        answer = client.post("/cases/words/", {"text": "亲，在吗", "place": "note"})
        return [flag["said"] for flag in answer.json()["flags"]]

    assert said() == []
    given = PhraseFields(pattern="亲[爱的|]", kind="label")
    phrase = services.add_phrase(**cast.admin.acting, given=given)
    assert said() == ["亲"]
    services.switch_phrase(**cast.admin.acting, phrase_id=phrase.pk, is_active=False)
    assert said() == []


# The API


def test_the_api_lists_the_words_and_takes_a_reason(cast: Cast, open_case: OpenCase) -> None:
    case = open_case(type_code="inquiry")
    program = Caller(cast.lin)
    calls: list[tuple[str, dict[str, Any]]] = [
        ("replies", {"text": BAD, "expected_seq": 99}),
        ("notes", {"text": LABEL}),
        ("calls", {"text": LABEL}),
        ("close", {"text": BAD, "outcome": "solved", "tell_customer": True}),
    ]
    for path, body in calls:
        status, answer = program.post(f"/cases/{case.number}/{path}", body)
        assert (status, answer["error"]["code"]) == (422, "phrases_flagged"), path
        (flag,) = answer["error"]["extra"]["phrases"]
        assert body["text"][flag["start"] : flag["end"]] == flag["said"]
        assert flag["why"]
        sent = body | {"phrase_reason": WHY}
        status, answer = program.post(f"/cases/{case.number}/{path}", sent)
        assert status in (200, 201), answer
        assert last(case).data["why_kept"] == WHY


def test_the_api_answers_in_the_callers_language(cast: Cast, open_case: OpenCase) -> None:
    case = open_case()
    body = {"text": BAD, "expected_seq": 99}
    _status, answer = Caller(cast.lin).post(f"/cases/{case.number}/replies", body, language="en")
    assert answer["error"]["extra"]["phrases"][0]["why"] == "Easily sounds like a reproach"


# The list itself


def test_only_who_manages_settings_changes_the_list(cast: Cast) -> None:
    given = PhraseFields(pattern="亲", kind="label")
    for act in (
        lambda **k: services.add_phrase(**k, given=given),
        lambda **k: services.change_phrase(**k, phrase_id=1, given=given),
        lambda **k: services.switch_phrase(**k, phrase_id=1, is_active=False),
    ):
        with pytest.raises(Forbidden):
            act(**cast.wang.acting)
    client = cast.wang.client()
    pk = Phrase.objects.earliest("pk").pk
    for path in ("", "new/", "try/", "export/", f"{pk}/"):
        assert client.get(f"/cases/phrases/{path}").status_code == 403, path
    assert client.post(f"/cases/phrases/{pk}/switch/", {"active": "0"}).status_code == 403


def test_add_change_and_switch_by_page(cast: Cast) -> None:
    client = cast.admin.client()
    new = {"pattern": "亲[爱的|]", "kind": "label", "why": "太随便", "better": "您好", "is_active": "on",
           "exceptions": "亲自；亲戚"}  # fmt: skip
    assert client.post("/cases/phrases/new/", new).status_code == 302
    phrase = Phrase.objects.get(pattern="亲[爱的|]")
    assert (phrase.exceptions, phrase.is_builtin) == ("亲自\n亲戚", False)
    html = client.get("/cases/phrases/?q=亲爱的").content.decode()
    assert "亲[爱的|]" in html
    assert "太随便" in html
    url = f"/cases/phrases/{phrase.pk}/"
    assert 'value="亲[爱的|]"' in client.get(url).content.decode()
    assert client.post(url, new | {"better": "您"}).status_code == 302
    assert client.post(f"{url}switch/", {"active": "0"}).status_code == 302
    phrase.refresh_from_db()
    assert (phrase.better, phrase.is_active) == ("您", False)
    actions = AuditRow.objects.filter(object_type="desk.phrase").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "desk.phrase.add",
        "desk.phrase.change",
        "desk.phrase.change",
    ]
    assert client.get("/cases/phrases/999999/").status_code == 404
    assert client.post("/cases/phrases/999999/switch/", {"active": "0"}).status_code == 404


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("pattern", ""),
        ("pattern", "[您|你"),
        ("pattern", "[您|]"),
        ("pattern", "！！"),
        ("pattern", "您" * 201),
        ("kind", "rude"),
        ("why", "长" * 121),
        ("better", "长" * 121),
        ("exceptions", "好的\n[坏"),
        ("exceptions", "\n".join(f"例外{n}" for n in range(31))),
    ],
)
def test_bad_input_is_refused_at_its_field(cast: Cast, field: str, wrong: str) -> None:
    before = Phrase.objects.count()
    sent = {"pattern": "亲", "kind": "label", "is_active": "on"} | {field: wrong}
    answer = cast.admin.client().post("/cases/phrases/new/", sent)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert Phrase.objects.count() == before


def test_the_same_words_do_not_stand_twice(cast: Cast) -> None:
    known = Phrase.objects.earliest("pk").pattern
    with pytest.raises(RuleError) as refused:
        services.add_phrase(**cast.admin.acting, given=PhraseFields(known, "label"))
    assert refused.value.code == "pattern_taken"
    with pytest.raises(NotFound):
        services.switch_phrase(**cast.admin.acting, phrase_id=0, is_active=True)


def test_a_text_is_tried_and_nothing_of_it_kept(cast: Cast) -> None:
    client = cast.admin.client()
    html = client.post(
        "/cases/phrases/try/", {"text": f"{BAD}<script>", "place": "outgoing"}
    ).content.decode()
    assert "<mark>您可能不太明白</mark>" in html
    assert "&lt;script&gt;" in html
    clean = client.post("/cases/phrases/try/", {"text": "明天上门", "place": "note"})
    assert "<mark>" not in clean.content.decode()
    assert client.post("/cases/phrases/try/", {"text": "", "place": "note"}).status_code == 422
    assert client.post("/cases/phrases/try/", {"text": "x", "place": "moon"}).status_code == 422


def test_the_list_goes_out_is_changed_and_comes_back(cast: Cast) -> None:
    kind = EXPORTS.get("phrases")
    assert kind is not None
    export = begin_export(**cast.admin.acting, kind=kind, file_format="csv", reason="检查用语")
    text = b"".join(write_csv(export.columns, export.records())).decode("utf-8-sig")
    same = Phrase.objects.count()
    run = whole("phrases", text, cast.company.pk)
    assert counts(run) == (0, 0, same, 0, 0)
    changed = (
        text.replace("我把查到的原因跟您说一下", "我说明一下原因")
        + "亲[爱的|],标签,太随便,您好,亲自；亲戚,是\r\n"
    )
    run = whole("phrases", changed, cast.company.pk)
    assert counts(run) == (1, 1, same - 1, 0, 0)
    added = Phrase.objects.get(pattern="亲[爱的|]")
    assert (added.kind, added.exceptions, added.is_active) == ("label", "亲自\n亲戚", True)
    imports.undo(actor=Actor.system("importer", via="cli"), run=run)
    run_pending_jobs()
    added.refresh_from_db()
    assert not added.is_active
    assert not Phrase.objects.filter(better="我说明一下原因").exists()


def test_an_import_refuses_what_cannot_be_looked_for(cast: Cast) -> None:
    text = "用语,类别\n[您|你,禁用语\n[您|],标签\n亲,标签\n亲,标签\n"
    run = tried(uploaded("phrases", text, cast.company.pk))
    assert counts(run)[3] == 3
