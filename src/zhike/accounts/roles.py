"""The built-in roles: what each may do and how far it reaches. Seeded by a migration, editable afterwards."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from zhike.accounts.duties import BOUNDS, Duty
from zhike.core.access import ScopeKind


@dataclass(frozen=True)
class BuiltinRole:
    code: str
    label: object
    scope: ScopeKind
    permissions: tuple[str, ...] = ()
    holds_everything: bool = False


_DESK = (
    "cases.view",
    "cases.create",
    "cases.work",
    "cases.handover",
    "customers.view",
    "customers.edit",
    "customers.reveal",
    "data_requests.take",
    "feedback.view",
    "feedback.manage",
    "notices.answer",
    "followups.work",
)
_LEAD = (
    *_DESK,
    "cases.assign",
    "cases.merge",
    "cases.export",
    "customers.merge",
    "customers.export",
    "feedback.export",
    "exports.view",
    "data_requests.handle",
    "imports.run",
    "views.share",
    "complaints.approve",
    "notices.manage",
    "reports.view",
    "reference.view",
    "reference.manage",
    "surveys.view",
    "surveys.manage",
    "surveys.contacts",
    "customers.segments",
    "surveys.files",
    "surveys.export",
)

DUTY_LABELS = {
    Duty.SYSTEM: _("System administrator"),
    Duty.SECURITY: _("Security administrator"),
    Duty.AUDIT: _("Audit administrator"),
}
BUILTIN_ROLES = (
    BuiltinRole("agent", _("Agent"), ScopeKind.SUBTREE, _DESK),
    BuiltinRole(
        "supervisor", _("Supervisor"), ScopeKind.SUBTREE, (*_LEAD, "jobs.view", "outbox.manage")
    ),
    BuiltinRole(
        "inspector",
        _("Quality inspector"),
        ScopeKind.ALL,
        (
            "cases.view",
            "customers.view",
            "feedback.view",
            "cases.export",
            "reports.view",
            "reference.view",
            "surveys.view",
        ),
    ),
    BuiltinRole(
        "engineer",
        _("Visiting engineer"),
        ScopeKind.OWN,
        ("cases.view", "cases.work", "customers.view", "customers.reveal", "notices.answer"),
    ),
    BuiltinRole(
        "department_owner",
        _("Department owner"),
        ScopeKind.SUBTREE,
        (
            "cases.view",
            "cases.work",
            "customers.view",
            "feedback.view",
            "notices.answer",
            "reports.view",
            "reference.view",
            "surveys.view",
        ),
    ),
    BuiltinRole(
        "trainer",
        _("Trainer"),
        ScopeKind.ALL,
        ("cases.view", "feedback.view", "reference.view", "surveys.view"),
    ),
    BuiltinRole(
        "executive",
        _("Executive"),
        ScopeKind.ALL,
        (
            "cases.view",
            "customers.view",
            "feedback.view",
            "audit.view",
            "exports.view",
            "reports.view",
            "reference.view",
            "complaints.approve",
            "surveys.view",
        ),
    ),
    BuiltinRole("administrator", _("Administrator"), ScopeKind.ALL, holds_everything=True),
    *(
        BuiltinRole(f"{duty}_administrator", label, ScopeKind.ALL, tuple(sorted(BOUNDS[duty].may)))
        for duty, label in DUTY_LABELS.items()
    ),
)
ROLE_LABELS = {role.code: role.label for role in BUILTIN_ROLES}
