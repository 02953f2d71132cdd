"""What questionnaires hold about a person: that they were invited, and what they answered by their own link."""

from collections.abc import Sequence

from django.db.models import Case, Q, QuerySet, Value, When
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from zhike.core.erasing import ERASED, HOLDS, PLACES, Hold, Person, Place, Reason
from zhike.core.models import OutboxAttempt, OutboxMessage, OutboxState
from zhike.core.work import Work
from zhike.customers.contact_policy import Verdict
from zhike.surveys.choices import InvitationState
from zhike.surveys.contact_selectors import contacts_of_files
from zhike.surveys.cutting import cut
from zhike.surveys.models import AnswerContact, Invitation, Response
from zhike.surveys.services import contacts
from zhike.surveys.services.inviting import SUBJECT


def _invitations(person: Person) -> "QuerySet[Invitation]":
    return Invitation.objects.filter(customer_id__in=person.file_ids)


def _answers(person: Person) -> "QuerySet[Response]":
    # By subqueries: rows of an outer join cannot be locked.
    return Response.objects.filter(
        Q(invitation_id__in=_invitations(person).values("pk"))
        | Q(pk__in=_left(person).filter(gone_at__isnull=True).values("response"))
    )


def _left(person: Person) -> "QuerySet[AnswerContact]":
    return contacts_of_files(person.file_ids)


def _messages(person: Person) -> "QuerySet[OutboxMessage]":
    ids = _invitations(person).values("pk")
    return OutboxMessage.objects.filter(subject_type=SUBJECT, subject_id__in=ids)


def _cut(rows: Sequence[Response], person: Person, work: Work) -> None:
    cut(rows, ERASED, work)


def _end_contacts(rows: Sequence[AnswerContact], person: Person, work: Work) -> None:
    # So that they are found again though nothing of the number stands any more.
    nameless = [row.pk for row in rows if row.customer_id is None]
    AnswerContact.objects.filter(pk__in=nameless).update(customer_id=person.file_ids[0])
    contacts.end([row for row in rows if row.gone_at is None], work)


def _end(rows: Sequence[Invitation], person: Person, work: Work) -> None:
    never_sent = When(state=InvitationState.WAITING, then=Value(InvitationState.REFUSED))
    why = When(state=InvitationState.WAITING, then=Value(Verdict.NO_FILE.value))
    Invitation.objects.filter(pk__in=[row.pk for row in rows]).update(
        is_cut=True,
        due_at=None,
        refusal=Case(why, default="refusal"),
        state=Case(never_sent, default="state"),
    )


def _blank_messages(rows: Sequence[OutboxMessage], person: Person, work: Work) -> None:
    ids = [row.pk for row in rows]
    OutboxMessage.objects.filter(pk__in=ids).update(address="", text=ERASED, answer="", receipt="")
    OutboxAttempt.objects.filter(message__in=ids).update(words="")


def _on_their_way(person: Person) -> list[Reason]:
    moving = _messages(person).filter(state__in=(OutboxState.WAITING, OutboxState.SENDING))
    if not moving.exists():
        return []
    return [Reason("invitation_on_its_way", _now("An invitation to them is still on its way."))]


def register() -> None:
    HOLDS.fill(Hold("surveys.outbox", _on_their_way))
    for place in (
        # First: nobody answers by a link whose answers were gone through already.
        Place(
            "surveys.invitations", _("Invitations to questionnaires"), _invitations, _end,
            _("that there was one, tier and region, for the response rate"), order=10,
        ),
        Place(
            "surveys.answers", _("Answers by their own link or with a contact"), _answers, _cut,
            _("ratings and choices, without a way back to the person"), order=20,
        ),
        Place(
            "surveys.outbox", _("Invitations on their way out"), _messages, _blank_messages,
            _("when, and whether it arrived"), order=20,
        ),
        Place(
            "surveys.contacts", _("Contacts left with answers"),
            _left, _end_contacts,
            _("that there was one"), order=30,
        ),
    ):  # fmt: skip
        PLACES.fill(place)
