from django.db import models
from django.db.models import Q

from zhike.satisfaction.choices import RunState, Weighing


class IndicatorSystem(models.Model):
    """Goal → dimensions → items: what a questionnaire's answers add up to, and how much each item counts."""

    title = models.CharField(max_length=120)
    survey = models.ForeignKey("surveys.Survey", on_delete=models.PROTECT, related_name="systems")
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT, related_name="+")
    # A list of dimensions with their items: see zhike.satisfaction.structure.
    structure = models.JSONField()
    # Items that do not count, such as a question about the whole beside its parts.
    left_out = models.JSONField(default=list, blank=True)
    weighing = models.CharField(max_length=8, choices=Weighing.choices, default=Weighing.EQUAL)
    # Item → what somebody gave it, in any unit; kept while another way of weighing is chosen.
    by_hand = models.JSONField(default=dict, blank=True)
    # {"paths": [[from, to]], "target"}: see zhike.satisfaction.path_models.
    path_model = models.JSONField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by_name = models.CharField(max_length=80, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-changed_at", "-id"], name="indicator_changed")]


class Judging(models.Model):
    """How one person compares the parts of a system in pairs; a draft until every pair is judged."""

    system = models.ForeignKey(IndicatorSystem, on_delete=models.CASCADE, related_name="judgings")
    judge = models.ForeignKey("accounts.User", on_delete=models.PROTECT, related_name="+")
    judge_name = models.CharField(max_length=80)
    # Group → pair → step: see zhike.satisfaction.pairs.
    judgements = models.JSONField(default=dict)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "judge"], name="judging_once"),
        ]


class IndexRun(models.Model):
    """One computation: what went in, by which method, what came out. Once done it never changes."""

    system = models.ForeignKey(IndicatorSystem, on_delete=models.PROTECT, related_name="runs")
    number = models.IntegerField()
    state = models.CharField(max_length=8, choices=RunState.choices, default=RunState.WAITING)
    asked_at = models.DateTimeField()
    asked_by_name = models.CharField(max_length=80, blank=True)
    # What is computed, as it stood when it was asked for.
    weighing = models.CharField(max_length=8, choices=Weighing.choices)
    structure = models.JSONField()
    by_hand = models.JSONField(default=dict, blank=True)
    # Whatever else the weights come from: the judgements of each judge, and whether they were used although they
    # contradict themselves; the paths, their target, and seed and number of resamples.
    basis = models.JSONField(null=True, blank=True)
    # Only answers that came by this link; 0: by all.
    link_id = models.BigIntegerField(default=0)
    link_name = models.CharField(max_length=80, blank=True)
    # Whose answers, and what stands side by side: see zhike.satisfaction.scopes. Empty: everybody's, nothing.
    scope = models.JSONField(null=True, blank=True)
    # Whom its figures are about: see zhike.satisfaction.disclosure.
    people = models.BinaryField(null=True)
    # What came out.
    method = models.CharField(max_length=40, blank=True)
    n = models.IntegerField(default=0)
    index = models.FloatField(null=True, blank=True)
    index_low = models.FloatField(null=True, blank=True)
    index_high = models.FloatField(null=True, blank=True)
    # Dimensions, items, loadings, exclusions: see zhike.satisfaction.computing.
    result = models.JSONField(null=True, blank=True)
    # Of the answers used: the same digest gives the same figures.
    digest = models.CharField(max_length=64, blank=True)
    # Why it could not be computed, in words.
    problem = models.CharField(max_length=400, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "number"], name="index_run_once"),
            models.CheckConstraint(
                name="index_run_done_has_figures",
                condition=~Q(state="done")
                | Q(
                    index__isnull=False,
                    index_low__isnull=False,
                    index_high__isnull=False,
                    result__isnull=False,
                    done_at__isnull=False,
                ),
            ),
        ]
