"""A sending begins: drawn, written down with its seed, and handed to the job that asks for each one."""

import re
import secrets
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.outbox import CARRIERS
from zhike.customers.models import ConsentPurpose
from zhike.customers.permissions import VIEW as VIEW_CUSTOMERS
from zhike.surveys.choices import DRAWN_PLANS, Plan, SendingState, SurveyState
from zhike.surveys.models import Invitation, Link, Sending, Survey
from zhike.surveys.permissions import MANAGE
from zhike.surveys.sampling import SEEDS, Sample, Sampling, draw
from zhike.surveys.selectors import get_survey, visible_surveys
from zhike.surveys.services.drafts import own_key
from zhike.surveys.slots import TEXT_READERS

CHANNEL = "email"
LONGEST_NAME, LONGEST_SUBJECT, LONGEST_TEXT = 80, 120, 4000
PLACES = frozenset({"{name}", "{link}"})
MARK = re.compile(r"\{[^{}\n]{0,40}\}")


@dataclass(frozen=True)
class Message:
    subject: str
    text: str
    reminders: int = 0
    remind_after_days: int = 3


def new_seed() -> int:
    return secrets.randbelow(SEEDS)


def lacking() -> str:
    """What this installation is missing to send at all; empty when nothing is."""
    if CARRIERS.get(CHANNEL) is None:
        return _(
            "No mail server is set up yet, so no mail can be sent. Whoever runs this installation sets "
            "ZHIKE_EMAIL_URL; links and posters work without it."
        )
    if not settings.ZHIKE_PUBLIC_URL:
        return _(
            "It is not set yet under which address customers reach this program, so no mail can be sent. Whoever "
            "runs this installation sets ZHIKE_PUBLIC_URL."
        )
    return ""


def purposes() -> list[ConsentPurpose]:
    return list(ConsentPurpose.objects.filter(is_active=True))


def start(
    *,
    actor: work.Actor,
    grants: Grants,
    survey_id: int,
    name: str,
    purpose: str,
    sampling: Sampling,
    message: Message,
    why_kept: str = "",
    submit_key: str = "",
) -> Sending:
    """Everything is checked before anything is written; the first mails leave with the next round of the job.

    The same `submit_key` of the same person is the same sending, however often it is asked for.
    """
    survey = may_send(grants, survey_id)
    submit_key = own_key(actor, submit_key)
    known = _submitted(survey, submit_key)
    if known is not None:
        return known
    name = _checked_name(name)
    reason = ConsentPurpose.objects.filter(code=purpose, is_active=True).first()
    if reason is None:
        raise RuleError("purpose_unknown", _("There is no such purpose."), field="purpose")
    check_message(message)
    kept: dict[str, Any] = {}
    for reader in TEXT_READERS:
        texts = {"subject": message.subject, "text": message.text}
        kept |= reader.look_through(actor, grants, texts, why_kept)
    sample = look(grants, sampling)
    with work.unit(actor, reason=kept.get("why_kept", "")) as unit:
        # Of two at once, the second waits here and finds the first.
        Survey.objects.select_for_update().only("pk").get(pk=survey.pk)
        known = _submitted(survey, submit_key)
        if known is not None:
            return known
        sending = write(
            unit,
            survey,
            name=name,
            purpose=reason,
            sampling=sampling,
            sample=sample,
            message=message,
            submit_key=submit_key,
        )
        unit.audit("surveys.sending.start", survey, after=_told(sending, name))
    return sending


def write(
    unit: work.Work,
    survey: Survey,
    *,
    name: str,
    purpose: ConsentPurpose,
    sampling: Sampling,
    sample: Sample,
    message: Message,
    is_named: bool = False,
    submit_key: str = "",
) -> Sending:
    """The sending, its link and its invitations; whom it may go to is asked of each later."""
    link = Link.objects.create(
        survey=survey,
        # Opens nothing: each of its people has a link of their own. Its answers come by this one, so they are
        # counted apart and hidden below five as any others.
        token=secrets.token_hex(8),
        name=name,
        is_personal=True,
        made_at=unit.now,
        made_by_name=unit.actor.name[:80],
    )
    sending = Sending.objects.create(
        survey=survey,
        link=link,
        purpose=purpose,
        channel=CHANNEL,
        filter=sampling.filter,
        plan=sampling.plan,
        seed=sampling.seed,
        frame=sample.frame,
        without_address=sample.without_address,
        drawn=len(sample.drawn),
        is_named=is_named,
        subject=message.subject.strip(),
        text=message.text.replace("\r\n", "\n").strip(),
        reminders=message.reminders,
        remind_after_days=message.remind_after_days,
        state=SendingState.RUNNING,
        made_at=unit.now,
        made_by_name=unit.actor.name[:80],
        submit_key=submit_key,
    )
    Invitation.objects.bulk_create(
        [
            Invitation(
                sending=sending,
                customer_id=one.customer_id,
                tier=one.tier,
                region_id=one.region_id,
                due_at=unit.now,
            )
            for one in sample.drawn
        ],
        batch_size=500,
    )
    return sending


