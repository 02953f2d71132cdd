"""What follow-up visits hold about a person: their words go; results, times and marks stay."""

from collections.abc import Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.care.models import FollowUp, FollowUpAttempt
from zhike.care.services.changes import visit_url
from zhike.core.erasing import ADDRESSES, ERASED, PLACES, Addresses, Person, Place, set_to
from zhike.core.work import Work


def _visits(person: Person) -> "QuerySet[FollowUp]":
    return FollowUp.objects.filter(customer_id__in=person.file_ids)


def _tries(person: Person) -> "QuerySet[FollowUpAttempt]":
    return FollowUpAttempt.objects.filter(follow_up_id__in=_visits(person).values("pk"))


def _blank_visits(rows: Sequence[FollowUp], person: Person, work: Work) -> None:
    for visit in rows:
        visit.customer_name = ERASED
        visit.words = ERASED if visit.words else ""
        visit.missing = ERASED if visit.missing else ""
        visit.best_time = visit.to_check = visit.call_off_reason = ""
        # Yes, no and marks from one to five stay for the figures.
        visit.answers = {
            key: ERASED if isinstance(value, str) else value for key, value in visit.answers.items()
        }
    FollowUp.objects.bulk_update(
        rows,
        [
            *("customer_name", "words", "missing", "best_time", "to_check", "call_off_reason"),
            "answers",
        ],
    )


def _urls(person: Person) -> list[str]:
    return [visit_url(pk) for pk in _visits(person).values_list("pk", flat=True)]


def register() -> None:
    ADDRESSES.fill(Addresses("care", _urls))
    PLACES.fill(
        Place(
            "care.visits",
            _("Follow-up visits"),
            _visits,
            _blank_visits,
            _("result, marks, days and who called"),
        )
    )
    PLACES.fill(
        Place(
            "care.tries",
            _("Calls made for visits"),
            _tries,
            set_to(note=""),
            _("when, and whether somebody was reached"),
        )
    )
