"""Every text of a method that a file can bring about has a sentence, and on a Chinese terminal a Chinese one."""

import ast
import re
from pathlib import Path

import pytest

from tests.cli.analyze.running import refused, said, table
from zhike import methods
from zhike.cli.analyze.method_words import sentence_of, worded
from zhike.cli.analyze.note_sentences import note_sentences
from zhike.methods.errors import MethodError

FOLDER = Path(methods.__file__).parent
# What the commands reach; shares of a text that stand for figures are written {}.
MODULES = (
    "pls", "pls_model", "pls_data", "pls_bootstrap", "index", "reliability",
    "reliability_confirmatory", "reliability_factors", "reliability_moments", "weights_pca",
    "entropy", "ahp", "servqual", "importance", "drivers", "scores", "transactions", "lifetime",
    "purchases", "spend", "rfm", "control", "staffing",
)  # fmt: skip
# Arguments the commands never get wrong: shapes and names they make themselves, options they look at
# before, calls they do not make. Each by the beginning of its text.
NEVER = (
    # pls_model, pls_data: options of the program, columns read by name.
    "tolerance: ", "most_rounds: ", "{}: must be one of", "names: column {} stands there twice",
    # index: forms other than a model's own.
    "means: ", "answers: {} rows can be used", "form: ", "weights: are needed for the form", "names: {} for {}",
    "weights: are not used", "scale: must run from", "names: ",
    # reliability: matrices and loadings given by hand.
    "loadings: ", "correlations: ", "weights: give a score", "weights: at least two", "sds: ",
    "kept: ", "n: must be", "items: {} is none of",
    # ahp: pairs and shapes given by hand.
    "pairs: ", "priorities: ", "judgements: needs a square", "scale: must be above 1", "absolute: ", "shift: ",
    "normalisation: ",
    # servqual, importance, scores: shapes and options looked at before.
    "{}: is {}; known are", "scale: needs its lowest", "perceptions: ", "points: need {} rows",
    "{}: need {} columns", "importance: ", "lines: ", "crosshair: ", "derived: ", "drivers: ",
    "outcome: {} rows for", "n: must be more than 0", "successes: ", "interval: ", "answers: {} (worth",
    "{}: of {} is missing", "{}: needs its lowest",
    # transactions, lifetime, purchases, spend: histories are made by the program itself.
    "customer: must be", "day: row", "{}: has the shape", "x: <", "T: <", "t_x: <", "counts: ", "method: ",
    "{}: has {} rows", "most: ", "{}: must be times", "x, t_x, T: every row", "x, t_x, T: {} rows miss",
    "x: row", "mean_spend: row", "mean_spend: has", "rate: ", "margin: ",
    "step: ", "{}: must be above 0, got", "counting: ",
    # control: options looked at before, sizes read beside x.
    "kind: ", "rules: ", "size: has {} rows", "size: has no meaning",
)  # fmt: skip

# Texts put together from others, with what they become.
TOGETHER = {
    "block {}: {} {}": ["block A: items a, b cancel each other out"],
    "center: is {}; chance leaves no variation unless it lies {}": [
        "center: is 0; chance leaves no variation unless it lies between 0 and 1",
        "center: is 0; chance leaves no variation unless it lies above 0 and finite",
    ],
    "{}: must be a whole number from 1 to {}, got {}": [
        "top: must be a whole number from 1 to 4, got 5"
    ],
    "{}: must be above 0 and finite, got {}": [
        f"{name}: must be above 0 and finite, got 0"
        for name in ("calls", "interval_seconds", "aht_seconds", "patience_seconds")
    ],
    "{}: row {} is {}: {}": ["x: row 3 is -1: below 0", "size: row 3 is 0: not above 0"],
    "{}: {}compared with itself is {}, not 1": [
        "a: compared with itself is 2, not 1",
        "a: judge 2: compared with itself is 2, not 1",
    ],
}


