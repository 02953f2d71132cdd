"""Answers from outside: found by the link's token and the response's own secret, or by a signed personal link,
never by sign-in.

Hundreds arrive in a second after a message to all customers, so each costs one row: no session, no user, no
counting (see `counting.py`), no unit of work. The row itself says what came and when; nobody of the company acts.
"""

import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection, transaction

from zhike.core import clock
from zhike.surveys import answer_errors as errors
from zhike.surveys import flow
from zhike.surveys.choices import ResponseState, SurveyState
from zhike.surveys.definition import Definition, Quota, read
from zhike.surveys.invited import invitation_id_of, ref_of
from zhike.surveys.models import Invitation, Link, Response, Survey, SurveyVersion
from zhike.surveys.services import quotas

# How long complete answers may be changed, and begun ones gone on with.
EDITABLE = timedelta(hours=48)
CONTINUABLE = timedelta(days=14)
REF = re.compile(r"[0-9a-f]{32}\Z")
TRIES = 5


@dataclass(frozen=True, slots=True)
class Way:
    """Where a link leads to now."""

    token: str
    link_id: int
    survey_id: int
    version_id: int
    is_counter: bool
    is_open: bool
    definition: Definition
    # Its results are read once it is closed: then nothing is added or changed any more.
    is_kept: bool = False
    # It takes answers at all, though this link may take no new ones.
    survey_is_open: bool = True
    # Of a personal link: whose invitation it is, and the secret of its one response.
    invitation_id: int | None = None
    ref: str = ""
    # They were told, and are told on each page, that we see whose answers these are.
    is_named: bool = False

    @property
    def is_over(self) -> bool:
        """Also for whoever has begun, and would have had time for changes."""
        return self.is_kept and not self.survey_is_open


@dataclass(frozen=True, slots=True)
class Begun:
    """A response as it stands, with the version it answers."""

    id: int
    survey_id: int
    ref: str
    version_id: int
    definition: Definition
    state: str
    answers: Mapping[str, Any]
    language: str
    revision: int
    began_at: datetime
    # Its results are read by now.
    is_over: bool = False

    @property
    def is_editable(self) -> bool:
        if self.is_over or self.state == ResponseState.FULL:
            return False
        span = CONTINUABLE if self.state == ResponseState.PARTIAL else EDITABLE
        return clock.now() < self.began_at + span


def new_ref() -> str:
    return secrets.token_hex(16)


def way_of(token: str) -> Way:
    """Raises NotFound for a token that names no published questionnaire."""
    link = (
        Link.objects.select_related("survey")
        .only(
            *("token", "is_open", "is_counter"),
            *("survey__state", "survey__current_id", "survey__kept_since"),
        )
        .filter(token=token, is_personal=False)
        .first()
    )
    if link is None or link.survey.current_id is None:
        raise errors.link_not_found()
    return Way(
        token=link.token,
        link_id=link.pk,
        survey_id=link.survey_id,
        version_id=link.survey.current_id,
        is_counter=link.is_counter,
        is_open=link.is_open and link.survey.state == SurveyState.OPEN,
        definition=definition_of(link.survey.current_id, link.survey_id),
        is_kept=link.survey.kept_since is not None,
        survey_is_open=link.survey.state == SurveyState.OPEN,
    )


def invited_way_of(token: str) -> Way:
    """Raises NotFound for what we did not sign, and where the person was erased."""
    invitation_id = invitation_id_of(token)
    row = (
        Invitation.objects.select_related("sending__link", "sending__survey")
        .only(
            *("sending__link__is_open", "sending__link_id", "sending__is_named"),
            *("sending__survey__state", "sending__survey__current_id"),
            "sending__survey__kept_since",
        )
        .filter(pk=invitation_id, is_cut=False)
        .first()
    )
    current_id = row.sending.survey.current_id if row is not None else None
    if row is None or current_id is None:
        raise errors.link_not_found()
    survey, link = row.sending.survey, row.sending.link
    return Way(
        token=token,
        link_id=link.pk,
        survey_id=survey.pk,
        version_id=current_id,
        is_counter=False,
        is_open=link.is_open and survey.state == SurveyState.OPEN,
        definition=definition_of(current_id, survey.pk),
        is_kept=survey.kept_since is not None,
        survey_is_open=survey.state == SurveyState.OPEN,
        invitation_id=invitation_id,
        ref=ref_of(invitation_id),
        is_named=row.sending.is_named,
    )


