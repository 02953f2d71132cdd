"""The parts of the case page as its templates want them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core import signing
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from zhike.core import clock
from zhike.core.access import Grants
from zhike.core.calendar import Due
from zhike.core.calendar.why import explain
from zhike.core.models import DuePurpose
from zhike.desk.choices import Delivery, EventKind, LegalKind, Outcome, State
from zhike.desk.forms import one_time_key
from zhike.desk.models import Case, Draft
from zhike.desk.permissions import ASSIGN, HANDOVER, MERGE, WORK
from zhike.desk.phrases import Place
from zhike.desk.rules import CaseState, Mover, can_move
from zhike.desk.selectors.page import CaseLine, Tie
from zhike.desk.services.attaching import NewFile
from zhike.desk.services.clocks import all_explained, explained, has_own_time
from zhike.desk.slots import ACTIONS, STATE_WORDS
from zhike.desk.words_form import WordsBox

STATE_LOOKS = {
    CaseState.NEW: ("info", "inbox"),
    CaseState.OPEN: ("brand", ""),
    CaseState.WAITING_CUSTOMER: ("warn", "player-pause"),
    CaseState.WAITING_DEPARTMENT: ("warn", "hourglass"),
    CaseState.WAITING_APPROVAL: ("warn", "hourglass"),
    CaseState.WAITING_CONSENT: ("warn", "hourglass"),
    CaseState.CLOSED: ("ok", "circle-check"),
    CaseState.MERGED: ("mute", "git-merge"),
}
TALK_KINDS = (EventKind.MESSAGE_IN, EventKind.REPLY, EventKind.CALL, EventKind.DISSATISFIED)
SHOWS = ("all", "talk", "internal")
KEPT_SALT = "desk.kept-files"


@dataclass(frozen=True)
class Head:
    type_tone: str
    state_label: str
    state_tone: str
    state_icon: str
    handovers: str
    reopenings: str


def head_of(case: Case) -> Head:
    tone, icon = STATE_LOOKS[case.case_state]
    label = str(State(case.state).label)
    if case.case_state is CaseState.CLOSED:
        further = (one.word(case) for one in STATE_WORDS)
        label, icon = next((found for found in further if found), (label, icon))
    return Head(
        type_tone="danger" if case.type_id == "complaint" else "",
        state_label=label,
        state_tone=tone,
        state_icon=icon,
        handovers=_("Handed over %(n)d times") % {"n": case.handover_count},
        reopenings=_("Reopened %(n)d times") % {"n": case.reopened_count},
    )


def pause_reason(case: Case) -> str:
    """Why the clock stands still; empty when it runs."""
    if not case.is_paused:
        return ""
    return case.pauses[-1].get("reason") or _("waiting for the customer")


@dataclass(frozen=True)
class DueView:
    css: str
    what: str
    question: str
    account: Any
    paused_reason: str
    ended: str
    # Times a law sets, each with the day it is due.
    legal: list[str]
    # The years whose days off are not entered: the time may still move.
    provisional: str


def rules_url(case: Case, due: Due) -> str:
    """Where the plans are; a time set for this case alone is not among them."""
    return "" if has_own_time(case, due.purpose) else reverse("web:due-plans")


def due_view(case: Case, now: datetime, changes: int) -> DueView:
    due = explained(case)
    account = (
        explain(due, clock.zone(), now, changes=changes, rules_url=rules_url(case, due))
        if due is not None
        else None
    )
    paused = pause_reason(case)
    css = ""
    if case.due_at is not None and not case.is_ended and not paused:
        if case.due_at <= now:
            css = " is-over"
        elif case.due_warn_at is not None and case.due_warn_at <= now:
            css = " is-soon"
    time = f"{clock.local(case.due_at):%H:%M}" if case.due_at else ""
    outcome = str(Outcome(case.outcome).label) if case.outcome else ""
    ended = pgettext("case", "Closed") + (f" · {outcome}" if outcome else "")
    return DueView(
        css=css,
        what=str(DuePurpose(case.due_what).label) if case.due_what else "",
        question=_("Why %(time)s?") % {"time": time} if not paused else _("Why paused?"),
        account=account,
        paused_reason=paused,
        ended=ended if case.case_state is not CaseState.MERGED else _("Merged"),
        legal=_legal(case),
        provisional=_provisional(due),
    )


def _legal(case: Case) -> list[str]:
    if not case.legal:
        return []
    return [
        _("%(what)s until %(day)s")
        % {"what": DuePurpose(due.purpose).label, "day": f"{clock.local(due.at):%m-%d}"}
        for due in all_explained(case)
        if due.purpose in LegalKind.values and due.at is not None
    ]


def _provisional(due: Due | None) -> str:
    if due is None or due.at is None or not due.unknown_years:
        return ""
    years = ", ".join(str(year) for year in due.unknown_years)
    return _("The days off of %(years)s are not complete: this time may still move.") % {
        "years": years
    }


# The related list


@dataclass(frozen=True)
class Undo:
    """A small form behind a line: where it goes, which number it names, what its button says."""

    url: str
    number: str
    label: str
    full_label: str


@dataclass(frozen=True)
class Related:
    line: CaseLine
    undo: Undo | None = None


def related_of(case: Case, lines: Sequence[CaseLine], can_work: bool) -> list[Related]:
    """The neighbours, each with the way to undo what binds it for those who may work here."""
    return [Related(line, _undo(case, line) if can_work else None) for line in lines]


def _undo(case: Case, line: CaseLine) -> Undo | None:
    names = {"number": line.number}
    match line.tie:
        case Tie.LINKED:
            url = reverse("desk:case-act", args=[case.number, "unlink"])
            full = _("Undo the link to %(number)s") % names
            return Undo(url, line.number, _("Undo the link"), full)
        case Tie.ABOVE:
            url = reverse("desk:case-act", args=[case.number, "parent"])
            full = _("Take this case out from under %(number)s") % names
            return Undo(url, "", _("Take out"), full)
        case Tie.BELOW:
            # The child is what changes; without a number it stands on its own again.
            url = reverse("desk:case-act", args=[line.number, "parent"])
            full = _("Take %(number)s out from under this case") % names
            return Undo(url, "", _("Take out"), full)
    return None


# Actions in the head


@dataclass(frozen=True)
class Action:
    key: str
    label: str
    icon: str
    url: str
    posts: bool = False
    is_primary: bool = False
    shortcut: str = ""


@dataclass(frozen=True)
class Actions:
    main: list[Action]
    more: list[Action]


def _opens(case: Case, key: str, label: str, icon: str, **more: Any) -> Action:
    return Action(key, label, icon, reverse("desk:case-act", args=[case.number, key]), **more)


def actions_for(case: Case, grants: Grants) -> Actions | None:
    """What this reader may do now. The services decide; here only what cannot work is left out."""
    if not grants.allows(WORK) or case.case_state is CaseState.MERGED or case.erased_at:
        return None
    state = case.case_state
    says = case.owner_id in (None, grants.user_id) or grants.allows(ASSIGN)
    return Actions(
        _main_actions(case, grants, state, says), _more_actions(case, grants, state, says)
    )


def _of_higher_rooms(case: Case, grants: Grants, *, main: bool) -> list[Action]:
    found: list[Action] = []
    for one in sorted(ACTIONS, key=lambda action: (action.order, action.key)):
        url = one.url(case, grants) if one.main is main else None
        if url is not None:
            found.append(Action(one.key, str(one.label), one.icon, url))
    return found


def _main_actions(case: Case, grants: Grants, state: CaseState, says: bool) -> list[Action]:
    main: list[Action] = []
    if case.owner_id is None and not case.is_ended:
        claim = reverse("desk:claim", args=[case.number])
        main.append(
            Action("claim", _("Take up"), "hand-grab", claim, True, is_primary=True, shortcut="e")
        )
    if grants.allows(HANDOVER) and says and not case.is_ended:
        main.append(_opens(case, "handover", _("Hand over"), "arrows-transfer-up", shortcut="a"))
    if says and can_move(state, CaseState.WAITING_CUSTOMER, Mover.STAFF):
        main.append(_opens(case, "wait", _("Wait for customer"), "player-pause"))
    if says and state in (CaseState.WAITING_CUSTOMER, CaseState.WAITING_CONSENT):
        resume = reverse("desk:resume", args=[case.number])
        main.append(Action("resume", _("Go on"), "refresh", resume, True))
    main += _of_higher_rooms(case, grants, main=True)
    if says and can_move(state, CaseState.CLOSED, Mover.STAFF):
        main.append(_opens(case, "close", pgettext("verb", "Close"), "circle-check"))
    if state is CaseState.CLOSED:
        main.append(_opens(case, "reopen", _("Reopen"), "rotate-2"))
    return main


def _more_actions(case: Case, grants: Grants, state: CaseState, says: bool) -> list[Action]:
    more: list[Action] = []
    if says and not case.is_ended:
        more.append(_opens(case, "edit", _("Change subject, type, priority"), "edit"))
    if says and grants.allows(HANDOVER) and not case.is_ended:
        more.append(_opens(case, "unit", _("Move to another unit"), "building"))
    if not case.is_ended:
        start = reverse("desk:legal-start", args=[case.number])
        more.append(Action("legal", _("Start a legal time"), "scale", start))
    more.append(_opens(case, "name-customer", _("Say who the customer is"), "user-question"))
    more.append(_opens(case, "link", _("Link a case"), "link"))
    more.append(_opens(case, "parent", _("Put under another case"), "sitemap"))
    if grants.allows(MERGE):
        more.append(_opens(case, "merge", _("Merge into another case"), "git-merge"))
        if not case.is_ended:
            more.append(_opens(case, "split", _("Split off a new case"), "scissors"))
    more.append(_opens(case, "code", _("New query code"), "key"))
    more += _of_higher_rooms(case, grants, main=False)
    return more


# The editor


@dataclass(frozen=True)
class EditorTab:
    kind: str
    label: str
    icon: str
    url: str
    key: str
    is_on: bool


@dataclass
class Editor:
    kind: str
    url: str
    label: str
    placeholder: str
    button: str
    hint: str
    tabs: list[EditorTab]
    afterwards: list[tuple[str, str, bool]]
    seen: int
    once: str
    draft_url: str
    told: str = Delivery.TOLD_BY_PHONE.value
    text: str = ""
    draft_note: str = ""
    errors: list[str] = field(default_factory=list)
    # Files that came with a reply that was held: stored, and signed so that nobody names others'.
    kept: str = ""
    kept_names: list[str] = field(default_factory=list)
    # What the list of phrases has to say of the text.
    words: WordsBox = field(default_factory=WordsBox)

    @property
    def words_place(self) -> Place:
        return PLACES[self.kind]


PLACES = {"reply": Place.OUTGOING, "note": Place.NOTE, "call": Place.NOTE}
WRITES = tuple(PLACES)


def _tabs(case: Case, kind: str) -> list[EditorTab]:
    here = reverse("desk:case", args=[case.number])
    words = {
        "reply": (_("Reply to the customer"), "message-2", "r"),
        "note": (_("Internal note"), "lock", "i"),
        "call": (_("Note a call"), "phone", "c"),
    }
    return [
        EditorTab(
            name,
            label,
            icon,
            here if name == "reply" else f"{here}?write={name}",
            key,
            name == kind,
        )
        for name, (label, icon, key) in words.items()
    ]


def _afterwards(case: Case, kind: str, chosen: str) -> list[tuple[str, str, bool]]:
    if kind != "reply" or case.is_ended:
        return []
    choices = [("", _("Afterwards: keep in hand"))]
    if can_move(CaseState.OPEN, CaseState.WAITING_CUSTOMER, Mover.STAFF):
        choices.append(("waiting_customer", _("Afterwards: wait for the customer")))
    choices.append(("close", _("Afterwards: close")))
    return [(value, label, value == chosen) for value, label in choices]


def editor_for(case: Case, kind: str, draft: Draft | None = None, then: str = "") -> Editor:
    words = {
        "reply": (_("Reply to the customer"), _("Write to the customer …"), _("Send")),
        "note": (_("Internal note"), _("For colleagues only. @ asks somebody …"), _("Keep note")),
        "call": (_("Note a call"), _("What was said on the phone …"), _("Keep call")),
    }
    label, placeholder, button = words[kind]
    hints = {
        "reply": _("Shown on the customer's progress page"),
        "note": _("Never seen by the customer"),
        "call": _("Kept among us; the customer does not see it"),
    }
    editor = Editor(
        kind=kind,
        url=reverse("desk:say", args=[case.number, kind]),
        label=label,
        placeholder=placeholder,
        button=button,
        hint=hints[kind],
        tabs=_tabs(case, kind),
        afterwards=_afterwards(case, kind, then),
        seen=case.seq,
        once=one_time_key(),
        draft_url=reverse("desk:draft", args=[case.number, kind]) if kind != "call" else "",
    )
    if draft is not None:
        # What was begun on an older version is measured against that version.
        editor.text, editor.seen = draft.text, draft.seq
        editor.draft_note = _("Draft kept %(time)s") % {
            "time": f"{clock.local(draft.saved_at):%m-%d %H:%M}"
        }
    return editor


def keep_files(files: Sequence[NewFile]) -> str:
    return signing.dumps([[f.stored.pk, f.name] for f in files], salt=KEPT_SALT) if files else ""


def kept_files(token: str) -> list[tuple[int, str]]:
    """Ids and names signed by `keep_files`; anything else is nothing."""
    if not token:
        return []
    try:
        return [
            (int(pk), str(name)) for pk, name in signing.loads(token, salt=KEPT_SALT, max_age=86400)
        ]
    except (signing.BadSignature, ValueError, TypeError):
        return []


@dataclass(frozen=True)
class Show:
    label: str
    url: str
    is_on: bool


def shows_for(request: HttpRequest, case: Case) -> list[Show]:
    here = reverse("desk:case", args=[case.number])
    chosen = request.GET.get("show", "all")
    labels = {"all": _("All"), "talk": _("Conversation"), "internal": _("Internal")}
    return [
        Show(labels[name], here if name == "all" else f"{here}?show={name}", name == chosen)
        for name in SHOWS
    ]
