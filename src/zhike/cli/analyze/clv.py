"""`zhike analyze clv`: who is still a customer, what they will buy, and what a purchase of theirs is worth."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from zhike.cli.analyze.durations import choice
from zhike.cli.analyze.figures import listed
from zhike.cli.analyze.findings import Cell, Column, Finding, Table
from zhike.cli.analyze.method_words import sentence_of
from zhike.cli.analyze.purchases_file import Asked, Purchases, read_purchases, write_customers
from zhike.cli.analyze.wording import sample_of
from zhike.cli.texts import gettext as _
from zhike.core.drawing.figures import shown
from zhike.core.drawing.kinds import Bars, Chart
from zhike.methods.errors import MethodError
from zhike.methods.given import Floats
from zhike.methods.lifetime import LifetimeModel, fit_lifetime
from zhike.methods.purchases import expected_purchases, p_alive
from zhike.methods.spend import SpendModel, expected_spend, fit_spend
from zhike.methods.transactions import Histories, summarise

HORIZONS = (13, 26, 39, 52)
MODELS = {"bg": "BG/NBD", "mbg": "MBG/NBD"}
_SHOWN = 20
_BINS = 10


@dataclass(frozen=True)
class Valued:
    bought: Purchases
    histories: Histories
    model: LifetimeModel
    alive: Floats
    # By horizon, a figure per customer.
    ahead: dict[int, Floats]
    spend: SpendModel | None
    each: Floats | None
    notes: list[str]


def analyse_clv(asked: Asked, unit: str, model: str) -> Finding:
    asked.ready()
    kind: Any = choice("--model", model, MODELS)
    span: Any = choice("--unit", unit, {name: name for name in ("day", "week", "month", "year")})
    bought = read_purchases(asked)
    histories = summarise(bought.customer, bought.day, bought.amount, until=bought.until, unit=span)
    past = histories.x, histories.t_x, histories.T
    fitted = fit_lifetime(*past, method=kind)
    notes: list[str] = []
    spend, each = _spend(histories, notes)
    found = Valued(
        bought,
        histories,
        fitted,
        p_alive(fitted, *past),
        {horizon: expected_purchases(fitted, horizon, *past) for horizon in HORIZONS},
        spend,
        each,
        notes,
    )
    if asked.per_customer is not None:
        write_customers(asked.per_customer, _per_customer(found))
    return _finding(found)


def _spend(histories: Histories, notes: list[str]) -> tuple[SpendModel | None, Floats | None]:
    """The model of spend, and what each customer's next purchase is worth; None where there is no telling."""
    try:
        model = fit_spend(histories.x, histories.mean_spend)
    except MethodError as error:
        notes.append(_("No model of spend: {why}").format(why=sentence_of(error)))
        return None, None
    if model.correlation is not None and abs(model.correlation) > 0.3:
        notes.append(
            _(
                "Customers who buy often spend differently each time (correlation {value}); the "
                "model of spend assumes they do not."
            ).format(value=shown(model.correlation, "f2"))
        )
    try:
        return model, expected_spend(model, histories.x, histories.mean_spend)
    except MethodError as error:
        notes.append(_("No expected spend: {why}").format(why=sentence_of(error)))
        return model, None


def _per_customer(found: Valued) -> list[tuple[str, Any]]:
    past = found.histories
    columns: list[tuple[str, Any]] = [
        ("customer", past.customers),
        ("x", past.x),
        ("t_x", past.t_x),
        ("T", past.T),
        ("mean_spend", past.mean_spend),
        ("p_alive", found.alive),
        *((f"expected_purchases_{horizon}", one) for horizon, one in found.ahead.items()),
    ]
    if found.each is not None:
        columns.append(("expected_spend", found.each))
        columns.append((f"expected_value_{HORIZONS[-1]}", found.each * found.ahead[HORIZONS[-1]]))
    return columns


def _json(found: Valued) -> dict[str, Any]:
    model, spend = found.model, found.spend
    key = "bgnbd" if model.method == "BG/NBD" else "mbgnbd"
    return {
        "n": int(model.n),
        "repeaters": int(model.repeaters),
        key: {
            "r": model.r,
            "alpha": model.alpha,
            "a": model.a,
            "b": model.b,
            "loglik": model.loglik,
            "se": model.standard_errors,
        },
        "gamma_gamma": None
        if spend is None
        else {
            "p": spend.p,
            "q": spend.q,
            "v": spend.v,
            "loglik": spend.loglik,
            "se": spend.standard_errors,
            "n": int(spend.n),
            "correlation": spend.correlation,
            "excluded": spend.excluded,
        },
        "mean_alive": float(found.alive.mean()),
        "expected_purchases": {
            str(horizon): float(one.sum()) for horizon, one in found.ahead.items()
        },
        "expected_value": None
        if found.each is None
        else {
            str(horizon): float((one * found.each).sum()) for horizon, one in found.ahead.items()
        },
        "unit": found.histories.unit,
        "until": found.bought.until_text,
        "transactions": found.histories.n,
        "excluded": found.histories.excluded,
        "notes": found.notes,
    }


