"""Finding files by words, of those a reader may know: what is hidden from them confirms nothing."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, Q

from zhike.core import search
from zhike.core.access import Grants
from zhike.core.search.query import MAX_QUERY
from zhike.customers.choices import Channel
from zhike.customers.masks import kind_of, personal_codes
from zhike.customers.models import CustomFieldDefinition, Identity
from zhike.customers.normal import normal_identity
from zhike.customers.permissions import (
    ACCOUNT,
    CUSTOM,
    ID_NUMBER,
    OCCUPATION,
    PHONE,
    is_hidden,
    is_open,
    open_channels,
)

# What no role can be kept from, of all that stands in the search column.
ALWAYS = (
    "name",
    "salutation",
    "organisation_name",
    "region_name",
    "tags_text",
    "habits_text",
    "remark",
    "external_id",
)


def matching(rows: Any, text: str, grants: Grants) -> Any:
    """Every word occurs in the file; a whole e-mail address finds whose it is."""
    if "@" in text and not is_hidden(grants, ACCOUNT):
        address = normal_identity(Channel.EMAIL, text)
        if address is not None:
            held = Identity.objects.filter(
                channel=Channel.EMAIL, value_blind=address.blind, voided_at__isnull=True
            )
            return rows.filter(pk__in=held.values("customer_id"))
    return search.matching(findable(rows, text, grants), text)


def findable(rows: Any, text: str, grants: Grants) -> Any:
    """`rows` of which each word of `text` stands in something this reader is shown in full or found by.

    The index knows one column for all readers. For those from whom a part of it is kept, the words are looked for
    in the fields themselves too, so they find a word as it was written, or in simplified signs.
    """
    if not _is_kept_from(grants):
        return rows
    columns = [*ALWAYS, *_own_columns(grants)]
    if is_open(grants, OCCUPATION):
        columns.append("occupation")
    for spellings in _words(text[:MAX_QUERY]):
        stands = Q(Exists(_ways(grants, spellings)))
        for column in columns:
            for word in spellings:
                stands |= Q(**{f"{column}__icontains": word})
        rows = rows.filter(stands)
    return rows


def _is_kept_from(grants: Grants) -> bool:
    hidden = any(is_hidden(grants, kind) for kind in (PHONE, ACCOUNT, ID_NUMBER))
    return hidden or not (is_open(grants, OCCUPATION) and is_open(grants, CUSTOM))


def _own_columns(grants: Grants) -> Iterator[str]:
    rows = list(CustomFieldDefinition.objects.filter(is_active=True))
    personal = personal_codes(rows)
    for row in rows:
        if not kind_of(f"custom.{row.code}", personal) or is_open(grants, CUSTOM):
            yield f"custom__{row.code}"


def _words(text: str) -> Iterator[set[str]]:
    """Each word as it stands in the search column, and as it was typed."""
    typed = text.replace("\x00", " ").split()
    folded = search.terms(text)
    same = len(typed) == len(folded)
    for place, word in enumerate(folded):
        yield {word, typed[place]} if same else {word}


def _ways(grants: Grants, spellings: set[str]) -> Any:
    """A number or account of a kind the reader is shown: whole, or by its last four digits."""
    found = Q()
    for word in spellings:
        found |= Q(word__contains=word) | Q(
            last4__icontains=word, channel__in=(Channel.PHONE, Channel.ID_CARD)
        )
    return Identity.objects.filter(
        found,
        customer_id=OuterRef("pk"),
        voided_at__isnull=True,
        channel__in=open_channels(grants),
    )
