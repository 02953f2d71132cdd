"""Cases that belong together: merge, split, link, parent; and undoing an import."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from zhike.core import clock, work
from zhike.core.access import Grants
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.numbers import dated_number
from zhike.core.work import Actor
from zhike.customers.models import TimelineEntry
from zhike.desk import errors, rules
from zhike.desk.choices import EventKind, LinkKind, Outcome, Visibility
from zhike.desk.events import CaseOpened, CasesMerged, CaseVoided
from zhike.desk.models import Attachment, Case, CaseEvent, CaseLink
from zhike.desk.permissions import CREATE, MERGE, WORK
from zhike.desk.phrases import Place
from zhike.desk.rules import CaseState
from zhike.desk.selectors.scope import by_number_or_id, load_case, lock_case, visible_cases
from zhike.desk.services.clocks import keep_spans, set_clock, spans_of
from zhike.desk.services.handling import Handling, begin, handling
from zhike.desk.services.legal import follow_merge
from zhike.desk.services.moves import set_clock_openly
from zhike.desk.services.progress import known_type
from zhike.desk.services.texts import reason_of, title_of
from zhike.desk.services.words import NOT_KEPT, Kept, check_words

RUN_IMPORTS = "imports.run"
DEEPEST = 20


def merge_cases(
    *,
    actor: Actor,
    grants: Grants,
    into_id: int,
    from_id: int,
    reason: str = "",
    kept: Kept = NOT_KEPT,
) -> Case:
    """One matter told twice becomes one case. The other one points to it; both histories are read united."""
    grants.require(MERGE)
    reason = reason_of(reason, required=False)
    words = check_words(reason, Place.NOTE, actor=actor, grants=grants, kept=kept)
    if into_id == from_id:
        raise RuleError("merge_with_itself", _("Please choose two different cases."), field="into")
    with work.unit(actor) as unit:
        # Locked in the order of ids, so that two merges cannot wait for each other.
        for case_id in sorted((into_id, from_id)):
            lock_case(grants, case_id)
        with (
            handling("merge", actor=actor, grants=grants, case_id=into_id, needs=MERGE) as target,
            handling("merged", actor=actor, grants=grants, case_id=from_id, needs=MERGE) as source,
        ):
            _refuse_strangers(target.case, source.case)
            follow_merge(source, target)
            _take_in(target, source, reason, words)
            _go_into(source, target.case, reason)
        # Both are written: who hears of it may act on the case that stays.
        unit.publish(CasesMerged(into_id, from_id))
    target.case.refresh_from_db(fields=("state", "seq", "due_at", "last_event_at"))
    return target.case


def _refuse_strangers(into: Case, case: Case) -> None:
    both_named = into.customer_id is not None and case.customer_id is not None
    if both_named and into.customer_id != case.customer_id:
        raise RuleError(
            "different_customers",
            _(
                "These cases belong to different customers: %(one)s and %(other)s. Link them instead."
            )
            % {"one": into.customer_name, "other": case.customer_name},
        )
    if into.is_ended and not case.is_ended:
        raise RuleError(
            "merge_into_closed",
            _("%(number)s is closed. Merge the other way round, or reopen it first.")
            % {"number": into.number},
        )


def _take_in(target: Handling, source: Handling, reason: str, words: dict[str, Any]) -> None:
    into, case = target.case, source.case
    if into.customer_id is None and case.customer_id is not None:
        into.customer_id = case.customer_id
        into.customer_name, into.customer_tier = case.customer_name, case.customer_tier
    into.unread_count += case.unread_count
    if case.waiting_since is not None and not into.is_ended:
        into.waiting_since = min(filter(None, (into.waiting_since, case.waiting_since)))
    target.append(EventKind.MERGE, data={"from": case.number, "reason": reason} | words)
    set_clock_openly(target)
    # What was merged into the source earlier, and what stands below it, now follows it here.
    Case.objects.filter(merged_into_id=case.pk).update(merged_into_id=into.pk)
    Case.objects.filter(parent_id=case.pk).exclude(pk=into.pk).update(parent_id=into.pk)


def _go_into(source: Handling, into: Case, reason: str) -> None:
    case = source.case
    already_ended = case.closed_at
    source.move(CaseState.MERGED)
    case.closed_at = already_ended or source.work.now
    case.merged_into_id = into.pk
    keep_spans(case, rules.end_pause(spans_of(case), source.work.now))
    case.unread_count, case.waiting_since = 0, None
    set_clock(case)
    source.append(EventKind.MERGE, data={"into": into.number, "reason": reason})


@dataclass(frozen=True)
class Part:
    """What leaves a case for one of its own."""

    event_ids: Sequence[int]
    title: str
    type_code: str


def split_case(
    *, actor: Actor, grants: Grants, case_id: int, part: Part, kept: Kept = NOT_KEPT
) -> Case:
    """A second matter told in the same breath gets a case of its own; the lines stay in the first one too."""
    grants.require(CREATE)
    kind = known_type(part.type_code)
    title = title_of(part.title)
    if not title:
        raise errors.text_missing("title")
    words = check_words(title, Place.OUTGOING, actor=actor, grants=grants, kept=kept)
    with handling("split", actor=actor, grants=grants, case_id=case_id, needs=MERGE) as act:
        case = act.case
        lines = list(
            CaseEvent.objects.filter(
                case_id=case.pk, pk__in=set(part.event_ids), voided_at__isnull=True
            ).order_by("seq")
        )
        if not lines or len(lines) != len(set(part.event_ids)):
            raise RuleError(
                "split_nothing",
                _("Please choose the messages that belong elsewhere."),
                field="events",
            )
        fresh = _split_row(act, kind.code, kind.prefix, title, lines)
        fresh.save(force_insert=True)
        _copy_lines(act, fresh, lines)
        act.append(
            EventKind.SPLIT, data={"to": fresh.number, "seqs": [e.seq for e in lines]} | words
        )
        CaseLink.objects.create(
            case=fresh,
            other=case,
            kind=LinkKind.SPLIT_FROM,
            made_at=act.work.now,
            made_by_name=actor.name[:80],
        )
        act.work.publish(CaseOpened(fresh.pk, fresh.customer_id, fresh.type_id, fresh.channel))
    return fresh


def _split_row(
    act: Handling, type_code: str, prefix: str, title: str, lines: Sequence[CaseEvent]
) -> Case:
    case, now = act.case, act.work.now
    fresh = Case(
        number=dated_number(prefix, clock.local(now).date()),
        type_id=type_code,
        title=title,
        state=CaseState.OPEN if case.owner_id is not None else CaseState.NEW,
        channel=case.channel,
        priority=case.priority,
        unit_id=case.unit_id,
        customer_id=case.customer_id,
        customer_name=case.customer_name,
        customer_tier=case.customer_tier,
        owner_id=case.owner_id,
        owner_name=case.owner_name,
        created_by_id=act.actor.id,
        opened_at=lines[0].at,
        last_event_at=lines[0].at,
        # The customer has waited since they wrote, but nobody could answer a case that was not there.
        due_from=now,
        waiting_since=lines[0].at,
    )
    set_clock(fresh)
    return fresh


def _copy_lines(act: Handling, fresh: Case, lines: Sequence[CaseEvent]) -> None:
    there = begin(fresh, unit=act.work, actor=act.actor, grants=act.grants)
    there.append(
        EventKind.OPENED,
        data={"channel": fresh.channel, "type": fresh.type_id, "split_from": act.case.number},
        visibility=Visibility.PUBLIC,
    )
    files = Attachment.objects.filter(event_id__in=[line.pk for line in lines])
    of_line: dict[int, list[Attachment]] = {}
    for file in files:
        of_line.setdefault(file.event_id, []).append(file)
    for line in lines:
        copy = there.append(
            EventKind(line.kind),
            text=line.text,
            data=line.data | {"copied_from": [act.case.number, line.seq]},
            visibility=Visibility(line.visibility),
            delivered=line.delivered,
            actor_id=line.actor_id,
            actor_name=line.actor_name,
            actor_kind=line.actor_kind,
            at=line.at,
        )
        mine = of_line.get(line.pk, [])
        if mine:
            there.flush()
        Attachment.objects.bulk_create(
            Attachment(
                case=fresh,
                event=copy,
                file_id=file.file_id,
                name=file.name,
                size_bytes=file.size_bytes,
                content_type=file.content_type,
            )
            for file in mine
        )
    there.note_on_timeline("desk.opened")
    there.finish()


def link_cases(
    *, actor: Actor, grants: Grants, case_id: int, other: str, kind: str = LinkKind.RELATED
) -> CaseLink:
    """`other` is a number or id of a case one may see."""
    if kind not in LinkKind.values or kind == LinkKind.SPLIT_FROM:
        raise RuleError("link_unknown", _("There is no such relation."), field="kind")
    beside = load_case(grants, other)
    with handling("link", actor=actor, grants=grants, case_id=case_id, needs=WORK) as act:
        if beside.pk == act.case.pk:
            raise RuleError(
                "link_to_itself", _("A case cannot be linked to itself."), field="other"
            )
        link, made = CaseLink.objects.get_or_create(
            case=act.case,
            other=beside,
            kind=kind,
            defaults={"made_at": act.work.now, "made_by_name": actor.name[:80]},
        )
        if made:
            act.append(EventKind.LINK, data={"to": beside.number, "kind": kind})
    return link


def unlink_cases(*, actor: Actor, grants: Grants, case_id: int, other: str) -> None:
    """Undo what `link_cases` made between two cases, whichever of them it was made from.

    That one was split off from the other is no opinion but what happened: it stays.
    """
    # A merged case is not followed here: the link was made with that very number.
    beside = by_number_or_id(visible_cases(grants), other).values("pk", "number").first()
    with handling("unlink", actor=actor, grants=grants, case_id=case_id, needs=WORK) as act:
        pk = act.case.pk
        there = beside["pk"] if beside is not None else None
        between = Q(case_id=pk, other_id=there) | Q(case_id=there, other_id=pk)
        links = list(CaseLink.objects.filter(between).select_for_update().order_by("pk"))
        made = [link for link in links if link.kind != LinkKind.SPLIT_FROM]
        if beside is None or not links:
            raise RuleError(
                "not_linked",
                _("This case is not linked to %(number)s.") % {"number": str(other)[:20]},
                field="other",
            )
        if not made:
            raise RuleError(
                "link_is_origin",
                _("One of these cases was split off from the other; that stays on record."),
                field="other",
            )
        CaseLink.objects.filter(pk__in=[link.pk for link in made]).delete()
        for link in made:
            act.append(EventKind.LINK, data={"from": beside["number"], "kind": link.kind})


def set_parent(*, actor: Actor, grants: Grants, case_id: int, parent: str | None) -> Case:
    """Put a case under another one, or free it (None)."""
    if not parent:
        return _take_out(actor, grants, case_id)
    above = load_case(grants, parent)
    with handling("parent", actor=actor, grants=grants, case_id=case_id, needs=WORK) as act:
        case = act.case
        if above.pk == case.parent_id:
            return case
        _refuse_circle(case, above)
        case.parent = above
        act.append(EventKind.PARENT, data={"to": above.number})
    return case


def _take_out(actor: Actor, grants: Grants, case_id: int) -> Case:
    with handling("unparent", actor=actor, grants=grants, case_id=case_id, needs=WORK) as act:
        case = act.case
        if case.parent is None:
            return case
        act.append(EventKind.PARENT, data={"to": None, "from": case.parent.number})
        case.parent = None
    return case


def _refuse_circle(case: Case, above: Case) -> None:
    at: int | None = above.pk
    for _step in range(DEEPEST):
        if at is None:
            return
        if at == case.pk:
            break
        at = Case.objects.filter(pk=at).values_list("parent_id", flat=True).first()
    raise RuleError("parent_circle", _("A case cannot stand below itself."), field="parent")


def void_case(
    *, actor: Actor, grants: Grants, case_id: int, untouched_since: int | None = None
) -> None:
    """Undo the import of a case: it and its lines leave every list, count and search, but not the database.

    `untouched_since`: the number of its last line then. When a person or the customer has written one since, it
    stays; lines of the program's own, such as a due time that passed, are no work of anybody's.
    """
    with handling("void", actor=actor, grants=grants, case_id=case_id, needs=RUN_IMPORTS) as act:
        case = act.case
        if case.import_run_id is None:
            raise NotFound(_("This case did not come from an import."), "not_imported")
        lines = CaseEvent.objects.filter(case_id=case.pk).exclude(actor_kind="system")
        if untouched_since is not None and lines.filter(seq__gt=untouched_since).exists():
            raise Conflict("worked_on", _("Somebody has worked on this case since."))
        act.append(EventKind.VOIDED)
        act.flush()
        if not case.is_ended:
            case.state, case.closed_at = CaseState.CLOSED, act.work.now
            case.outcome = Outcome.NO_ACTION
        case.voided_at = act.work.now
        case.external_id = None
        case.tracking_hash, case.query_code_hash = None, ""
        set_clock(case)
        CaseEvent.objects.filter(case_id=case.pk).update(voided_at=act.work.now)
        TimelineEntry.objects.filter(object_type="desk.case", object_id=case.pk).update(
            voided_at=act.work.now
        )
        act.work.publish(CaseVoided(case.pk))
