"""What else can be done with a visit that is still to be made: called off, given to somebody else, timed."""

from django.utils.translation import gettext as _

from zhike.accounts.models import User
from zhike.care.choices import CallOff
from zhike.care.models import FollowUp
from zhike.care.permissions import FOLLOW_UP
from zhike.care.services.holding import Visiting, visiting
from zhike.care.services.making import end_called_off
from zhike.complaints.choices import Unconfirmed
from zhike.complaints.permissions import APPROVE
from zhike.complaints.services import stand_unconfirmed
from zhike.core import access, clock
from zhike.core.access import Forbidden, Grants
from zhike.core.errors import RuleError
from zhike.core.notify import notify
from zhike.core.work import Actor
from zhike.desk.permissions import ASSIGN, HANDOVER
from zhike.desk.phrases import Place
from zhike.desk.selectors.scope import may_see
from zhike.desk.services.texts import cleaned, reason_of
from zhike.desk.services.words import NOT_KEPT, Kept, check_words

LONGEST_TIME = 120


def call_off(
    *, actor: Actor, grants: Grants, follow_up_id: int, reason: str, kept: Kept = NOT_KEPT
) -> FollowUp:
    """A supervisor says that this customer is not asked, and why."""
    grants.require(APPROVE)
    reason = reason_of(reason)
    words = check_words(reason, Place.NOTE, actor=actor, grants=grants, kept=kept)
    with visiting(
        "call_off", actor=actor, grants=grants, follow_up_id=follow_up_id, needs=APPROVE
    ) as at:
        end_called_off(at.visit, CallOff.BY_HAND, at.act.work, reason)
        at.line("called_off", text=reason, **words)
        stand_unconfirmed(at.act.case.pk, Unconfirmed.CALLED_OFF)
    return at.visit


def reassign(*, actor: Actor, grants: Grants, follow_up_id: int, user_id: int) -> FollowUp:
    """Somebody else makes it: one's own, or one nobody has, may be moved by whoever may hand over cases."""
    with visiting("reassign", actor=actor, grants=grants, follow_up_id=follow_up_id) as at:
        visit = at.visit
        if visit.assigned_id == user_id:
            return visit
        _require_say(grants, visit, user_id)
        person = _able(at, user_id)
        before, visit.assigned_id = visit.assigned_name, person.pk
        visit.assigned_name = person.name[:60]
        at.line("reassigned", to=person.name, before=before)
        if person.pk != actor.id:
            notify(
                at.act.work,
                user_id=person.pk,
                kind="care.assigned",
                values={
                    "name": actor.name,
                    "customer": visit.customer_name,
                    "due": f"{clock.local(visit.plan_at):%m-%d %H:%M}",
                },
                url=visit_url(visit.pk),
            )
    return visit


def visit_url(pk: int) -> str:
    from django.urls import reverse

    return reverse("care:visit", args=[pk])


def _require_say(grants: Grants, visit: FollowUp, user_id: int) -> None:
    takes_free_one = visit.assigned_id is None and user_id == grants.user_id
    gives_own = visit.assigned_id in (None, grants.user_id) and grants.allows(HANDOVER)
    if not (takes_free_one or gives_own or grants.allows(ASSIGN)):
        raise Forbidden(ASSIGN)


def _able(at: Visiting, user_id: int) -> User:
    person = User.objects.filter(pk=user_id, is_active=True).first()
    if person is None:
        raise RuleError("person_unknown", _("This person is not here any more."), field="person")
    theirs = access.grants_of(person)
    if not (theirs.allows(FOLLOW_UP) and may_see(theirs, at.act.case)):
        raise RuleError(
            "person_out_of_reach",
            _("%(name)s makes no follow-up visits or cannot see this case.")
            % {"name": person.name},
            field="person",
        )
    return person


def set_best_time(*, actor: Actor, grants: Grants, follow_up_id: int, text: str) -> FollowUp:
    """When this customer is best called, in their words."""
    text = " ".join(cleaned(text).split())
    if len(text) > LONGEST_TIME:
        raise RuleError(
            "text_too_long",
            _("This is longer than %(limit)s characters. Please shorten it.")
            % {"limit": LONGEST_TIME},
            field="best_time",
        )
    with visiting("best_time", actor=actor, grants=grants, follow_up_id=follow_up_id) as at:
        at.visit.best_time = text
    return at.visit
