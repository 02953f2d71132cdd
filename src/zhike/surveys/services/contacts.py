"""What people leave so that they can be reached: kept, taken back, looked at, ended."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from zhike.core import sealing, work
from zhike.core.access import Forbidden, Grants
from zhike.core.errors import NotFound
from zhike.core.models import PersonKey
from zhike.customers.normal import NormalIdentity, shown_identity
from zhike.customers.permissions import REVEAL, field_of, may_reveal
from zhike.customers.services.looking import LOOKS, note_look_at, watch
from zhike.surveys.contact_selectors import visible_contacts
from zhike.surveys.contacts import ContactDetails
from zhike.surveys.events import ContactLeft
from zhike.surveys.models import AnswerContact
from zhike.surveys.permissions import CONTACTS
from zhike.surveys.services.answers import Begun

LOOK = "surveys.contact.reveal"
LOOKS.add(LOOK)
_EMPTY = dict.fromkeys(
    (
        *("name_sealed", "phone_sealed", "email_sealed"),
        *("phone_mask", "email_mask", "phone_blind", "email_blind"),
    ),
    "",
)


def settle(unit: work.Work, row: Begun, left: ContactDetails | None) -> None:
    """Beside the page just saved: what was left with it, or nothing any more."""
    asks = row.definition.contact()
    if asks is None or asks.key not in row.answers:
        _take_back(unit, row.id)
    elif left is not None:
        _keep(unit, row, left)


def _keep(unit: work.Work, answered: Begun, left: ContactDetails) -> None:
    rows = AnswerContact.objects.select_for_update()
    row = rows.filter(response_id=answered.id).first()
    key = sealing.new_key(unit.now)
    if row is None:
        row = AnswerContact(survey_id=answered.survey_id, response_id=answered.id)
    else:
        sealing.destroy_key(row.key_id, unit.now)
    row.key, row.left_at, row.gone_at, row.customer = key, unit.now, None, None
    row.name_sealed = sealing.seal(key, left.name) if left.name else ""
    row.phone_sealed, row.phone_mask, row.phone_blind = _sealed(key, left.phone)
    row.email_sealed, row.email_mask, row.email_blind = _sealed(key, left.email)
    row.save()
    unit.audit("surveys.contact.leave", row, after={"parts": left.parts})
    unit.publish(ContactLeft(row.pk, answered.id, answered.survey_id))


def _sealed(key: PersonKey, one: NormalIdentity | None) -> tuple[str, str, str]:
    return (sealing.seal(key, one.value), one.mask.text, one.blind) if one else ("", "", "")


def _take_back(unit: work.Work, response_id: int) -> None:
    rows = AnswerContact.objects.select_for_update()
    row = rows.filter(response_id=response_id, gone_at__isnull=True).first()
    if row is not None:
        end([row], unit)
        unit.audit("surveys.contact.take_back", row)


def end(rows: Collection[AnswerContact], unit: work.Work) -> None:
    """Nothing of them can be read any more, in backups neither; that there was one stays, for the figures."""
    for row in rows:
        sealing.destroy_key(row.key_id, unit.now)
    AnswerContact.objects.filter(pk__in=[row.pk for row in rows]).update(**_EMPTY, gone_at=unit.now)


def reveal(*, actor: work.Actor, grants: Grants, contact_id: int, part: str) -> str:
    """The full number or address. Every look is written down."""
    grants.require(CONTACTS)
    row = visible_contacts(grants).filter(pk=contact_id).first()
    sealed = getattr(row, f"{part}_sealed") if row and part in ("phone", "email") else ""
    if row is None or not sealed:
        raise NotFound()
    if not may_reveal(grants, field_of(part)):
        raise Forbidden(REVEAL, _("Your role keeps such values masked."))
    value = sealing.unseal(sealed)
    watched = watch(actor)
    told = {"part": part, "masked": getattr(row, f"{part}_mask")}
    with work.unit(actor) as unit:
        note_look_at(unit, LOOK, row, row.key_id, watched, told)
    return shown_identity(part, value)
