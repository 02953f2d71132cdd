"""The service in a process of its own: `python -m tests.single_sign_on.provider.run PORT BACK`.

One client, which may come back to BACK, and two people: chenlin, whose user name is Lin's staff number and whose
address is confirmed, and somebody nobody here knows.
"""

import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.single_sign_on.provider.settings"

import django

django.setup()

from allauth.account.models import EmailAddress  # noqa: E402
from allauth.idp.oidc.models import Client  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402

from tests.single_sign_on.provider.known import CLIENT_ID, PASSWORD, SECRET  # noqa: E402


def fill(back: str) -> None:
    call_command("migrate", verbosity=0)
    client = Client(id=CLIENT_ID, name="Zhike", scopes="openid\nprofile\nemail")
    client.redirect_uris = back
    client.set_secret(SECRET)
    client.save()
    for name, address in (("1001", "lin@haichen.example"), ("guest", "guest@haichen.example")):
        user = get_user_model().objects.create(username=name, email=address)  # type: ignore[misc]  # its own users
        user.set_password(PASSWORD)
        user.save()
        EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)


def main() -> None:
    port, back = sys.argv[1:]
    fill(back)
    call_command("runserver", f"127.0.0.1:{port}", use_reloader=False, use_threading=True)


if __name__ == "__main__":
    main()