def _units() -> dict[str, str]:
    return {"day": _("days"), "week": _("weeks"), "month": _("months"), "year": _("years")}


def _finding(found: Valued) -> Finding:
    unit = _units()[found.histories.unit]
    last = HORIZONS[-1]
    model = found.model
    said = [
        _(
            "Of {n} customers {repeaters} bought again; on {until} a customer is still one with a "
            "chance of {alive} on average."
        ).format(
            n=shown(model.n, "count"),
            repeaters=shown(model.repeaters, "count"),
            until=found.bought.until_text,
            alive=shown(float(found.alive.mean()), "percent"),
        ),
        _("In the next {horizon} {unit} they are expected to buy {purchases} times.").format(
            horizon=last, unit=unit, purchases=shown(float(found.ahead[last].sum()), "f1")
        ),
    ]
    if found.each is not None:
        worth = float((found.each * found.ahead[last]).sum())
        said.append(_("That is worth {worth}, undiscounted.").format(worth=shown(worth, "f2")))
    return Finding(
        title=_("Customer value"),
        data=_json(found),
        said=said,
        sample=sample_of(
            _("{n} transactions of {customers} customers until {until}.").format(
                n=shown(found.histories.n, "count"),
                customers=shown(model.n, "count"),
                until=found.bought.until_text,
            ),
            found.histories.excluded,
        ),
        method=[
            (_("Lifetime"), _("{model}, maximum likelihood").format(model=model.method)),
            (_("Spend"), "Gamma–Gamma" if found.spend else _("none")),
            (_("Unit of time"), unit),
            (_("Purchases"), _("days with at least one transaction")),
        ],
        limits=[
            _(
                "The model takes every customer's pace as steady and knows neither seasons nor "
                "campaigns; it tells groups well and a single customer roughly."
            )
        ],
        tables=[_parameters(found), _horizons(found, unit), _best(found, unit)],
        charts=_charts(found, unit),
        notes=found.notes,
    )


def _parameters(found: Valued) -> Table:
    model, spend = found.model, found.spend
    rows: list[list[Cell]] = [
        [model.method, name, getattr(model, name), model.standard_errors[name]]
        for name in ("r", "alpha", "a", "b")
    ]
    if spend is not None:
        rows += [
            ["Gamma–Gamma", name, getattr(spend, name), spend.standard_errors[name]]
            for name in ("p", "q", "v")
        ]
    return Table(
        _("Parameters"),
        [
            Column(_("Model")),
            Column(_("Parameter")),
            Column(_("Estimate"), "f3"),
            Column(_("Standard error"), "f3"),
        ],
        rows,
        note=_("Log-likelihood {value}").format(value=shown(model.loglik, "f1")),
    )


def _horizons(found: Valued, unit: str) -> Table:
    rows: list[list[Cell]] = []
    for horizon, one in found.ahead.items():
        worth = None if found.each is None else float((one * found.each).sum())
        rows.append([f"{horizon} {unit}", float(one.sum()), float(one.mean()), worth])
    return Table(
        _("Purchases to come"),
        [
            Column(_("In the next")),
            Column(_("Purchases"), "f1"),
            Column(_("Per customer"), "f3"),
            Column(_("Worth"), "f2"),
        ],
        rows,
    )


def _best(found: Valued, unit: str) -> Table:
    ahead = found.ahead[HORIZONS[-1]]
    worth = ahead if found.each is None else ahead * found.each
    order = np.argsort(-worth, kind="stable")[:_SHOWN]
    past = found.histories
    return Table(
        _("Customers of the highest expected value"),
        [
            Column(_("Customer")),
            Column(_("Repeat purchases"), "count"),
            Column(_("Still a customer"), "percent"),
            Column(_("Purchases in {n} {unit}").format(n=HORIZONS[-1], unit=unit), "f2"),
            Column(_("Worth of one"), "f2"),
            Column(_("Worth"), "f2"),
        ],
        [
            [
                str(past.customers[at]),
                int(past.x[at]),
                float(found.alive[at]),
                float(ahead[at]),
                None if found.each is None else float(found.each[at]),
                None if found.each is None else float(worth[at]),
            ]
            for at in order
        ],
    )


def _charts(found: Valued, unit: str) -> list[Chart]:
    again = found.histories.x > 0
    counts = np.histogram(found.alive[again], bins=_BINS, range=(0, 1))[0]
    shares = (counts / max(1, counts.sum())).tolist()
    names = [f"{10 * at}–{10 * at + 10}%" for at in range(_BINS)]
    sums = {f"{horizon} {unit}": float(one.sum()) for horizon, one in found.ahead.items()}
    return [
        Bars(
            _("Purchases to come"),
            listed([f"{name} {shown(value, 'f1')}" for name, value in sums.items()]),
            list(sums),
            list(sums.values()),
            "f1",
        ),
        Bars(
            _("Chance of still being a customer, of those who bought again"),
            listed(
                [
                    f"{name} {shown(part, 'percent')}"
                    for name, part in zip(names, shares, strict=True)
                ]
            ),
            names,
            shares,
            "percent",
        ),
    ]
