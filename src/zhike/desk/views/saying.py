"""Sending from the editor: a reply, a note or a call. A reply on an old version waits until the news is read."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from zhike.accounts.grants import actor_of_request
from zhike.accounts.models import User
from zhike.accounts.selectors import colleagues
from zhike.core import access, clock
from zhike.core.access import Grants
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.files.store import store_file
from zhike.core.models import StoredFile
from zhike.desk.choices import Delivery, EventKind
from zhike.desk.file_field import status_of
from zhike.desk.forms import ReplyForm
from zhike.desk.models import Case, CaseEvent
from zhike.desk.permissions import WORK
from zhike.desk.selectors.page import case_for_page
from zhike.desk.services import conversation, reading
from zhike.desk.services.attaching import NewFile
from zhike.desk.services.words import find_words
from zhike.desk.views import case_data
from zhike.desk.views.case import render_case
from zhike.desk.views.conversation import LOOKS, Entry, sentence_of
from zhike.desk.words_form import words_box

CLOSE_AFTER = "close"


@require_POST
def say(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    grants = access.require(request.user, WORK)
    if kind not in case_data.WRITES:
        raise NotFound()
    case = case_for_page(grants, number)
    form = ReplyForm(request.POST, request.FILES)
    kept = case_data.kept_files(request.POST.get("kept", ""))
    if kept and request.POST.get("text", "").strip() == "":
        form.files_kept = True
    if not form.is_valid():
        errors = [str(error) for found in form.errors.values() for error in found]
        return _again(request, grants, case, kind, errors, status=status_of(form))
    files: list[NewFile] = []
    try:
        files = [*_stored(kept), *(_store(file) for file in form.cleaned_data["files"])]
        _send(request, grants, case, kind, form, files)
    except Conflict as conflict:
        if conflict.code != "news":
            return _again(request, grants, case, kind, [str(conflict)], files=files, status=409)
        return _again(request, grants, case, kind, [], files=files, conflict=conflict, status=409)
    except NotFound:
        raise
    except RuleError as error:
        return _again(request, grants, case, kind, [str(error)], files=files, status=error.status)
    if form.cleaned_data["then"] == CLOSE_AFTER and kind == "reply":
        return redirect("desk:case-act", case.number, "close")
    return redirect(f"{reverse('desk:case', args=[case.number])}#editor")


def _store(file: Any) -> NewFile:
    return NewFile(store_file(file), file.name or "")


def _stored(kept: list[tuple[int, str]]) -> list[NewFile]:
    rows = StoredFile.objects.in_bulk([pk for pk, _name in kept])
    return [NewFile(rows[pk], name) for pk, name in kept if pk in rows]


def _send(
    request: HttpRequest,
    grants: Grants,
    case: Case,
    kind: str,
    form: ReplyForm,
    files: list[NewFile],
) -> None:
    data = form.cleaned_data
    common: dict[str, Any] = {
        "actor": actor_of_request(request),
        "grants": grants,
        "case_id": case.pk,
        "text": data["text"],
        "submit_key": data["once"],
        "kept": form.kept,
    }
    if kind == "note":
        conversation.add_note(
            **common, files=files, mentions=mentioned(data["text"], colleagues(grants))
        )
    elif kind == "call":
        conversation.record_call(
            **common,
            incoming=request.POST.get("incoming") == "1",
            reached=request.POST.get("reached", "1") == "1",
        )
    else:
        then = data["then"] if data["then"] != CLOSE_AFTER else ""
        told = request.POST.get("delivery") == Delivery.TOLD_BY_PHONE
        conversation.reply(
            **common,
            files=files,
            # Who presses "Read it" has read up to there; what came later still holds the reply.
            expected_seq=max(data["seen"] or 0, data["read"] or 0),
            then=then,
            delivery=Delivery.TOLD_BY_PHONE if told else Delivery.PAGE,
        )
        if not told:
            messages.success(request, _("Sent. The customer sees it on the progress page."))


def mentioned(text: str, people: Iterable[User]) -> list[int]:
    """Whose names stand after an @. Longer names first, so that 林静怡 is not also 林静."""
    found: list[int] = []
    rest = text
    for person in sorted(people, key=lambda one: -len(one.name)):
        pattern = re.compile("@" + re.escape(person.name))
        if pattern.search(rest):
            found.append(person.pk)
            rest = pattern.sub(" ", rest)
    return found


def _again(
    request: HttpRequest,
    grants: Grants,
    case: Case,
    kind: str,
    errors: list[str],
    *,
    files: list[NewFile] | None = None,
    conflict: Conflict | None = None,
    status: int,
) -> HttpResponse:
    """The page once more with everything that was typed; what was uploaded is kept as well."""
    case = case_for_page(grants, case.number)
    editor = case_data.editor_for(case, kind, then=request.POST.get("then", ""))
    editor.text = request.POST.get("text", "")[:20000]
    editor.errors = errors
    editor.words = words_box(
        find_words(editor.text, editor.words_place, grants.stamp),
        reason=request.POST.get("phrase_reason", "")[:300],
    )
    editor.once = request.POST.get("once", "")[:64] or editor.once
    seen = request.POST.get("seen", "")
    editor.seen = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 18 else case.seq
    if files:
        editor.kept = case_data.keep_files(files)
        editor.kept_names = [file.name for file in files]
    held = _held(conflict, case) if conflict is not None else None
    return render_case(request, grants, case, editor, held=held, status=status)


def _held(conflict: Conflict, case: Case) -> dict[str, Any]:
    news = [_news_entry(one) for one in conflict.extra["news"]]
    from_customer = any(one["by"] == "customer" for one in conflict.extra["news"])
    title = (
        _("Wait: the customer has just said something")
        if from_customer
        else _("Wait: something happened meanwhile")
    )
    sentence = ngettext(
        "While you were writing, %(n)d thing came in. Your text is kept below.",
        "While you were writing, %(n)d things came in. Your text is kept below.",
        len(news),
    ) % {"n": len(news)}
    seen = max([case.seq, *(entry.seq for entry in news)])
    return {"title": title, "sentence": sentence, "news": news, "seen": seen}


def _news_entry(one: dict[str, Any]) -> Entry:
    kind = EventKind(one["kind"])
    name = one["name"] if one["by"] != "customer" or one["name"] != "customer" else _("Customer")
    event = CaseEvent(kind=kind, data={})
    return Entry(
        seq=one["seq"],
        look=LOOKS.get(kind, "system"),
        icon="",
        name=name,
        at=datetime.fromisoformat(one["at"]),
        text=one["text"],
        sentence=sentence_of(event, name),
    )


@require_POST
def draft(request: HttpRequest, number: str, kind: str) -> JsonResponse:
    """Kept while typing; an empty text drops it."""
    grants = access.require(request.user, WORK)
    case = case_for_page(grants, number)
    seen = request.POST.get("seen", "")
    seq = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 18 else case.seq
    try:
        reading.save_draft(
            actor=actor_of_request(request),
            grants=grants,
            case_id=case.pk,
            text=request.POST.get("text", ""),
            seq=seq,
            is_note=kind == "note",
        )
    except RuleError as error:
        return JsonResponse({"message": str(error)}, status=error.status)
    now = clock.local(clock.now())
    words = _("Draft kept %(time)s") % {"time": f"{now:%H:%M}"}
    return JsonResponse({"kept": bool(request.POST.get("text", "").strip()), "words": words})
