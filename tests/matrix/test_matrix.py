"""Every address × every role × one's own row, one's unit, another unit: who gets in, what changes, what is told.

The short form meets each role and address in one of the three places, `make proof` in all of them.
"""

import pytest
from django.db.models import Q

from tests.matrix.asking import Answer, ask, digest, leaked, without_tags
from tests.matrix.declared import (
    MINE,
    NOTHING,
    OURS,
    PLACES,
    THEIRS,
    Holder,
    Line,
    holders,
    lacking,
    lines,
    plain,
    reading_holder,
)
from tests.matrix.scene import SHOWN_ALL, SHOWN_LITTLE, Scene, hand_to, undone
from tests.proofs import LONG, figure
from zhike.core.access import grants_of
from zhike.core.live.rights import allowed

pytestmark = pytest.mark.django_db
LINES = lines("pages") + lines("api")
HOLDERS = holders()
# By kind of search: the mark that stands in it alone.
KEPT_IN = {
    "customer": "masked phone",
    "case": "诉求",
    "message": "附注",
    "notice": "NOTICE",
    "feedback": "心声",
}


def places(place: int, line: Line, holder_place: int) -> tuple[str, ...]:
    """In the short form each role meets each address in one place, so that all places come round."""
    if not line.is_scoped:
        return (OURS,)
    return PLACES if LONG else (PLACES[(place + holder_place) % 3],)


def faults(line: Line, holder: Holder, where: str, scene: Scene) -> list[str]:
    """What is wrong with one call; nothing when it goes as declared."""
    half = scene.theirs if where == THEIRS else scene.ours
    owner = holder.code if where == MINE and holder.code in scene.own else "other"
    answer = ask(line, scene, half, holder.code, owner)
    gets_in = holder.gets_in(line, where)
    found = [_door(line, answer, gets_in)]
    if not gets_in and answer.wrote:
        found.append(f"was refused, and wrote {sorted(set(answer.wrote))}")
    if not gets_in or holder.scope != "all":
        names = leaked(answer.text, scene.theirs, line.query | line.send)
        if names and not (line.crosses and gets_in):
            found.append(f"was told of the other unit: {names}")
    if gets_in and where != THEIRS and not (holder.scope == "own" and where != MINE):
        known = scene.ours.words | scene.ours.marks
        missing = [name for name in line.shows if known[name] not in answer.text]
        if missing:
            found.append(f"was not shown {missing}")
    told = f"{line} as {holder.code}, {where}: "
    return [told + fault for fault in found if fault]


def _door(line: Line, answer: Answer, gets_in: bool) -> str:
    refused = answer.refused or bool(line.away and answer.to == line.away)
    if answer.status >= 500:
        return f"answered {answer.status}"
    if gets_in and line.ends:
        ends = [line.ends] if isinstance(line.ends, int) else line.ends
        return "" if answer.status in ends else f"answered {answer.status}, not {line.ends}"
    if refused == gets_in:
        wish = "should get in" if gets_in else "should be refused"
        return f"{wish}, answered {answer.status} {answer.to}".rstrip()
    return (
        ""
        if not gets_in or answer.status < 400 or answer.status == 422
        else (f"answered {answer.status}; say so with `ends`, or send what the address needs")
    )


@pytest.mark.proof
@pytest.mark.parametrize("holder_place", range(len(HOLDERS)), ids=[one.code for one in HOLDERS])
def test_everybody_gets_where_they_may_and_nowhere_else(scene: Scene, holder_place: int) -> None:
    holder = HOLDERS[holder_place]
    found, calls, before = [], 0, digest()
    for where in PLACES:
        with undone():
            if where == MINE and holder.code in scene.people:
                hand_to(scene.people[holder.code].user, scene.ours)
            for place, line in enumerate(LINES):
                if where in places(place, line, holder_place):
                    found += faults(line, holder, where, scene)
                    calls += 1
    assert not found, "\n".join(found)
    assert digest() == before
    figure(f"Calls of the permission matrix as {holder.code}", calls)


@pytest.mark.parametrize("part", ["pages", "api"])
def test_every_permission_an_address_names_is_needed(scene: Scene, part: str) -> None:
    """Whoever holds all permissions but one is refused wherever that one is asked for."""
    found = []
    for line in lines(part):
        for holder in lacking(line.needs):
            where = THEIRS if "own" in line.needs or not line.is_scoped else OURS
            found += faults(line, holder, where, scene)
    assert not found, "\n".join(found)


def test_a_reading_token_writes_nothing(scene: Scene) -> None:
    reader = reading_holder()
    found = []
    for line in lines("api"):
        found += faults(line, reader, OURS, scene)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("kind", sorted(plain("search")))
