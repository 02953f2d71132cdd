"""`zhike analyze staffing`: the published figures of Erlang C and A, options as people type them."""

import pytest

from tests.cli.analyze.running import found, refused, said
from zhike.methods.staffing import staff

LINE = (
    "staffing", "--calls", 100, "--interval", "30m", "--aht", 180, "--target", ".8", "--within", 20,
)  # fmt: skip


def test_the_published_line_needs_fourteen():
    data = found(*LINE, "--shrinkage", ".3")
    assert (data["agents"], data["agents_with_shrinkage"], data["abandonment"]) == (14, 20, 0)
    assert data["wait_probability"] == pytest.approx(0.174132, abs=5e-7)
    assert data["service_level"] == pytest.approx(0.888350, abs=5e-7)
    assert data["occupancy"] == pytest.approx(0.714286, abs=5e-7)
    assert data["average_wait_seconds"] == pytest.approx(7.836, abs=5e-4)
    thirteen = next(one for one in data["beside"] if one["agents"] == 13)
    assert thirteen["service_level"] == pytest.approx(0.795595, abs=5e-7)


def test_with_patience_callers_give_up():
    data = found(*LINE, "--patience", 300, "--agents", 14)
    assert data["wait_probability"] == pytest.approx(0.145260, abs=5e-7)
    assert data["abandonment"] == pytest.approx(0.013984, abs=5e-7)
    assert data["average_wait_seconds"] == pytest.approx(4.195, abs=5e-4)
    assert data["target"] is None


def test_json_is_the_method_to_the_last_digit():
    data = found(*LINE, "--patience", "5m")
    method = staff(
        calls=100, interval_seconds=1800, aht_seconds=180, target=0.8, within_seconds=20,
        patience_seconds=300,
    )  # fmt: skip
    for name in ("wait_probability", "service_level", "average_wait_seconds", "abandonment"):
        assert data[name] == getattr(method, name)


def test_times_and_shares_may_be_written_in_several_ways():
    other = ("staffing", "--calls", 100, "--interval", 1800, "--aht", "3m", "--target", "80%")
    assert found(*LINE) == found(*other, "--within", "20s")


def test_the_table_says_the_answer_first():
    lines = said(*LINE, "--shrinkage", "30%").splitlines()
    assert lines[1].startswith("14 agents are needed: they answer 88.8% of calls within 20 seconds")
    assert "20 are to be on duty" in lines[2]
    assert any(line.lstrip().startswith("14 ") and line.rstrip().endswith("←") for line in lines)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--target", "1.2"), "--target must lie between 0 and 1, not 1.2."),
        (("--aht", "0"), "--aht must be above 0, not 0."),
        (("--interval", "soon"), "--interval is “soon”, no time"),
        (("--shrinkage", "100%"), "--shrinkage must be at least 0 and below 1, not 1."),
        (("--agents", "9"), "9 agents cannot serve 10 erlangs: the queue grows without end."),
        (("--agents", "0"), "--agents must be a whole number from 1"),
        (("--most-occupied", "0"), "--most-occupied must lie above 0"),
        (("--patience", "-5"), "--patience is “-5”, no time"),
    ],
)
def test_what_cannot_be_is_one_sentence(options, sentence):
    assert sentence in refused(*LINE, *options)
