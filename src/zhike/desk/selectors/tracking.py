"""The customer's view of a case: stages, public words and files, and nothing else."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import F

from zhike.core import clock
from zhike.desk import errors
from zhike.desk.choices import PUBLIC_STAGE_LABELS, EventKind
from zhike.desk.models import Attachment, Attempt, Case, CaseEvent
from zhike.desk.rules import CaseState, PublicStage, public_path
from zhike.desk.selectors.page import record_of
from zhike.desk.selectors.scope import HEAVY
from zhike.desk.services.tracking import code_hash, token_hash

# Many share one address behind a gateway; one number belongs to one person.
WINDOW = timedelta(minutes=15)
MOST_PER_NUMBER = 6
MOST_PER_ADDRESS = 30


@dataclass(frozen=True)
class StageStep:
    stage: PublicStage
    label: Any
    at: datetime | None
    is_done: bool
    is_now: bool


@dataclass(frozen=True)
class PublicLine:
    """One public word. `is_ours` tells whose it is; staff appear by name, the customer as themselves."""

    kind: str
    is_ours: bool
    name: str
    text: str
    at: datetime
    files: list[Attachment]


@dataclass(frozen=True)
class PublicCase:
    case: Case
    stages: list[StageStep]
    lines: list[PublicLine]
    has_earlier: bool
    # The cursor of what lies further back; None at the beginning.
    before: int | None = None

    @property
    def stage(self) -> StageStep:
        return next(step for step in self.stages if step.is_now)

    @property
    def is_closed(self) -> bool:
        return self.case.is_ended


def find_by_token(token: str) -> Case:
    """The case of a secret link. Raises NotFound for a wrong one, TrackingExpired for an old one."""
    rows = Case.objects.filter(tracking_hash=token_hash(token[:100]), voided_at__isnull=True)
    case = rows.defer(*HEAVY).first()
    if case is None:
        raise errors.tracking_not_found()
    if case.tracking_expires_at is None or case.tracking_expires_at <= clock.now():
        raise errors.tracking_expired()
    return _now_at(case)


def find_by_number_and_code(number: str, code: str, *, address: str) -> Case:
    """The case of this number, if the query code fits.

    A wrong number and a wrong code get the same answer after the same work; after a few failures of a number
    or an address every answer is a refusal for a while, right or wrong.
    """
    number = "".join(number.split()).upper()[:20].replace("\x00", "")
    keys = (_key("number", number), _key("address", address))
    # Counted before it is looked at: of many guesses sent at once, no more than these are answered.
    tries = [_note_try(key) for key in keys]
    if tries[0] > MOST_PER_NUMBER or tries[1] > MOST_PER_ADDRESS:
        raise errors.too_many_tries(_window_end(clock.now()))
    wanted = code_hash(number, code)
    case = Case.objects.filter(number=number, voided_at__isnull=True).defer(*HEAVY).first()
    known = case.query_code_hash if case is not None else ""
    if not hmac.compare_digest(wanted, known) or case is None or not known:
        raise errors.tracking_not_found()
    # It was right: only this try is forgotten, not those before it.
    Attempt.objects.filter(key__in=keys, failures__gt=0).update(failures=F("failures") - 1)
    return _now_at(case)


def _now_at(case: Case) -> Case:
    if case.merged_into_id is None:
        return case
    return Case.objects.defer(*HEAVY).get(pk=case.merged_into_id)


def _window_end(now: datetime) -> datetime:
    seconds = int(WINDOW.total_seconds())
    return datetime.fromtimestamp((int(now.timestamp()) // seconds + 1) * seconds, now.tzinfo)


def _key(kind: str, subject: str) -> str:
    # Keyed, so that no list of addresses or numbers lies in the table; one key per window.
    text = f"{kind}|{subject}|{int(_window_end(clock.now()).timestamp())}"
    secret = settings.SECRET_KEY.encode()
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


def _note_try(key: str) -> int:
    """How many they are with this one; one statement, so that guesses made at once are all counted.

    No unit of work: it is no business row.
    """
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO desk_attempt (key, failures, expires_at) VALUES (%s, 1, %s) "
            "ON CONFLICT (key) DO UPDATE SET failures = desk_attempt.failures + 1 RETURNING failures",
            [key, connection.ops.adapt_datetimefield_value(_window_end(now))],
        )
        tries = int(cursor.fetchone()[0])
    if tries == 1:
        Attempt.objects.filter(expires_at__lt=now).delete()
    return tries


def public_case(case: Case, *, before: int | None = None) -> PublicCase:
    """What the tracking page shows of a case found by its token or code."""
    record = record_of(case, before=before, public_only=True)
    files: dict[int, list[Attachment]] = {}
    for file in record.files:
        files.setdefault(file.event_id, []).append(file)
    lines = [
        PublicLine(
            kind=event.kind,
            is_ours=event.actor_kind != "customer" and event.kind != EventKind.MESSAGE_IN,
            name="" if event.kind == EventKind.MESSAGE_IN else event.actor_name,
            text=event.text,
            at=event.at,
            files=files.get(event.pk, []),
        )
        for event in record.events
        if event.text or event.pk in files or event.kind in (EventKind.URGE, EventKind.REOPENED)
    ]
    return PublicCase(case, stages_of(case), lines, record.has_earlier, record.before)


def public_attachment(case: Case, attachment_id: int) -> Attachment:
    """A file the customer may see again."""
    shown = Attachment.objects.filter(
        pk=attachment_id,
        event__visibility="public",
        event__voided_at__isnull=True,
        case__in=[
            case.pk,
            *Case.objects.filter(merged_into_id=case.pk).values_list("pk", flat=True),
        ],
    )
    found = shown.select_related("file").first()
    if found is None:
        raise errors.tracking_not_found()
    return found


_TAKEN_UP = (EventKind.CLAIM, EventKind.REPLY, EventKind.HANDOVER, EventKind.CALL)


def stages_of(case: Case) -> list[StageStep]:
    first = (
        CaseEvent.objects.filter(case_id=case.pk, kind__in=_TAKEN_UP)
        .order_by("seq")
        .values_list("at", flat=True)
        .first()
    )
    taken_up_at = first or (case.opened_at if case.owner_id is not None else None)
    path, now = public_path(CaseState(case.state), taken_up_at is not None)
    moments = {
        PublicStage.RECEIVED: case.opened_at,
        PublicStage.TAKEN_UP: taken_up_at,
        PublicStage.DONE: case.closed_at,
    }
    return [
        StageStep(
            stage=stage,
            label=PUBLIC_STAGE_LABELS[stage],
            at=moments.get(stage),
            is_done=place < now or (place == now and case.is_ended),
            is_now=place == now,
        )
        for place, stage in enumerate(path)
    ]
