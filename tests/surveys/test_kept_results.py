"""Results read only after closing: nothing of what was said is seen before, by whatever address; then for good."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.api.test_api import Caller
from tests.cast import Cast
from tests.guards import given
from tests.surveys.scene import EVERY_KIND, ZH, published
from tests.surveys.test_result_pages import ROW
from zhike.api.root import api
from zhike.core import clock
from zhike.core.errors import Conflict, Forbidden, NotFound, RuleError
from zhike.satisfaction.choices import RunState
from zhike.satisfaction.models import IndexRun, IndicatorSystem
from zhike.satisfaction.services import ask_for_run, carry_out_run, make_system
from zhike.satisfaction.services.ask_rules import NewRule, When, make_rule
from zhike.surveys import motives, services
from zhike.surveys.answer_errors import Closed
from zhike.surveys.choices import ResponseState, SurveyState
from zhike.surveys.figures import results_of
from zhike.surveys.library import kept_until_closed
from zhike.surveys.models import Link, Response, Survey
from zhike.surveys.services.answers import Sent, begun, new_ref, save, way_of
from zhike.surveys.services.counting import count_some
from zhike.surveys.services.sendings import Message

pytestmark = pytest.mark.django_db

START = datetime(2026, 12, 7, 3, tzinfo=UTC)
OTHER: dict[str, Any] = {
    **ROW,
    "one": "a",
    "several": ["none"],
    "five": 1,
    "ten": 2,
    "nps": 0,
    "ces": 1,
    "grid": {"x": 5, "y": 1},
    "gap": {"x": [1, 1], "y": [2, 2]},
    "rival": {"x": [1, 2]},
    "share": {"x": 0, "y": 0, "z": 100},
    "order": ["a", "b", "c"],
    "words": "师傅来得很快",
    "age": 61.0,
    "day": "2026-01-02",
}
SAID = ("配件等了三天", "师傅来得很快", "自己</i>的话")
# Drawn anew each time and chosen by nobody: form tokens, keys of forms, the seed of a sample not drawn yet.
FRESH = re.compile(r'<input[^>]*(?:type="hidden"|name="seed")[^>]*>|CSRFToken": "\w+')


@pytest.fixture
def same_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code of a request, on pages of refusals, is another each time."""
    monkeypatch.setattr("zhike.web.requests.code_of", lambda _text: "1234")


@pytest.fixture
def link(cast: Cast) -> Link:
    found = published(cast.zhoukou, EVERY_KIND)
    services.keep_results(**cast.wang.acting, survey_id=found.survey_id, kept=True)
    return found


def answer(link: Link, *rows: dict[str, Any]) -> list[str]:
    way = way_of(link.token)
    refs = []
    for answers in rows:
        refs.append(new_ref())
        save(way, refs[-1], way.version_id, Sent(frozenset(answers), answers, ZH, 0))
    counted()
    return refs


def counted() -> None:
    while count_some():
        pass


def close(cast: Cast, link: Link) -> Survey:
    survey = services.change_state(
        **cast.wang.acting, survey_id=link.survey_id, state=SurveyState.CLOSED
    )
    survey.refresh_from_db()
    return survey


def code_of(refusal: pytest.ExceptionInfo[Any]) -> str:
    return str(refusal.value.code)


ROOMS = ("surveys", "survey_results", "sendings", "contacts", "satisfaction")


