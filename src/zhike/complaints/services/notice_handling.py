"""What every service on a notice shares: under the lock of its case, counted, noted, and told."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from zhike.complaints.models import Notice
from zhike.complaints.selectors.notices import METRIC
from zhike.complaints.services.record import settle, write_line
from zhike.core.access import everything
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.notify import notify
from zhike.core.work import Actor, Work
from zhike.desk.rules import excerpt
from zhike.desk.services.handling import Handling, handling
from zhike.desk.services.texts import cleaned

LONGEST = 5000
# Audit rows cannot be blanked, so they hold ids, states and dates, never words somebody wrote.
AUDITED = ("state", "due_at", "reminders", "cause_id", "action_due", "check_due", "answer_minutes")


@dataclass
class NoticeAct:
    """A notice and its case, both locked. `audit` and the counters follow from what changed."""

    act: Handling
    notice: Notice

    @property
    def now(self) -> datetime:
        return self.act.work.now

    def write(self, line: str, *, text: str = "", **data: Any) -> None:
        """A line of the case's record; `line` is the key of its words in `notices_shell.py`."""
        data |= {"notice": self.notice.pk, "number": self.notice.number}
        write_line(self.act, line, text=text, **data)

    def tell(self, people: Iterable[int | None], kind: str, **values: Any) -> None:
        tell(self.act.work, self.notice, people, kind, **values)

    def settle(self) -> None:
        """What the case waits for now."""
        # What is owed is counted in the database.
        self.notice.save()
        settle(self.act, takes=False)


def tell(
    work: Work, notice: Notice, people: Iterable[int | None], kind: str, **values: Any
) -> None:
    """A line under the bell of each of them, but of whoever acts."""
    words = {"number": notice.number, "name": work.actor.name, "text": excerpt(notice.text, 40)}
    for user_id in sorted({one for one in people if one is not None} - {work.actor.id}):
        notify(
            work,
            user_id=user_id,
            kind=f"complaints.{kind}",
            values={**words, **values},
            url=notice_url(notice.number),
        )


def notice_url(number: str) -> str:
    return reverse("notices:notice", args=[number])


def columns(notice: Notice) -> dict[str, Any]:
    return {name: getattr(notice, name) for name in AUDITED}


@contextmanager
def on_notice(verb: str, *, actor: Actor, notice_id: int) -> Iterator[NoticeAct]:
    """Lock the case, then its notice. The caller has asked for the right before: a department sees no case.

    Both acts need the case, because an answer moves it; so whoever comes second waits here and then reads what
    the first one wrote.
    """
    case_id = Notice.objects.filter(pk=notice_id).values_list("case_id", flat=True).first()
    if case_id is None:
        raise NotFound()
    with handling(
        f"notice_{verb}", actor=actor, grants=everything("complaints"), case_id=case_id
    ) as act:
        notice = Notice.objects.select_for_update(of=("self",)).get(pk=notice_id)
        if notice.case_id != act.case.pk:
            raise Conflict("case_moved", _("Its case was just merged. Please try again."))
        notice.case = act.case
        before, cell = columns(notice), notice.counted_as()
        yield NoticeAct(act, notice)
        if not act.events:
            return
        notice.save()
        count_move(act.work, cell, notice.counted_as())
        after = columns(notice)
        changed = [name for name in AUDITED if before[name] != after[name]]
        act.work.audit(
            f"complaints.notice.{verb}",
            notice,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )


def count_move(work: Work, before: dict[str, Any] | None, after: dict[str, Any] | None) -> None:
    if before == after:
        return
    if before is not None:
        work.count(METRIC, -1, **before)
    if after is not None:
        work.count(METRIC, 1, **after)


def text_of(text: str, field: str, missing: Any, limit: int = LONGEST) -> str:
    """A text from outside; `missing` is the sentence when nothing is left of it."""
    text = cleaned(text)
    if not text:
        raise RuleError("text_missing", missing, field=field)
    if len(text) > limit:
        raise RuleError(
            "text_too_long",
            _("At most %(limit)s characters, please.") % {"limit": f"{limit:,}"},
            field=field,
        )
    return text
