"""Signing in and out. Each success, failure and lock is in the audit log; a password never is."""

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext as _

from zhike.accounts.models import User
from zhike.accounts.models.users import normal_staff_number
from zhike.accounts.services import attempts
from zhike.accounts.services.attempts import LONGEST_NUMBER, door
from zhike.accounts.services.single_sign_on import may_use_password
from zhike.core import work
from zhike.core.errors import RuleError


def check_password(*, request: HttpRequest, staff_number: str, password: str, ip: str) -> User:
    """Whose staff number and password these are.

    Answer and time are the same for a wrong password, an unknown staff number and somebody who left: Django
    hashes the password in each case, and what nobody has is counted and locked alike.
    """
    number = normal_staff_number(staff_number)[:LONGEST_NUMBER]
    attempts.begin(door(ip), number, ip)
    # Outside a unit of work: hashing takes its time on purpose, and would hold the write lock.
    user = authenticate(request, username=number, password=password)
    if not isinstance(user, User):
        raise _noted_failure(number, ip)
    attempts.take_back(number, ip)
    if not may_use_password(user):
        raise RuleError(
            "password_not_used",
            _("Passwords are not used here any more. Please sign in with the company's account."),
        )
    return user


def _noted_failure(number: str, ip: str) -> RuleError:
    known = User.objects.filter(staff_number=number).first()
    with work.unit(door(ip)) as unit:
        unit.audit("accounts.sign_in.fail", known, after={"staff_number": number})
        attempts.failed(unit, number, ip, known)
    # One sentence for all, so that nobody learns which staff numbers exist.
    return RuleError(
        "sign_in_wrong", _("Staff number or password is not right. Please check and try again.")
    )


def note_sign_in(*, actor: work.Actor, user: User) -> None:
    with work.unit(actor) as unit_of_work:
        attempts.forget(user.staff_number)
        user.last_login = unit_of_work.now
        user.save(update_fields=["last_login"])
        unit_of_work.audit("accounts.sign_in", user)


def note_sign_out(*, actor: work.Actor, user: User) -> None:
    with work.unit(actor) as unit_of_work:
        unit_of_work.audit("accounts.sign_out", user)
