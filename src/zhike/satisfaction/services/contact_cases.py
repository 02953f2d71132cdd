"""From somebody who left how to reach them to the case in which we do."""

from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import NotFound
from zhike.desk.choices import Channel
from zhike.desk.models import Case
from zhike.desk.permissions import CREATE
from zhike.desk.services.callers import Caller
from zhike.desk.services.intake import NewCase, open_case
from zhike.satisfaction.contact_list import answers_of
from zhike.satisfaction.models import ContactCase
from zhike.surveys.contact_selectors import unsealed, visible_contacts
from zhike.surveys.models import AnswerContact
from zhike.surveys.permissions import CONTACTS

LONGEST_TEXT = 4000


def open_contact_case(
    *, actor: work.Actor, grants: Grants, contact_id: int, type_code: str, language: str
) -> Case:
    """A case with what they answered as its first words, and their file: found by the number, or opened.

    Whoever comes second gets the case of the first.
    """
    grants.require(CONTACTS)
    grants.require(CREATE)
    row = (
        visible_contacts(grants)
        .select_related("survey", "response", "opened__case")
        .filter(pk=contact_id)
        .first()
    )
    if row is None:
        raise NotFound()
    if (known := getattr(row, "opened", None)) is not None:
        case: Case = known.case
        return case
    found = unsealed(row)
    channel, value = ("phone", found.phone) if found.phone else ("email", found.email)
    new = NewCase(
        type_code=type_code,
        channel=Channel.WEB,
        title=_("Call back about answers"),
        text=_text(row, language),
        unit_id=row.survey.unit_id,
        caller=Caller(value, found.name, channel),
        submit_key=f"answer-contact-{row.pk}",
    )
    with work.unit(actor) as unit:
        locked = AnswerContact.objects.select_for_update().get(pk=row.pk)
        if locked.gone_at is not None or locked.key_id != row.key_id:
            # Taken back, or written anew, since it was read.
            raise NotFound()
        first = ContactCase.objects.select_related("case").filter(contact=locked).first()
        if first is not None:
            return first.case
        opened = open_case(actor=actor, grants=grants, new=new)
        ContactCase.objects.create(
            contact=locked,
            case=opened.case,
            opened_at=unit.now,
            opened_by_name=actor.name[:80],
        )
        AnswerContact.objects.filter(pk=row.pk).update(customer_id=opened.case.customer_id)
        unit.audit("surveys.contact.case", row.survey, after={"case": opened.case.number})
    return opened.case


def _text(row: AnswerContact, language: str) -> str:
    head = _("Answers to “%(title)s”, with the wish to be reached:") % {"title": row.survey.title}
    lines = [f"{one.question}\n{one.answer}" for one in answers_of(row, language)]
    return "\n\n".join([head, *lines])[:LONGEST_TEXT]
