"""Reading sendings, and the lists of them and of their people. Every read starts at `visible_sendings`."""

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.core.access import Grants, NotFound
from zhike.core.listing import Column, Listing, Sort, Tab
from zhike.customers.permissions import VIEW as VIEW_CUSTOMERS
from zhike.customers.selectors import visible_customers
from zhike.surveys.choices import InvitationState
from zhike.surveys.models import Invitation, Sending
from zhike.surveys.permissions import MANAGE
from zhike.surveys.selectors import visible_surveys


def visible_sendings(grants: Grants) -> QuerySet[Sending]:
    """Who may send may look: of the questionnaires within their reach."""
    if not grants.allows(MANAGE) or not grants.allows(VIEW_CUSTOMERS):
        return Sending.objects.none()
    return Sending.objects.filter(survey__in=visible_surveys(grants))


def get_sending(grants: Grants, pk: int) -> Sending:
    rows = visible_sendings(grants).select_related("survey", "link", "purpose")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound()
    return found


def sendings_for_list(grants: Grants, survey_id: int) -> QuerySet[Sending]:
    reached = Count("invitations", filter=Q(invitations__sent_at__isnull=False))
    came = Q(invitations__sent_at__isnull=False, invitations__answered_at__isnull=False)
    rows = visible_sendings(grants).filter(survey_id=survey_id).select_related("link")
    return rows.annotate(
        people=Count("invitations"),
        reached=reached,
        answered=Count("invitations", filter=came),
    )


def people_of(grants: Grants, sending: Sending) -> QuerySet[Invitation]:
    """Those whose files are within the reader's reach."""
    rows = Invitation.objects.filter(sending=sending, customer__in=visible_customers(grants))
    return rows.select_related("customer", "region").only(
        *("state", "refusal", "tier", "sent_at", "answered_at", "reminded", "due_at"),
        *("sending_id", "customer__name", "customer__phone_mask", "region__name"),
    )


SENDINGS = Listing(
    "sendings",
    columns=(
        Column("name", _("Sending"), always=True),
        Column("state", _("State")),
        Column("drawn", pgettext_lazy("sampling", "Drawn"), number=True),
        Column("sent", pgettext_lazy("sending", "Sent"), number=True),
        Column("answered", pgettext_lazy("sending", "Answered"), number=True),
        Column("made_by", _("Made by")),
        Column("made", pgettext_lazy("sending", "Begun"), sort="made"),
    ),
    tabs=(),
    filters=(),
    sorts=(Sort("made", "id"),),
    default_sort="-made",
)


def _in(state: InvitationState) -> Tab:
    return Tab(state.value, state.label, lambda rows: rows.filter(state=state))


PEOPLE = Listing(
    "invitations",
    columns=(
        Column("customer", _("Customer"), always=True),
        Column("state", _("State")),
        Column("tier", _("Tier")),
        Column("region", pgettext_lazy("place", "Region")),
        Column("sent", pgettext_lazy("sending", "Sent")),
        Column("reminders", pgettext_lazy("sending", "Reminders"), number=True),
    ),
    tabs=(Tab("all", _("All")), *(_in(state) for state in InvitationState)),
    filters=(),
    sorts=(Sort("order", "id"),),
    default_sort="order",
)
