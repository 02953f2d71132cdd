from django.http import HttpRequest
from django.utils import translation
from ninja.security import HttpBearer

from zhike.accounts.grants import actor_of
from zhike.accounts.services.tokens import holder_of_token
from zhike.core.access import Grants
from zhike.core.work import Actor


class BearerToken(HttpBearer):
    """`Authorization: Bearer zk_…` stands for a person, with the rights of the token's scopes."""

    def authenticate(self, request: HttpRequest, token: str) -> tuple[Actor, Grants]:
        # Messages of services come in the caller's language, whatever the person chose for their pages.
        translation.activate(translation.get_language_from_request(request))
        ip = getattr(request, "client_ip", "") or ""
        user, grants = holder_of_token(token, ip)
        return actor_of(user, via="api", ip=ip), grants