@lru_cache(maxsize=200)
def definition_of(version_id: int, survey_id: int) -> Definition:
    """Versions never change, so what was read of one stays true in this process."""
    row = SurveyVersion.objects.filter(pk=version_id, survey_id=survey_id).first()
    if row is None:
        raise errors.link_not_found()
    return read(row.definition)


def begun(way: Way, ref: str) -> Begun | None:
    """What was answered so far: under this secret, or by this invitation whatever the browser."""
    rows = Response.objects.filter(link_id=way.link_id)
    if way.invitation_id is not None:
        row = rows.filter(invitation_id=way.invitation_id).first()
    else:
        row = rows.filter(ref=ref).first() if REF.match(ref) else None
    if row is None:
        return None
    return Begun(
        id=row.pk,
        survey_id=way.survey_id,
        ref=row.ref,
        version_id=row.version_id,
        definition=definition_of(row.version_id, way.survey_id),
        state=row.state,
        answers=row.answers,
        language=row.language,
        revision=row.revision,
        began_at=row.began_at,
        is_over=way.is_over,
    )


@dataclass(frozen=True, slots=True)
class Sent:
    """One page of answers, as sent: what was asked on it, what was answered, and whether it was the last."""

    asked: frozenset[str]
    answers: Mapping[str, Any]
    language: str
    page: int
    # Something on it is still wrong: what was right is kept, but it is not the end.
    is_unfinished: bool = False


def save(way: Way, ref: str, version_id: int, sent: Sent) -> Begun:
    """The answers of a page are kept, beside those of other pages; complete when no page comes after it.

    `ref` was drawn with the page, so that a page sent twice is one response. Raises Closed for a new response to
    what takes none, Conflict when the time for changes is over.
    """
    ref = way.ref or ref
    if not REF.match(ref):
        raise errors.link_not_found()
    if not way.is_kept:
        return _save(way, ref, version_id, sent)
    with transaction.atomic():
        # Closing waits for whoever is being saved, and who comes after it finds it closed: nothing is added to
        # what may be read by then.
        rows = Survey.objects.select_for_update(of=("self",), no_key=True)
        state = rows.only("state").get(pk=way.survey_id).state
        if state != SurveyState.OPEN:
            way = replace(way, is_open=False, survey_is_open=False)
        return _save(way, ref, version_id, sent)


def _save(way: Way, ref: str, version_id: int, sent: Sent) -> Begun:
    if sent.page == 0 and way.is_open:
        # Nearly always the row is not there yet, and this one statement is all.
        made = _insert(way, ref, version_id, sent)
        if made is not None:
            return made
    for _try in range(TRIES):
        row = begun(way, ref)
        if row is None and not way.is_open:
            raise errors.Closed
        if row is None:
            # No first page of it ever came, or the secret belongs to another link.
            raise errors.link_not_found()
        if not row.is_editable:
            raise errors.too_late()
        changed = _update(way, row, sent)
        if changed is not None:
            return changed
    raise errors.changed_meanwhile()


def _after(
    way: Way, definition: Definition, before: Mapping[str, Any], state: str, sent: Sent
) -> tuple[str, dict[str, Any]]:
    """State and answers with this page among them."""
    kept = {
        key: value for key, value in before.items() if key.removesuffix(".words") not in sent.asked
    }
    answers = flow.on_the_way(definition, {**kept, **sent.answers})
    if state == ResponseState.COMPLETE:
        return state, answers
    if way.definition.quotas and _is_full(way, answers):
        return ResponseState.FULL, answers
    if sent.is_unfinished:
        return ResponseState.PARTIAL, answers
    ends = flow.next_page(definition, answers, sent.page) is None
    return (ResponseState.COMPLETE if ends else ResponseState.PARTIAL), answers


