"""Reading what people left so that they can be reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import F, Q, QuerySet

from zhike.core import sealing
from zhike.core.access import Grants
from zhike.customers.models import Identity
from zhike.customers.normal import shown_identity
from zhike.surveys.choices import QuestionKind, ResponseState
from zhike.surveys.contacts import told
from zhike.surveys.kept import CONTACTS_KEPT
from zhike.surveys.models import AnswerContact, AnswerFile, Response
from zhike.surveys.permissions import CONTACTS
from zhike.surveys.selectors import visible_surveys
from zhike.surveys.sent_files import label

if TYPE_CHECKING:
    from zhike.surveys.services.answers import Begun


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach somebody who answered; "" for what they left out."""

    contact_id: int
    name: str
    phone: str
    email: str
    customer_id: int | None


def standing() -> "QuerySet[AnswerContact]":
    return AnswerContact.objects.filter(gone_at__isnull=True)


def visible_contacts(grants: Grants) -> "QuerySet[AnswerContact]":
    """Of whoever answered to the end, in the questionnaires this person reaches; of those whose results
    are kept until closing, only then."""
    if not grants.allows(CONTACTS):
        return AnswerContact.objects.none()
    rows = standing().exclude(CONTACTS_KEPT)
    return rows.filter(survey__in=visible_surveys(grants), response__state=ResponseState.COMPLETE)


def contact_of(response: Response | int) -> Contact | None:
    """Whom to call about this answer, in full: for rules that open a case. Whoever shows it to somebody uses
    `services.contacts.reveal`."""
    pk = response if isinstance(response, int) else response.pk
    row = standing().filter(response_id=pk).first()
    return unsealed(row) if row is not None else None


def unsealed(row: AnswerContact) -> Contact:
    phone = sealing.unseal(row.phone_sealed)
    return Contact(
        row.pk,
        sealing.unseal(row.name_sealed),
        shown_identity("phone", phone) if phone else "",
        sealing.unseal(row.email_sealed),
        row.customer_id,
    )


def contacts_of_files(ids: Sequence[int]) -> "QuerySet[AnswerContact]":
    """Those that belong to these files: found by a number on them, or said by a colleague.

    A number that is being erased is theirs still: it went out of use with the file.
    """
    theirs = Q(voided_at__isnull=True) | Q(voided_at=F("customer__erased_at"))
    blinds = (
        Identity.objects.filter(theirs, customer_id__in=ids)
        .exclude(value_blind="")
        .values("value_blind")
    )
    return AnswerContact.objects.filter(
        Q(customer_id__in=ids) | Q(phone_blind__in=blinds) | Q(email_blind__in=blinds)
    )


def left_before(row: "Begun", number: int) -> dict[str, str]:
    """What stands behind a question of this page already, masked, for whoever holds the secret of the answers."""
    asked = row.definition.contact()
    here = row.definition.sections[number].questions
    if asked is None or asked.key not in row.answers or asked not in here:
        return {}
    left = standing().filter(response_id=row.id).first()
    if left is None:
        return {}
    return {asked.key: told(sealing.unseal(left.name_sealed), left.phone_mask, left.email_mask)}


def files_before(row: "Begun", number: int) -> dict[str, list[tuple[str, str]]]:
    """Files sent on this page already, by question: token, and what tells it from the others."""
    here = row.definition.sections[number].questions
    wanted = [q for q in here if q.kind == QuestionKind.FILE and row.answers.get(q.key)]
    if not wanted:
        return {}
    rows = {one.token: one for one in AnswerFile.objects.filter(response_id=row.id)}
    return {
        question.key: [
            (token, label(number, rows[token].content_type, rows[token].size_bytes))
            for number, token in enumerate(row.answers[question.key], 1)
            if token in rows
        ]
        for question in wanted
    }


def named_by_link(survey_id: int) -> dict[int, int]:
    """Complete answers that say who gave them, by link."""
    found: dict[int, int] = {}
    rows = standing().filter(survey_id=survey_id, response__state=ResponseState.COMPLETE)
    for link_id in rows.values_list("response__link_id", flat=True):
        found[link_id] = found.get(link_id, 0) + 1
    return found
