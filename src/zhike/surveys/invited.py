"""The personal link of an invitation: signed, so that none is kept and none can be guessed."""

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import salted_hmac

from zhike.surveys import answer_errors as errors

SALT = "zhike.surveys.invited"
# Stands in a text instead of the address until the message leaves: no colleague reads somebody's own link.
LINK, STOP = "{link}", "{stop}"
LONGEST = 80


def _signer() -> signing.Signer:
    return signing.Signer(salt=SALT, sep=".")


def signed(invitation_id: int) -> str:
    return _signer().sign(str(invitation_id))


def invitation_id_of(token: str) -> int:
    """Raises NotFound for what we did not sign."""
    try:
        if len(token) > LONGEST:
            raise signing.BadSignature
        return int(_signer().unsign(token))
    except (signing.BadSignature, ValueError):
        raise errors.link_not_found() from None


def ref_of(invitation_id: int) -> str:
    """The secret of the one response of this invitation: made anew from its number, never kept beside it."""
    digest = salted_hmac(f"{SALT}.ref", str(invitation_id), algorithm="sha256").hexdigest()
    return digest[:32]


def complete(invitation_id: int, text: str) -> str:
    """A message as it leaves."""
    token = signed(invitation_id)
    for mark, name in ((LINK, "invited"), (STOP, "invited-stop")):
        address = reverse(f"webform:{name}", args=[token])
        text = text.replace(mark, f"{settings.ZHIKE_PUBLIC_URL}{address}")
    return text