def template(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    return "{}"


def raised() -> list[str]:
    """Each text of the modules, as “what: why”."""
    found = []
    for module in MODULES:
        for node in ast.walk(ast.parse((FOLDER / f"{module}.py").read_text())):
            name = getattr(getattr(node, "func", None), "id", "")
            if not isinstance(node, ast.Call) or not node.args:
                continue
            if name == "MethodError" and len(node.args) == 2:
                what, why = map(template, node.args)
                # Where both are variables the text is put together elsewhere.
                if why != "{}":
                    found.append(f"{what}: {why}")
            elif name == "_refuse" and isinstance(node.args[0], ast.Constant):
                mark = "<" if module == "lifetime" else "row {} is {}: "
                found.append(f"{template(node.args[0])}: {mark}{template(node.args[3])}")
    return sorted(set(found))


RAISED = raised()


def test_texts_are_found():
    assert len(RAISED) > 100


@pytest.mark.parametrize("text", RAISED)
def test_what_a_method_refuses_has_a_sentence(text):
    if text.startswith(NEVER):
        return
    # Figures that fit where a row or a name stands.
    for said_by_method in TOGETHER.get(text, [text.replace("{}", "7")]):
        assert worded(said_by_method) is not None, said_by_method


# Texts methods hand on in variables: an example of each, and the part by which it is found in the source.
HANDED_ON = (
    ("pls", "block A: its weights still move after 300 rounds", "its weights still move after"),
    ("pls", "block A: its items hang together too little for PLSc (rho_A 0)", "hang together too little"),
    ("pls", "block A: cannot be computed: some of its items, or of the blocks leading to it, give the "
     "others exactly", "cannot be computed: some of its items"),
    ("pls", "block A: cannot be computed: the blocks leading to it give each other exactly, or its items "
     "have nothing in common with the blocks beside it", "the blocks leading to it give each other exactly"),
    ("pls", "rho_A of A is 1.020, above 1", "above 1"),
    ("pls", "corrected correlation of A and B is 1.020, outside of [-1, 1]: the consistent estimates are not "
     "to be trusted", "corrected correlation of"),
    ("reliability", "A has a corrected loading above 1: rho_c and ave are not defined", "loading above 1"),
    ("reliability_confirmatory", "the unique variance of a is at its least: the factor model does not fit",
     "is at its least: the factor model does not fit"),
    ("reliability_confirmatory", "A and B cannot be told apart: their factors correlate fully",
     "cannot be told apart: their factors correlate fully"),
    ("index", "item a has a negative weight", "has a negative weight"),
    ("index", "the index is 120.00, off the scale, since items count negatively", "off the scale, since items"),
    ("ahp", "a / b: is not judged", "is not judged"),
    ("ahp", "a / b: judge 2: is not judged", "judge {number}: "),
    ("ahp", "a / b: is -1 and 2; needs numbers above 0", "needs numbers above 0"),
    ("ahp", "a / b: is 3, but the other way round 1, not 0.333333", "but the other way round"),
    ("ahp", "a / b: is 20 times, beyond the scale of 9", "times, beyond the scale of"),
    ("servqual", "Item 3: every gap is -1, so there is no t.", "so there is no t."),
    ("servqual", "tangibles: the gaps of 3 complete persons do not differ, so there is no alpha.",
     "complete persons do not differ, so there is no alpha."),
    ("scores", "Everybody was asked and answered: there is no sampling error left.", "Everybody was asked"),
    ("scores", "All answers count the same: the interval has no width, which is no proof of certainty.",
     "All answers count the same"),
    ("weights", "items: “a” stands there twice", "stands there twice"),
    ("likelihood", "x, t_x, T: the fit did not converge: alpha runs away, the data do not determine it",
     "runs away, the data do not determine it"),
    ("likelihood", "x, mean_spend: the fit did not converge: the likelihood is flat along q, the data do not "
     "determine it", "the likelihood is flat along"),
    ("likelihood", "x, t_x, T: the fit did not converge: not at the top after 200 steps", "not at the top after"),
    ("given", "data: row 3, column a is infinite", "is infinite"),
    ("given", "data: row 3, column a is 9, outside of 1 to 5", "outside of"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("module", "text", "part"), HANDED_ON, ids=[one[1][:50] for one in HANDED_ON]
)
def test_what_a_method_hands_on_has_a_sentence(module, text, part):
    source = "".join((FOLDER / f"{module}.py").read_text().split('"\n'))
    assert part in re.sub(r'"?\s+f?"', "", source) or part in source
    sentence = worded(text)
    assert sentence is not None
    assert "{" not in sentence


def test_those_that_never_come_are_texts_of_methods():
    for beginning in NEVER:
        assert any(text.startswith(beginning) for text in RAISED), beginning


def test_reasons_for_leaving_out_have_words():
    words = note_sentences()
    reasons = {
        "missing", "zero_weight", "an answer is missing", "every answer is missing", "weight 0",
        "after_until", "persons", "incomplete_persons", "missing_pairs",
        "not_weighted", "missing_performance", "missing_importance", "incomplete_rows",
        "left out of the center", "no_repeat", "no_positive_spend",
    }  # fmt: skip
    sources = "".join((FOLDER / f"{module}.py").read_text() for module in MODULES)
    for reason in reasons:
        assert reason in words
        assert reason in sources


def test_a_text_nobody_thought_of_is_told_as_it_is():
    assert sentence_of(MethodError("this", "is new")) == "this: is new"


CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize(
    ("locale", "word"), [("zh_CN.UTF-8", "每一行都相同"), ("zh_TW.UTF-8", "每一行都相同")]
)
def test_sentences_are_chinese_on_a_chinese_terminal(speak, tmp_path, locale, word):
    speak(locale)
    path = table(tmp_path / "d.csv", ("a", "b"), [(1, 2), (2, 2), (3, 2), (4, 2)])
    assert word in refused("weights", "--method", "pca", path)
    assert "行“a”列" in refused("csat", path, "--column", "a", "--scale", "1-3")
    assert "可選" in refused("spc", path, "--chart", "x") or locale.startswith("zh_CN")
    text = said("csat", path, "--column", "a")
    # No line is left in English but for names such as Wilson.
    for line in text.splitlines():
        assert CHINESE.search(line) or not re.search(r"[a-z]{4}", line), line


def test_the_languages_do_not_stick(speak, tmp_path):
    path = table(tmp_path / "d.csv", ("a", "b"), [(1, 2), (2, 2), (3, 2), (4, 2)])
    speak("zh_CN.UTF-8")
    assert CHINESE.search(refused("weights", "--method", "pca", path))
    speak("en_US.UTF-8")
    assert not CHINESE.search(refused("weights", "--method", "pca", path))
