"""Remembering how somebody left a list, and the views they keep."""

import re
from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import NotFound, RuleError
from zhike.core.listing.memory import DENSITIES, SIZES
from zhike.web.models import ListPreference, SavedView
from zhike.web.permissions import SHARE_VIEWS

MOST_VIEWS = 30
MOST_COLUMNS = 60
LONGEST_QUERY = 2000
# Names of lists and columns come back from a form, so they are only ever what we write ourselves.
_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,59}")


def _known_name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise NotFound
    return text


def _names(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if _NAME.fullmatch(text)][:MOST_COLUMNS]


def keep_preference(
    *,
    user_id: int,
    list_name: str,
    columns: tuple[Sequence[str], Sequence[str]] | None = None,
    density: str = "",
    size: int | None = None,
) -> ListPreference:
    """Keep what was said and leave the rest; `columns` is (shown, hidden). Unknown values are dropped."""
    changes: dict[str, object] = {}
    if columns is not None:
        changes |= {"shown": _names(columns[0]), "hidden": _names(columns[1])}
    if density in DENSITIES:
        changes["density"] = density
    if size in SIZES:
        changes["size"] = size
    name = _known_name(list_name)
    try:
        with transaction.atomic():
            row, _made = ListPreference.objects.update_or_create(
                user_id=user_id, list_name=name, defaults=changes
            )
    except IntegrityError:
        # Two tabs made the row at once: the other one's is there now.
        row, _made = ListPreference.objects.update_or_create(
            user_id=user_id, list_name=name, defaults=changes
        )
    return row


def _title(text: str) -> str:
    title = "".join(c for c in text if c.isprintable()).strip()[:40]
    if not title:
        raise RuleError("title_missing", _("Give the view a name."), field="title")
    return title


def save_view(
    *,
    actor: work.Actor,
    grants: Grants,
    list_name: str,
    title: str,
    query: str,
    is_shared: bool = False,
) -> SavedView:
    """Keep an address under a name; the same name again keeps the newer address."""
    if grants.user_id is None:
        raise NotFound
    where = _known_name(list_name)
    if is_shared:
        grants.require(SHARE_VIEWS)
    name = _title(title)
    if len(query) > LONGEST_QUERY or not query.isprintable():
        raise RuleError("query_too_long", _("These are too many conditions to keep as a view."))
    mine = SavedView.objects.filter(owner_id=grants.user_id, list_name=where)
    if mine.exclude(title=name).count() >= MOST_VIEWS:
        raise RuleError("too_many_views", _("You have 30 views here. Remove one first."))
    with work.unit(actor) as unit:
        view, _made = SavedView.objects.update_or_create(
            owner_id=grants.user_id,
            list_name=where,
            title=name,
            defaults={"query": query, "is_shared": is_shared},
            create_defaults={"query": query, "is_shared": is_shared, "made_at": unit.now},
        )
        # Title and query may name a customer, and rows of the log cannot be blanked.
        unit.audit("web.view.save", view, after={"list": where, "is_shared": is_shared})
    return view


def _own(grants: Grants, pk: int) -> SavedView:
    view = SavedView.objects.filter(pk=pk, owner_id=grants.user_id).first()
    if view is None:
        raise NotFound
    return view


def rename_view(
    *, actor: work.Actor, grants: Grants, pk: int, title: str, is_shared: bool
) -> SavedView:
    view = _own(grants, pk)
    if is_shared and not view.is_shared:
        grants.require(SHARE_VIEWS)
    name = _title(title)
    taken = SavedView.objects.filter(
        owner_id=view.owner_id, list_name=view.list_name, title=name
    ).exclude(pk=pk)
    if taken.exists():
        raise RuleError("title_taken", _("You already have a view of this name."), field="title")
    before = {"is_shared": view.is_shared}
    with work.unit(actor) as unit:
        view.title, view.is_shared = name, is_shared
        view.save(update_fields=["title", "is_shared"])
        unit.audit("web.view.rename", view, before=before, after={"is_shared": is_shared})
    return view


def remove_view(*, actor: work.Actor, grants: Grants, pk: int) -> SavedView:
    """A view is a bookmark, not a record: this is one of the few things that are really deleted."""
    view = _own(grants, pk)
    with work.unit(actor) as unit:
        unit.audit("web.view.remove", view, before={"list": view.list_name})
        SavedView.objects.filter(pk=pk).delete()
    return view