def test_search_finds_what_one_may_read(scene: Scene, kind: str) -> None:
    needs = plain("search")[kind]
    found = []
    for holder in HOLDERS:
        may = holder.may(needs)
        for line in (
            Line("web:search", "GET", "anyone", query={"q": "灯笼鱼", "kind": kind}),
            Line("/search", "GET", "anyone", query={"q": "灯笼鱼", "kind": kind}),
        ):
            text = ask(line, scene, scene.ours, holder.code, "other").text
            theirs = leaked(text, scene.theirs)
            if theirs and holder.scope != "all":
                found.append(f"{line} {kind} as {holder.code}: told {theirs}")
            is_told = (scene.ours.words | scene.ours.marks)[KEPT_IN[kind]] in without_tags(text)
            if is_told != may and holder.scope != "own":
                found.append(f"{line} {kind} as {holder.code}: told {is_told}, may {may}")
    assert not found, "\n".join(found)


def test_what_is_hidden_from_a_role_no_address_tells(scene: Scene) -> None:
    """Planted in each personal field of a file, and looked for in every answer of every address."""
    planted = {"phone", "masked phone", "masked e-mail", "住址", "生日", "职业", "家里", "自填"}
    found, told = [], set()
    for line in LINES:
        asked = line.query | line.send
        for code in (SHOWN_LITTLE, SHOWN_ALL):
            text = ask(line, scene, scene.ours, code, "other").text
            names = planted & set(leaked(text, scene.ours, asked))
            names |= {"masked e-mail"} if "f***@example.com" in text else set()
            if code == SHOWN_ALL:
                told |= names
            elif names:
                found.append(f"{line} told {sorted(names)}")
    assert not found, "\n".join(found)
    # All of them are told somewhere, or looking for them would prove nothing.
    assert told == planted


@pytest.mark.parametrize("kind", sorted(plain("imports")))
def test_files_come_in_by_whom_they_may(scene: Scene, kind: str) -> None:
    needs = f"imports.run&{plain('imports')[kind]}"
    found = []
    for line in (
        Line("/imports", "POST", needs, send={"kind": kind}, files="file"),
        Line("web:import-template", "GET", needs, args={"kind": kind}),
    ):
        for holder in [*HOLDERS, *lacking(needs)]:
            found += faults(line, holder, OURS, scene)
    assert not found, "\n".join(found)


def test_each_kind_of_export_has_its_page(scene: Scene) -> None:
    """The kinds by what they need, compared with the pages that send them."""
    from zhike.core.exporter.kinds import KINDS

    pages = {line.needs for line in lines("pages") if line.address.endswith("export")}
    for kind in KINDS:
        needs = plain("exports")[kind.key]
        assert kind.permission == needs
        assert needs in pages, f"No export page of addresses.toml asks for {needs}."


@pytest.mark.parametrize("prefix", sorted(plain("topics")))
def test_news_is_heard_by_whom_it_concerns(scene: Scene, prefix: str) -> None:
    needs, _, of = plain("topics")[prefix].partition(" @")
    found = []
    for holder in HOLDERS:
        for where in PLACES:
            half = scene.theirs if where == THEIRS else scene.ours
            with undone():
                one = scene.people.get(holder.code)
                if where == MINE and one is not None:
                    hand_to(one.user, scene.ours)
                grants = one.grants if one is not None else grants_of(None)
                if of == "myself":
                    key = one.user.pk if where == MINE and one else scene.house["person"]["pk"]
                    may = holder.may(needs) and where == MINE
                else:
                    key = half.words[of.upper()]
                    may = holder.may(needs) and holder.reaches(of, where)
                heard = bool(allowed(grants, [f"{prefix}:{key}"]))
            if heard != may:
                found.append(f"{prefix} as {holder.code}, {where}: heard {heard}, may {may}")
    assert not found, "\n".join(found)


def test_the_matrix_sees_an_open_door_a_leak_and_a_write(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each guard taken away in turn: what it kept shut is told."""
    agent, nothing = HOLDERS[0], next(one for one in HOLDERS if one.code == NOTHING)
    by_name = {str(line): line for line in LINES}
    page, listed = by_name["GET desk:case"], by_name["GET desk:queue"]
    note = by_name["POST /cases/{number}/notes"]
    assert not faults(page, agent, THEIRS, scene)
    with monkeypatch.context() as patch:
        patch.setattr("zhike.desk.selectors.scope.case_scope", lambda grants, path="": Q())
        assert "should be refused" in faults(page, agent, THEIRS, scene)[0]
        assert "was told of the other unit" in faults(page, agent, THEIRS, scene)[1]
        assert "was told of the other unit" in faults(listed, agent, OURS, scene)[0]
        assert "was refused, and wrote" in faults(note, agent, THEIRS, scene)[1]
    with monkeypatch.context() as patch:
        patch.setattr("zhike.core.access.Grants.allows", lambda self, code: True)
        patch.setattr("zhike.core.access.Grants.require", lambda self, code: None)
        assert "should be refused" in faults(by_name["GET web:audit"], nothing, OURS, scene)[0]
