from django.db import models
from django.utils.translation import pgettext_lazy


class Weighing(models.TextChoices):
    """Where the weights of the items come from."""

    EQUAL = "equal", pgettext_lazy("weights", "All items alike")
    HAND = "hand", pgettext_lazy("weights", "By hand")
    PCA = "pca", pgettext_lazy("weights", "Principal components of the answers")
    ENTROPY = "entropy", pgettext_lazy("weights", "Entropy of the answers")
    AHP = "ahp", pgettext_lazy("weights", "Comparison in pairs (AHP)")
    PLS = "pls", pgettext_lazy("weights", "Path model (PLS)")


class RunState(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("index run", "Being computed")
    DONE = "done", pgettext_lazy("index run", "Computed")
    REFUSED = "refused", pgettext_lazy("index run", "Could not be computed")
