"""Saved lists that were narrowed to one person by name."""

from functools import reduce
from operator import or_
from urllib.parse import quote, quote_plus

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.core.erasing import PLACES, Person, Place, deleted
from zhike.web.models import SavedView


def _views(person: Person) -> "QuerySet[SavedView]":
    told = [
        Q(query__contains=written) | Q(title__contains=name)
        for name in person.names
        for written in {name, quote(name), quote_plus(name)}
    ]
    return SavedView.objects.filter(reduce(or_, told, Q(pk__in=[])))


def register() -> None:
    PLACES.fill(Place("web.views", _("Saved lists that name them"), _views, deleted, order=20))
