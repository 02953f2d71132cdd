"""Self-assessments: questionnaires made from the two of the library, and the page of one year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Q, QuerySet

from zhike.core.access import Grants
from zhike.core.errors import NotFound
from zhike.satisfaction import assessing
from zhike.satisfaction.assessing import Apart, Column, Form, ItemScore
from zhike.satisfaction.disclosure import Cells, Ids, Mask, unpack
from zhike.satisfaction.people import People, read_people
from zhike.satisfaction.scopes import units_of
from zhike.satisfaction.selectors import named_answers, told_before
from zhike.surveys.definition.joining import ever_asked
from zhike.surveys.figures import link_counts
from zhike.surveys.kept import refuse_kept
from zhike.surveys.models import Survey
from zhike.surveys.selectors import visible_surveys
from zhike.surveys.services.answers import definition_of

ORIGINS = ("customer_orientation", "crm_readiness")
MOST_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Assessment:
    """Of one year, beside the year before. `year` is None while no year may be told."""

    form: Form
    years: Sequence[int]
    year: int | None
    whole: Column | None
    before: Column | None
    roles: Sequence[Column]
    units: Sequence[Column]
    # Groups of people somebody stands in who are not told apart.
    hidden: int
    left_out: int
    weakest: Sequence[ItemScore]


def visible_assessments(grants: Grants) -> "QuerySet[Survey]":
    return (
        visible_surveys(grants)
        .filter(origin__in=ORIGINS, current__isnull=False)
        .select_related("unit", "current")
    )


def get_assessment(grants: Grants, pk: int) -> Survey:
    found = visible_assessments(grants).filter(pk=pk).first()
    if found is None:
        raise NotFound()
    return found


def rounds_before(grants: Grants, survey: Survey) -> list[Survey]:
    """Those it goes back to copy by copy, the last one first, as far as this person sees them."""
    found: list[Survey] = []
    while survey.earlier_id is not None and len(found) < MOST_ROUNDS:
        before = visible_assessments(grants).filter(pk=survey.earlier_id).first()
        if before is None:
            break
        found.append(before)
        survey = before
    return found


def rounds_beside(grants: Grants, survey: Survey) -> list[Survey]:
    """The one it is a copy of, and copies of it."""
    beside = Q(pk=survey.earlier_id) | Q(earlier=survey.pk)
    return list(visible_assessments(grants).filter(beside).order_by("pk")[:MOST_ROUNDS])


def assessment_of(
    survey: Survey, language: str, year: int | None = None, rounds: Sequence[Survey] = ()
) -> Assessment | None:
    """None where it no longer asks for items on a scale. A year that is not told is nobody's: NotFound.

    Without an earlier year of its own it stands beside the last of its earlier `rounds` that asked the same.
    Raises Conflict while results are kept until it is closed.
    """
    refuse_kept(survey)
    read = _read(survey, language)
    if read is None:
        return None
    form, people, used, apart = read.form, read.people, read.used, read.apart
    roles, units = read.roles, read.units
    masks = {key: mask for key, (_title, mask) in units.items()}
    if year is not None and year not in apart.years:
        raise NotFound()
    told_years = sorted(apart.years, reverse=True)
    if year is None and told_years:
        year = told_years[0]

    def column(key: str, title: str, mask: Mask) -> Column:
        return assessing.column(form, key, title, people.answers[mask])

    if year is None:
        return Assessment(form, [], None, None, None, [], [], 0, int((~used).sum()), [])
    of_year = apart.years[year]
    before = next((one for one in told_years if one < year), None)
    earlier = column(str(before), str(before), apart.years[before]) if before else None
    if earlier is None:
        earlier = next(filter(None, (_round(one, form, language, year) for one in rounds)), None)
    in_roles = [
        column(key, title, apart.roles[year, key])
        for key, title in form.roles
        if (year, key) in apart.roles
    ]
    in_units = [
        column(key, title, apart.units[year, key])
        for key, (title, _mask) in units.items()
        if (year, key) in apart.units
    ]
    standing = sum(bool((mask & of_year).any()) for mask in (*roles.values(), *masks.values()))
    return Assessment(
        form=form,
        years=told_years,
        year=year,
        whole=column(str(year), str(year), of_year),
        before=earlier,
        roles=in_roles,
        units=in_units,
        hidden=standing - len(in_roles) - len(in_units),
        left_out=int((~used).sum()),
        weakest=assessing.weakest(form, people.answers[of_year]),
    )


def _round(survey: Survey, form: Form, language: str, year: int) -> Column | None:
    """The newest year told of an earlier round, not after this one; None where it asked for something else."""
    if survey.is_kept:
        return None
    read = _read(survey, language)
    if read is None or not read.form.asks_like(form):
        return None
    found = max((one for one in read.apart.years if one <= year), default=None)
    if found is None:
        return None
    # Two rounds of one year are told apart by their titles.
    title = str(found) if found < year else survey.title
    return assessing.column(
        read.form, str(found), title, read.people.answers[read.apart.years[found]]
    )


def told_people(survey: Survey) -> list[Ids]:
    """Answers by whom the page tells apart: an index beside it must not split them into fewer than five."""
    read = _read(survey, "") if survey.origin in ORIGINS else None
    if read is None:
        return []
    groups = (read.apart.years, read.apart.roles, read.apart.units)
    return [read.people.ids[mask] for found in groups for mask in found.values()]


@dataclass(frozen=True, slots=True)
class _Read:
    form: Form
    people: People
    used: Mask
    roles: Mapping[str, Mask]
    units: Mapping[str, tuple[str, Mask]]
    apart: Apart


def _read(survey: Survey, language: str) -> _Read | None:
    versions = survey.versions.order_by("-number").values_list("pk", flat=True)
    definition = ever_asked([definition_of(pk, survey.pk) for pk in versions])
    form = assessing.form_of(definition, lambda text: definition.words(text, language))
    if form is None:
        return None
    people = read_people(survey.pk, form.parts, [form.role] if form.role else [])
    used: Mask = np.logical_not(np.isnan(people.answers).any(axis=1))
    years, roles, units = _groups(survey, form, people, used)
    masks = {key: mask for key, (_title, mask) in units.items()}
    apart = assessing.told_apart(_cells(survey, people, used), years, roles, masks)
    return _Read(form, people, used, roles, units, apart)


def _groups(
    survey: Survey, form: Form, people: People, used: Mask
) -> tuple[dict[int, Mask], dict[str, Mask], dict[str, tuple[str, Mask]]]:
    days = np.array([day.year for day in people.days], np.int64)
    years = {int(one): (days == one) & used for one in np.unique(days[used])}
    roles = {key: (people.choices[form.role] == key) & used for key, _title in form.roles}
    units = {one.key: (one.title, one.mask & used) for one in units_of(people, survey)}
    # All in one unit is the whole once more.
    return years, roles, units if len(units) > 1 else {}


def _cells(survey: Survey, people: People, used: Mask) -> Cells:
    """People by what else is told of them: indexes so far, and what the results page tells now."""
    cells = Cells(len(people.ids), named=np.isin(people.ids, named_answers(survey.pk)))
    for _pk, at, kept in told_before(survey.pk):
        fresh = people.changed_since(at)
        for ids in unpack(kept).sets:
            cells.add(np.isin(people.ids, ids) & ~fresh)
    everybody = np.ones(len(people.ids), np.bool_)
    for mask in (
        everybody,
        *(people.of_links([one.link.pk]) for one in link_counts(survey) if one.is_told),
        used,
    ):
        if cells.allows(mask):
            cells.add(mask)
    return cells
