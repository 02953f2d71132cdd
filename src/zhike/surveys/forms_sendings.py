"""The form of a sending: whom it goes to, how they are drawn, what is written to them."""

import hashlib
import secrets
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from zhike.core.access import Grants
from zhike.core.listing import memory
from zhike.customers.choices import Tier
from zhike.customers.models import Region, Tag
from zhike.customers.segments import known_segments
from zhike.surveys.choices import DRAWN_PLANS
from zhike.surveys.sampling import SEEDS, Sampling
from zhike.surveys.services.sendings import (
    LONGEST_NAME,
    LONGEST_SUBJECT,
    LONGEST_TEXT,
    Message,
    new_seed,
    purposes,
)

LONGEST_WHY = 300
MOST_TAGS = 200


class SendingForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the sending"),
        max_length=LONGEST_NAME,
        help_text=_("For colleagues; results are told apart by it."),
    )
    purpose = forms.ChoiceField(
        label=_("For what"),
        help_text=_("Consent, withdrawal and how often are looked up for this purpose."),
    )
    view = forms.ChoiceField(label=_("Saved view of the list of customers"), required=False)
    segment = forms.ChoiceField(label=_("Segment"), required=False)
    tier = forms.ChoiceField(label=_("Tier"), required=False)
    region = forms.MultipleChoiceField(
        label=pgettext_lazy("place", "Region"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    tag = forms.MultipleChoiceField(
        label=_("Tag"), required=False, widget=forms.CheckboxSelectMultiple
    )
    plan = forms.ChoiceField(label=_("How they are drawn"), choices=DRAWN_PLANS)
    wanted = forms.IntegerField(
        label=_("How many"),
        required=False,
        min_value=1,
        help_text=_("Left empty when everybody is written to."),
    )
    submit_key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    seed = forms.IntegerField(min_value=0, max_value=SEEDS - 1, widget=forms.HiddenInput)
    subject = forms.CharField(label=_("Subject of the mail"), max_length=LONGEST_SUBJECT)
    text = forms.CharField(
        label=_("The message"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 9}),
        help_text=_(
            "{name} becomes the customer's name, {link} their own address of the questionnaire. "
            "How to be asked no more is put under it."
        ),
    )
    reminders = forms.IntegerField(
        label=_("Reminders at most"), min_value=0, max_value=3, required=False, initial=1
    )
    remind_after_days = forms.IntegerField(
        label=_("Days after the last mail"), min_value=1, max_value=60, required=False, initial=3
    )
    why_kept = forms.CharField(
        label=_("Why these words stay"),
        required=False,
        max_length=LONGEST_WHY,
        widget=forms.HiddenInput,
    )

    def __init__(self, *args: Any, grants: Grants, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._views = {}
        if grants.user_id is not None:
            kept = memory.current().views(grants, "customers")
            self._views = {str(view.id): view for view in kept}
        regions = Region.objects.filter(parent__isnull=True, is_active=True)
        tags = Tag.objects.filter(is_active=True)[:MOST_TAGS]
        everybody = ("", _("All customers"))
        choices: dict[str, list[tuple[str, Any]]] = {
            "purpose": [(row.code, row.label) for row in purposes()],
            "view": [everybody, *((key, view.title) for key, view in self._views.items())],
            "segment": [everybody, *((str(one.pk), one.name) for one in known_segments(grants))],
            "tier": [("", _("Every tier")), *Tier.choices],
            "region": [(str(row.pk), row.name) for row in regions.order_by("position", "name")],
            "tag": [(str(row.pk), row.name) for row in tags],
        }
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = offered
        for name in ("view", "segment", "region", "tag"):
            if not choices[name][1 if name in ("view", "segment") else 0 :]:
                del self.fields[name]
        self.fields["seed"].initial = new_seed()
        self.fields["submit_key"].initial = secrets.token_hex(16)

    @property
    def sampling(self) -> Sampling:
        data = self.cleaned_data
        return Sampling(self._filter(), data["plan"], data["wanted"], data["seed"])

    def _filter(self) -> str:
        """As the list of customers would say it: a saved view, and what is asked beside it."""
        data = self.cleaned_data
        view = self._views.get(data.get("view", ""))
        pairs = [("tab", data["tier"])] if data["tier"] else []
        pairs += [("segment", data["segment"])] if data.get("segment") else []
        pairs += [("region", pk) for pk in data.get("region", ())]
        pairs += [("tag", pk) for pk in data.get("tag", ())]
        return "&".join(filter(None, [view.query if view else "", urlencode(pairs)]))

    @property
    def digest(self) -> str:
        """Of all that decides who gets what: what was looked at is what is sent."""
        told = (self.cleaned_data["purpose"], self.sampling, self.message)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:32]

    @property
    def message(self) -> Message:
        data = self.cleaned_data
        return Message(
            data["subject"], data["text"], data["reminders"] or 0, data["remind_after_days"] or 3
        )
