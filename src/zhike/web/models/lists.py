from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Density(models.TextChoices):
    NORMAL = "normal", _("Normal")
    COMPACT = "compact", _("Compact")
    ROOMY = "roomy", _("Roomy")


class ListPreference(models.Model):
    """How one person left one list: no business fact, so written outside a unit of work, like a session."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="list_preferences"
    )
    list_name = models.CharField(max_length=60)
    shown = models.JSONField(default=list)
    hidden = models.JSONField(default=list)
    density = models.CharField(max_length=10, choices=Density.choices, default=Density.NORMAL)
    size = models.PositiveSmallIntegerField(default=50)

    class Meta:
        db_table = "web_list_preference"
        constraints = [
            models.UniqueConstraint(fields=["user", "list_name"], name="list_preference_once")
        ]


class SavedView(models.Model):
    """The address of a list under a name. A shared one stands above the list for everybody."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views"
    )
    list_name = models.CharField(max_length=60)
    title = models.CharField(max_length=40)
    query = models.CharField(max_length=2000)
    is_shared = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "list_name", "title"], name="saved_view_title_once"
            )
        ]
        indexes = [models.Index(fields=["list_name", "is_shared"], name="saved_view_shared")]

    def __str__(self) -> str:
        return self.title
