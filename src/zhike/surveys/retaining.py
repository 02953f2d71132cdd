"""How long answers stay linked with the person who gave them."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.core.retention import CLASSES, ENDED, DataClass
from zhike.core.work import Work
from zhike.privacy.holds import held_customers
from zhike.surveys.contact_selectors import contacts_of_files, standing
from zhike.surveys.cutting import cut
from zhike.surveys.models import AnswerContact, AnswerFile, Response
from zhike.surveys.services import contacts, files


def _named(cutoff: datetime) -> "QuerySet[Response]":
    rows = Response.objects.filter(invitation__isnull=False, began_at__lt=cutoff)
    held = Response.objects.filter(invitation__customer_id__in=held_customers()).values("pk")
    return rows.exclude(pk__in=held)


def _end(rows: Sequence[Response], work: Work) -> None:
    cut(rows, ENDED, work)


def _contacts(cutoff: datetime) -> "QuerySet[AnswerContact]":
    rows = standing().filter(left_at__lt=cutoff)
    held = contacts_of_files(list(held_customers().values_list("pk", flat=True)))
    return rows.exclude(pk__in=held.values("pk"))


def _end_contacts(rows: Sequence[AnswerContact], work: Work) -> None:
    contacts.end(rows, work)


def _files(cutoff: datetime) -> "QuerySet[AnswerFile]":
    rows = AnswerFile.objects.filter(response__began_at__lt=cutoff)
    held = held_customers()
    theirs = Q(response__invitation__customer_id__in=held) | Q(
        response__contact__customer_id__in=held
    )
    return rows.exclude(pk__in=AnswerFile.objects.filter(theirs).values("pk"))


def _end_files(rows: Sequence[AnswerFile], work: Work) -> None:
    files.drop(rows, work)


def register() -> None:
    CLASSES.fill(
        DataClass(
            "surveys.named_answers",
            _("Answers by personal links"),
            _("The way to the person and own words go; ratings and choices stay for the figures."),
            2 * 365,
            30,
            "",
            _named,
            _end,
            order=32,
        )
    )
    CLASSES.fill(
        DataClass(
            "surveys.contacts",
            _("Contacts left with answers"),
            _(
                "Name, number and address go; the answers stay, and nobody's name stands beside them."
            ),
            365,
            30,
            "",
            _contacts,
            _end_contacts,
            order=33,
        )
    )
    CLASSES.fill(
        DataClass(
            "surveys.files",
            _("Photos and files sent in with answers"),
            _("The files go; that there were some stays in the answer."),
            365,
            30,
            "",
            _files,
            _end_files,
            order=34,
        )
    )
