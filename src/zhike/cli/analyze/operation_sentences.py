"""The texts of the methods about gaps, scores, customers, charts and telephones, and what people read."""

from zhike.cli.texts import gettext as _


def operation_sentences() -> dict[str, str]:
    return {
        **_of_gaps(),
        **_of_scores(),
        **_of_customers(),
        **_of_charts(),
        **_of_staffing(),
    }


def _of_gaps() -> dict[str, str]:
    return {
        "item {item}: has {pairs} pairs of E{e} and P{p}; needs 2": _(
            "Persons who answered both E{e} and P{p}: {pairs}; at least 2 are needed."
        ),
        "points: row {row} gives points to some dimensions only": _(
            "Row {row} gives points to some dimensions only; 100 are to be shared out over all "
            "five, or none given."
        ),
        "points: row {row} shares out nothing": _("Row {row} shares out no points."),
        "points: row {row} sums to {sum} instead of 100": _(
            "The points of row {row} sum to {sum} instead of 100; --points-rule rescale takes "
            "them as shares."
        ),
        "points: row {row}, column {column} is {value}, outside of {low} to {high}": _(
            "Row {row}, points of “{column}”: {value} is below 0."
        ),
        "points: all are missing": _("The columns of points are empty."),
        "points: none are left of persons with all 22 pairs": _(
            "Nobody who answered all 22 pairs shared out points."
        ),
        "points: nobody has both points and a pair in every dimension": _(
            "Nobody has both points and a pair in every dimension."
        ),
    }


def _of_scores() -> dict[str, str]:
    return {
        "answers: row {row} is {value}, no point of the scale": _(
            "Row {row}: {value} is no point of the scale; answers are whole numbers."
        ),
        "answers: row {row} is {value}, outside of {low} to {high}": _(
            "Row {row}: {value} lies outside of the scale from {low} to {high}."
        ),
        "answers: all are missing or have weight 0": _("There is no answer to count."),
        "scale: needs two whole ends, low before high, got {low} to {high}": _(
            "--scale needs two whole numbers, the lower one first; it says {low} to {high}."
        ),
        "top: must be a whole number from 1 to {most}, got {given}": _(
            "--top must lie between 1 and {most}, not {given}."
        ),
        "population: must be a whole number of at least {n}, got {given}": _(
            "--population must be at least {n}, as many as answered; it says {given}."
        ),
        "weights: must be numbers of at least 0, none missing": _(
            "The column of weights holds a negative or empty cell."
        ),
        "weights: are all 0": _("All weights are 0."),
        "level: must lie between 0 and 1, got {given}": _(
            "--level must lie between 0 and 1, not {given}."
        ),
    }


def _of_customers() -> dict[str, str]:
    return {
        "day: no transaction with day and amount lies on or before {until}": _(
            "No transaction with date and amount lies on or before --until."
        ),
        "unit: is one of {known}, not {given}": _("--unit is “{given}”; possible are {known}."),
        "x: nobody bought a second time, so nothing tells leaving from waiting": _(
            "Nobody bought a second time, so nothing tells who has left from who is waiting."
        ),
        **_of_fits("x, t_x, T", _("No lifetime model fits these customers: ")),
        **_of_fits("x, mean_spend", _("No model of spend fits these customers: ")),
        "mean_spend: needs 3 customers with repeat purchases worth something, got {n}": _(
            "A model of spend needs 3 customers with repeat purchases worth something; there "
            "are {n}."
        ),
        "q: is {q}; at or below 1 the mean spend of all has no finite value": _(
            "The model of spend has no finite mean (q = {q})."
        ),
        "q: is {q}; at so few purchases the expected spend has no finite value": _(
            "The model of spend has no finite mean at so few purchases (q = {q})."
        ),
        "customer: fifths need at least {least} customers, got {n}": _(
            "Fifths need at least {least} customers; there are {n}."
        ),
    }


def _of_fits(what: str, first: str) -> dict[str, str]:
    failed = f"{what}: the fit did not converge: "
    return {
        failed + "{name} runs away, the data do not determine it": first
        + _("{name} grows without end, so the data do not determine it."),
        failed + "the likelihood is flat along {name}, the data do not determine it": first
        + _("the data do not determine {name}."),
        failed + "{why}": first + _("the search found no highest point."),
    }


