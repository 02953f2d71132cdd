"""Passwords: the rules, one's own, and one that an administrator sets."""

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from zhike.accounts.models import UsedPassword, User
from zhike.accounts.permissions import MANAGE_ACCOUNTS
from zhike.accounts.services.granting import refuse_above
from zhike.accounts.services.sessions import end_all_in
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import RuleError

# The present one and those before it. Comparing costs a hash each.
REMEMBERED = 5


def check_rules(password: str, user: User, field: str = "password") -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise RuleError("password_weak", " ".join(error.messages), field=field) from error


def set_password(unit: work.Work, user: User, hashed: str) -> None:
    """Inside a unit: the hash, and its place among the last few. Signs out wherever the old one was used."""
    user.password = hashed
    user.save()
    end_all_in(unit, user.pk)
    UsedPassword.objects.create(user=user, password=hashed, since=unit.now)
    kept = UsedPassword.objects.filter(user=user).order_by("-pk").values_list("pk", flat=True)
    UsedPassword.objects.filter(user=user).exclude(pk__in=list(kept[:REMEMBERED])).delete()


def hashed(password: str) -> str:
    """To be called outside a unit of work: hashing takes its time and would hold the write lock."""
    carrier = User()
    carrier.set_password(password)
    return carrier.password


def reset_password(*, actor: work.Actor, grants: Grants, user: User, password: str) -> None:
    """Set somebody else's password; they must choose their own at the next sign-in."""
    grants.require(MANAGE_ACCOUNTS)
    refuse_above(grants, user)
    check_rules(password, user)
    digest = hashed(password)
    with work.unit(actor) as unit:
        user.must_change_password = True
        set_password(unit, user, digest)
        unit.audit("accounts.user.reset_password", user)


def change_own_password(*, actor: work.Actor, user: User, old: str, new: str) -> None:
    if not user.check_password(old):
        raise RuleError(
            "password_wrong", _("The present password is not right. Please try again."), field="old"
        )
    if old == new:
        raise RuleError(
            "password_same", _("Please choose a password other than the present one."), field="new"
        )
    check_rules(new, user, field="new")
    before = UsedPassword.objects.filter(user=user).values_list("password", flat=True)
    if any(check_password(new, one) for one in before):
        raise RuleError(
            "password_used",
            _("You have used this password before. Please choose one you have not had lately."),
            field="new",
        )
    digest = hashed(new)
    with work.unit(actor) as unit:
        user.must_change_password = False
        set_password(unit, user, digest)
        unit.audit("accounts.user.change_password", user)
