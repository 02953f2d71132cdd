"""`zhike analyze rfm`: how recently, how often and for how much customers bought, by fifths."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhike.cli.analyze.durations import choice
from zhike.cli.analyze.figures import listed
from zhike.cli.analyze.findings import Cell, Column, Finding, Table
from zhike.cli.analyze.purchases_file import Asked, Purchases, read_purchases, write_customers
from zhike.cli.analyze.wording import sample_of
from zhike.cli.texts import gettext as _
from zhike.core.drawing.figures import shown
from zhike.core.drawing.kinds import Bars, Grid
from zhike.methods.rfm import FIFTHS, Rfm, rfm

# From here on a score is high: the upper two fifths.
HIGH = 4


def analyse_rfm(asked: Asked, counting: str) -> Finding:
    asked.ready()
    kind: Any = choice("--counting", counting, {"transactions": "transactions", "days": "days"})
    bought = read_purchases(asked)
    found = rfm(bought.customer, bought.day, bought.amount, until=bought.until, counting=kind)
    if asked.per_customer is not None:
        write_customers(asked.per_customer, _per_customer(found))
    return _finding(found, bought)


def _per_customer(found: Rfm) -> list[tuple[str, Any]]:
    return [
        ("customer", found.customers),
        ("recency_days", found.recency),
        ("frequency", found.frequency),
        ("money", found.money),
        ("recency_score", found.recency_score),
        ("frequency_score", found.frequency_score),
        ("money_score", found.money_score),
        ("cell", found.cells),
    ]


def _groups(found: Rfm) -> dict[str, NDArray[np.bool_]]:
    recent, often = found.recency_score >= HIGH, found.frequency_score >= HIGH
    return {
        "recent_and_often": recent & often,
        "recent_only": recent & ~often,
        "often_only": ~recent & often,
        "neither": ~recent & ~often,
    }


def _words() -> dict[str, str]:
    return {
        "recent_and_often": _("Recently and often"),
        "recent_only": _("Recently, not often"),
        "often_only": _("Often, not recently"),
        "neither": _("Neither recently nor often"),
    }


def _finding(found: Rfm, bought: Purchases) -> Finding:
    groups, words = _groups(found), _words()
    customers = found.customers.size
    money = float(found.money.sum())
    cells, counts = np.unique(found.cells, return_counts=True)
    figures = {
        name: {"customers": int(which.sum()), "money": float(found.money[which].sum())}
        for name, which in groups.items()
    }
    return Finding(
        title=_("Recency, frequency, money (RFM)"),
        data={
            "n": int(customers),
            "transactions": found.n,
            "until": bought.until_text,
            "counting": found.counting,
            "cells": {str(cell): int(n) for cell, n in zip(cells, counts, strict=True)},
            "groups": figures,
            "excluded": found.excluded,
            "method": found.method,
        },
        said=_said(figures, customers, money),
        sample=sample_of(
            _("{n} transactions of {customers} customers until {until}.").format(
                n=shown(found.n, "count"),
                customers=shown(customers, "count"),
                until=bought.until_text,
            ),
            found.excluded,
        ),
        method=[
            (_("Scores"), _("1 to 5 by fifths of customers; equal values get equal scores")),
            (
                _("Frequency"),
                _("number of transactions")
                if found.counting == "transactions"
                else _("days with at least one transaction"),
            ),
        ],
        limits=[
            _(
                "Fifths compare customers with each other, not with a goal: there is always a "
                "lowest fifth. What they did is no promise of what they will do."
            )
        ],
        tables=[_group_table(figures, words, customers, money), _fifths(found)],
        charts=[_grid(found), _money(figures, words, money)],
    )


def _said(figures: dict[str, dict[str, Any]], customers: int, money: float) -> list[str]:
    best, gone = figures["recent_and_often"], figures["often_only"]
    return [
        _("Customers who buy often and did recently: {n} ({share}); they bring {money} of the money.")
        .format(
            n=shown(best["customers"], "count"),
            share=shown(best["customers"] / customers, "percent"),
            money=shown(best["money"] / money if money else None, "percent"),
        ),
        _("Customers who bought often, but not recently: {n}; worth a call.").format(
            n=shown(gone["customers"], "count")
        ),
    ]  # fmt: skip


def _group_table(
    figures: dict[str, dict[str, Any]], words: dict[str, str], customers: int, money: float
) -> Table:
    rows: list[list[Cell]] = [
        [
            words[name],
            one["customers"],
            one["customers"] / customers,
            one["money"],
            one["money"] / money if money else None,
        ]
        for name, one in figures.items()
    ]
    return Table(
        _("Groups"),
        [
            Column(_("Bought")),
            Column(_("Customers"), "count"),
            Column(_("Share"), "percent"),
            Column(_("Money"), "f2"),
            Column(_("Share of money"), "percent"),
        ],
        rows,
    )


def _fifths(found: Rfm) -> Table:
    kinds = (
        (_("Recency (days)"), found.recency, found.recency_score),
        (_("Frequency"), found.frequency, found.frequency_score),
        (_("Money"), found.money, found.money_score),
    )
    rows: list[list[Cell]] = []
    for name, values, scores in kinds:
        for score in range(FIFTHS, 0, -1):
            within = values[scores == score]
            if within.size:
                rows.append(
                    [name, score, float(within.min()), float(within.max()), int(within.size)]
                )
    return Table(
        _("What the scores stand for"),
        [
            Column(_("Figure")),
            Column(_("Score"), "count"),
            Column(_("From"), "count"),
            Column(_("To"), "count"),
            Column(_("Customers"), "count"),
        ],
        rows,
    )


def _grid(found: Rfm) -> Grid:
    counts = np.zeros((FIFTHS, FIFTHS))
    np.add.at(counts, (FIFTHS - found.recency_score, found.frequency_score - 1), 1)
    scores = [str(at) for at in range(1, FIFTHS + 1)]
    top = int(counts[0, -1])
    return Grid(
        _("Customers by recency and frequency"),
        _("Most recent and most often: {n} customers; the others spread over the grid.").format(
            n=top
        ),
        _("Frequency score"),
        _("Recency score"),
        scores,
        scores[::-1],
        counts.tolist(),
    )


def _money(figures: dict[str, dict[str, Any]], words: dict[str, str], money: float) -> Bars:
    parts = {words[name]: one["money"] / money if money else 0.0 for name, one in figures.items()}
    return Bars(
        _("Share of money by group"),
        listed([f"{name} {shown(value, 'percent')}" for name, value in parts.items()]),
        list(parts),
        list(parts.values()),
        "percent",
    )
