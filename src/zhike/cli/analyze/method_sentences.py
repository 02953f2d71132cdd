"""The texts of `zhike.methods`, as “input: what is wrong”, beside the sentence for people."""

from zhike.cli.analyze.note_sentences import note_sentences
from zhike.cli.analyze.operation_sentences import operation_sentences
from zhike.cli.texts import gettext as _


def sentences() -> dict[str, str]:
    """From the particular to the general: the first that fits is taken."""
    return {
        **_of_models(),
        **_of_options(),
        **_of_answers(),
        **_of_reliability(),
        **_of_weights(),
        **operation_sentences(),
        **note_sentences(),
    }


def _of_models() -> dict[str, str]:
    return {
        "blocks: a path needs two blocks, got {count}": _(
            "A path model needs at least two blocks; the model has {count}."
        ),
        "block {block}: needs a list of at least one item": _(
            "Block “{block}” has no list of items."
        ),
        "block {block}: item {item} stands already in block {other}": _(
            "Item “{item}” stands in two blocks, “{other}” and “{block}”."
        ),
        "block {block}: has no path to or from another block": _(
            "Block “{block}” has no path to or from another block."
        ),
        "block {block}: item {item} is no column of the data": _(
            "The data have no column “{item}”, which block “{block}” asks for."
        ),
        "paths: run in a circle: {circle}": _(
            "The paths run in a circle: {circle}. A path model needs an order of cause and effect."
        ),
        "paths: {start} needs a list of blocks it leads to": _(
            "Under “paths”, “{start}” needs a list of the blocks it leads to."
        ),
        "paths: {start} -> {end} is stated twice": _("The path {start} → {end} is stated twice."),
    }


def _of_options() -> dict[str, str]:
    return {
        "{what}: {block} is no block; there are {known}": _(
            "Under “{what}” stands “{block}”, which is no block. The blocks: {known}."
        ),
        "mode of {block}: must be one of {known}, got {given}": _(
            "The mode of block “{block}” is “{given}”; possible are {known}."
        ),
        "consistent: is defined for standardized items only": _(
            "--plsc is defined for standardised items only; leave out --items centered."
        ),
        "block {block}: its weights still move after {rounds} rounds": _(
            "The weights of block “{block}” still move after {rounds} rounds; the model does not "
            "fit these answers."
        ),
        "block {block}: its items hang together too little for PLSc (rho_A {rho})": _(
            "The items of block “{block}” hang together too little for --plsc (rho_A {rho})."
        ),
        "block {block}: cannot be computed: some of its items, or of the blocks leading to it, "
        "give the others exactly": _(
            "Block “{block}” cannot be computed: some of its items, or of the blocks leading to "
            "it, give the others exactly."
        ),
        "block {block}: cannot be computed: the blocks leading to it give each other exactly, or "
        "its items have nothing in common with the blocks beside it": _(
            "Block “{block}” cannot be computed: the blocks leading to it give each other exactly, "
            "or its items have nothing in common with the blocks beside it."
        ),
        "block {block}: its weights do not add up to more than 0": _(
            "Block “{block}” has no index: its weights do not add up to more than 0."
        ),
        "resamples: at least 2 are needed, got {count}": _(
            "--bootstrap needs at least 2 resamples, not {count}."
        ),
        "resamples: at most {most} are drawn, got {count}": _(
            "--bootstrap draws at most {most} resamples, not {count}; 5000 are plenty."
        ),
        "resamples: only {used} of {all} converged": _(
            "Only {used} of {all} resamples could be estimated: the sample is too small or too "
            "uniform for a bootstrap."
        ),
        "seed: must be at least 0, got {seed}": _("--seed must be at least 0, not {seed}."),
    }


def _of_answers() -> dict[str, str]:
    return {
        "data: {items} items need at least {least} rows, {rows} can be used": _(
            "{items} items need at least {least} rows of answers; {rows} can be used."
        ),
        "data: row {row}, column {column} is beyond 1e100": _(
            "Row {row}, column “{column}”: the number is too large to be reckoned with."
        ),
        "item {item}: nobody answered it": _("Column “{item}” is empty: nobody answered it."),
        "{what}: nobody answered on {item}": _("Column “{item}” is empty: nobody answered it."),
        "item {item}: is constant: every answer is {value}": _(
            "Column “{item}” is constant: every answer is {value}, so it tells nothing apart."
        ),
        "item {item}: varies too little to be told from constant": _(
            "Column “{item}” varies too little to be told from constant."
        ),
        "item {item}: has mean {mean}, outside of {low} to {high}": _(
            "The mean of column “{item}” is {mean}, outside of the scale from {low} to {high}."
        ),
        "answers: {rows} complete rows, at least 3 are needed": _(
            "Only {rows} rows are answered in full; at least 3 are needed."
        ),
        "{item}: is {value} in every row, so it explains nothing": _(
            "Column “{item}” is constant: every answer is {value}, so it tells nothing apart."
        ),
        "{item}: is determined by {others}; leave one of them out": _(
            "Column “{item}” follows exactly from {others}; leave one of them out."
        ),
        "outcome: is unrelated to every driver: there is nothing to share out": _(
            "The overall satisfaction is unrelated to every item, so no importance follows from it."
        ),
        "outcome: {rows} complete rows for {items} items; at least {least} are needed": _(
            "{items} items need at least {least} rows answered in full; there are {rows}."
        ),
        "{what}: “{item}” stands there twice": _("“{item}” is named twice."),
        "{what}: {count} names for {items}": _("{count} names stand for {items} columns."),
        "{what}: name {place} is empty": _("The name of column {place} is empty."),
        "{what}: row {row}, column {column} is infinite": _(
            "Row {row}, column “{column}”: the number is infinite."
        ),
        "{what}: row {row}, column {column} is {value}, outside of {low} to {high}": _(
            "Row {row}, column “{column}”: {value} lies outside of the scale from {low} to {high}."
        ),
    }