def _names(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from _names(one, ":".join(filter(None, (space, one.namespace))))
        elif one.name:
            yield space, one


def pages(survey: Survey, link: Link, system: IndicatorSystem) -> list[str]:
    """Every address of the rooms that show something of a questionnaire, with this one's numbers."""
    numbers = {"link": link.pk, "number": 1, "key": "s1", "form": "json", "token": "0" * 16}
    found = ["/", f"/surveys/{survey.pk}/results/?link={link.pk}"]
    for space, one in _names(get_resolver()):
        if space.split(":")[0] not in ROOMS:
            continue
        keys = set(one.pattern.regex.groupindex)
        for pk in {survey.pk, system.pk}:
            values = {"pk": pk, "code": "staff", **numbers, "visit": 1, "judging": 1, "outside": 1}
            given_ = {key: values.get(key, "1") for key in keys}
            for key in ("s1", "five"):
                if "key" in given_:
                    given_["key"] = key
                found.append(reverse(f"{space}:{one.name}", kwargs=given_))
    answers = f"/surveys/{survey.pk}/results/answers/"
    found += [f"{answers}?part=five", f"{answers}?part=five&value=4", f"{answers}?part=words"]
    return sorted(set(found))


def routes(survey: Survey, system: IndicatorSystem) -> list[str]:
    numbers = {
        "survey_id": survey.pk, "index_id": system.pk, "number": 1, "rule_id": 1, "link_id": 1,
        "sending_id": 1, "delivery_id": 1, "improvement_id": 1,
    }  # fmt: skip
    rooms = ("/surveys", "/indexes", "/ask-rules", "/improvements", "/deliveries", "/sendings")
    found = []
    for path, operations in api.get_openapi_schema()["paths"].items():
        bare = path.removeprefix("/api/v1")
        if "get" in operations and bare.startswith(rooms):
            found.append(bare.format(**numbers))
    assert f"/surveys/{survey.pk}/results" in found
    return found


def unpacked(body: bytes) -> str:
    """A workbook by what stands in its sheets: the time it was written is another each time."""
    if not body.startswith(b"PK"):
        return FRESH.sub("", body.decode("utf-8", "replace"))
    whole = zipfile.ZipFile(io.BytesIO(body))
    return "\n".join(whole.read(one).decode() for one in whole.namelist() if "sheet" in one)


def seen(cast: Cast, survey: Survey, link: Link, system: IndicatorSystem) -> dict[str, str]:
    """All that may be looked at, as it looks."""
    wang = cast.wang.client()
    found = {}
    for path in pages(survey, link, system):
        answered = wang.get(path)
        assert answered.status_code < 500, path
        whole = answered.getvalue()
        found[path] = f"{answered.status_code} {unpacked(whole)}"
    program = Caller(cast.wang)
    for path in routes(survey, system):
        status, body = program.get(path)
        if status >= 400:
            # Beside the number of the request.
            body = {name: body["error"].get(name) for name in ("code", "message", "field", "extra")}
        found[f"API {path}"] = f"{status} {json.dumps(body, ensure_ascii=False)}"
    return found


@pytest.mark.usefixtures("same_code")
def test_whatever_somebody_said_every_address_looks_the_same_until_it_is_closed(
    cast: Cast, link: Link, frozen_clock: Any
) -> None:
    """Two worlds that differ in one answer: nothing that can be opened tells which one it is."""
    frozen_clock(START)
    survey = link.survey
    system = make_system(**cast.wang.acting, survey_id=survey.pk, title="指数")
    answer(link, *[ROW] * 6)
    before = seen(cast, survey, link, system)
    worlds = []
    for said in (ROW, OTHER):
        with transaction.atomic():
            answer(link, said)
            worlds.append(seen(cast, survey, link, system))
            transaction.set_rollback(True)
    assert worlds[0].keys() == worlds[1].keys()
    assert len(worlds[0]) > 60
    apart = [
        (
            address,
            *next(
                pair
                for pair in zip(page.split(), worlds[1][address].split(), strict=False)
                if len({*pair}) > 1
            ),
        )
        for address, page in worlds[0].items()
        if page != worlds[1][address]
    ]
    assert apart == []
    for address, page in worlds[0].items():
        for words in SAID:
            assert words not in page, address
    results = f"/surveys/{survey.pk}/results/"
    assert "目前已收 6 份" in before[results]
    assert "目前已收 7 份" in worlds[0][results]
    # Only the count moved.
    assert worlds[0][results].replace("7", "6") == before[results].replace("7", "6")
    assert worlds[0][f"API /surveys/{survey.pk}/results"].startswith("409")
    assert '"code": "results_kept"' in worlds[0][f"API /surveys/{survey.pk}/results"]


@pytest.mark.usefixtures("same_code")
def test_the_same_walk_tells_two_answers_apart_where_results_are_shown_as_they_come(
    cast: Cast, frozen_clock: Any
) -> None:
    """The walk above would find what it looks for."""
    frozen_clock(START)
    link = published(cast.zhoukou, EVERY_KIND)
    system = make_system(**cast.wang.acting, survey_id=link.survey_id, title="指数")
    answer(link, *[ROW] * 6)
    worlds = []
    for said in (ROW, OTHER):
        with transaction.atomic():
            answer(link, said)
            worlds.append(seen(cast, link.survey, link, system))
            transaction.set_rollback(True)
    apart = {address for address, page in worlds[0].items() if page != worlds[1][address]}
    results = f"/surveys/{link.survey_id}/results/"
    assert {results, f"{results}answers/", f"API /surveys/{link.survey_id}/results"} <= apart


def test_closed_with_five_it_is_read_and_never_opened_again(cast: Cast, link: Link) -> None:
    answer(link, *[ROW] * 5)
    survey = close(cast, link)
    assert survey.readable_at is not None
    assert results_of(survey, ZH).complete == 5
    with pytest.raises(Conflict) as refused:
        services.change_state(**cast.wang.acting, survey_id=survey.pk, state=SurveyState.OPEN)
    assert code_of(refused) == "closed_for_good"
    with pytest.raises(Conflict) as refused:
        services.keep_results(**cast.wang.acting, survey_id=survey.pk, kept=False)
    assert code_of(refused) == "results_stay_kept"
    for wrong in (
        {"readable_at": None, "state": SurveyState.OPEN},
        {"state": SurveyState.OPEN},
        {"kept_since": None},
        {"kept_since": None, "readable_at": None},
    ):
        with given(), pytest.raises(DatabaseError), transaction.atomic():
            Survey.objects.filter(pk=survey.pk).update(**wrong)


def test_closing_ends_every_way_in_also_for_those_who_have_begun(cast: Cast, link: Link) -> None:
    (ref, *_rest) = answer(link, *[ROW] * 5)
    stale = way_of(link.token)
    close(cast, link)
    way = way_of(link.token)
    row = begun(way, ref)
    assert row is not None
    assert not row.is_editable
    for late in (way, stale):
        # A new one, and a change: also by a page that was opened before it was closed.
        with pytest.raises(Closed):
            save(late, new_ref(), late.version_id, Sent(frozenset(ROW), ROW, ZH, 0))
        with pytest.raises(Conflict):
            save(late, ref, late.version_id, Sent(frozenset(OTHER), OTHER, ZH, 0))
    assert Response.objects.filter(survey=link.survey_id, revision=1).count() == 5
    page = cast.wang.client().get(f"/q/{link.token}/")
    assert page.status_code == 410


def test_with_fewer_than_five_nothing_is_told_and_it_may_be_opened_again(
    cast: Cast, link: Link
) -> None:
    answer(link, *[ROW] * 4)
    survey = close(cast, link)
    assert survey.readable_at is None
    with pytest.raises(Conflict) as refused:
        results_of(survey, ZH)
    assert code_of(refused) == "results_kept"
    assert "可以重新打开" in str(refused.value) or "opened again" in str(refused.value)
    services.change_state(**cast.wang.acting, survey_id=survey.pk, state=SurveyState.OPEN)
    answer(link, ROW)
    assert close(cast, link).readable_at is not None


def test_while_the_last_answers_are_counted_nobody_looks_twice(cast: Cast, link: Link) -> None:
    answer(link, *[ROW] * 5)
    way = way_of(link.token)
    save(way, new_ref(), way.version_id, Sent(frozenset(OTHER), OTHER, ZH, 0))
    survey = close(cast, link)
    with pytest.raises(Conflict) as refused:
        results_of(survey, ZH)
    assert code_of(refused) == "results_being_counted"
    assert cast.wang.client().get(f"/surveys/{survey.pk}/results/").status_code == 200
    counted()
    assert results_of(survey, ZH).complete == 6


def test_kept_from_then_on_it_tells_nobody_who_came_since(cast: Cast, frozen_clock: Any) -> None:
    """Shown as they came at first: one to four who answered since are the difference."""
    frozen_clock(START)
    link = published(cast.zhoukou, EVERY_KIND)
    refs = answer(link, *[ROW] * 6)
    frozen_clock(START + timedelta(hours=1))
    services.keep_results(**cast.wang.acting, survey_id=link.survey_id, kept=True)
    frozen_clock(START + timedelta(hours=2))
    way = way_of(link.token)
    # One changes what they said, three are new.
    save(way, refs[0], way.version_id, Sent(frozenset(OTHER), OTHER, ZH, 0))
    answer(link, *[OTHER] * 3)
    assert close(cast, link).readable_at is None
    services.change_state(**cast.wang.acting, survey_id=link.survey_id, state=SurveyState.OPEN)
    answer(link, OTHER)
    survey = close(cast, link)
    assert survey.readable_at is not None
    assert results_of(survey, ZH).complete == 10


def test_it_can_be_taken_back_only_before_somebody_has_answered(cast: Cast, link: Link) -> None:
    acting, pk = cast.wang.acting, link.survey_id
    assert services.keep_results(**acting, survey_id=pk, kept=False).kept_since is None
    assert services.keep_results(**acting, survey_id=pk, kept=True).kept_since is not None
    with given():
        Response.objects.create(
            ref=new_ref(), survey_id=pk, version_id=link.survey.current_id, link=link, language=ZH,
            state=ResponseState.PARTIAL, answers={}, began_at=clock.now(), changed_at=clock.now(),
        )  # fmt: skip
    with pytest.raises(Conflict) as refused:
        services.keep_results(**acting, survey_id=pk, kept=False)
    assert code_of(refused) == "results_stay_kept"
    with given(), pytest.raises(DatabaseError), transaction.atomic():
        Survey.objects.filter(pk=pk).update(kept_since=None)
    with pytest.raises((Forbidden, NotFound)):
        services.keep_results(**cast.zhou.acting, survey_id=pk, kept=False)


def test_the_library_marks_what_staff_answer(cast: Cast) -> None:
    assert kept_until_closed() == {
        "staff", "internal_customer", "customer_orientation", "crm_readiness",
    }  # fmt: skip
    made = {
        origin: services.make_survey(
            **cast.wang.acting, document=EVERY_KIND, unit_id=cast.zhoukou.pk, origin=origin
        )
        for origin in ("staff", "visitor", "")
    }
    assert [one.kept_since is not None for one in made.values()] == [True, False, False]
    copy = services.copy_survey(**cast.wang.acting, survey_id=made["staff"].pk)
    assert copy.kept_since is not None
    assert copy.earlier_id == made["staff"].pk


def test_no_index_and_no_motives_while_it_takes_answers(cast: Cast, link: Link) -> None:
    system = make_system(**cast.wang.acting, survey_id=link.survey_id, title="指数")
    answer(link, *[ROW] * 6)
    with pytest.raises(Conflict) as refused:
        ask_for_run(**cast.wang.acting, system_id=system.pk)
    assert code_of(refused) == "results_kept"
    assert motives.options(cast.wang.grants) == []
    with pytest.raises(Conflict):
        motives.weigh(cast.wang.grants, f"{link.survey_id}.one")


def test_an_index_asked_for_before_it_was_kept_is_not_told(cast: Cast) -> None:
    link = published(cast.zhoukou, EVERY_KIND)
    system = make_system(**cast.wang.acting, survey_id=link.survey_id, title="指数")
    answer(link, *[ROW] * 6)
    run = ask_for_run(**cast.wang.acting, system_id=system.pk)
    services.keep_results(**cast.wang.acting, survey_id=link.survey_id, kept=True)
    carry_out_run(run.pk, ZH)
    run.refresh_from_db()
    assert (run.state, run.index, run.result) == (RunState.REFUSED, None, None)


def test_what_was_told_of_an_index_cannot_be_kept_any_more(cast: Cast) -> None:
    link = published(cast.zhoukou, EVERY_KIND)
    system = make_system(**cast.wang.acting, survey_id=link.survey_id, title="指数")
    with given():
        IndexRun.objects.create(
            system=system, number=1, state=RunState.DONE, asked_at=clock.now(), structure=[],
            done_at=clock.now(), n=6, index=50.0, index_low=40.0, index_high=60.0, result={},
            method="1", digest="0" * 64,
        )  # fmt: skip
    with pytest.raises(Conflict) as refused:
        services.keep_results(**cast.wang.acting, survey_id=link.survey_id, kept=True)
    assert code_of(refused) == "results_cannot_be_kept"


def test_no_rule_asks_with_it(cast: Cast, link: Link) -> None:
    new = NewRule("回访", "service", When("called"), Message("", ""), is_named=True)
    with pytest.raises(RuleError) as refused:
        make_rule(**cast.wang.acting, survey_id=link.survey_id, new=new)
    assert code_of(refused) == "results_kept"


def test_pages_choose_when_and_close_it(cast: Cast) -> None:
    link = published(cast.zhoukou, EVERY_KIND)
    wang, path = cast.wang.client(), f"/surveys/{link.survey_id}/closing/"
    assert "随收随看" in wang.get(path).content.decode()
    assert wang.post(path, {"do": "keep"}).status_code == 302
    answer(link, *[ROW] * 5)
    assert "关闭，不再打开" in wang.get(path).content.decode()
    refused = wang.post(path, {"do": "show"})
    assert refused.status_code == 409
    assert "不能改回" in refused.content.decode()
    assert wang.post(path, {"do": "else"}).status_code == 404
    detail = wang.get(f"/surveys/{link.survey_id}/").content.decode()
    assert "关闭问卷后才能看结果" in detail
    assert "超出配额" not in detail
    assert wang.post(path, {"do": "close"}).headers["Location"].endswith("/results/")
    assert (
        "配件等了三天"
        in wang.get(f"/surveys/{link.survey_id}/results/answers/?part=words").content.decode()
    )
    detail = wang.get(f"/surveys/{link.survey_id}/").content.decode()
    assert "下一轮请复制一份" in detail
    assert 'value="open"' not in detail


def test_the_api_chooses_and_refuses_alike(cast: Cast) -> None:
    link = published(cast.zhoukou, EVERY_KIND)
    program, path = Caller(cast.wang), f"/surveys/{link.survey_id}"
    status, body = program.send("PUT", f"{path}/results-when", {"after_closing": True})
    assert (status, body["results_after_closing"], body["results_readable"]) == (200, True, False)
    answer(link, *[ROW] * 5)
    for address in ("results", "answers"):
        status, body = program.get(f"{path}/{address}")
        assert (status, body["error"]["code"]) == (409, "results_kept")
        assert "5" in body["error"]["message"]
    status, body = program.send("PUT", f"{path}/results-when", {"after_closing": False})
    assert (status, body["error"]["code"]) == (409, "results_stay_kept")
    assert program.send("POST", f"{path}/state", {"state": "closed"})[1]["results_readable"] is True
    assert program.get(f"{path}/results")[0] == 200
    status, body = program.send("POST", f"{path}/state", {"state": "open"})
    assert (status, body["error"]["code"]) == (409, "closed_for_good")
