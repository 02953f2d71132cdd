"""Nobody reaches a page unsigned by oversight: every view asks for sign-in unless it lies on a public path."""

from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

# In a session whose person must set up the second factor first.
SECOND_FACTOR_DUE = "second_factor_due"
# In a session begun with the company's account: a first password of ours is then not asked to be changed.
BY_COMPANY_ACCOUNT = "by_company_account"


class SignInMiddleware(LoginRequiredMiddleware):
    """Sends strangers to the sign-in page, newcomers to choosing their own password and second factor."""

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        if request.path.startswith(settings.PUBLIC_PATHS):
            return None
        refused: HttpResponseBase | None = super().process_view(
            request, view_func, view_args, view_kwargs
        )
        if refused is not None:
            return refused
        if self._must_change_password(request):
            return redirect("accounts:password")
        if request.session.get(SECOND_FACTOR_DUE) and not self._may_stay(request):
            return redirect("accounts:second-factor")
        # News that a page fetches by itself does not keep somebody signed in who has left the desk.
        if "X-Zhike-Live" not in request.headers:
            request.session.note_use()  # type: ignore[attr-defined]  # our own engine
        return None

    @staticmethod
    def _must_change_password(request: HttpRequest) -> bool:
        return (
            getattr(request.user, "must_change_password", False)
            and not request.session.get(BY_COMPANY_ACCOUNT)
            and request.path not in {reverse("accounts:password"), reverse("accounts:sign-out")}
        )

    @staticmethod
    def _may_stay(request: HttpRequest) -> bool:
        return request.path in {
            reverse("accounts:password"),
            reverse("accounts:second-factor"),
            reverse("accounts:sign-out"),
        }
