"""The second factor: an authenticator app, and ten codes on paper for the day the phone is lost.

The app's secret is sealed under a data key made for it alone. Staff have no person key, since those are for
customers' data and die with an erasure; a key of its own is still wrapped by the master ring, which lies outside
the database, is wrapped anew with all others when the ring turns, and is destroyed when the factor is taken off,
so that no backup gives the secret back.
"""

import base64
import secrets

from django.utils.translation import gettext as _

from zhike.accounts.models import RecoveryCode, RoleAssignment, SecondFactor, User
from zhike.accounts.permissions import MANAGE_ACCOUNTS
from zhike.accounts.services import attempts
from zhike.accounts.services.granting import refuse_above
from zhike.accounts.totp import SECRET_BYTES, step_matching
from zhike.core import clock, sealing, work
from zhike.core.access import Grants
from zhike.core.errors import RuleError

CODES = 10
# Without signs that look alike on paper.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


def factor_of(user: User) -> SecondFactor | None:
    return SecondFactor.objects.filter(user_id=user.pk).first()


def is_on(user: User) -> bool:
    return SecondFactor.objects.filter(user_id=user.pk).exclude(confirmed_at=None).exists()


def is_required(user: User) -> bool:
    roles = attempts.rules().second_factor_roles
    return bool(roles) and RoleAssignment.objects.filter(user=user, role_id__in=roles).exists()


def secret_of(factor: SecondFactor) -> bytes:
    return base64.b64decode(sealing.unseal(factor.secret))


def begin(*, actor: work.Actor, user: User) -> SecondFactor:
    """A new secret to be scanned; one that was never confirmed is replaced."""
    secret = secrets.token_bytes(SECRET_BYTES)
    with work.unit(actor) as unit:
        old = SecondFactor.objects.select_for_update().filter(user=user).first()
        if old is not None and old.confirmed_at is not None:
            raise RuleError("second_factor_on", _("The second step is on already."))
        if old is not None:
            _forget(unit, old)
        key = sealing.new_key(unit.now)
        return SecondFactor.objects.create(
            user=user, secret=sealing.seal(key, base64.b64encode(secret).decode()), key_id=key.pk
        )


def confirm(*, actor: work.Actor, user: User, code: str) -> list[str]:
    """The app shows the right code: from now on it is asked for. Gives the recovery codes, this once."""
    factor = factor_of(user)
    if factor is None or factor.confirmed_at is not None:
        raise RuleError("second_factor_none", _("Please begin setting it up once more."))
    check_code(actor=actor, user=user, code=code)
    with work.unit(actor) as unit:
        SecondFactor.objects.filter(pk=factor.pk).update(confirmed_at=unit.now)
        codes = _new_codes(user)
        unit.audit("accounts.second_factor.on", user)
    return codes


def renew_codes(*, actor: work.Actor, user: User, code: str) -> list[str]:
    check_code(actor=actor, user=user, code=code)
    with work.unit(actor) as unit:
        codes = _new_codes(user)
        unit.audit("accounts.second_factor.codes", user)
    return codes


def turn_off(*, actor: work.Actor, user: User, code: str) -> None:
    if is_required(user):
        raise RuleError(
            "second_factor_required", _("Your role needs the second step. It cannot be turned off.")
        )
    check_code(actor=actor, user=user, code=code)
    with work.unit(actor) as unit:
        _take_off(unit, user)
        unit.audit("accounts.second_factor.off", user)


def reset(*, actor: work.Actor, grants: Grants, user: User) -> None:
    """An administrator takes it off somebody who lost phone and codes; they set it up anew."""
    grants.require(MANAGE_ACCOUNTS)
    refuse_above(grants, user)
    with work.unit(actor) as unit:
        _take_off(unit, user)
        unit.audit("accounts.second_factor.reset", user)


def check_code(*, actor: work.Actor, user: User, code: str) -> None:
    """The app's code of now, or a recovery code; each is taken once. Failures count towards the lock."""
    attempts.begin(actor, user.staff_number, actor.ip)
    typed = "".join(code.split()).replace("-", "").lower()
    with work.unit(actor) as unit:
        known = _take_app_code(user, typed) or _take_recovery_code(unit, user, typed)
        if known:
            attempts.take_back(user.staff_number, actor.ip)
        else:
            after = {"staff_number": user.staff_number, "second_step": True}
            unit.audit("accounts.sign_in.fail", user, after=after)
            attempts.failed(unit, user.staff_number, actor.ip, user)
    if not known:
        raise RuleError(
            "code_wrong",
            _("This code is not right, or was used already. Please wait for the next one."),
            field="code",
        )


def codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def _take_app_code(user: User, typed: str) -> bool:
    factor = factor_of(user)
    if factor is None:
        return False
    step = step_matching(secret_of(factor), typed, clock.now())
    # In one statement, so that of two who send the same code at once one is refused.
    taken = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step if step else 0)
    return step is not None and taken.update(last_step=step) == 1


def _take_recovery_code(unit: work.Work, user: User, typed: str) -> bool:
    row = RecoveryCode.objects.filter(user=user, digest=_digest(user, typed), used_at=None)
    if not row.update(used_at=unit.now):
        return False
    unit.audit("accounts.second_factor.recovery", user)
    return True


def _new_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = ["".join(secrets.choice(_SIGNS) for _n in range(10)) for _code in range(CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, digest=_digest(user, code)) for code in codes
    )
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _digest(user: User, code: str) -> str:
    """Keyed, and the key lies outside the database: whoever has a copy of it cannot try codes on it."""
    return sealing.blind("recovery-code", f"{user.pk}:{code}")


def _take_off(unit: work.Work, user: User) -> None:
    factor = SecondFactor.objects.select_for_update().filter(user=user).first()
    if factor is None:
        raise RuleError("second_factor_none", _("The second step is not on."))
    _forget(unit, factor)
    RecoveryCode.objects.filter(user=user).delete()


def _forget(unit: work.Work, factor: SecondFactor) -> None:
    sealing.destroy_key(factor.key_id, unit.now)
    factor.delete()
