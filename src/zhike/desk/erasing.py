"""What cases hold about a person, and how it is blanked: words go, what was done and when stays."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from zhike.core.erasing import (
    ADDRESSES,
    ERASED,
    HOLDS,
    IMPORTED,
    PLACES,
    Addresses,
    Hold,
    Imported,
    Person,
    Place,
    Reason,
    deleted,
)
from zhike.core.files import remove_files, used_elsewhere
from zhike.core.models import OutboxAttempt, OutboxMessage, OutboxState
from zhike.core.search import bigrams, fold
from zhike.core.work import Work
from zhike.customers.models import TimelineEntry
from zhike.desk.addresses import case_url
from zhike.desk.choices import EventKind
from zhike.desk.models import STILL_OPEN, Attachment, Case, CaseEvent, Draft, LegalClock
from zhike.privacy.holds import held_case_numbers

# What a line of the record says of itself in codes, ids, moments and names of our own people. All else goes.
KEPT_DATA = frozenset(
    {
        *(
            "line",
            "channel",
            "type",
            "outcome",
            "kind",
            "into",
            "adapter",
            "number",
            "state",
            "step",
        ),
        *(
            "way",
            "unconfirmed",
            "label",
            "to_name",
            "from_name",
            "unit",
            "person",
            "result",
            "from",
        ),
        *("to", "before", "until", "copied_from", "split_from", "mentions", "seqs", "responsible"),
    }
)
MOST_NAMED = 5


def cases_of(person: Person) -> "QuerySet[Case]":
    return Case.objects.filter(customer_id__in=person.file_ids)


def of_cases(model: Any) -> Any:
    """Rows of a model that point to a case of theirs."""

    def rows(person: Person) -> "QuerySet[Any]":
        found: QuerySet[Any] = model.objects.filter(case_id__in=cases_of(person).values("pk"))
        return found

    return rows


def _open_cases(person: Person) -> list[Reason]:
    rows = cases_of(person).filter(STILL_OPEN, voided_at__isnull=True).order_by("pk")
    numbers = list(rows.values_list("number", flat=True)[: MOST_NAMED + 1])
    if not numbers:
        return []
    sentence = ngettext(
        "Case %(numbers)s is still open; close it first.",
        "Cases %(numbers)s are still open; close them first.",
        len(numbers),
    )
    return [Reason("case_open", sentence % {"numbers": _named(numbers)})]


def _named(numbers: Sequence[str]) -> str:
    return _now(", ").join(numbers[:MOST_NAMED]) + ("…" if len(numbers) > MOST_NAMED else "")


def held_cases() -> "QuerySet[Case]":
    """Cases under a legal hold, and those merged into one: what was said there belongs to it."""
    numbers = held_case_numbers()
    return Case.objects.filter(Q(number__in=numbers) | Q(merged_into__number__in=numbers))


def _legal_holds(person: Person) -> list[Reason]:
    rows = held_cases().filter(customer_id__in=person.file_ids).order_by("pk")
    numbers = list(rows.values_list("number", flat=True)[: MOST_NAMED + 1])
    if not numbers:
        return []
    sentence = ngettext(
        "Case %(numbers)s is under a legal hold.",
        "Cases %(numbers)s are under a legal hold.",
        len(numbers),
    )
    return [Reason("legal_hold", sentence % {"numbers": _named(numbers)})]


def _blank_cases(rows: Sequence[Case], person: Person, work: Work) -> None:
    for case in rows:
        case.title = case.customer_name = ERASED
        case.last_text = case.close_reason = case.query_code_hash = ""
        case.tracking_hash = case.tracking_expires_at = None
        case.submit_key = case.external_id = None
        # Found by its number alone.
        case.folded = fold(case.number)
        case.bigrams = bigrams(case.folded)
        case.erased_at = case.erased_at or work.now
    Case.objects.bulk_update(
        rows,
        [
            *("title", "customer_name", "last_text", "close_reason", "query_code_hash"),
            *("tracking_hash", "tracking_expires_at", "submit_key", "external_id"),
            *("folded", "bigrams", "erased_at"),
        ],
    )


def _blank_events(rows: Sequence[CaseEvent], person: Person, work: Work) -> None:
    for event in rows:
        spoke = bool(event.text or event.data.get("reason") or event.data.get("erased"))
        event.data = kept_data(event.data, event.kind) | ({"erased": True} if spoke else {})
        event.text = event.folded = event.bigrams = event.submit_key = ""
        if event.actor_kind == "customer":
            event.actor_name = ""
    CaseEvent.objects.bulk_update(
        rows, ["data", "text", "folded", "bigrams", "submit_key", "actor_name"]
    )


def kept_data(data: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Numbers, flags and codes; of a changed subject not even the old one."""
    kept = {
        name: value
        for name, value in data.items()
        if name in KEPT_DATA or value is None or isinstance(value, int | float)
    }
    if kind == EventKind.TITLE:
        kept |= {"from": ERASED, "to": ERASED}
    return kept


