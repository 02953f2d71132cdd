"""Consents, requests about personal data and exports of the demo company."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from zhike.core.exporter import KINDS, begin_export
from zhike.customers import services as customers
from zhike.customers.models import Customer
from zhike.privacy import services
from zhike.privacy.models import DataRequest

if TYPE_CHECKING:
    from zhike.demo.load import Act, Agenda, Stage

AGENT, SUPERVISOR = "1001", "1010"
# By place among the customers: (purpose, yes or no, how, days ago, proof).
CONSENTS = (
    (0, "marketing", True, "counter", 80, "购车登记表，鹿邑门店 2 号夹"),
    (0, "recording", True, "phone", 62, "接通时语音告知"),
    (1, "marketing", True, "wechat", 50, ""),
    (1, "marketing", False, "phone", 12, ""),
    (2, "survey", False, "phone", 30, "来电说不要再打"),
    (3, "profiling", True, "paper", 44, "保养卡背面签字"),
    (4, "sensitive", True, "paper", 20, "三包索赔单 附件 1"),
)
# (place, what, how, days ago, in their words)
REQUESTS = (
    (0, "copy", "counter", 26, "想要一份你们登记的我的资料"),
    (1, "withdraw", "phone", 12, "别再给我发活动了"),
    (2, "correct", "phone", 9, "地址搬了，村名也写错了"),
    (3, "delete", "wechat", 17, "车已经卖了，把我的信息删掉"),
    (4, "view", "phone", 2, "我就问问你们存了我哪些信息"),
)


def plan_privacy(stage: "Stage", agenda: "Agenda", rows: list[Customer]) -> None:
    """Words of a few customers, and requests at every stage of their way."""
    chosen = [row for row in rows if row.kind == "person"][:5]
    if len(chosen) < 5:
        return
    for place, purpose, is_given, how, ago, proof in CONSENTS:
        agenda.add(_day(stage, ago), _consent(stage, chosen[place], purpose, is_given, how, proof))
    for place, kind, how, ago, wish in REQUESTS:
        agenda.add(_day(stage, ago), _request(stage, agenda, chosen[place], kind, how, wish))
    agenda.add(_day(stage, 6), lambda _at: _export(stage))
    agenda.add(_day(stage, 1), lambda _at: _export(stage))


def _day(stage: "Stage", ago: int) -> datetime:
    return stage.at_work(stage.now - timedelta(days=ago))


def _consent(
    stage: "Stage", customer: Customer, purpose: str, is_given: bool, how: str, proof: str
) -> "Act":
    def act(_at: datetime) -> None:
        actor, grants = stage.who(AGENT)
        customers.record_consent(
            actor=actor,
            grants=grants,
            customer_id=customer.pk,
            purpose=purpose,
            is_given=is_given,
            channel=how,
            proof=proof,
        )

    return act


def _request(
    stage: "Stage", agenda: "Agenda", customer: Customer, kind: str, how: str, wish: str
) -> "Act":
    def act(at: datetime) -> None:
        actor, grants = stage.who(AGENT)
        made = services.take_in(
            actor=actor, grants=grants, customer_id=customer.pk, kind=kind, channel=how, wish=wish
        )
        if kind != "view":
            agenda.add(stage.at_work(at, at), lambda _then: _answer(stage, made, kind))

    return act


def _answer(stage: "Stage", request: DataRequest, kind: str) -> None:
    acting = _supervisor(stage)
    if kind == "delete":
        services.refuse(
            **acting,
            number=request.number,
            reason="law",
            answer="三包凭证和付款记录须按法律保存，保存期满后删除；其余信息已停止使用。",
        )
        return
    services.check_identity(**acting, number=request.number, how="called_back")
    if kind == "copy":
        _run, chunks = services.make_package(**acting, number=request.number)
        for _chunk in chunks:
            pass
    elif kind == "withdraw":
        services.withdraw_consents(**acting, number=request.number, purposes=["marketing"])
    else:
        return
    services.complete(**acting, number=request.number, answer="已按要求办理，并告知本人。")


def _supervisor(stage: "Stage") -> dict[str, Any]:
    actor, grants = stage.who(SUPERVISOR)
    return {"actor": actor, "grants": grants}


def _export(stage: "Stage") -> None:
    kind = KINDS.get("customers")
    assert kind is not None
    actor, grants = stage.who(SUPERVISOR)
    export = begin_export(
        actor=actor,
        grants=grants,
        kind=kind,
        file_format="xlsx",
        purpose="contact",
        reason="重点客户节前逐户回访",
        query="tier=vip",
        rows=kind.rows(grants).filter(tier="vip").order_by("pk"),
    )
    for _chunk in export.chunks():
        pass
