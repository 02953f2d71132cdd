"""Kinds of case: the built-in ones and one's own."""

import re

from django.utils.translation import gettext as _

from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.core.work import Actor
from zhike.desk.case_types import OTHER_PREFIX
from zhike.desk.errors import text_missing
from zhike.desk.models import CaseType

MANAGE_SETTINGS = "settings.manage"


def add_type(
    *, actor: Actor, grants: Grants, code: str, name: str, prefix: str = OTHER_PREFIX
) -> CaseType:
    """A kind of one's own. The prefix begins the numbers of its cases: one to four capital letters."""
    grants.require(MANAGE_SETTINGS)
    name, code, prefix = name.strip(), code.strip().lower(), prefix.strip().upper()
    if not name:
        raise text_missing("name")
    if len(name) > 40:
        raise RuleError("name_too_long", _("At most 40 characters, please."), field="name")
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,29}", code):
        raise RuleError(
            "code_wrong",
            _("A code has 2 to 30 small letters, digits or _, and begins with a letter."),
            field="code",
        )
    if not re.fullmatch(r"[A-Z]{1,4}", prefix):
        raise RuleError("prefix_wrong", _("A prefix is one to four letters."), field="prefix")
    with work.unit(actor) as unit:
        if CaseType.objects.filter(code=code).exists():
            raise RuleError("code_taken", _("There is already a type of this code."), field="code")
        kind = CaseType.objects.create(code=code, name=name, prefix=prefix)
        unit.audit("desk.type.add", kind, after={"code": code, "name": name, "prefix": prefix})
    return kind


def change_type_entry(
    *, actor: Actor, grants: Grants, code: str, name: str | None = None, active: bool | None = None
) -> CaseType:
    """Rename a kind, or take it out of (or back into) the lists people choose from."""
    grants.require(MANAGE_SETTINGS)
    with work.unit(actor) as unit:
        kind = CaseType.objects.select_for_update().filter(code=code).first()
        if kind is None:
            raise RuleError("type_unknown", _("There is no such type of case."), field="type")
        before = {"name": kind.name, "is_active": kind.is_active}
        if name is not None:
            kind.name = name.strip()[:40]
        if active is not None:
            kind.is_active = active
        kind.save(update_fields=["name", "is_active"])
        unit.audit(
            "desk.type.change",
            kind,
            before=before,
            after={"name": kind.name, "is_active": kind.is_active},
        )
    return kind
