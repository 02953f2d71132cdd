from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.accounts.models.units import Unit
from zhike.accounts.models.users import User


class Scope(models.TextChoices):
    OWN = "own", _("Own rows")
    UNIT = "unit", _("Own unit")
    SUBTREE = "subtree", _("Own unit and those below")
    ALL = "all", _("Whole company")


class Role(models.Model):
    """A named set of permissions. Built-in roles can be edited, not removed."""

    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=60, blank=True)
    permissions = models.JSONField(default=list)
    # How much of personal values its holders are shown, where that is not the usual: code of
    # `core.access.PERSONAL_FIELDS` to level.
    levels = models.JSONField(default=dict, blank=True)
    # Administrators hold every permission, those of later versions included.
    holds_everything = models.BooleanField(default=False)
    default_scope = models.CharField(max_length=10, choices=Scope.choices, default=Scope.OWN)
    is_builtin = models.BooleanField(default=False)

    def __str__(self) -> str:
        return str(self.label)

    @property
    def label(self) -> str:
        """The name given here, else the built-in one in the reader's language."""
        from zhike.accounts.roles import ROLE_LABELS

        return self.name or str(ROLE_LABELS.get(self.code, self.code))


class AccessRules(models.Model):
    """One row; without it the defaults hold."""

    # System, security and audit lie with three different people; see duties.py.
    duties_apart = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_row_of_access_rules")
        ]


class RoleAssignment(models.Model):
    """A role held by somebody, reaching as far as `scope` from `unit` (their own when empty)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="assignments")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="assignments")
    scope = models.CharField(max_length=10, choices=Scope.choices)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "role"], name="role_once_per_user")]
