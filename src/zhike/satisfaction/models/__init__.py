from zhike.satisfaction.models.indexes import IndexRun, IndicatorSystem

__all__ = ["IndexRun", "IndicatorSystem"]
