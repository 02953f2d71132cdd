from zhike.insight.services.settling import (
    check_days,
    missing_days,
    settle_day,
    settle_missing_days,
)

__all__ = ["check_days", "missing_days", "settle_day", "settle_missing_days"]
