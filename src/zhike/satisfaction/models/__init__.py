from zhike.satisfaction.models.indexes import IndexRun, IndicatorSystem, Judging

__all__ = ["IndexRun", "IndicatorSystem", "Judging"]
