"""The form of the settings for signing in with the company's account."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models import Match, SingleSignOn


class SingleSignOnForm(forms.Form):
    is_on = forms.BooleanField(
        label=_("Show the button on the sign-in page"),
        required=False,
        help_text=_(
            "The service is asked before this is saved; nothing is saved when it does not answer."
        ),
    )
    label = forms.CharField(
        label=_("Words on the button"), max_length=40, help_text=_("Such as: company account")
    )
    issuer = forms.CharField(
        label=_("Address of the sign-in service"),
        max_length=300,
        help_text=_("The issuer of OpenID Connect, as its administrator gives it to you."),
    )
    client_id = forms.CharField(label=_("Client ID"), max_length=200)
    secret = forms.CharField(
        label=_("Client secret"),
        max_length=400,
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Left empty, it stays as it is. It is stored sealed and never shown."),
    )
    match = forms.ChoiceField(label=_("At first people are recognised by"), choices=Match.choices)
    claim = forms.CharField(
        label=_("Where the staff number stands"),
        max_length=60,
        required=False,
        help_text=_("The name of the claim in the service's answer, mostly preferred_username."),
    )
    has_second_step = forms.BooleanField(
        label=_("The service asks for a second step itself"),
        required=False,
        help_text=_("Ours is then not asked for in addition."),
    )
    passwords_off = forms.BooleanField(
        label=_("No more passwords here"),
        required=False,
        help_text=_("Who manages people may still use theirs, for the day the service is broken."),
    )

    def __init__(self, data: Any, *, row: SingleSignOn) -> None:
        names = "is_on label issuer client_id match claim has_second_step passwords_off"
        super().__init__(data, initial={name: getattr(row, name) for name in names.split()})

    def clean_issuer(self) -> str:
        address: str = self.cleaned_data["issuer"].strip()
        try:
            parts = urlsplit(address)
            host = parts.hostname or ""
        except ValueError:
            host = ""
        if not host or parts.scheme not in {"http", "https"} or parts.query or parts.fragment:
            raise forms.ValidationError(
                _now("An address such as https://login.example.com, please.")
            )
        if parts.scheme == "http" and not _is_this_machine(host):
            raise forms.ValidationError(
                _now(
                    "Only https://, please: otherwise somebody in between could sign in as anybody."
                )
            )
        return address

    def clean_claim(self) -> str:
        return self.cleaned_data["claim"].strip() or "preferred_username"


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
