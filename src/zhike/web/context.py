"""The context processor `shell`. Nothing is asked of the database until a template wants it."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils.translation import get_language

from zhike.accounts.selectors import unit_names
from zhike.accounts.services.setup import company_name
from zhike.core import access, counts
from zhike.core.access import Grants
from zhike.core.models import Notification
from zhike.core.shell import CreateEntry, MenuEntry, creatable_for, menu_for
from zhike.core.templating import url_for
from zhike.web.kept import arrived_marks, sent_mark
from zhike.web.permissions import SHARE_VIEWS
from zhike.web.requests import wants_fragment

BELL_CAP = 99


@dataclass(frozen=True)
class MenuItem:
    entry: MenuEntry
    url: str
    count: int | None
    is_active: bool


@dataclass(frozen=True)
class CreateItem:
    entry: CreateEntry
    url: str


def address_of(url_name: str) -> str:
    """The address of a page, or nothing: a menu shows only pages that exist."""
    try:
        return url_for(url_name)
    except NoReverseMatch:
        return ""


class Shell:
    """What stands round every page of one reader."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def is_signed_in(self) -> bool:
        return bool(getattr(getattr(self._request, "user", None), "is_authenticated", False))

    @property
    def person(self) -> int | None:
        """Under whom `keep.js` keeps what is typed."""
        return self._request.user.pk if self.is_signed_in else None

    @property
    def arrived_marks(self) -> str:
        return ".".join(arrived_marks(self._request))

    @property
    def sent_mark(self) -> str:
        return sent_mark(self._request)

    @cached_property
    def grants(self) -> Grants:
        return access.grants_of(self._request.user)

    @cached_property
    def _unit_names(self) -> dict[int, str]:
        return unit_names(self.grants)

    @cached_property
    def company(self) -> str:
        if not self.is_signed_in:
            # Nothing is kept for strangers, and one name is not worth reading all units for.
            return company_name()
        return next(iter(self._unit_names.values()), "")

    @property
    def unit(self) -> str:
        return self._unit_names.get(self.grants.unit_id or 0, "")

    @cached_property
    def menu(self) -> list[list[MenuItem]]:
        """Entries in groups; the one whose address is the longest beginning of ours is active."""
        pairs = [(e, address_of(e.url_name)) for e in menu_for(self.grants)]
        pairs = [(entry, url) for entry, url in pairs if url]
        path = self._request.path
        covering = [url for _entry, url in pairs if path == url or _is_below(path, url)]
        active = max(covering, key=len, default=None)
        groups: dict[str, list[MenuItem]] = {}
        for entry, url in pairs:
            item = MenuItem(entry, url, self._count_of(entry), url == active)
            groups.setdefault(entry.group, []).append(item)
        return list(groups.values())

    def _count_of(self, entry: MenuEntry) -> int | None:
        asked = entry.own or entry.within_reach
        if asked is not None:
            found = sum(self._totals.get((asked.metric, one), 0) for one in asked.states)
            return max(0, found) or None
        return entry.count(self.grants) if entry.count else None

    @cached_property
    def _totals(self) -> dict[tuple[str, str], int]:
        entries = menu_for(self.grants)
        if self.grants.user_id is None:
            return {}
        return counts.menu_totals(
            self.grants,
            own=[entry.own.metric for entry in entries if entry.own],
            within_reach=[entry.within_reach.metric for entry in entries if entry.within_reach],
        )

    @property
    def key(self) -> tuple[Hashable, ...]:
        """What the menus on the page depend on, beside the stamp of the reader's rights."""
        figures = tuple(item.count for group in self.menu for item in group)
        active = next((i.url for group in self.menu for i in group if i.is_active), "")
        return (self.grants.user_id, get_language(), active, figures)

    @property
    def main_menu(self) -> list[list[MenuItem]]:
        return [group for group in self.menu if group[0].entry.group != "admin"]

    @property
    def admin_menu(self) -> list[MenuItem]:
        return [item for group in self.menu for item in group if item.entry.group == "admin"]

    @property
    def is_administering(self) -> bool:
        return any(item.is_active for item in self.admin_menu)

    @property
    def phone_menu(self) -> list[MenuItem]:
        return [item for group in self.menu for item in group if item.entry.phone][:3]

    @property
    def may_share_views(self) -> bool:
        return self.grants.allows(SHARE_VIEWS)

    @property
    def go_keys(self) -> list[MenuItem]:
        return [item for group in self.menu for item in group if item.entry.go_key]

    @cached_property
    def create(self) -> list[CreateItem]:
        items = [CreateItem(e, address_of(e.url_name)) for e in creatable_for(self.grants)]
        return [item for item in items if item.url]

    @cached_property
    def unread(self) -> int:
        mine = Notification.objects.filter(user_id=self.grants.user_id or 0, read_at=None)
        return mine.order_by()[: BELL_CAP + 1].count()

    @property
    def unread_text(self) -> str:
        return f"{BELL_CAP}+" if self.unread > BELL_CAP else str(self.unread)

    @property
    def user_topic(self) -> str:
        return f"user:{self.grants.user_id}"

    @property
    def search_url(self) -> str:
        return address_of("web:search")

    @property
    def bell_url(self) -> str:
        return address_of("web:notifications")

    @property
    def home_url(self) -> str:
        return address_of("web:home") or "/"

    @property
    def sign_out_url(self) -> str:
        return address_of("accounts:sign-out")

    @property
    def profile_url(self) -> str:
        return address_of("accounts:profile")

    @property
    def languages(self) -> list[tuple[str, str, bool]]:
        return [(code, str(name), code == get_language()) for code, name in settings.LANGUAGES]


def _is_below(path: str, url: str) -> bool:
    return url != "/" and path.startswith(url.rstrip("/") + "/")


def shell(request: HttpRequest) -> dict[str, Any]:
    frame = Shell(request)
    return {
        "shell": frame,
        # A list page that a script asks for comes without the shell round it.
        "layout": "web/fragment.html" if wants_fragment(request) else "web/base.html",
        "html_language": {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}.get(
            get_language() or "", get_language()
        ),
    }
