"""What is done to a case beside talking: each is a small form, shown in a dialog or as a page of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from zhike.accounts.grants import actor_of_request
from zhike.accounts.selectors import colleagues, unit_tree
from zhike.core import access, clock
from zhike.core.access import Grants
from zhike.core.errors import NotFound, RuleError
from zhike.core.work import Actor
from zhike.desk import forms as desk_forms
from zhike.desk.models import Case, CaseEvent
from zhike.desk.permissions import HANDOVER, MERGE, VIEW, WORK
from zhike.desk.rules import excerpt
from zhike.desk.selectors.page import case_for_page
from zhike.desk.selectors.scope import may_see
from zhike.desk.selectors.spoken import spoken_lines
from zhike.desk.selectors.types import active_types
from zhike.desk.services import ownership, progress, relations, tracking
from zhike.desk.services.callers import Caller
from zhike.desk.services.intake import name_customer
from zhike.desk.services.words import NOT_KEPT, Kept
from zhike.desk.views.conversation import speaker_of
from zhike.desk.views.parts import FormPage, is_part, show_form, show_refusal, tracking_link
from zhike.desk.words_form import WordsForm

QUEUE = "queue"


@dataclass(frozen=True)
class Ask:
    """What an action knows when it shows its form and when it acts."""

    request: HttpRequest
    actor: Actor
    grants: Grants
    case: Case
    data: dict[str, Any]
    kept: Kept = NOT_KEPT

    @property
    def who(self) -> dict[str, Any]:
        return {"actor": self.actor, "grants": self.grants, "case_id": self.case.pk}


Run = Callable[[Ask], HttpResponse | None]


@dataclass(frozen=True)
class ActionPage:
    title: Any
    button: Any
    run: Run
    form: Callable[[Case, Grants, Any], forms.Form]
    sentence: Any = ""
    permission: str = WORK
    danger: bool = False
    # What stands in the way, in whole sentences; told before anybody fills in the form.
    hurdles: Callable[[Case, Grants], list[str]] | None = None


def type_choices() -> list[tuple[str, Any]]:
    return [(kind.code, kind.label) for kind in active_types()]


def people_choices(case: Case | None, grants: Grants) -> list[tuple[str, Any]]:
    """Colleagues by unit and name; the present owner is left out, giving back stands first."""
    owner = case.owner_id if case is not None else None
    people = [
        (str(one.pk), f"{one.name} · {one.unit.name}")
        for one in colleagues(grants)
        if one.pk != owner
    ]
    back = [(QUEUE, _("Back to the queue, for somebody else to take"))] if owner else []
    return [("", _("Please choose")), *back, *people]


# The forms


def _hand_over_form(case: Case, grants: Grants, data: Any) -> forms.Form:
    return desk_forms.HandOverForm(
        data, initial={"owner": case.owner_id}, people=people_choices(case, grants)
    )


def _edit_form(case: Case, grants: Grants, data: Any) -> forms.Form:
    types = type_choices()
    if case.type_id not in dict(types):
        types.append((case.type_id, case.type.label))
    initial = {"title": case.title, "type": case.type_id, "priority": case.priority}
    return desk_forms.EditForm(data, initial=initial, types=types)


def _split_form(case: Case, grants: Grants, data: Any) -> forms.Form:
    lines = [(str(event.pk), _line(event)) for event in spoken_lines(case)]
    return desk_forms.SplitForm(
        data, initial={"type": case.type_id}, types=type_choices(), lines=lines
    )


def _line(event: CaseEvent) -> str:
    words = excerpt(event.text, 60) or _("Files")
    return f"{clock.local(event.at):%m-%d %H:%M} {speaker_of(event)}：{words}"


def _parent_form(case: Case, grants: Grants, data: Any) -> forms.Form:
    number = case.parent.number if case.parent is not None else ""
    return desk_forms.ParentForm(data, initial={"number": number})


def _unit_form(case: Case, grants: Grants, data: Any) -> forms.Form:
    units = [(str(node.unit.pk), "　" * node.depth + node.unit.name) for node in unit_tree(True)]
    return desk_forms.UnitForm(data, initial={"unit": str(case.unit_id)}, units=units)


def _simple(form: type[forms.Form]) -> Callable[[Case, Grants, Any], forms.Form]:
    return lambda case, grants, data: form(data)


# What they do


def _hand_over(ask: Ask) -> None:
    if ask.data["to"] == QUEUE:
        ownership.give_back(**ask.who, reason=ask.data["reason"], kept=ask.kept)
        messages.success(ask.request, _("Back in the queue."))
        return
    case = ownership.hand_over(
        **ask.who,
        to_user_id=int(ask.data["to"]),
        reason=ask.data["reason"],
        expected_owner_id=ask.data["owner"],
        kept=ask.kept,
    )
    messages.success(ask.request, _("Handed over to %(name)s.") % {"name": case.owner_name})


def _wait(ask: Ask) -> None:
    progress.wait_for_customer(**ask.who, reason=ask.data["reason"], kept=ask.kept)
    messages.success(ask.request, _("The clock pauses until the customer answers."))


def _close(ask: Ask) -> None:
    progress.close_case(
        **ask.who,
        outcome=ask.data["outcome"],
        text=ask.data["text"],
        expected_seq=ask.data["seen"],
        tell_customer=ask.data["tell"],
        kept=ask.kept,
    )
    messages.success(ask.request, _("Closed."))


def _reopen(ask: Ask) -> None:
    progress.reopen(**ask.who, reason=ask.data["reason"], kept=ask.kept)
    messages.success(ask.request, _("Reopened; the clock starts anew."))


def _edit(ask: Ask) -> None:
    # Before anything is written: this form changes three things.
    if ask.data["type"] != ask.case.type_id:
        progress.refuse_type_of_ended(ask.case)
    # A subject that stays as it was may be the customer's first words: they are not asked.
    if ask.data["title"] != ask.case.title:
        progress.set_title(**ask.who, title=ask.data["title"], kept=ask.kept)
    progress.change_type(**ask.who, type_code=ask.data["type"])
    progress.set_priority(**ask.who, priority=ask.data["priority"])


def _unit(ask: Ask) -> HttpResponse | None:
    case = ownership.set_unit(
        **ask.who, unit_id=int(ask.data["unit"]), reason=ask.data["reason"], kept=ask.kept
    )
    messages.success(ask.request, _("%(number)s has moved.") % {"number": case.number})
    # Whoever gives a case away may not see it any more.
    return None if may_see(ask.grants, case) else redirect("desk:queue")


def _other(ask: Ask) -> Case:
    """The case whose number was typed; one out of reach does not exist."""
    try:
        return case_for_page(ask.grants, ask.data["number"])
    except NotFound as missing:
        raise RuleError("number_unknown", str(missing), field="number") from missing


def _merge(ask: Ask) -> HttpResponse:
    target = _other(ask)
    into = relations.merge_cases(
        actor=ask.actor,
        grants=ask.grants,
        from_id=ask.case.pk,
        into_id=target.pk,
        reason=ask.data["reason"],
        kept=ask.kept,
    )
    messages.success(ask.request, _("Merged into %(number)s.") % {"number": into.number})
    return redirect("desk:case", into.number)


def _split(ask: Ask) -> HttpResponse:
    part = relations.Part(
        event_ids=[int(pk) for pk in ask.data["events"]],
        title=ask.data["title"],
        type_code=ask.data["type"],
    )
    made = relations.split_case(**ask.who, part=part, kept=ask.kept)
    messages.success(ask.request, _("Split off as %(number)s.") % {"number": made.number})
    return redirect("desk:case", made.number)


def _link(ask: Ask) -> None:
    relations.link_cases(**ask.who, other=_other(ask).number, kind=ask.data["kind"])


def _unlink(ask: Ask) -> None:
    relations.unlink_cases(**ask.who, other=ask.data["number"])
    words = _("No longer linked to %(number)s.")
    messages.success(ask.request, words % {"number": ask.data["number"]})


def _parent(ask: Ask) -> None:
    parent = _other(ask).number if ask.data["number"] else None
    relations.set_parent(**ask.who, parent=parent)
    if parent is None:
        words = _("%(number)s stands on its own again.")
        messages.success(ask.request, words % {"number": ask.case.number})


def _name_customer(ask: Ask) -> None:
    caller = Caller(ask.data["phone"], ask.data["name"])
    name_customer(**ask.who, caller=caller)
    messages.success(ask.request, _("The case now stands in the customer's file."))


def _code(ask: Ask) -> HttpResponse:
    codes = tracking.issue_codes(**ask.who)
    context = {
        "case": ask.case,
        "code": codes.query_code,
        "link": tracking_link(ask.request, codes.token),
    }
    template = "desk/_code.html" if is_part(ask.request) else "desk/code.html"
    return render(ask.request, template, context)


PAGES: dict[str, ActionPage] = {
    "handover": ActionPage(
        gettext_lazy("Hand over"), gettext_lazy("Hand over"), _hand_over, _hand_over_form,
        permission=HANDOVER,
    ),
    "wait": ActionPage(
        gettext_lazy("Wait for the customer"), gettext_lazy("Pause the clock"), _wait,
        _simple(desk_forms.WaitForm),
    ),
    "close": ActionPage(
        gettext_lazy("Close the case"), gettext_lazy("Close the case"), _close,
        _simple(desk_forms.CloseForm),
        sentence=gettext_lazy("All clocks stop. It can be reopened at any time."),
        hurdles=progress.closing_reasons,
    ),
    "reopen": ActionPage(
        gettext_lazy("Reopen the case"), gettext_lazy("Reopen"), _reopen,
        _simple(desk_forms.ReasonForm),
    ),
    "edit": ActionPage(
        gettext_lazy("Change subject, type, priority"), gettext_lazy("Keep changes"), _edit,
        _edit_form,
    ),
    "unit": ActionPage(
        gettext_lazy("Move to another unit"), gettext_lazy("Move the case"), _unit, _unit_form,
        permission=HANDOVER,
        sentence=gettext_lazy(
            "An owner who does not belong there gives it up to the queue of that unit."
        ),
    ),
    "link": ActionPage(
        gettext_lazy("Link a case"), gettext_lazy("Link"), _link, _simple(desk_forms.LinkForm),
    ),
    "unlink": ActionPage(
        gettext_lazy("Undo a link"), gettext_lazy("Undo the link"), _unlink,
        _simple(desk_forms.OtherCaseForm),
        sentence=gettext_lazy("Both cases stay as they are; only the relation goes."),
    ),
    "parent": ActionPage(
        gettext_lazy("Put under another case"), gettext_lazy("Keep"), _parent, _parent_form,
        sentence=gettext_lazy("A case is closed only after those under it."),
    ),
    "merge": ActionPage(
        gettext_lazy("Merge into another case"), gettext_lazy("Merge into that case"), _merge,
        _simple(desk_forms.MergeForm), permission=MERGE, danger=True,
        sentence=gettext_lazy(
            "Everything said stays and is read there; this number leads to the other one."
        ),
    ),
    "split": ActionPage(
        gettext_lazy("Split off a new case"), gettext_lazy("Make the new case"), _split,
        _split_form, permission=MERGE,
        sentence=gettext_lazy("For a second matter of the same customer. The two stay linked."),
    ),
    "name-customer": ActionPage(
        gettext_lazy("Say who the customer is"), gettext_lazy("This is the customer"), _name_customer,
        _simple(desk_forms.NameCustomerForm),
        sentence=gettext_lazy("The number finds their file; an unknown number makes a new one."),
    ),
    "code": ActionPage(
        gettext_lazy("New query code"), gettext_lazy("Make a new code"), _code,
        _simple(desk_forms.ActionForm),
        sentence=gettext_lazy(
            "The old code and link stop working. Make sure you are speaking with the customer."
        ),
    ),
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    page = PAGES.get(action)
    case = case_for_page(grants, number)
    if page is None:
        raise NotFound()
    grants.require(page.permission)
    form = page.form(case, grants, request.POST if request.method == "POST" else None)
    if request.method != "POST":
        hurdles = page.hurdles(case, grants) if page.hurdles else []
        return show_form(request, case, _form_page(case, action, page, hurdles), form)
    if not form.is_valid():
        return show_form(request, case, _form_page(case, action, page), form, status=422)
    try:
        kept = form.kept if isinstance(form, WordsForm) else NOT_KEPT
        ask = Ask(request, actor_of_request(request), grants, case, form.cleaned_data, kept)
        answer = page.run(ask)
    except RuleError as error:
        return show_refusal(request, case, _form_page(case, action, page), form, error, FIELDS)
    return answer or redirect(_way_back(request, case))


# How services call an input that is named otherwise on the form.
FIELDS = {
    "to_user": "to",
    "value": "phone",
    "other": "number",
    "parent": "number",
    "into": "number",
}


def _form_page(case: Case, action: str, page: ActionPage, hurdles: Sequence[str] = ()) -> FormPage:
    return FormPage(
        title=page.title,
        button=page.button,
        url=reverse("desk:case-act", args=[case.number, action]),
        sentence=page.sentence,
        danger=page.danger,
        hurdles=hurdles,
    )


@require_POST
def claim(request: HttpRequest, number: str) -> HttpResponse:
    """Take up a case: from its page or from a row of the queue."""
    grants = access.require(request.user, WORK)
    case = case_for_page(grants, number)
    try:
        ownership.claim(actor=actor_of_request(request), grants=grants, case_id=case.pk)
    except NotFound:
        raise
    except RuleError as error:
        messages.warning(request, str(error))
        if is_part(request):
            return HttpResponse(str(error), status=error.status)
    else:
        messages.success(request, _("%(number)s is yours now.") % {"number": case.number})
    return redirect(_way_back(request, case))


@require_POST
def resume(request: HttpRequest, number: str) -> HttpResponse:
    grants = access.require(request.user, WORK)
    case = case_for_page(grants, number)
    try:
        progress.resume(actor=actor_of_request(request), grants=grants, case_id=case.pk)
    except NotFound:
        raise
    except RuleError as error:
        messages.warning(request, str(error))
    return redirect("desk:case", case.number)


def _way_back(request: HttpRequest, case: Case) -> str:
    back = request.POST.get("back", "")
    if back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return back
    return reverse("desk:case", args=[case.number])
