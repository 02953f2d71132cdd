from zhike.satisfaction.models.contacts import ContactCase
from zhike.satisfaction.models.indexes import IndexRun, IndicatorSystem, Judging

__all__ = ["ContactCase", "IndexRun", "IndicatorSystem", "Judging"]
