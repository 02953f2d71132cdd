"""While somebody types: which words of the list stand in the text."""

from django.http import HttpRequest, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from zhike.core import access
from zhike.desk.permissions import VIEW
from zhike.desk.phrases import Place
from zhike.desk.services.texts import LONGEST_TEXT
from zhike.desk.services.words import Flag, find_words
from zhike.desk.words_form import Bars


@require_POST
def words(request: HttpRequest) -> JsonResponse:
    """Places are counted as scripts count them: signs beyond the basic plane are two."""
    grants = access.require(request.user, VIEW)
    asked = request.POST.get("place", "")
    place = Place(asked) if asked in tuple(Place) else Place.OUTGOING
    text = request.POST.get("text", "").replace("\r\n", "\n")[:LONGEST_TEXT]
    flags = find_words(text, place, grants.stamp)
    moved = [_moved(flag, text) for flag in flags]
    bars = render_to_string("desk/_flags.html", {"bars": Bars(moved)}, request) if moved else ""
    return JsonResponse({"flags": [flag.__dict__ for flag in moved], "bars": bars})


def _moved(flag: Flag, text: str) -> Flag:
    start = _units(text[: flag.start])
    return Flag(**(flag.__dict__ | {"start": start, "end": start + _units(flag.said)}))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
