"""The list of phrases as a file, out and in: what goes out can be changed and come back."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as _noop

from zhike.core.access import Grants
from zhike.core.exporter.kinds import ExportColumn, ExportKind
from zhike.core.importer import CellError, Change, Context, ImportField, ImportKind, Outcome, Row
from zhike.core.work import Work
from zhike.desk.models import Phrase
from zhike.desk.models.phrases import KINDS
from zhike.desk.phrases import PatternError, PhraseKind, exceptions_of, parse
from zhike.desk.phrases.language import LONGEST_PATTERN
from zhike.desk.services.phrases import LONGEST_WORDS, PhraseFields, checked, trouble_of, write
from zhike.desk.services.types import MANAGE_SETTINGS

NOT_A_PHRASE = _noop("These words cannot be looked for: %(why)s")
CHANGED_SINCE = _noop("Somebody has changed this phrase since.")
BETWEEN = "；"  # zh-data


def _phrase(text: str) -> str:
    try:
        parse(text)
    except PatternError as error:
        raise CellError(NOT_A_PHRASE, why=trouble_of(error)) from error
    return " ".join(text.split())


def _exceptions(text: str) -> str:
    return "\n".join(_phrase(one) for one in exceptions_of(text))


FIELDS = (  # zh-data
    ImportField(
        "pattern", _("Words to look for"), required=True, max_length=LONGEST_PATTERN, check=_phrase,
        aliases=("用语", "禁用语", "词", "短语", "表达", "phrase", "pattern"),
        example="[您|你]可能不[太|]明白",
    ),
    ImportField(
        "kind", _("Kind"), kind="choice", choices=KINDS, aliases=("类别", "分类", "kind", "type"),
        help=_("Without it, never to customers."),
    ),
    ImportField(
        "why", _("Why not"), max_length=LONGEST_WORDS, aliases=("原因", "理由", "why"),
        example="容易让客户觉得被责怪",
    ),
    ImportField(
        "better", _("Better"), max_length=LONGEST_WORDS,
        aliases=("建议", "替换", "替换为", "改为", "better"), example="我把查到的原因跟您说一下",
    ),
    ImportField(
        "exceptions", _("Harmless in"), kind="long_text", max_length=3000, check=_exceptions,
        aliases=("例外", "不算", "exceptions"), help=_("Several with semicolons between them."),
    ),
    ImportField("is_active", _("Look for it"), kind="flag", aliases=("启用", "active")),
)  # fmt: skip


class PhraseExport(ExportKind):
    key = "phrases"
    label = _("Phrases")
    permission = MANAGE_SETTINGS
    columns: ClassVar[tuple[ExportColumn, ...]] = (
        ExportColumn("pattern", _("Words to look for"), width=44),
        ExportColumn("kind", _("Kind"), width=14),
        ExportColumn("why", _("Why not"), width=30),
        ExportColumn("better", _("Better"), width=36),
        ExportColumn("exceptions", _("Harmless in"), width=36),
        ExportColumn("is_active", _("Look for it"), width=8),
    )

    def rows(self, grants: Grants) -> "QuerySet[Phrase]":
        return Phrase.objects.all()

    def records(
        self, batch: Sequence[Any], grants: Grants, reveal: bool
    ) -> Sequence[Mapping[str, Any]]:
        return [
            {
                "pattern": phrase.pattern,
                "kind": str(phrase.get_kind_display()),
                "why": phrase.why,
                "better": phrase.better,
                "exceptions": BETWEEN.join(exceptions_of(phrase.exceptions)),
                "is_active": str(_("yes") if phrase.is_active else _("no")),
            }
            for phrase in batch
        ]


class PhraseImport(ImportKind):
    """A phrase is known by its words: those of the list are changed, others are added."""

    key: ClassVar[str] = "phrases"
    label: ClassVar[Any] = _("Phrases")
    list_url: ClassVar[str] = "desk:phrases"
    icon: ClassVar[str] = "message-2"
    permission: ClassVar[str] = MANAGE_SETTINGS
    fields: ClassVar[tuple[ImportField, ...]] = FIELDS
    summary: ClassVar[Any] = _("Words not to be said to customers, and what to say instead.")

    def identity(self, row: Row, by_line: str) -> str:
        return "" if row.values.get("pattern") else by_line

    def unique_values(self, row: Row) -> Mapping[str, str]:
        pattern = row.values.get("pattern")
        return {"pattern": pattern} if pattern else {}

    def plan(self, rows: list[Row], context: Context) -> None:
        wanted = [row.values["pattern"] for row in rows if row.values.get("pattern")]
        known = {phrase.pattern: phrase for phrase in Phrase.objects.filter(pattern__in=wanted)}
        for row in rows:
            phrase = known.get(row.values.get("pattern", ""))
            if row.outcome is Outcome.ERROR or phrase is None:
                continue
            row.known_id, row.found = phrase.pk, phrase
            differs = any(getattr(phrase, name) != value for name, value in row.values.items())
            row.outcome = Outcome.UPDATE if differs else Outcome.SAME

    def save(self, rows: list[Row], context: Context, work: Work) -> None:
        for row in rows:
            if row.outcome is Outcome.UPDATE:
                phrase = Phrase.objects.select_for_update().get(pk=row.found.pk)
                row.before = write(phrase, row.values, work)
                row.after = {name: row.values[name] for name in row.before}
            else:
                given = PhraseFields(**({"kind": PhraseKind.FORBIDDEN.value} | row.values))
                phrase = Phrase.objects.create(**checked(given).__dict__)
            row.object_id = phrase.pk

    def undo_created(self, made: list[Change], context: Context, work: Work) -> dict[int, str]:
        """What an import added is looked for no longer; a later import of it switches it on again."""
        Phrase.objects.filter(pk__in=[one.object_id for one in made]).update(is_active=False)
        return {}

    def undo_updated(self, changes: list[Change], context: Context, work: Work) -> dict[int, str]:
        kept: dict[int, str] = {}
        rows = Phrase.objects.select_for_update().in_bulk([one.object_id for one in changes])
        for one in changes:
            phrase = rows.get(one.object_id)
            if phrase is None:
                continue
            if any(getattr(phrase, name) != value for name, value in one.after.items()):
                kept[one.object_id] = CHANGED_SINCE
                continue
            write(phrase, one.before, work)
        return kept

    def object_url(self, object_id: int) -> str:
        return reverse("desk:phrase-change", args=[object_id])
