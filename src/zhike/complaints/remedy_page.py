"""What remedies and approvals show elsewhere: on a case, in a customer's file, in the menu, under the bell."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from zhike.complaints.choices import ApprovalKind, ApprovalState, RemedyKind, RemedyState
from zhike.complaints.models import Approval, Remedy
from zhike.complaints.money import written
from zhike.complaints.permissions import APPROVE
from zhike.complaints.remedy_export import RemedyExport
from zhike.complaints.selectors.remedies import (
    approvals_without_remedy,
    remedies_of,
)
from zhike.complaints.services.deciding import METRIC
from zhike.complaints.services.remedies import TIMELINE_KIND
from zhike.core.access import Grants
from zhike.core.exporter.kinds import KINDS
from zhike.core.shell import MENU, NOTICES, MenuEntry, Notice, ReachCount
from zhike.customers.models import TimelineEntry
from zhike.customers.slots import TIMELINE_KINDS, TimelineKind
from zhike.desk.models import Case
from zhike.desk.permissions import ASSIGN, VIEW, WORK
from zhike.desk.slots import ACTIONS, LINES, PANELS, CaseAction, CasePanel, RecordLine

MANAGE_SETTINGS = "settings.manage"
STATE_LOOKS = {
    RemedyState.FOR_APPROVAL: ("warn", "hourglass"),
    RemedyState.APPROVED: ("info", "list-check"),
    RemedyState.CARRIED_OUT: ("ok", "circle-check"),
    RemedyState.REFUSED: ("danger", "circle-x"),
    RemedyState.CALLED_OFF: ("mute", "ban"),
}
APPROVAL_LOOKS = {
    ApprovalState.OPEN: ("warn", "hourglass"),
    ApprovalState.GRANTED: ("ok", "circle-check"),
    ApprovalState.REFUSED: ("danger", "circle-x"),
    ApprovalState.CALLED_OFF: ("mute", "ban"),
}

# Lines of the record


def _named(data: Mapping[str, Any]) -> str:
    """Refund ¥300; Apology; or, when it is no remedy, what was asked for."""
    if data.get("kind") not in RemedyKind.values:
        return str(ApprovalKind(data.get("asked", ApprovalKind.PRANK)).label)
    label, cents = str(RemedyKind(data["kind"]).label), data.get("amount_cents") or 0
    return f"{label} {written(cents)}" if cents else label


def _proposed(data: Mapping[str, Any], name: str) -> str:
    words = (
        _("%(name)s proposes “%(what)s” and asks for approval")
        if data.get("waits")
        else _("%(name)s decided on “%(what)s”")
    )
    return words % {"name": name, "what": _named(data)}


def _carried_out(data: Mapping[str, Any], name: str) -> str:
    cost = data.get("cost_cents") or 0
    words = {"name": name, "what": _named(data), "cost": written(cost)}
    if cost != (data.get("amount_cents") or 0):
        return _("%(name)s carried out “%(what)s”; it cost %(cost)s") % words
    return _("%(name)s carried out “%(what)s”") % words


def _called_off(data: Mapping[str, Any], name: str) -> str:
    return _("%(name)s called off “%(what)s”") % {"name": name, "what": _named(data)}


def _granted(data: Mapping[str, Any], name: str) -> str:
    return _("%(name)s approved “%(what)s”") % {"name": name, "what": _named(data)}


def _refused(data: Mapping[str, Any], name: str) -> str:
    return _("%(name)s refused “%(what)s”") % {"name": name, "what": _named(data)}


def _withdrawn(data: Mapping[str, Any], name: str) -> str:
    return _("%(name)s took back the request for “%(what)s”") % {"name": name, "what": _named(data)}


# On the page of a case


@dataclass(frozen=True)
class Button:
    label: Any
    url: str
    is_main: bool = False


@dataclass(frozen=True)
class Row:
    """A remedy, or a question without one, as the card of the case shows it."""

    label: Any
    amount: str
    state: Any
    tone: str
    icon: str
    text: str
    remedy: Remedy | None
    approval: Approval | None
    buttons: list[Button]


def _says(case: Case, grants: Grants) -> bool:
    return grants.allows(WORK) and (
        case.owner_id in (None, grants.user_id) or grants.allows(ASSIGN)
    )


def _decision_buttons(approval: Approval, grants: Grants) -> list[Button]:
    if approval.state != ApprovalState.OPEN:
        return []
    if approval.asked_by_id is not None and approval.asked_by_id == grants.user_id:
        url = reverse("approvals:withdraw", args=[approval.pk])
        return [Button(gettext_lazy("Take the request back"), url)]
    if grants.allows(APPROVE):
        url = reverse("approvals:decide", args=[approval.pk])
        return [Button(gettext_lazy("Decide"), url, is_main=True)]
    return []


def _remedy_row(remedy: Remedy, case: Case, grants: Grants) -> Row:
    state = RemedyState(remedy.state)
    approval: Approval | None = getattr(remedy, "approval", None)
    buttons = _decision_buttons(approval, grants) if approval is not None else []
    if _says(case, grants) and not case.is_ended:
        if state is RemedyState.APPROVED:
            url = reverse("remedies:carry-out", args=[remedy.pk])
            buttons.append(Button(gettext_lazy("Carry out"), url, is_main=True))
        if state is RemedyState.APPROVED or (
            state is RemedyState.FOR_APPROVAL and not _is_own(approval, grants)
        ):
            url = reverse("remedies:call-off", args=[remedy.pk])
            buttons.append(Button(gettext_lazy("Call off"), url))
    tone, icon = STATE_LOOKS[state]
    return Row(
        label=RemedyKind(remedy.kind).label,
        amount=written(remedy.amount_cents) if remedy.amount_cents else "",
        state=state.label,
        tone=tone,
        icon=icon,
        text=remedy.text,
        remedy=remedy,
        approval=approval,
        buttons=buttons,
    )


def _is_own(approval: Approval | None, grants: Grants) -> bool:
    return approval is not None and approval.asked_by_id == grants.user_id


def _approval_row(approval: Approval, grants: Grants) -> Row:
    state = ApprovalState(approval.state)
    tone, icon = APPROVAL_LOOKS[state]
    return Row(
        label=ApprovalKind(approval.kind).label,
        amount="",
        state=state.label,
        tone=tone,
        icon=icon,
        text=approval.why,
        remedy=None,
        approval=approval,
        buttons=_decision_buttons(approval, grants),
    )


def panel(case: Case, grants: Grants) -> Mapping[str, Any] | None:
    """Nothing as long as nothing was offered or asked."""
    rows = [_approval_row(one, grants) for one in approvals_without_remedy(case)]
    rows += [_remedy_row(one, case, grants) for one in remedies_of(case)]
    return {"rows": rows} if rows else None


def propose_url(case: Case, grants: Grants) -> str | None:
    if case.is_ended or not _says(case, grants):
        return None
    return reverse("remedies:propose", args=[case.number])


# Elsewhere


def _case_link(entry: TimelineEntry) -> str:
    # The page answers an id with a redirect to the number.
    return reverse("desk:case", args=[entry.object_id]) if entry.object_id else ""


def register() -> None:
    for key, icon, sentence in (
        ("remedy_proposed", "heart-handshake", _proposed),
        ("remedy_carried_out", "circle-check", _carried_out),
        ("remedy_called_off", "ban", _called_off),
        ("approval_granted", "circle-check", _granted),
        ("approval_refused", "circle-x", _refused),
        ("approval_withdrawn", "arrow-back-up", _withdrawn),
    ):
        LINES.fill(RecordLine(f"complaints.{key}", icon, sentence))
    PANELS.fill(
        CasePanel(
            "complaints.remedies",
            gettext_lazy("Remedies"),
            "complaints/remedies/_panel.html",
            panel,
            permission=VIEW,
            order=30,
            styles="complaints/remedies.css",
        )
    )
    ACTIONS.fill(
        CaseAction(
            "complaints.propose",
            gettext_lazy("Propose a remedy"),
            "heart-handshake",
            propose_url,
            main=True,
            order=30,
        )
    )
    TIMELINE_KINDS.fill(
        TimelineKind(
            TIMELINE_KIND,
            gettext_lazy("Remedy carried out"),
            "heart-handshake",
            "service",
            "ok",
            _case_link,
        )
    )
    KINDS.fill(RemedyExport())
    _register_menu()
    _register_bells()


def _register_menu() -> None:
    MENU.fill(
        MenuEntry(
            "approvals",
            pgettext_lazy("menu", "For approval"),
            "hourglass",
            "approvals:list",
            permission=APPROVE,
            group="today",
            order=40,
            within_reach=ReachCount(METRIC, (ApprovalState.OPEN.value,)),
        )
    )
    MENU.fill(
        MenuEntry(
            "remedies",
            gettext_lazy("Remedies and their cost"),
            "heart-handshake",
            "remedies:list",
            permission=VIEW,
            group="quality",
            order=40,
        )
    )
    MENU.fill(
        MenuEntry(
            "remedy-limits",
            gettext_lazy("Limits of remedies"),
            "scale",
            "remedies:limits",
            permission=MANAGE_SETTINGS,
            group="admin",
            order=46,
        )
    )


def _register_bells() -> None:
    for kind, text, icon in (
        (
            "remedy_asked",
            gettext_lazy("%(name)s asks for approval of %(amount)s in %(number)s: %(why)s"),
            "hourglass",
        ),
        (
            "remedy_granted",
            gettext_lazy("%(name)s approved %(amount)s for %(number)s: %(title)s"),
            "circle-check",
        ),
        (
            "remedy_refused",
            gettext_lazy("%(name)s refused %(amount)s for %(number)s: %(note)s"),
            "circle-x",
        ),
        (
            "prank_asked",
            gettext_lazy("%(name)s asks whether %(number)s is a prank: %(why)s"),
            "hourglass",
        ),
        (
            "prank_granted",
            gettext_lazy("%(name)s agrees that %(number)s is a prank: %(title)s"),
            "circle-check",
        ),
        (
            "prank_refused",
            gettext_lazy("%(name)s does not take %(number)s for a prank: %(note)s"),
            "circle-x",
        ),
    ):
        NOTICES.fill(Notice(f"complaints.{kind}", text, icon))
