"""What feedback holds about a person: their words go; rating, day and source stay."""

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from zhike.core.erasing import (
    ADDRESSES,
    ERASED,
    IMPORTED,
    PLACES,
    Addresses,
    Imported,
    Person,
    Place,
    set_to,
)
from zhike.desk.erasing import cases_of
from zhike.listening.models import Feedback


def _feedback(person: Person) -> "QuerySet[Feedback]":
    return Feedback.objects.filter(
        Q(customer_id__in=person.file_ids) | Q(case_id__in=cases_of(person).values("pk"))
    )


def _urls(person: Person) -> list[str]:
    ids = _feedback(person).values_list("pk", flat=True)
    return [reverse("listening:detail", args=[pk]) for pk in ids]


def register() -> None:
    IMPORTED.fill(Imported("feedback", lambda person: _feedback(person).values("pk")))
    ADDRESSES.fill(Addresses("listening", _urls))
    PLACES.fill(
        Place(
            "listening.feedback",
            _("Their feedback"),
            _feedback,
            set_to(text=ERASED, folded="", bigrams="", external_id=""),
            _("rating, day and source"),
        )
    )
