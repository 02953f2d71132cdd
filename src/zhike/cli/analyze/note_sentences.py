"""What methods note about a result, their reasons for leaving rows out, and their names, for people."""

from zhike.cli.texts import gettext as _


def note_sentences() -> dict[str, str]:
    return {**_of_models(), **_of_gaps(), **_of_scores(), **_excluded(), **_methods()}


def _of_models() -> dict[str, str]:
    return {
        "rho_A of {block} is {value}, above 1": _("rho_A of “{block}” is {value}, above 1."),
        "corrected correlation of {one} and {other} is {value}, outside of [-1, 1]: the consistent "
        "estimates are not to be trusted": _(
            "The corrected correlation of “{one}” and “{other}” is {value}, outside of −1 to 1: "
            "the consistent estimates are not to be trusted."
        ),
        "{block} has a corrected loading above 1: rho_c and ave are not defined": _(
            "“{block}” has a corrected loading above 1, so it has neither rho_C nor AVE."
        ),
        "the unique variance of {item} is at its least: the factor model does not fit": _(
            "The factor model does not fit: “{item}” keeps no variance of its own."
        ),
        "{one} and {other} cannot be told apart: their factors correlate fully": _(
            "“{one}” and “{other}” cannot be told apart: their factors correlate fully."
        ),
        "item {item} has a negative weight": _(
            "Item “{item}” has a negative weight; look whether it was asked the other way round."
        ),
        "the index is {value}, off the scale, since items count negatively": _(
            "The index is {value}, off the scale from 0 to 100, since items count negatively."
        ),
        "constant item": _("an item without variation"),
    }


def _of_gaps() -> dict[str, str]:
    dimensions = {
        "tangibles": _("Tangibles"),
        "reliability": _("Reliability"),
        "responsiveness": _("Responsiveness"),
        "assurance": _("Assurance"),
        "empathy": _("Empathy"),
    }
    kinds = {
        "expectation": _("expectation"),
        "perception": _("perception"),
        "gap": _("gap"),
    }
    lacking = _(
        "{dimension}: the {n} complete persons do not differ in {kind}, so there is no alpha."
    )
    return {
        "Item {item}: every gap is {gap}, so there is no t.": _(
            "Item {item}: every gap is {gap}, so there is no t."
        ),
        **{
            f"{name}: the {kind}s of {{n}} complete persons do not differ, so there is no alpha.": (
                lacking.replace("{dimension}", title).replace("{kind}", word)
            )
            for name, title in dimensions.items()
            for kind, word in kinds.items()
        },
        **dimensions,
    }


def _of_scores() -> dict[str, str]:
    return {
        "Everybody was asked and answered: there is no sampling error left.": _(
            "Everybody was asked and answered: there is no sampling error left."
        ),
        "All answers count the same: the interval has no width, which is no proof of certainty.": _(
            "All answers count the same: the interval has no width, which is no proof of certainty."
        ),
    }


def _excluded() -> dict[str, str]:
    return {
        "an answer is missing": _("rows with a missing answer"),
        "every answer is missing": _("rows without any answer"),
        "case weight 0": _("rows of weight 0"),
        "weight 0": _("rows of weight 0"),
        "zero_weight": _("rows of weight 0"),
        "missing": _("rows with a missing value"),
        "after_until": _("transactions after the last day"),
        "no_repeat": _("customers without a repeat purchase"),
        "no_positive_spend": _("customers whose repeat purchases are worth nothing"),
        "left out of the center": _("points left out of the centre"),
        "persons": _("persons without any pair"),
        "incomplete_persons": _("persons with a pair missing"),
        "missing_pairs": _("pairs that lack a side"),
        "not_weighted": _("persons without points or without a pair in every dimension"),
        "missing_performance": _("missing answers on performance"),
        "missing_importance": _("missing answers on importance"),
        "incomplete_rows": _("rows not answered in full"),
    }


def _methods() -> dict[str, str]:
    return {
        "confirmatory factor analysis, maximum likelihood": _(
            "confirmatory factor analysis, maximum likelihood"
        ),
        "PLS path model": _("PLS path model"),
        "PLS path model, consistent": _("PLS path model, consistent"),
    }
