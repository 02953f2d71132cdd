from zhike.insight.models.settlements import SettledFigure, Settlement, SettlementCheck
from zhike.insight.models.weeks import Subscription, WeekFigure, WeeklyMail, WeekMeasure, WeekReport

__all__ = [
    "SettledFigure",
    "Settlement",
    "SettlementCheck",
    "Subscription",
    "WeekFigure",
    "WeekMeasure",
    "WeekReport",
    "WeeklyMail",
]