def _submitted(survey: Survey, submit_key: str) -> Sending | None:
    rows = Sending.objects.filter(survey=survey, submit_key=submit_key)
    return rows.first() if submit_key else None


def _told(sending: Sending, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "purpose": sending.purpose.label,
        "filter": sending.filter,
        "plan": sending.plan,
        "seed": sending.seed,
        "frame": sending.frame,
        "drawn": sending.drawn,
        "subject": sending.subject,
        "text": sending.text,
    }


def look(grants: Grants, sampling: Sampling) -> Sample:
    """Whom it would go to; the same seed draws the same people as long as the list stays the same."""
    grants.require(VIEW_CUSTOMERS)
    if sampling.plan not in dict(DRAWN_PLANS):
        raise RuleError("plan_unknown", _("Please choose one of these."), field="plan")
    if not 0 <= sampling.seed < SEEDS:
        raise RuleError("seed_range", _("The seed is a number below 2147483648."), field="seed")
    return draw(grants, sampling)


def may_send(grants: Grants, survey_id: int) -> Survey:
    survey = may_ask(grants, survey_id)
    missing = lacking()
    if missing:
        raise Conflict("sending_not_set_up", missing)
    return survey


def may_ask(grants: Grants, survey_id: int) -> Survey:
    """Whether customers may be asked with it at all, by whatever way."""
    grants.require(MANAGE)
    grants.require(VIEW_CUSTOMERS)
    survey = get_survey(grants, survey_id)
    if survey.state != SurveyState.OPEN:
        raise Conflict("survey_not_open", _("Please publish and open the questionnaire first."))
    return survey


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise RuleError("name", _("Please give it a name of at most 80 characters."), field="name")
    return name


def check_message(message: Message) -> None:
    subject, text = message.subject.strip(), message.text.strip()
    if not subject or len(subject) > LONGEST_SUBJECT or not subject.isprintable():
        raise RuleError(
            "subject",
            _("Please write a subject of one line, at most 120 characters."),
            field="subject",
        )
    if not text or len(text) > LONGEST_TEXT or "\x00" in text:
        raise RuleError(
            "text", _("Please write the message, at most 4000 characters."), field="text"
        )
    strangers = set(MARK.findall(text)) - PLACES | set(MARK.findall(subject))
    if strangers:
        raise RuleError(
            "text_marks",
            _("Only {name} and {link} are filled in, and only in the text: %(what)s is not.")
            % {"what": ", ".join(sorted(strangers))},
            field="text",
        )
    if text.count("{link}") != 1:
        raise RuleError(
            "text_link",
            _("Please put {link} where the address of the questionnaire shall stand, once."),
            field="text",
        )
    if not 0 <= message.reminders <= 3 or not 1 <= message.remind_after_days <= 60:
        raise RuleError(
            "reminders",
            _("At most 3 reminders, each 1 to 60 days after the last mail."),
            field="reminders",
        )


def stop(*, actor: work.Actor, grants: Grants, sending_id: int) -> Sending:
    """What has not left is not sent any more, nor what waits in the outbox. Answers are still taken."""
    from zhike.surveys.tasks import take_back_mails

    grants.require(MANAGE)
    grants.require(VIEW_CUSTOMERS)
    with work.unit(actor) as unit:
        rows = Sending.objects.filter(survey__in=visible_surveys(grants))
        sending = rows.select_for_update(of=("self",)).filter(pk=sending_id).first()
        if sending is None:
            raise NotFound()
        if sending.plan == Plan.EVENT:
            raise Conflict(
                "sending_of_rule",
                _("This sending belongs to a rule. Please pause the rule instead."),
            )
        if sending.state == SendingState.RUNNING:
            sending.state = SendingState.STOPPED
            sending.save(update_fields=["state"])
            unit.enqueue(take_back_mails, sending_id=sending.pk)
            unit.audit("surveys.sending.stop", sending.survey, after={"name": sending.link.name})
    return sending
