"""Those who left how to reach them, as their page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass

from zhike.core import sealing
from zhike.core.access import Grants
from zhike.customers.models import Customer, Identity
from zhike.customers.permissions import field_of, is_hidden, may_reveal
from zhike.customers.selectors import visible_customers
from zhike.desk.models import Case
from zhike.desk.selectors.scope import visible_cases
from zhike.surveys.contact_selectors import visible_contacts
from zhike.surveys.models import AnswerContact, Survey
from zhike.surveys.single_answers import Said, read_answer

PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class Way:
    part: str
    masked: str
    can_reveal: bool


@dataclass(frozen=True, slots=True)
class ContactLine:
    row: AnswerContact
    name: str
    ways: Sequence[Way]
    said: Sequence[Said]
    # Only what the reader may open; a case of somebody else's is told as opened and no more.
    customer: Customer | None
    case: Case | None
    is_taken_up: bool


@dataclass(frozen=True, slots=True)
class ContactPage:
    lines: Sequence[ContactLine]
    # The id the next page stops before; 0 at the end.
    before: int


def contacts_of(survey: Survey, grants: Grants, *, before: int, language: str) -> ContactPage:
    rows = (
        visible_contacts(grants)
        .filter(survey=survey)
        .select_related("response", "opened")
        .order_by("-pk")
    )
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    customers = _customers(shown, grants)
    ids = [row.opened.case_id for row in shown if hasattr(row, "opened")]
    cases = {case.pk: case for case in visible_cases(grants).filter(pk__in=ids)}
    return ContactPage(
        [
            ContactLine(
                row=row,
                name=sealing.unseal(row.name_sealed),
                ways=_ways(row, grants),
                said=answers_of(row, language),
                customer=customers.get(row.pk),
                case=cases.get(row.opened.case_id) if hasattr(row, "opened") else None,
                is_taken_up=hasattr(row, "opened"),
            )
            for row in shown
        ],
        shown[-1].pk if len(found) > PER_PAGE else 0,
    )


def answers_of(row: AnswerContact, language: str) -> Sequence[Said]:
    return read_answer(row.response, row.survey_id, {}, language).said


def _ways(row: AnswerContact, grants: Grants) -> list[Way]:
    masks = (("phone", row.phone_mask), ("email", row.email_mask))
    return [
        Way(part, masked, may_reveal(grants, field_of(part)))
        for part, masked in masks
        if masked and not is_hidden(grants, field_of(part))
    ]


def _customers(rows: Sequence[AnswerContact], grants: Grants) -> dict[int, Customer]:
    """The file of each, where there is one with this number and the reader may open it."""
    blinds = {one for row in rows for one in (row.phone_blind, row.email_blind) if one}
    owners = dict(
        Identity.objects.filter(value_blind__in=blinds, voided_at__isnull=True).values_list(
            "value_blind", "customer_id"
        )
    )
    whose = {
        row.pk: row.customer_id or owners.get(row.phone_blind) or owners.get(row.email_blind)
        for row in rows
    }
    files = visible_customers(grants).in_bulk([pk for pk in whose.values() if pk])
    return {pk: files[owner] for pk, owner in whose.items() if owner in files}