def _of_reliability() -> dict[str, str]:
    return {
        "items: alpha needs at least two": _("Alpha needs at least two items."),
        "items: {names} cancel each other out": _(
            "The items {names} cancel each other out; turn those asked the other way round."
        ),
        "block {block}: items {names} cancel each other out": _(
            "The items {names} of block “{block}” cancel each other out; turn those asked the "
            "other way round."
        ),
        "block {block}: its items have nothing in common: HTMT is not defined": _(
            "The items of block “{block}” have nothing in common, so there is no HTMT."
        ),
        "block {block}: loadings leave nothing to compare": _(
            "The items of block “{block}” leave nothing to compare."
        ),
        "items: some are given exactly by others": _(
            "Some items are given exactly by others; leave out what is asked twice."
        ),
        "items: {item} is named twice": _("Item “{item}” stands in two blocks."),
        "items: at least two are needed": _("At least two items are needed."),
        "blocks: no factor model fits these items: the likelihood has no maximum": _(
            "No factor model fits these items."
        ),
        "blocks: {over} more figures are asked for than {items} items can tell": _(
            "A factor model asks for more figures ({over} more) than {items} items can tell; a "
            "block alone needs three items."
        ),
        "n: {n} respondents are too few for {items} items": _(
            "{n} complete rows are too few for {items} items."
        ),
        "item {item}: has no correlation with any other: KMO is not defined": _(
            "Column “{item}” has no correlation with any other, so there is no KMO."
        ),
        "item {item}: is given exactly by the items before it": _(
            "Column “{item}” is given exactly by the columns before it; leave it out."
        ),
    }


def _of_weights() -> dict[str, str]:
    return {
        "items: weights from components need at least two items": _(
            "Weights from components need at least two columns."
        ),
        "answers: {rows} complete rows for {items} items; needs more rows than items": _(
            "{items} columns need more rows than columns; {rows} are answered in full."
        ),
        "{item}: is the same in all rows and correlates with nothing": _(
            "Column “{item}” is the same in all rows, so it tells nothing apart."
        ),
        "{item}: is the same in all rows and tells nothing apart": _(
            "Column “{item}” is the same in all rows, so it tells nothing apart."
        ),
        "{item}: says exactly what “{other}” says; leave one of them out": _(
            "Column “{item}” says exactly what “{other}” says; leave one of them out."
        ),
        "{item}: follows from {others}; leave one of them out": _(
            "Column “{item}” follows exactly from {others}; leave one of them out."
        ),
        "answers: the items are uncorrelated; no component is above 1": _(
            "The columns are uncorrelated, so no component stands out."
        ),
        "components: must lie between 1 and {most}, got {count}": _(
            "--components must lie between 1 and {most}, not {count}."
        ),
        "figures: {rows} complete rows; needs at least {least}": _(
            "Entropy needs at least {least} complete rows; there are {rows}."
        ),
        "{item}: row {row} is {value}; “sum” needs numbers {least}": _(
            "Row {row}, column “{item}”: {value} cannot be taken by the normalisation “sum”."
        ),
        "costs: “{item}” is none of the items": _("--costs names “{item}”, which is no column."),
        "judgements: {size} items; Saaty's index ends at {most}: group them in dimensions": _(
            "{size} items are too many for one comparison in pairs (at most {most}); group them "
            "in dimensions."
        ),
        "{item}: judge {judge}: compared with itself is {value}, not 1": _(
            "Judge {judge}: “{item}” compared with itself is {value}, not 1."
        ),
        "{item}: compared with itself is {value}, not 1": _(
            "“{item}” compared with itself is {value}, not 1."
        ),
        **{
            f"{{one}} / {{other}}: judge {{judge}}: {said}": _("Judge {judge}: ") + told
            for said, told in _of_pairs().items()
        },
        **{f"{{one}} / {{other}}: {said}": told for said, told in _of_pairs().items()},
    }


def _of_pairs() -> dict[str, str]:
    return {
        "is not judged": _("“{one}” and “{other}” are not compared."),
        "is {above} and {below}; needs numbers above 0": _(
            "“{one}” against “{other}” is {above} and {below}; judgements must be above 0."
        ),
        "is {above}, but the other way round {below}, not {wanted}": _(
            "“{one}” against “{other}” is {above}, but the other way round {below} instead of "
            "{wanted}."
        ),
        "is {times} times, beyond the scale of {most}": _(
            "“{one}” and “{other}” are {times} times apart, beyond the scale of {most}."
        ),
    }
