"""The talk with the company's sign-in service: OpenID Connect, authorization code with PKCE, by Authlib.

What may be trusted is decided here: the issuer must be the one that was entered, tokens must be signed by a
public key of the service (never "none", never with the shared secret), and every call ends within seconds, since
it is made inside a page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from joserfc.errors import JoseError
from requests import RequestException

from zhike.core.errors import RuleError

SECONDS = 5
# Keys of the service's own, published by it; a shared secret signs nothing we believe.
ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
)
NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")

# In the session of a browser that was sent there.
BEGUN = "company_sign_in"

T = TypeVar("T")


@dataclass(frozen=True)
class Provider:
    """Where and as whom we ask."""

    issuer: str
    client_id: str
    secret: str


@dataclass(frozen=True)
class Told:
    """What the service says about who signed in: only what its signature covers."""

    issuer: str
    subject: str
    claims: dict[str, Any]


class NotReached(RuleError):
    """The service does not answer, or not as the standard says."""

    status = 503


class NotBelieved(RuleError):
    """An answer that cannot be trusted or does not belong to this browser."""

    status = 422


def redirect_to_provider(request: HttpRequest, provider: Provider, back: str) -> HttpResponse:
    """Send the browser there; state, nonce and verifier stay in its session."""
    app = _app(provider)
    answer: HttpResponse = _talk(lambda: app.authorize_redirect(request, back))
    request.session[BEGUN] = True
    return answer


def told_on_return(request: HttpRequest, provider: Provider) -> Told:
    """The browser comes back: exchange its code, check the token. Raises NotReached, NotBelieved."""
    if request.GET.get("error"):
        raise NotBelieved(
            "sign_in_declined",
            _("The sign-in was called off at the company's sign-in service. Please try again."),
        )
    # Asked first: who only calls our address must not make us call the service.
    if not request.session.pop(BEGUN, False):
        raise _not_believed()
    app = _app(provider)
    rule = {"essential": True}
    options = {
        # As the service writes itself, with or without a slash at the end.
        "iss": {**rule, "value": app.server_metadata["issuer"]},
        "aud": {**rule, "value": provider.client_id},
        "sub": rule,
        "nonce": rule,
        "exp": rule,
    }
    token = _talk(lambda: app.authorize_access_token(request, claims_options=options))
    claims = token.get("userinfo")
    subject = claims.get("sub") if claims else None
    # The standard: text of at most 255 signs. Cut off, it might become somebody else's.
    if not isinstance(subject, str) or not 0 < len(subject) <= 255 or not subject.isprintable():
        raise _not_believed()
    return Told(provider.issuer.rstrip("/"), subject, dict(claims))


def try_out(provider: Provider) -> None:
    """Fetch description and keys, as a sign-in would. Raises NotReached with what is wrong."""
    app = _app(provider)

    def fetch() -> None:
        if not app.fetch_jwk_set().get("keys"):
            raise ValueError("no keys")

    _talk(fetch)


def _app(provider: Provider) -> Any:
    app = OAuth().register(
        name="company",
        client_id=provider.client_id,
        client_secret=provider.secret or None,
        server_metadata_url=provider.issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile email",
            "code_challenge_method": "S256",
            "default_timeout": SECONDS,
        },
    )
    metadata = _talk(app.load_server_metadata)
    if any(not isinstance(metadata.get(name), str) for name in NEEDED):
        raise _not_reached()
    if metadata["issuer"].rstrip("/") != provider.issuer.rstrip("/"):
        raise NotReached(
            "sign_in_service_issuer",
            _("The sign-in service calls itself %(issuer)s. Please enter exactly this address.")
            % {"issuer": str(metadata["issuer"])[:200]},
            field="issuer",
        )
    offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    allowed = [name for name in offered if name in ALGORITHMS]
    metadata["id_token_signing_alg_values_supported"] = allowed or ["RS256"]
    return app


def _talk(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except RuleError:
        raise
    except RequestException as error:
        raise _not_reached() from error
    except (AuthlibBaseError, JoseError) as error:
        raise _not_believed() from error
    except (ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
        # What a service that is none may answer: a page, a list, half a document.
        raise _not_reached() from error


def _not_reached() -> NotReached:
    return NotReached(
        "sign_in_service_away",
        _(
            "The company's sign-in service does not answer as it should. Please try again in a few minutes, "
            "or sign in with staff number and password."
        ),
    )


def _not_believed() -> NotBelieved:
    return NotBelieved(
        "sign_in_not_believed",
        _("This sign-in has expired or does not belong to this browser. Please begin again."),
    )
