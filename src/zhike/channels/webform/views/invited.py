"""“Do not ask me again”, behind the link of an invitation.

Opening the page changes nothing: mail programs open links to look at them. The button does, and so does the mail
program itself when its reader presses “unsubscribe” there (RFC 8058: a POST without a cookie or a page before it).
No limit per address: the servers of one mail house press for all of its people, and only a signed link gets here.
"""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from zhike.channels.webform.views.page import customer_actor, public_page
from zhike.core.errors import RuleError
from zhike.surveys.services.opting_out import invitation_at, opt_out


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    try:
        if request.method == "POST":
            is_mail_program = request.POST.get("List-Unsubscribe") == "One-Click"
            row = opt_out(
                actor=customer_actor(request),
                token=token,
                channel="email" if is_mail_program else "web",
            )
        else:
            row = invitation_at(token)
    except RuleError as error:
        context = {"title": _("No questionnaire here"), "sentence": str(error), "is_done": False}
        return public_page(request, "webform/questionnaire_end.html", context, status=error.status)
    is_done = row.opted_out_at is not None
    return public_page(request, "webform/invited_stop.html", {"is_done": is_done})
