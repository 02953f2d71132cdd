"""How a form field is drawn: label above, control, help below; an error takes the place of the help."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

_PICKED = forms.RadioSelect | forms.CheckboxSelectMultiple


@dataclass(frozen=True)
class Drawn:
    """A field ready for `components/field.html`."""

    bound: BoundField
    layout: str
    control: SafeString
    label: object
    is_optional: bool
    is_multiple: bool
    errors: list[str]
    help_text: object
    foot_id: str
    prefix: str

    def context(self) -> dict[str, Any]:
        described = self.foot_id if self.errors or self.help_text else ""
        return {
            **vars(self),
            "describedby": described,
            "is_public": self.prefix == "p",
        }


def draw(
    bound: BoundField, *, public: bool = False, label: object = "", help_text: object = ""
) -> Drawn:
    widget = bound.field.widget
    errors = [str(error) for error in bound.errors]
    helped = help_text or bound.help_text
    foot_id = f"{bound.auto_id}-foot"
    attrs: dict[str, Any] = {}
    if errors:
        attrs["aria-invalid"] = "true"
    if errors or helped:
        attrs["aria-describedby"] = foot_id
    layout = _layout(widget)
    if layout == "input":
        attrs["class"] = _css(widget, public)
        if public and isinstance(widget, forms.Textarea):
            attrs.setdefault("rows", 5)
    elif layout == "check":
        attrs["class"] = "" if public else "form-check-input"
    elif layout == "choices" and not public:
        widget.attrs.setdefault("class", "form-check-input")
    return Drawn(
        bound=bound,
        layout=layout,
        control=bound.as_widget(attrs=attrs),
        label=label or bound.label,
        is_optional=not bound.field.required and layout in ("input", "choices"),
        is_multiple=isinstance(widget, forms.CheckboxSelectMultiple),
        errors=errors,
        help_text=helped,
        foot_id=foot_id,
        prefix="p" if public else "zk",
    )


def _layout(widget: forms.Widget) -> str:
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, forms.CheckboxInput):
        return "check"
    return "choices" if isinstance(widget, _PICKED) else "input"


def _css(widget: forms.Widget, public: bool) -> str:
    own = str(widget.attrs.get("class", ""))
    if public:
        base = "p-in"
    elif isinstance(widget, forms.Select):
        base = "form-select"
    else:
        base = "form-control"
    return f"{base} {own}".strip()
