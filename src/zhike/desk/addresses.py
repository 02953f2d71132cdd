"""Where a case is shown; notifications and timelines keep the address."""

from django.urls import reverse


def case_url(number: str) -> str:
    return reverse("desk:case", args=[number])
