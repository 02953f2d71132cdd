"""Every text that is asked: refused with words of the list, kept with a reason, and never for a quotation."""

import json
from collections.abc import Callable
from datetime import datetime

import pytest
from django.urls import reverse

from tests.api.test_api import Caller
from tests.care.conftest import through_steps, visit_of
from tests.cast import Cast
from tests.complaints.notice_scene import AFTERNOON, make_scene, send
from tests.guards import given
from tests.web.words_scene import ACTS, Town
from zhike.care import services as care
from zhike.complaints import services as complaints
from zhike.complaints.models import Notice
from zhike.complaints.rules import Field, Step
from zhike.core.errors import RuleError
from zhike.core.models import AuditRow
from zhike.customers import services as customers
from zhike.customers.models import Customer
from zhike.desk import services as desk
from zhike.desk.models import CaseEvent
from zhike.desk.phrases import Place
from zhike.desk.services import Kept
from zhike.web.written_texts import DECIDED

pytestmark = pytest.mark.django_db

LABEL = "这个客户难缠。"
QUOTED = "客户自己说：“我就是个难缠的人”。"
FORBIDDEN = "陈先生，您可能不太明白。"
WHY = "上级要求原样记录"


@pytest.fixture
def town(cast: Cast, frozen_clock: Callable[[datetime], None]) -> Town:
    frozen_clock(AFTERNOON)  # Answers of departments promise something for a day soon after.
    scene = make_scene(cast)
    return Town(cast, scene, scene.case)


def test_every_asked_text_of_a_form_is_tried() -> None:
    asked = {
        name
        for name, decided in DECIDED.items()
        if isinstance(decided, Place)
        and name.split(".")[-2].endswith("Form")
        and not name.startswith("customers.")
    }
    assert asked == set(ACTS)


@pytest.mark.parametrize("name", sorted(ACTS))
def test_a_label_is_refused_and_kept_with_a_reason(town: Town, name: str) -> None:
    with pytest.raises(RuleError) as refused:
        ACTS[name](town, LABEL, Kept())
    assert refused.value.code == "phrases_flagged"
    assert refused.value.extra["phrases"][0]["said"] == "难缠"


def decisions() -> set[str]:
    rows = AuditRow.objects.filter(action="outbox.decide").values_list("payload", flat=True)
    return {json.loads(payload)["after"].get("why_kept", "") for payload in rows}


@pytest.mark.parametrize("name", sorted(ACTS))
def test_with_a_reason_it_stays_and_the_record_says_so(town: Town, name: str) -> None:
    ACTS[name](town, LABEL, Kept(WHY))
    lines = CaseEvent.objects.filter(data__why_kept=WHY).count()
    assert lines or AuditRow.objects.filter(reason=WHY).exists() or WHY in decisions()


@pytest.mark.parametrize("name", sorted(ACTS))
def test_a_customer_may_be_quoted(town: Town, name: str) -> None:
    ACTS[name](town, QUOTED, Kept())


@pytest.mark.parametrize("name", sorted(ACTS))
def test_forbidden_phrases_are_asked_of_what_leaves_the_team(town: Town, name: str) -> None:
    if DECIDED[name].value == "note":
        ACTS[name](town, FORBIDDEN, Kept())
        return
    with pytest.raises(RuleError) as refused:
        ACTS[name](town, FORBIDDEN, Kept())
    assert refused.value.code == "phrases_flagged"


def test_a_department_may_be_told_what_was_said(town: Town) -> None:
    send(town.scene, text="客服对客户说：“您可能不太明白”，请培训。")


def test_what_the_customer_said_is_never_asked(town: Town) -> None:
    words = "你们就是难缠的骗子，您可能不太明白！"
    complaints.record_steps(
        **town.on, given=[(Step.LISTEN, {Field.WORDS: words, Field.WISH: words})]
    )
    new = desk.NewCase(type_code="complaint", channel="phone", text=words)
    desk.open_case(**town.lin, new=new)
    visit = visit_of(through_steps(town.cast.lin, town.case))
    care.record_result(
        **town.lin,
        follow_up_id=visit.pk,
        outcome=care.Outcome(result="not_content", words=words, person_id=town.scene.zhang.user.pk),
    )
    assert Notice.objects.get().text == words


# The customer's file


def test_what_is_noted_in_a_file_is_asked_for_labels(cast: Cast) -> None:
    who = {**cast.lin.acting, "customer_id": cast.chen.pk}
    for act in (
        lambda text: customers.update_customer(**who, remark=text),
        lambda text: customers.record_preference(**who, value=text),
        lambda text: customers.change_stage(**who, stage="lost", reason=text),
        lambda text: customers.set_tags(**who, names=[text]),
    ):
        with pytest.raises(RuleError) as refused:
            act("难缠")
        assert (refused.value.code, refused.value.status) == ("phrases_flagged", 422)
        assert refused.value.field in {"remark", "value", "reason", "tags"}
    customers.update_customer(**who, remark="客户自称“难缠”，要求回电。")


def test_a_remark_that_stands_does_not_hold_up_other_changes(cast: Cast) -> None:
    with given():
        Customer.objects.filter(pk=cast.chen.pk).update(remark="难缠")
    customers.update_customer(
        **cast.lin.acting, customer_id=cast.chen.pk, remark="难缠", occupation="司机"
    )


# Pages and interface


def test_a_page_shows_bars_where_the_word_stands_and_asks_once_why(town: Town) -> None:
    client = town.cast.lin.client()
    url = reverse("remedies:propose", args=[town.case.number])
    sent = {"once": "o1", "kind": "gift", "text": FORBIDDEN, "why": LABEL, "amount": "0"}
    answer = client.post(url, sent)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert html.count('name="phrase_reason"') == html.count('name="phrase_shown"') == 1
    assert "“您可能不太明白”" in html
    assert "“难缠”" in html
    box = answer.context["form"].words_box("text")
    assert [flag.said for flag in box.bars.flags] == ["您可能不太明白"]
    assert len(box.shown.split(",")) == 2
    kept = client.post(url, sent | {"phrase_reason": WHY, "phrase_shown": box.shown})
    assert kept.status_code == 302
    line = CaseEvent.objects.get(data__line="complaints.remedy_proposed")
    assert line.data["why_kept"] == WHY
    assert len(line.data["phrases"]) == 2


def test_the_interface_names_the_field_and_takes_a_reason(town: Town) -> None:
    lin = Caller(town.cast.lin)
    body = {"kind": "gift", "text": "小礼物", "why": LABEL, "amount_cents": 0}
    status, answer = lin.post(f"/cases/{town.case.number}/remedies", body)
    assert (status, answer["error"]["code"]) == (422, "phrases_flagged")
    assert answer["error"]["extra"]["phrases"][0]["field"] == "why"
    status, _made = lin.post(f"/cases/{town.case.number}/remedies", {**body, "phrase_reason": WHY})
    assert status == 201
