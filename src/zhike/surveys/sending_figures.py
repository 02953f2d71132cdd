"""What a sending came to: who could be asked, who answered, and whether some groups answer less than others."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.customers.choices import Tier
from zhike.customers.contact_policy import SENTENCES
from zhike.methods.scores import wilson
from zhike.surveys.choices import InvitationState
from zhike.surveys.figures import FEWEST, told_apart
from zhike.surveys.models import Invitation, Sending
from zhike.surveys.services.inviting import CLOSED, NO_ADDRESS, OVERTAKEN, STOPPED

OWN_SENTENCES: dict[str, Any] = {
    STOPPED: gettext_lazy("The sending was stopped before."),
    CLOSED: gettext_lazy("The questionnaire took no answers any more."),
    NO_ADDRESS: gettext_lazy("There is no e-mail address any more."),
    OVERTAKEN: gettext_lazy("What it is about was taken up again before the mail left."),
}


@dataclass(frozen=True, slots=True)
class Rate:
    """Answered of those a mail was sent to, with its Wilson interval (0..1)."""

    answered: int
    sent: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Group:
    """Those of a tier or region. Without a rate: fewer than five could be told by it."""

    label: str
    rate: Rate | None


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    sentence: str
    count: int


@dataclass(frozen=True, slots=True)
class SendingFigures:
    drawn: int
    by_state: Mapping[str, int]
    # A mail left for so many.
    sent: int
    answered: int
    opted_out: int
    refused: Sequence[Reason]
    # Reminders the policy did not allow, after a first mail that it did.
    unreminded: Sequence[Reason]
    rate: Rate | None
    tiers: Sequence[Group]
    regions: Sequence[Group]


def sentence_of(code: str) -> str:
    return str(OWN_SENTENCES.get(code) or SENTENCES.get(code, code))


def figures_of(sending: Sending) -> SendingFigures:
    rows = Invitation.objects.filter(sending=sending).order_by()
    grouped = rows.values_list("state", "refusal", "tier", "region_id", "region__name").annotate(
        n=Count("pk"),
        n_sent=Count("pk", filter=Q(sent_at__isnull=False)),
        n_answered=Count("pk", filter=Q(sent_at__isnull=False, answered_at__isnull=False)),
        n_out=Count("pk", filter=Q(opted_out_at__isnull=False)),
    )
    counts: dict[str, Counter[Any]] = {
        name: Counter() for name in ("state", "refused", "unreminded", "tier", "region")
    }
    sent: dict[tuple[str, Any], int] = Counter()
    names: dict[Any, str] = {None: _("Without a region")}
    answered = opted_out = reached = 0
    for state, refusal, tier, region, name, n, n_sent, n_answered, n_out in grouped:
        counts["state"][state] += n
        if refusal:
            key = "refused" if state == InvitationState.REFUSED else "unreminded"
            counts[key][refusal] += n
        names[region] = name or names[None]
        for kind, code in (("tier", tier), ("region", region)):
            counts[kind][code] += n_answered
            sent[kind, code] += n_sent
        answered += n_answered
        reached += n_sent
        opted_out += n_out
    tiers = [(code, str(label)) for code, label in Tier.choices]
    regions = sorted(((code, name) for code, name in names.items()), key=lambda one: one[1])
    return SendingFigures(
        drawn=sum(counts["state"].values()),
        by_state=dict(counts["state"]),
        sent=reached,
        answered=answered,
        opted_out=opted_out,
        refused=_reasons(counts["refused"]),
        unreminded=_reasons(counts["unreminded"]),
        rate=rate_of(answered, reached),
        tiers=_groups("tier", tiers, sent, counts["tier"]),
        regions=_groups("region", regions, sent, counts["region"]),
    )


def rate_of(answered: int, sent: int) -> Rate | None:
    if not sent:
        return None
    low, high = wilson(answered, sent)
    return Rate(answered, sent, answered / sent, low, high)


def _reasons(counts: Counter[Any]) -> list[Reason]:
    return [Reason(code, sentence_of(code), n) for code, n in counts.most_common()]


def _groups(
    kind: str,
    known: Sequence[tuple[Any, str]],
    sent: Mapping[tuple[str, Any], int],
    answered: Counter[Any],
) -> list[Group]:
    """Those of five and more, as long as what stays hidden is nobody or at least five."""
    sizes = {place: sent.get((kind, code), 0) for place, (code, _label) in enumerate(known)}
    told = told_apart(sizes)
    return [
        Group(label, rate_of(answered[code], sizes[place]) if place in told else None)
        for place, (code, label) in enumerate(known)
        if sizes[place]
    ]


__all__ = ["FEWEST", "Group", "Rate", "Reason", "SendingFigures", "figures_of", "sentence_of"]
