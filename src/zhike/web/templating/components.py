"""The components of the pages: `{{ ui.icon("plus") }}`. See docs/pages.md.

Lists draw hundreds of them, so the frequent ones are put together by f-strings: whatever people wrote
goes through `escape`.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from django.db.models import Model
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from zhike.core import clock, settled
from zhike.core.phones import national_form
from zhike.core.templating import component, component_from, template_filter
from zhike.core.texts import gettext as _
from zhike.web import audit_words, fields, moments

NOTE_ICONS = {
    "info": "info-circle",
    "ok": "circle-check",
    "warn": "alert-triangle",
    "danger": "alert-circle",
    "promise": "heart-handshake",
    "mute": "info-circle",
}
TIERS = {
    "vip": ("t-vip", "crown"),
    "key": ("t-key", ""),
    "careful": ("t-care", ""),
    "care": ("t-care", ""),
}
TINTS = ("teal", "plum", "sand", "rose", "sky", "leaf")
_DIGITS = re.compile(r"\D")


@cache
def _sprite(name: str) -> str:
    return static(f"vendor/{name}")


@lru_cache(2048)
def _icon(name: str, classes: str, label: str, public: bool) -> SafeString:
    # A list page draws more than a hundred of these.
    sprite = _sprite("icons-public.svg" if public else "icons.svg")
    spoken = format_html('role="img" aria-label="{}"', label) if label else 'aria-hidden="true"'
    return SafeString(
        f'<svg class="{escape(classes)}" {spoken}><use href="{sprite}#{escape(name)}"/></svg>'
    )


@component
def icon(
    name: str, size: str = "", label: object = "", public: bool = False, extra: str = ""
) -> SafeString:
    """A sprite icon. Without `label` it is decoration; `size` is s, l or xl."""
    classes = " ".join(part for part in ("ic", size, extra) if part)
    return _icon(name, classes, str(label), public)


# Marks


@component
def badge(label: object, tone: str = "", icon: str = "") -> SafeString:
    mark = icon_markup(icon) if icon else ""
    return SafeString(f'<span class="zk-badge {escape(tone)}">{mark}{escape(label)}</span>')


def icon_markup(name: str, size: str = "") -> SafeString:
    return SafeString(icon(name, size))


@component
def tier(code: object, label: object) -> SafeString:
    tint, name = TIERS.get(str(code).lower(), ("t-std", ""))
    mark = icon_markup(name) if name else ""
    return SafeString(f'<span class="zk-tier {tint}">{mark}{escape(label)}</span>')


@component
def avatar(name: object, size: str = "") -> SafeString:
    """The first sign of a name on a tint that stays the same for this name."""
    text = str(name or "").strip()
    tint = f"av-{TINTS[sum(map(ord, text)) % len(TINTS)]}" if text else ""
    sign = escape(text[:1].upper() or "–")
    return SafeString(f'<span class="zk-av {escape(size)} {tint}" aria-hidden="true">{sign}</span>')


@component
def bar(value: float, tone: str = "brand", target: float | None = None) -> SafeString:
    """A share in percent; the figure itself must stand beside it."""
    width = f"{min(100.0, max(0.0, float(value))):g}"
    mark = f'<rect class="b2" x="{target:g}" width="0.8" height="6"/>' if target is not None else ""
    return SafeString(
        f'<svg class="zk-bar bar-{escape(tone)}" viewBox="0 0 100 6" preserveAspectRatio="none" '
        'aria-hidden="true"><rect class="b0" width="100" height="6"/>'
        f'<rect class="b1" width="{width}" height="6"/>{mark}</svg>'
    )


# Time


@component
def due(
    due_at: datetime | None,
    started: datetime | None = None,
    paused: object = "",
    done: datetime | None = None,
    with_bar: bool = False,
) -> SafeString:
    """A deadline. Nothing when there is none; while a pause lasts there is none, but the pause is told."""
    if due_at is None:
        if not paused:
            return SafeString("")
        mark = icon_markup("player-pause", "s")
        words = escape(moments.paused_words(paused))
        return SafeString(f'<span class="zk-due pause">{mark}{words}</span>')
    state = moments.standing(due_at, clock.now(), started=started, paused=paused, done=done)
    tone = {"over": "danger", "soon": "warn", "pause": "mute"}.get(state.tone, "brand")
    share = bar(round(state.share * 100), tone) if with_bar and state.share is not None else ""
    return SafeString(
        f'<span class="zk-due {state.tone}">{icon_markup(state.icon, "s")}'
        f'<time datetime="{due_at.isoformat(timespec="minutes")}" '
        f'title="{clock.local(due_at):%Y-%m-%d %H:%M}">{escape(state.text)}</time></span>{share}'
    )


@component
def when(moment: date | None) -> SafeString:
    if moment is None:
        return SafeString("")
    if isinstance(moment, datetime):
        machine, exact = (
            moment.isoformat(timespec="minutes"),
            f"{clock.local(moment):%Y-%m-%d %H:%M}",
        )
    else:
        machine = exact = moment.isoformat()
    words = escape(moments.spoken(moment, clock.now()))
    return SafeString(f'<time datetime="{machine}" title="{exact}">{words}</time>')


@template_filter
def deadline(moment: date | None) -> str:
    return moments.promised(moment, clock.now()) if moment else ""


@template_filter
def waited(since: datetime | None) -> str:
    return moments.lasting(clock.now() - since) if since else ""


@template_filter
def lasting(span: Any) -> str:
    return moments.lasting(span) if span is not None else ""


# Figures


@template_filter
def number(value: Any) -> str:
    """1,286; a count that was not finished keeps its plus."""
    if isinstance(value, int | float):
        return f"{value:,}".replace("-", "−")
    return "" if value is None else str(value)


@template_filter
def signed(value: float | None, digits: int = 1) -> str:
    """A difference: +2.1, −5.7 with a true minus, 0.0 without a sign."""
    if value is None:
        return "–"
    text = f"{value:+.{digits}f}"
    return text[1:] if not text.strip("+-0.") else text.replace("-", "−")


@template_filter
def fixed(value: float | None, digits: int = 1) -> str:
    """So many places, and a true minus: −0.088."""
    return "–" if value is None else f"{value:.{digits}f}".replace("-", "−")


@template_filter
def money(cents: int | None) -> str:
    """Yuan from integer cents: ¥86,400, ¥12.50, −¥300."""
    if cents is None:
        return ""
    yuan, rest = divmod(abs(cents), 100)
    sign = "−" if cents < 0 else ""
    return f"{sign}¥{yuan:,}.{rest:02d}" if rest else f"{sign}¥{yuan:,}"


@template_filter
def masked(phone: object) -> str:
    """138****6027 of a whole number, ****6027 of its last four digits."""
    text = str(phone or "")
    if text.startswith("+"):
        text = national_form(text)
    digits = _DIGITS.sub("", text)
    if not digits:
        return ""
    head = digits[:3] if len(digits) >= 10 else ""
    return f"{head}****{digits[-4:]}"


@cache
def _labels(model: type[Model], field: str) -> dict[Any, Any]:
    return dict(model._meta.get_field(field).flatchoices)  # type: ignore[union-attr]  # a plain field


@template_filter
def display(row: Model, field: str) -> str:
    """`row.get_state_display` for lists: that one builds a dictionary of all labels each time."""
    return _label_in(get_language(), type(row), field, getattr(row, field))


@lru_cache(4096)
def _label_in(_language: str | None, model: type[Model], field: str, value: Any) -> str:
    return str(_labels(model, field).get(value, value))


# Addresses


@component
@pass_context
def url_with(context: Mapping[str, Any], **changes: Any) -> str:
    """The present address with parameters changed; None removes one."""
    request = context["request"]
    data: QueryDict = request.GET.copy()
    for key, value in changes.items():
        if value is None:
            data.pop(key, None)
        else:
            data[key] = str(value)
    query = data.urlencode()
    return f"{request.path}?{query}" if query else str(request.path)


@component
def crumb(label: object, url_name: str = "", *args: Any) -> SafeString:
    """A step of the path above a page; the last one has no address."""
    if not url_name:
        return format_html('<li><span aria-current="page">{}</span></li>', label)
    return format_html('<li><a href="{}">{}</a></li>', reverse(url_name, args=args), label)


# Blocks


@component_from("web/components/note.html")
def note(tone: str, text: object, url: str = "", action: object = "") -> dict[str, Any]:
    return {
        "tone": tone,
        "text": text,
        "url": url,
        "action": action,
        "icon": NOTE_ICONS.get(tone, "info-circle"),
        "role": "alert" if tone in ("danger", "warn") else "status",
    }


@component_from("web/components/state.html")
def state(
    icon: str,
    title: object,
    text: object = "",
    url: str = "",
    action: object = "",
    other_url: str = "",
    other_action: object = "",
    tone: str = "",
) -> dict[str, Any]:
    """An empty, finished, forbidden or failed state in place of the content."""
    return dict(locals())


@component_from("web/components/live_bar.html")
@pass_context
def live_bar(
    context: Mapping[str, Any], topic: str, kinds: str = "", url: str = "", text: object = ""
) -> dict[str, Any]:
    """A line that offers to show what is new; `text` holds %n for the number of news."""
    shown = context.get("list")
    return {
        "topic": topic,
        "kinds": kinds,
        "url": url or (shown.here if shown else context["request"].get_full_path()),
        "text": text or _("%n new. Show them"),
    }


# Forms


@component_from("web/components/field.html")
def field(
    bound: BoundField, public: bool = False, label: object = "", help_text: object = ""
) -> dict[str, Any]:
    return fields.draw(bound, public=public, label=label, help_text=help_text).context()


@component_from("web/components/form_errors.html")
def form_errors(form: BaseForm) -> dict[str, Any]:
    """What does not belong to one field; and where to look, when that is more than two fields."""
    general = list(form.non_field_errors())
    hidden = [f"{b.label}: {e}" for b in form.hidden_fields() for e in b.errors]
    wrong = [bound for bound in form.visible_fields() if bound.errors]
    listed = wrong if len(wrong) > 2 else []
    shown = bool(general or hidden or listed)
    return {"shown": shown, "general": general + hidden, "fields": listed}


@template_filter
def who(name: object) -> object:
    """Who signed: a person's name as it is, a part of the system in the reader's language."""
    return audit_words.PARTS.get(str(name or ""), name)


@template_filter
def audit_action(code: str) -> object:
    return audit_words.ACTIONS.get(code, code)


@template_filter
def audit_object(object_type: str) -> object:
    return audit_words.OBJECTS.get(object_type, object_type)


@template_filter
def audit_way(via: str) -> object:
    return audit_words.WAYS.get(via, via)


# The frame


@component
@pass_context
def kept_part(context: Context, template: str) -> Markup:
    """A menu of the frame, drawn again only when the reader's rights, language, place or counts change."""
    shell = context["shell"]

    def draw() -> Markup:
        return Markup(context.environment.get_template(template).render(shell=shell))

    return settled.kept(shell.grants.stamp, ("part", template, *shell.key), draw)
