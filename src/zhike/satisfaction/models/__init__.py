from zhike.satisfaction.models.asking import Ask, AskRule
from zhike.satisfaction.models.contacts import ContactCase
from zhike.satisfaction.models.indexes import IndexRun, IndicatorSystem, Judging

__all__ = ["Ask", "AskRule", "ContactCase", "IndexRun", "IndicatorSystem", "Judging"]
