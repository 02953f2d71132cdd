"""How well the built-in list tells bad words from good ones that look alike, on sentences of our own.

Two sets the list was tuned on, and one held out that was written when the list stood; each file says how it did
at first sight.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from zhike.desk.data.phrases import BUILTIN_PHRASES, FAMILIES
from zhike.desk.phrases import Entry, Finder, PhraseKind, Place, exceptions_of

DATA = Path(__file__).with_name("data")
MARKED = re.compile("⟦(.+?)⟧")
LEAST_SENTENCES = 150
SETS = ("first", "second", "held_out")


@dataclass(frozen=True)
class Sentence:
    kind: str
    place: Place
    text: str
    # Where what must be found stands.
    spans: tuple[tuple[int, int], ...]


def sentences(name: str) -> Iterator[Sentence]:
    for line in (DATA / f"phrases_{name}.tsv").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        kind, place, marked = line.split("\t")
        spans = [
            (match.start() - 2 * number, match.end() - 2 * number - 2)
            for number, match in enumerate(MARKED.finditer(marked))
        ]
        assert bool(spans) is (kind != "ok"), line
        yield Sentence(kind, Place(place), MARKED.sub(r"\1", marked), tuple(spans))


def builtin_finder() -> Finder:
    return Finder(
        Entry(
            number,
            phrase.pattern,
            PhraseKind(FAMILIES[phrase.family].kind),
            exceptions_of(phrase.exceptions),
        )
        for number, phrase in enumerate(BUILTIN_PHRASES)
    )


@dataclass
class Score:
    right: int
    wrong: list[str]
    missed: list[str]

    @property
    def precision(self) -> float:
        return self.right / (self.right + len(self.wrong))

    @property
    def recall(self) -> float:
        return self.right / (self.right + len(self.missed))


def score(name: str) -> Score:
    """A marked span counts as found by a hit of its kind that shares a sign with it; any other hit is wrong."""
    finder = builtin_finder()
    result = Score(0, [], [])
    for sentence in sentences(name):
        hits = finder.find(sentence.text, sentence.place)
        for start, end in sentence.spans:
            met = [hit for hit in hits if hit.start < end and hit.end > start]
            if any(hit.entry.kind == sentence.kind for hit in met):
                result.right += 1
            else:
                result.missed.append(sentence.text)
            hits = [hit for hit in hits if hit not in met]
        result.wrong += [f"{hit.said} ← {sentence.text}" for hit in hits]
    return result


@pytest.mark.parametrize("name", SETS)
def test_the_list_finds_what_hurts_and_leaves_the_rest(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = score(name)
    with capsys.disabled():
        sys.stdout.write(
            f"\nphrases, {name} set: precision {told.precision:.3f}, recall {told.recall:.3f} "
            f"({told.right} found, {len(told.missed)} missed, {len(told.wrong)} wrong)\n"
        )
    assert told.precision >= 0.95, "\n".join(told.wrong)
    assert told.recall >= 0.90, "\n".join(told.missed)


def test_there_are_enough_sentences_of_both_sorts() -> None:
    everything = [one for name in SETS for one in sentences(name)]
    assert len({one.text for one in everything}) == len(everything) >= LEAST_SENTENCES
    kinds = Counter(one.kind for one in everything)
    assert min(kinds["ok"], kinds["forbidden"] + kinds["label"]) >= LEAST_SENTENCES // 3