def _of_charts() -> dict[str, str]:
    return {
        "{column}: needs at least {least} values, got {count}": _(
            "Column “{column}” needs at least {least} values; it has {count}."
        ),
        "size: is needed by a {kind} chart": _("A {kind} chart needs a column “size”."),
        "{column}: row {row} is {value}: below 0": _(
            "Row {row}, column “{column}”: {value} is below 0."
        ),
        "{column}: row {row} is {value}: not above 0": _(
            "Row {row}, column “{column}”: {value} is not above 0."
        ),
        "{column}: row {row} is {value}: missing; leave the point out, or find its value": _(
            "Row {row}, column “{column}” is empty; leave the point out, or find its value."
        ),
        "{column}: row {row} is {value}: no whole number": _(
            "Row {row}, column “{column}”: {value} is no whole number."
        ),
        "x: row {row} is {value}: more than its size": _(
            "Row {row}, column “x”: {value} is more than its size."
        ),
        "size: row {row} is {value}: unlike the first; an np chart needs equal sizes": _(
            "Row {row}, column “size”: {value} is unlike the first; an np chart needs equal "
            "sizes, a p chart does not."
        ),
        "without: leaves fewer than two points for the center": _(
            "--without leaves fewer than two points for the centre."
        ),
        "without: has no meaning beside a given center": _(
            "--without has no meaning beside --center."
        ),
        "without: {at} is no position from 1 to {points}": _(
            "--without names {at}, which is no position from 1 to {points}."
        ),
        "center: is {center}; chance leaves no variation unless it lies between {low} and {high}": _(
            "The centre is {center}; a chart has limits only where it lies between {low} and "
            "{high}, both excluded."
        ),
        "center: is {center}; chance leaves no variation unless it lies above 0 and finite": _(
            "The centre is {center}; a chart has limits only where it lies above 0."
        ),
    }


def _of_staffing() -> dict[str, str]:
    options = {
        "calls": "--calls",
        "interval_seconds": "--interval",
        "aht_seconds": "--aht",
        "patience_seconds": "--patience",
    }
    above = {
        f"{name}: must be above 0 and finite, got {{given}}": _(
            "{option} must be above 0, not {given}."
        ).replace("{option}", option)
        for name, option in options.items()
    }
    return {
        **above,
        "target: must lie between 0 and 1, got {given}": _(
            "--target must lie between 0 and 1, not {given}."
        ),
        "within_seconds: must be at least 0, got {given}": _(
            "--within must be at least 0, not {given}."
        ),
        "shrinkage: must be at least 0 and below 1, got {given}": _(
            "--shrinkage must be at least 0 and below 1, not {given}."
        ),
        "most_occupied: must lie above 0 and at most at 1, got {given}": _(
            "--most-occupied must lie above 0 and at most at 1, not {given}."
        ),
        "agents: must be a whole number from {least} to {most}, got {given}": _(
            "--agents must be a whole number from {least} to {most}, not {given}."
        ),
        "agents: {n} for a load of {load} erlangs: the queue grows without end; more agents, or "
        "patience": _(
            "{n} agents cannot serve {load} erlangs: the queue grows without end. Take more "
            "agents, or say how long callers wait with --patience."
        ),
        "available: {most} agents cannot give {wanted}: a load of {load} erlangs needs more than "
        "{least} at all": _(
            "{most} agents cannot give {wanted}: {load} erlangs alone need more than {least}."
        ),
        "available: {most} agents cannot give {wanted}: they reach {level} at an occupancy of "
        "{busy}": _(
            "{most} agents cannot give {wanted}; they reach {level} at an occupancy of {busy}."
        ),
        "available: must be at least 1, got {given}": _(
            "--available must be at least 1, not {given}."
        ),
        "patience_seconds: is so long that more than {many} callers would wait at a time": _(
            "--patience is so long that more than {many} callers would wait at a time."
        ),
    }