def _blank_attachments(rows: Sequence[Attachment], person: Person, work: Work) -> None:
    """The bytes go, unless a case of somebody else holds the same."""
    files = {row.file_id for row in rows}
    mine = Attachment.objects.filter(
        file_id__in=files, case_id__in=cases_of(person).values("pk")
    ).values_list("pk", flat=True)
    remove_files(files - used_elsewhere(files, {"desk.Attachment": list(mine)}), work)
    Attachment.objects.filter(pk__in=[row.pk for row in rows]).update(name=ERASED)


def _blank_legal(rows: Sequence[LegalClock], person: Person, work: Work) -> None:
    LegalClock.objects.filter(pk__in=[row.pk for row in rows]).update(reference="", reason="")


def _messages(person: Person) -> "QuerySet[OutboxMessage]":
    events = CaseEvent.objects.filter(case_id__in=cases_of(person).values("pk"))
    return OutboxMessage.objects.filter(
        subject_type="desk.caseevent", subject_id__in=events.values("pk")
    )


def _blank_messages(rows: Sequence[OutboxMessage], person: Person, work: Work) -> None:
    found = OutboxMessage.objects.filter(pk__in=[row.pk for row in rows])
    found.update(address="", text=ERASED, answer="", receipt="")
    OutboxAttempt.objects.filter(message__in=[row.pk for row in rows]).update(words="")


def _on_their_way(person: Person) -> list[Reason]:
    moving = _messages(person).filter(state__in=(OutboxState.WAITING, OutboxState.SENDING))
    if not moving.exists():
        return []
    return [Reason("message_on_its_way", _now("A message to this customer is still on its way."))]


def _elsewhere(person: Person) -> "QuerySet[CaseEvent]":
    """Lines of other people's cases that once were thought to be theirs."""
    once = TimelineEntry.objects.filter(
        customer_id__in=person.file_ids, object_type="desk.case", object_id__isnull=False
    )
    other = Case.objects.filter(pk__in=once.values("object_id")).exclude(
        customer_id__in=person.file_ids
    )
    named = Q(kind=EventKind.CUSTOMER_NAMED) | Q(kind=EventKind.MESSAGE_IN)
    return CaseEvent.objects.filter(named, case_id__in=other.values("pk"))


def _blank_names(rows: Sequence[CaseEvent], person: Person, work: Work) -> None:
    for event in rows:
        for field in ("name", "caller"):
            if event.data.get(field) in person.names:
                event.data[field] = ERASED
        if event.actor_kind == "customer" and event.actor_name in person.names:
            event.actor_name = ""
    CaseEvent.objects.bulk_update(rows, ["data", "actor_name"])


def _urls(person: Person) -> list[str]:
    return [case_url(number) for number in cases_of(person).values_list("number", flat=True)]


def register() -> None:
    HOLDS.fill(Hold("desk.cases", _open_cases))
    HOLDS.fill(Hold("desk.legal_hold", _legal_holds))
    HOLDS.fill(Hold("desk.outbox", _on_their_way))
    IMPORTED.fill(Imported("cases", lambda person: cases_of(person).values("pk")))
    ADDRESSES.fill(Addresses("desk", _urls))
    for place in (
        Place(
            "desk.outbox", _("Messages on their way out"), _messages, _blank_messages,
            _("when, and whether it arrived"), order=20,
        ),
        Place("desk.drafts", _("Drafts of replies"), of_cases(Draft), deleted),
        Place(
            "desk.files", _("Files of their cases"), of_cases(Attachment), _blank_attachments,
            _("size and type"),
        ),
        Place(
            "desk.legal", _("Times a law set in their cases"), of_cases(LegalClock), _blank_legal,
            _("which, from when, whether in time, the authority"),
        ),
        Place(
            "desk.events", _("What was said and written in their cases"), of_cases(CaseEvent),
            _blank_events, _("who did what and when"),
        ),
        Place(
            "desk.cases", _("Their cases"), cases_of, _blank_cases,
            _("number, kind, state, outcome, due times, owner"), order=60,
        ),
        Place(
            "desk.named_elsewhere", _("Their name in cases of others"), _elsewhere, _blank_names,
            order=65,
        ),
    ):  # fmt: skip
        PLACES.fill(place)
