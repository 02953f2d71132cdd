"""The first three sentences of a week, by plain rules over its numbers. Pure: nothing is said that is not counted.

Each rule has its threshold here, and the page states it. The first three that apply are said, in this order.
"""

from collections.abc import Callable
from typing import Any

Content = dict[str, Any]
Said = dict[str, Any]

# Fewer cases than this say nothing about a share.
LEAST = 5
# Fewer contacts than this make no rate: one complaint more or less would be a leap.
LEAST_CONTACTS = 30
# A change of at least so many percent is one.
CHANGE = 20
# So many earlier weeks make a mean.
LEAST_WEEKS = 4
# What is aimed at, in percent.
TARGETS = {
    "visits_reached": 100.0,
    "visits_content": 98.0,
    "first_reply": 95.0,
    "notices_in_time": 95.0,
}
CAUSE_SHARE = 30
OLD_AGE = "7"


def sentences_of(content: Content) -> list[Said]:
    found = [said for rule in RULES if (said := rule(content))]
    found += [said for key in TARGETS if (said := _below_target(content, key))]
    found += [said for rule in (_old_cases, _main_cause) if (said := rule(content))]
    return [*found, _totals(content)][:3]


def _totals(content: Content) -> Said:
    received, closed, still = (content["figures"][key] for key in ("received", "closed", "open"))
    return {
        "rule": "totals",
        "received": received[0]["n"],
        "before": received[1]["n"],
        "closed": closed[0]["n"],
        "open": still[0]["n"],
    }


def change(now: float, before: float) -> float:
    """In percent of what was before."""
    return 100 * (now - before) / before if before else 0.0


def _rate(row: dict[str, Any]) -> float | None:
    return 1000 * row["complaints"] / row["contacts"] if row["contacts"] else None


def _complaint_rate(content: Content) -> Said | None:
    """Complaints per 1,000 contacts against the mean of the weeks before, weighted by contacts."""
    *earlier, now = content["trend"]
    known = [row for row in earlier if row["whole"] and row["contacts"]]
    if len(known) < LEAST_WEEKS:
        return None
    rate = _rate(now)
    mean = 1000 * sum(r["complaints"] for r in known) / sum(r["contacts"] for r in known)
    if rate is None or not mean or now["complaints"] < LEAST or change(rate, mean) < CHANGE:
        return None
    if now["contacts"] < LEAST_CONTACTS:
        return {"rule": "too_few", "n": now["contacts"]}
    return {
        "rule": "complaint_rate",
        "n": now["complaints"],
        "rate": round(rate, 1),
        "mean": round(mean, 1),
        "weeks": len(known),
    }


def _falling_together(content: Content) -> Said | None:
    """Fewer complaints while fewer people got in touch is no good news."""
    before, now = content["trend"][-2:]
    if not (before["whole"] and now["whole"]) or before["complaints"] < LEAST:
        return None
    if before["contacts"] < LEAST_CONTACTS:
        return None
    falls = [change(now[key], before[key]) for key in ("complaints", "contacts")]
    if max(falls) > -CHANGE:
        return None
    return {
        "rule": "falling",
        "complaints": now["complaints"],
        "complaints_before": before["complaints"],
        "contacts": now["contacts"],
        "contacts_before": before["contacts"],
    }


def _below_target(content: Content, key: str) -> Said | None:
    now = content["figures"][key][0]
    if not now["of"] or now["of"] < LEAST:
        return None
    share = 100 * now["n"] / now["of"]
    if share >= TARGETS[key]:
        return None
    return {
        "rule": "below_target",
        "key": key,
        "share": round(share, 1),
        "n": now["n"],
        "of": now["of"],
        "target": TARGETS[key],
    }


def _old_cases(content: Content) -> Said | None:
    now, before = (
        side["parts"].get("age", {}).get(OLD_AGE, 0) for side in content["figures"]["open"]
    )
    return {"rule": "old_cases", "n": now, "before": before} if now else None


def _main_cause(content: Content) -> Said | None:
    named = [row for row in content["causes"] if row["cause"] is not None]
    total = sum(row["this"] for row in content["causes"] if row["depth"] == 0)
    # The deepest ones: a group of causes is no cause.
    leaves = [
        row
        for row, following in zip(named, [*named[1:], {"depth": 0}], strict=False)
        if following["depth"] <= row["depth"]
    ]
    if not leaves:
        return None
    most = max(leaves, key=lambda row: row["this"])
    if most["this"] < 3 or 100 * most["this"] < CAUSE_SHARE * total:
        return None
    return {
        "rule": "main_cause",
        "cause": most["cause"],
        "n": most["this"],
        "of": total,
        "before": most["last"],
    }


RULES: tuple[Callable[[Content], Said | None], ...] = (_complaint_rate, _falling_together)
