"""Signing in with the account of the company: settings, and whose account somebody's identity opens.

Nobody is added by signing in: an administrator makes people and gives them their roles. The first time somebody is
recognised by staff number, or by an e-mail address the service has confirmed; from then on by the service's own
lasting identifier alone.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from zhike.accounts.grants import grants_of_user
from zhike.accounts.models import Match, OutsideIdentity, SingleSignOn, User
from zhike.accounts.models.users import normal_staff_number
from zhike.accounts.oidc import Provider, Told, try_out
from zhike.accounts.permissions import MANAGE_ACCOUNTS
from zhike.accounts.services.attempts import LONGEST_NUMBER, door
from zhike.accounts.services.sessions import end_all_in
from zhike.core import sealing, work
from zhike.core.access import Grants, NotFound
from zhike.core.errors import RuleError


@dataclass(frozen=True)
class Settings:
    is_on: bool
    label: str
    issuer: str
    client_id: str
    # Empty: as it is.
    secret: str
    match: str
    claim: str
    has_second_step: bool
    passwords_off: bool


def settings_row() -> SingleSignOn:
    return SingleSignOn.objects.first() or SingleSignOn()


def in_use() -> SingleSignOn | None:
    """For the sign-in page and the way back; None while it is off."""
    return SingleSignOn.objects.filter(is_on=True).first()


def provider_of(row: SingleSignOn) -> Provider:
    secret = sealing.unseal(row.secret) if row.secret else ""
    return Provider(row.issuer, row.client_id, secret)


def save_settings(*, actor: work.Actor, grants: Grants, new: Settings) -> SingleSignOn:
    """Turned on, the service is asked first: what does not work would stand on everybody's sign-in page."""
    grants.require(MANAGE_ACCOUNTS)
    row = settings_row()
    if new.is_on:
        secret = new.secret or (sealing.unseal(row.secret) if row.secret else "")
        try_out(Provider(new.issuer, new.client_id, secret))
    with work.unit(actor) as unit:
        row = SingleSignOn.objects.select_for_update().first() or SingleSignOn()
        before = _facts(row)
        for name in ("is_on", "label", "issuer", "client_id", "match", "claim"):
            setattr(row, name, getattr(new, name))
        row.has_second_step, row.passwords_off = new.has_second_step, new.passwords_off
        if new.secret:
            if row.key_id is not None:
                sealing.destroy_key(row.key_id, unit.now)
            key = sealing.new_key(unit.now)
            row.secret, row.key_id = sealing.seal(key, new.secret), key.pk
        row.pk = 1
        row.save()
        old, changed = work.changes(before, _facts(row))
        if new.secret:
            # That it was changed, never what it is.
            changed["secret_changed"] = True
        if changed:
            unit.audit("accounts.single_sign_on.save", row, before=old, after=changed)
    return row


def _facts(row: SingleSignOn) -> dict[str, object]:
    names = "is_on label issuer client_id match claim has_second_step passwords_off"
    return {name: getattr(row, name) for name in names.split()}


def person_of(row: SingleSignOn, told: Told, ip: str) -> User:
    """Whose account this identity opens; noted at the first time. Raises RuleError; the failure is in the log."""
    known = (
        OutsideIdentity.objects.filter(issuer=told.issuer, subject=told.subject)
        .select_related("user")
        .first()
    )
    name = _name_in(row, told)
    user = known.user if known is not None else _recognised(row, told, name, ip)
    if not user.is_active:
        raise _refused(user, name, ip, "left")
    if known is None:
        _note_identity(user, told, name, ip)
    return user


def forget_identity(*, actor: work.Actor, grants: Grants, identity_id: int) -> User:
    """Somebody got another account at the service: the next sign-in recognises them anew."""
    grants.require(MANAGE_ACCOUNTS)
    with work.unit(actor) as unit:
        row = OutsideIdentity.objects.select_related("user").filter(pk=identity_id).first()
        if row is None:
            raise NotFound
        row.delete()
        # Whoever came in by it does not stay in.
        end_all_in(unit, row.user_id)
        unit.audit("accounts.outside_identity.forget", row.user, before={"told": row.told})
    return row.user


def identities_of(user: User) -> list[OutsideIdentity]:
    return list(OutsideIdentity.objects.filter(user=user).order_by("pk"))


def may_use_password(user: User) -> bool:
    """Everybody, unless passwords are off; who manages accounts always, lest a broken service lock all out."""
    row = in_use()
    return row is None or not row.passwords_off or grants_of_user(user).allows(MANAGE_ACCOUNTS)


def _name_in(row: SingleSignOn, told: Told) -> str:
    value = told.claims.get("email" if row.match == Match.EMAIL else row.claim)
    name = str(value).strip() if isinstance(value, str | int) else ""
    # Signs no keyboard has are no name, and one of them no database takes.
    return name[:120] if name.isprintable() else ""


def _recognised(row: SingleSignOn, told: Told, name: str, ip: str) -> User:
    if not name:
        raise _refused(None, told.subject[:60], ip, "nameless")
    if row.match == Match.EMAIL:
        if told.claims.get("email_verified") is not True:
            raise _refused(None, name, ip, "unconfirmed")
        found = list(User.objects.filter(email__iexact=name)[:2])
    else:
        number = normal_staff_number(name)
        # A longer one is nobody's; cut off it might become somebody's.
        found = (
            list(User.objects.filter(staff_number=number)) if len(number) <= LONGEST_NUMBER else []
        )
    if len(found) != 1:
        raise _refused(None, name, ip, "several" if found else "unknown")
    if OutsideIdentity.objects.filter(issuer=told.issuer, user=found[0]).exists():
        # The name at the service passed to somebody else, or somebody has two accounts there.
        raise _refused(found[0], name, ip, "other")
    return found[0]


def _note_identity(user: User, told: Told, name: str, ip: str) -> None:
    with work.unit(door(ip)) as unit:
        row, made = OutsideIdentity.objects.get_or_create(
            issuer=told.issuer,
            subject=told.subject,
            defaults={"user": user, "told": name, "made_at": unit.now},
        )
        if made:
            unit.audit("accounts.outside_identity.note", user, after={"told": name})
        elif row.user_id != user.pk:
            raise _sentence("other", name)


def _refused(user: User | None, name: str, ip: str, why: str) -> RuleError:
    with work.unit(door(ip)) as unit:
        after = {"single_sign_on": why, "told": name}
        unit.audit("accounts.sign_in.fail", user, after=after)
    return _sentence(why, name)


def _sentence(why: str, name: str) -> RuleError:
    match why:
        case "left":
            text = _("%(name)s may not sign in here any more. Please ask your administrator.")
        case "unconfirmed":
            text = _(
                "The sign-in service has not confirmed the address %(name)s, so it opens no account here."
            )
        case "several":
            text = _(
                "Several people here have the address %(name)s. Please ask your administrator."
            )
        case "other":
            text = _(
                "The account of %(name)s here belongs to another account of the sign-in service. "
                "Please ask your administrator."
            )
        case "nameless":
            text = _(
                "The sign-in service does not tell who you are. Please ask your administrator "
                "to look at the settings."
            )
        case _:
            text = _("Nobody here is known as %(name)s. Please ask your administrator.")
    return RuleError(f"single_sign_on_{why}", text % {"name": name})