def _is_full(way: Way, answers: Mapping[str, Any]) -> bool:
    """Whether it is worth asking on; whether there is a place is settled as the answer becomes complete."""
    falls = flow.falls(way.definition, answers)
    return bool(falls) and flow.full(way.definition, answers, quotas.taken(way.survey_id, falls))


# Writes the row in the state given; None when it was overtaken.
Write = Callable[[str], "Begun | None"]


class _Full(Exception):
    """No place is left."""


class _Overtaken(Exception):
    """The row was there already, or was saved by somebody else meanwhile."""


def _in_its_place(
    way: Way, before: "Begun | None", state: str, answers: Mapping[str, Any], write: Write
) -> Begun | None:
    """Written with the places its answers take under quotas; without a place it is beyond the quota.

    The quotas are those of today, also for answers to an earlier version.
    """
    had = _places(way, before.state, before.answers) if before else []
    wanted = _places(way, state, answers)
    if had == wanted:
        return write(state)
    give = [one for one in had if one not in wanted]
    take = [one for one in wanted if one not in had]
    for end, back, new in ((state, give, take), (ResponseState.FULL.value, had, [])):
        try:
            with transaction.atomic():
                if not quotas.change(way.survey_id, give=back, take=new):
                    raise _Full
                made = write(end)
                if made is None:
                    raise _Overtaken
                return made
        except _Full:
            continue
        except _Overtaken:
            return None
    return None


def _places(way: Way, state: str, answers: Mapping[str, Any]) -> list[Quota]:
    return flow.falls(way.definition, answers) if state == ResponseState.COMPLETE else []


def _insert(way: Way, ref: str, version_id: int, sent: Sent) -> Begun | None:
    """None when a row of this `ref` is there already."""
    now = clock.now()
    definition = definition_of(version_id, way.survey_id)
    state, answers = _after(way, definition, {}, ResponseState.PARTIAL, sent)

    def write(end: str) -> Begun | None:
        found = _inserted(way, ref, version_id, sent.language, end, answers, now)
        if found is None:
            return None
        return Begun(
            found,
            way.survey_id,
            ref,
            version_id,
            definition,
            end,
            answers,
            sent.language,
            1,
            now,
        )

    return _in_its_place(way, None, str(state), answers, write)


def _inserted(
    way: Way,
    ref: str,
    version_id: int,
    language: str,
    state: str,
    answers: Mapping[str, Any],
    now: datetime,
) -> int | None:
    moment = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO surveys_response (ref, survey_id, version_id, link_id, invitation_id, "
            "language, state, answers, began_at, changed_at, revision, counted_revision, "
            "counted_state) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 1, 0, '') "
            "ON CONFLICT (ref) DO NOTHING RETURNING id",
            [
                ref,
                way.survey_id,
                version_id,
                way.link_id,
                way.invitation_id,
                language,
                state,
                json.dumps(answers, ensure_ascii=False),
                moment,
                moment,
            ],
        )
        found = cursor.fetchone()
    return found[0] if found else None


def _update(way: Way, row: Begun, sent: Sent) -> Begun | None:
    """None when somebody else saved this response since `row` was read.

    The first change after counting keeps what was counted, so that it can be taken off again.
    """
    state, answers = _after(way, row.definition, row.answers, row.state, sent)

    def write(end: str) -> Begun | None:
        if not _updated(row, sent.language, end, answers):
            return None
        return replace(
            row,
            state=end,
            answers=answers,
            language=sent.language,
            revision=row.revision + 1,
        )

    return _in_its_place(way, row, str(state), answers, write)


def _updated(row: Begun, language: str, state: str, answers: Mapping[str, Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE surveys_response SET "
            "counted_answers = CASE WHEN counted_revision = revision THEN answers "
            "ELSE counted_answers END, "
            "counted_state = CASE WHEN counted_revision = revision THEN state "
            "ELSE counted_state END, "
            "answers = %s, state = %s, language = %s, changed_at = %s, revision = revision + 1 "
            "WHERE id = %s AND revision = %s",
            [
                json.dumps(answers, ensure_ascii=False),
                state,
                language,
                connection.ops.adapt_datetimefield_value(clock.now()),
                row.id,
                row.revision,
            ],
        )
        return bool(cursor.rowcount == 1)
