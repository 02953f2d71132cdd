"""The causes a house starts with; it keeps its own tree from then on."""

from typing import Any

from django.utils.translation import pgettext_lazy

# Code: (place in the tree, words). A code below another begins with it.
CAUSE_LABELS: dict[str, Any] = {
    "product": pgettext_lazy("cause", "Product quality"),
    "product.design": pgettext_lazy("cause", "Design"),
    "product.part": pgettext_lazy("cause", "Part or material"),
    "product.assembly": pgettext_lazy("cause", "Assembly"),
    "supply": pgettext_lazy("cause", "Spare parts and delivery"),
    "supply.wrong": pgettext_lazy("cause", "Wrong or missing goods"),
    "supply.late": pgettext_lazy("cause", "Late"),
    "supply.damaged": pgettext_lazy("cause", "Damaged on the way"),
    "service": pgettext_lazy("cause", "Service"),
    "service.attitude": pgettext_lazy("cause", "Attitude"),
    "service.promise": pgettext_lazy("cause", "Promise not kept"),
    "service.skill": pgettext_lazy("cause", "Lack of skill"),
    "service.slow": pgettext_lazy("cause", "Slow"),
    "information": pgettext_lazy("cause", "Information"),
    "information.wrong": pgettext_lazy("cause", "Wrong or missing information"),
    "information.advertising": pgettext_lazy("cause", "Advertising promised too much"),
    "price": pgettext_lazy("cause", "Price and billing"),
    "use": pgettext_lazy("cause", "Use"),
    "use.misunderstanding": pgettext_lazy("cause", "Misunderstanding"),
    "use.handling": pgettext_lazy("cause", "Handled wrongly"),
    "outside": pgettext_lazy("cause", "Outside our reach"),
}


def plant(apps: Any) -> None:
    """Make the tree where there is none yet. `apps` has `get_model`."""
    cause_model = apps.get_model("complaints", "Cause")
    if cause_model.objects.exists():
        return
    made: dict[str, Any] = {}
    for place, code in enumerate(CAUSE_LABELS):
        above = made.get(code.rpartition(".")[0])
        row = cause_model.objects.create(code=code, parent=above, place=place)
        row.path = f"{above.path if above else '/'}{row.pk}/"
        row.save(update_fields=["path"])
        made[code] = row
