"""Where matters from the public form arrive: in the queue of those who take cases in."""

from django.db.models import Count

from zhike.accounts.models import Role, User
from zhike.desk.permissions import CREATE, WORK


def reception_unit() -> int | None:
    """The unit in which most people take in and answer cases; the oldest one when several are equal.

    None when nobody does yet: then the matter waits at the company itself. Roles that hold everything do not
    count, because an administrator who set the house up is not its desk.
    """
    roles = Role.objects.filter(holds_everything=False).values_list("pk", "permissions")
    desk = [pk for pk, held in roles if CREATE in held and WORK in held]
    units = (
        User.objects.filter(is_active=True, assignments__role_id__in=desk, unit__is_active=True)
        .values("unit_id")
        .annotate(people=Count("pk", distinct=True))
        .order_by("-people", "unit_id")
        .values_list("unit_id", flat=True)
    )
    return units.first()
