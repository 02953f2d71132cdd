"""What is told of groups, so that subtraction never leaves one to four people: against algebra, and by example."""

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from zhike.satisfaction.disclosure import FEWEST, Cells, ToldPeople, pack, unpack
from zhike.surveys.figures import told_apart

PEOPLE = 26


def mask_of(*people: int, size: int = PEOPLE) -> np.ndarray:
    found = np.zeros(size, np.bool_)
    found[list(people)] = True
    return found


def told_of(masks: list[np.ndarray]) -> list[np.ndarray]:
    """Of figures asked for one after the other, those that are told."""
    cells, told = Cells(PEOPLE), []
    for mask in masks:
        if mask.any() and cells.allows(mask):
            cells.add(mask)
            told.append(mask)
    return told


def tells_few(told: list[np.ndarray]) -> bool:
    """Whether adding and subtracting figures leaves one that is about one to four people alone.

    By linear algebra, which knows nothing of cells: some combination is about people of the set S alone
    exactly where the matrix of figures loses rank without their columns.
    """
    columns, counts = np.unique(np.array(told, np.float64), axis=1, return_counts=True)
    small = [n for n in range(len(counts)) if counts[n] < FEWEST and columns[:, n].any()]
    whole = np.linalg.matrix_rank(columns)
    for size in range(1, FEWEST):
        for chosen in combinations(small, size):
            if counts[list(chosen)].sum() < FEWEST:
                others = np.delete(columns, chosen, axis=1)
                if not others.size or np.linalg.matrix_rank(others) < whole:
                    return True
    return False


def test_the_algebra_finds_what_it_should() -> None:
    everybody = mask_of(*range(PEOPLE))
    assert tells_few([everybody, mask_of(*range(PEOPLE - 3))])
    assert tells_few([mask_of(*range(10)), mask_of(*range(2, 12))])
    assert not tells_few([everybody, mask_of(*range(PEOPLE - 5))])


@settings(max_examples=300)
@given(st.lists(st.sets(st.integers(0, PEOPLE - 1), min_size=1), min_size=1, max_size=7))
def test_no_combination_of_overlapping_figures_is_about_fewer_than_five(
    asked: list[set[int]],
) -> None:
    told = told_of([mask_of(*people) for people in asked])
    if told:
        assert not tells_few(told)


@settings(max_examples=200)
@given(
    st.lists(st.integers(0, 2), min_size=PEOPLE, max_size=PEOPLE),
    st.lists(st.integers(0, 2), min_size=PEOPLE, max_size=PEOPLE),
    st.integers(0, 12),
)
def test_nor_of_groups_by_two_traits_while_answers_come_in(
    units: list[int], channels: list[int], late: int
) -> None:
    """By unit, then by channel, then by unit again after more people came: as a manager would ask."""
    first = np.arange(PEOPLE) < PEOPLE - late
    cells, told = Cells(PEOPLE), []
    for present, traits in ((first, units), (first, channels), (np.ones(PEOPLE, np.bool_), units)):
        if not cells.allows(present):
            continue
        cells.add(present)
        told.append(present)
        groups = [present & (np.array(traits) == value) for value in range(3)]
        told += [
            group for group, is_told in zip(groups, cells.choose(groups), strict=True) if is_told
        ]
    assert told
    assert not tells_few(told)


@given(st.lists(st.integers(1, 12), min_size=1, max_size=6))
def test_groups_apart_are_told_as_links_are(sizes: list[int]) -> None:
    size = sum(sizes)
    edges = np.cumsum([0, *sizes])
    groups = [
        np.isin(np.arange(size), np.arange(edges[n], edges[n + 1])) for n in range(len(sizes))
    ]
    cells = Cells(size, [np.ones(size, np.bool_)])
    told = {n for n, is_told in enumerate(cells.choose(groups)) if is_told}
    apart = told_apart(dict(enumerate(sizes)))
    assert sorted(sizes[n] for n in told) == sorted(sizes[n] for n in apart)


def test_the_attacks_one_thinks_of() -> None:
    everybody = mask_of(*range(PEOPLE))
    # All, and all but three.
    cells = Cells(PEOPLE, [everybody])
    assert not cells.allows(mask_of(*range(PEOPLE - 3)))
    assert cells.allows(mask_of(*range(PEOPLE - 5)))
    # Two overlapping filters whose difference is two people, with nobody telling the whole.
    cells = Cells(PEOPLE, [mask_of(*range(10))])
    assert not cells.allows(mask_of(*range(2, 15)))
    assert not cells.allows(mask_of(*range(8)))
    # Parts that add up to all but one: A + B + C less all is one person.
    cells = Cells(PEOPLE, [mask_of(*range(8)), mask_of(*range(8, 16)), mask_of(*range(16, 25))])
    assert not cells.allows(everybody)
    # The same people again tell nothing new.
    assert cells.allows(mask_of(*range(8)))


def test_those_known_by_name_hide_nobody() -> None:
    named = mask_of(0, 1, 2)
    assert not Cells(PEOPLE, named=named).allows(mask_of(*range(6)))
    assert Cells(PEOPLE, named=named).allows(mask_of(*range(8)))
    # All of them known by name: there is nobody left to tell of.
    assert Cells(PEOPLE, named=mask_of(*range(6))).allows(mask_of(*range(6)))
    # All known but three outside, who would be left over.
    everybody = mask_of(*range(PEOPLE))
    cells = Cells(PEOPLE, [everybody], named=mask_of(*range(PEOPLE - 9)))
    assert not cells.allows(mask_of(*range(PEOPLE - 4)))
    assert cells.allows(mask_of(*range(PEOPLE - 9)))


@given(st.sets(st.integers(1, 10**9), max_size=60), st.data())
def test_whom_an_index_was_about_is_kept(ids: set[int], data: st.DataObject) -> None:
    groups = data.draw(st.lists(st.integers(-1, 4), min_size=len(ids), max_size=len(ids)))
    other = [-1 if place else 0 for place in groups]
    kept = ToldPeople(np.array(sorted(ids), np.int64), np.array([groups, other], np.int64))
    found = unpack(pack(kept))
    assert found.ids.tolist() == kept.ids.tolist()
    assert found.groups.tolist() == [groups, other]
    assert [sorted(one.tolist()) for one in found.sets[1:]] == [
        sorted(i for i, g in zip(kept.ids.tolist(), row, strict=True) if g == place)
        for row in (groups, other)
        for place in sorted(set(row) - {-1})
    ]
