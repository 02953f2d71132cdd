import secrets

from django.utils.translation import gettext as _

from zhike.accounts.models import Unit
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import NotFound, RuleError
from zhike.surveys.models import Link
from zhike.surveys.permissions import MANAGE
from zhike.surveys.services.drafts import locked, own_key, submitted

# Nobody who reads it off a poster takes one for another: no 0, 1, i, l, o.
SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"
LENGTH = 12
LONGEST_NAME = 80
MOST_LINKS = 200


def make_link(
    *,
    actor: work.Actor,
    grants: Grants,
    survey_id: int,
    name: str,
    is_counter: bool = False,
    unit_id: int | None = None,
    submit_key: str = "",
) -> Link:
    """A further way to a published questionnaire, counted apart: a poster, a shop, a letter."""
    grants.require(MANAGE)
    name = _named(name)
    place = _unit(grants, unit_id)
    key = f"{survey_id}:{submit_key}" if submit_key else ""
    with work.unit(actor) as unit:
        # Of two at once, the second waits here and finds what the first made.
        survey = locked(grants, survey_id)
        if survey.current_id is None:
            raise RuleError("survey_unpublished", _("Please publish the questionnaire first."))
        if (known := submitted(survey.links.all(), actor, key)) is not None:
            return known
        if survey.links.filter(is_personal=False).count() >= MOST_LINKS:
            raise RuleError("links_many", _("At most %(most)s links.") % {"most": MOST_LINKS})
        link = Link.objects.create(
            survey=survey,
            token="".join(secrets.choice(SIGNS) for _place in range(LENGTH)),
            name=name,
            is_counter=is_counter,
            unit=place,
            submit_key=own_key(actor, key),
            made_at=unit.now,
            made_by_name=actor.name[:80],
        )
        unit.audit(
            "surveys.make_link",
            survey,
            after={"name": name, "is_counter": is_counter, "unit_id": link.unit_id},
        )
    return link


def change_link(
    *,
    actor: work.Actor,
    grants: Grants,
    survey_id: int,
    link_id: int,
    name: str | None = None,
    is_counter: bool | None = None,
    is_open: bool | None = None,
    unit_id: int | None = None,
) -> Link:
    """Only what is given changes; the address stays, printed as it is. A `unit_id` of 0 is no unit."""
    grants.require(MANAGE)
    wanted: dict[str, str | bool | int | None] = {}
    if name is not None:
        wanted["name"] = _named(name)
    wanted |= {
        field: value
        for field, value in (("is_counter", is_counter), ("is_open", is_open))
        if value is not None
    }
    # Whoever does not reach its unit may leave it as it is.
    if unit_id is not None and not (
        unit_id and Link.objects.filter(pk=link_id, unit_id=unit_id).exists()
    ):
        place = _unit(grants, unit_id)
        wanted["unit_id"] = place.pk if place else None
    with work.unit(actor) as unit:
        survey = locked(grants, survey_id)
        link = (
            Link.objects.select_for_update()
            .filter(pk=link_id, survey=survey, is_personal=False)
            .first()
        )
        if link is None:
            raise NotFound()
        before = {field: getattr(link, field) for field in wanted}
        if before == wanted:
            return link
        for field, value in wanted.items():
            setattr(link, field, value)
        link.save(update_fields=list(wanted))
        unit.audit(
            "surveys.change_link", survey, before={"name": link.name, **before}, after=wanted
        )
    return link


def _unit(grants: Grants, unit_id: int | None) -> Unit | None:
    """One the acting person reaches, or none."""
    if not unit_id:
        return None
    found = Unit.objects.filter(pk=unit_id, is_active=True).first()
    if found is None or not (grants.reaches_unit(unit_id) or unit_id == grants.unit_id):
        raise RuleError("unit_out_of_reach", _("Please choose one of your units."), field="unit")
    return found


def _named(name: str) -> str:
    """What it is called among us; nobody who answers sees it."""
    name = " ".join(name.replace("\x00", "").split())
    if not name:
        raise RuleError("name_missing", _("Please say where this link is used."), field="name")
    if len(name) > LONGEST_NAME:
        raise RuleError(
            "text_too_long",
            _("This is longer than %(limit)s characters. Please shorten it.")
            % {"limit": LONGEST_NAME},
            field="name",
        )
    return name
