from zhike.satisfaction.models.asking import Ask, AskRule
from zhike.satisfaction.models.contacts import ContactCase
from zhike.satisfaction.models.deliveries import Delivery
from zhike.satisfaction.models.improvements import Improvement
from zhike.satisfaction.models.indexes import IndexRun, IndicatorSystem, Judging
from zhike.satisfaction.models.outside import OutsideIndex

__all__ = [
    "Ask",
    "AskRule",
    "ContactCase",
    "Delivery",
    "Improvement",
    "IndexRun",
    "IndicatorSystem",
    "Judging",
    "OutsideIndex",
]
