"""A day is settled once, for every unit, and never changed; late changes stand beside it."""

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from tests.budgets import Budget
from tests.cast import Cast
from tests.guards import given
from tests.insight.conftest import JOB, NIGHT, TUESDAY, settle
from zhike.accounts.models import Unit
from zhike.accounts.services.tokens import create_token
from zhike.core import clock
from zhike.core.access import everything
from zhike.core.errors import Conflict, Forbidden, RuleError
from zhike.desk import services as desk
from zhike.desk.models import Case
from zhike.insight import services
from zhike.insight.figures import FIGURES
from zhike.insight.models import SettledFigure, Settlement, SettlementCheck
from zhike.insight.rowids import pack, unpack
from zhike.insight.selectors.days import day_lines, day_page

DAY = TUESDAY.date()


def figures_of(cast: Cast, unit: Unit) -> dict[str, tuple[int, int | None]]:
    page = day_page(cast.admin.grants, unit, DAY)
    return {
        line.figure.key: (line.kept.numerator, line.kept.denominator)
        for line in page.lines
        if line.kept.rows or line.kept.of_rows
    }


def test_a_day_is_settled_for_every_unit(cast: Cast, tuesday: dict[str, Case]):
    with clock.override(NIGHT):
        settle()
        company = figures_of(cast, cast.company)
        assert company["received"] == (3, None)
        assert company["closed"] == (1, None)
        assert company["open"] == (2, None)
        assert company["complaints_received"] == (1, None)
        assert figures_of(cast, cast.zhoukou)["received"] == (2, None)
        assert figures_of(cast, cast.shangqiu)["received"] == (1, None)
        row = SettledFigure.objects.get(settlement__unit=cast.company, key="received")
        assert row.parts["type"] == {"complaint": 1, "repair": 1, "inquiry": 1}
        assert unpack(row.row_ids)[0] == sorted(case.pk for case in tuesday.values())


def test_a_day_that_is_not_over_is_refused(cast: Cast, tuesday: dict[str, Case]):
    with clock.override(TUESDAY):
        for day in (DAY, DAY + timedelta(days=3)):
            with pytest.raises(RuleError) as refused:
                settle(day)
            assert refused.value.code == "day_not_over"
            assert refused.value.status == 422
        client = cast.admin.client()
        answer = client.post("/reports/days/settle/", {"day": DAY.isoformat()})
        assert answer.status_code == 422
        assert DAY.isoformat() in answer.content.decode()
        assert client.post("/reports/days/settle/", {"day": "31-02"}).status_code == 422
    assert not Settlement.objects.exists()


def test_a_settled_day_is_not_settled_again(cast: Cast, tuesday: dict[str, Case]):
    with clock.override(NIGHT):
        settle()
        before = list(Settlement.objects.values_list("pk", "made_at"))
        with pytest.raises(Conflict) as refused:
            settle()
        assert refused.value.code == "day_already_settled"
        answer = cast.admin.client().post("/reports/days/settle/", {"day": DAY.isoformat()})
        assert answer.status_code == 409
        assert list(Settlement.objects.values_list("pk", "made_at")) == before


def test_the_database_itself_refuses_to_change_a_settled_day(cast: Cast, tuesday: dict[str, Case]):
    with clock.override(NIGHT):
        settle()
    for change in (
        lambda: SettledFigure.objects.update(numerator=99),
        lambda: SettledFigure.objects.all().delete(),
        lambda: Settlement.objects.update(version=2),
        lambda: Settlement.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), given():
            change()
    row = SettledFigure.objects.get(settlement__unit=cast.company, key="received")
    assert row.numerator == 3


def test_only_who_may_settles_and_reads(cast: Cast, tuesday: dict[str, Case]):
    with clock.override(NIGHT):
        with pytest.raises(Forbidden):
            services.settle_day(**cast.wang.acting, day=DAY)
        settle()
        client = cast.wang.client()
        assert client.post("/reports/days/settle/", {"day": DAY.isoformat()}).status_code == 403
        assert cast.lin.client().get("/reports/days/").status_code == 403
        assert client.get("/reports/days/").status_code == 200
        other = cast.shangqiu.pk
        assert client.get(f"/reports/days/?unit={other}").status_code == 404
        assert client.get(f"/reports/days/{DAY}/?unit={other}").status_code == 404
        assert client.get("/reports/days/2026-13-01/").status_code == 404
        assert client.get("/reports/days/2026-11-01/").status_code == 404


def test_late_changes_are_shown_beside_what_was_settled(cast: Cast, tuesday: dict[str, Case]):
    with clock.override(NIGHT):
        settle()
    with clock.override(NIGHT + timedelta(hours=9)):
        desk.reopen(**cast.lin.acting, case_id=tuesday["repair"].pk, reason="又响了")
        page = day_page(cast.wang.grants, cast.zhoukou, DAY)
        different = {line.figure.key: line for line in page.differing}
        # Reopened on Wednesday: it was closed on Tuesday evening, so what was open then is as it was.
        assert set(different) == {"closed"}
        assert different["closed"].went == {tuesday["repair"].pk}
        assert page.went["closed"][0].number == tuesday["repair"].number
        content = cast.wang.client().get(f"/reports/days/{DAY}/").content.decode()
        assert f"/cases/{tuesday['repair'].number}/" in content
        services.check_days()
        lines, _more = day_lines(cast.zhoukou)
        assert lines[0].differing == 1
        assert SettlementCheck.objects.count() == Settlement.objects.count()
    row = SettledFigure.objects.get(settlement__unit=cast.zhoukou, key="closed")
    assert row.numerator == 1


def test_missed_days_are_made_good_once(cast: Cast, tuesday: dict[str, Case]):
    with clock.override(NIGHT + timedelta(days=3)):
        assert services.settle_missing_days() == 4
        assert services.settle_missing_days() == 0
        assert services.missing_days() == []
        assert Settlement.objects.filter(unit=cast.company).count() == 4
    with clock.override(NIGHT + timedelta(days=5)):
        assert services.settle_missing_days() == 2


def test_a_day_half_settled_is_completed(cast: Cast, tuesday: dict[str, Case], monkeypatch):
    monkeypatch.setattr("zhike.insight.services.settling.UNITS_AT_ONCE", 1)
    from zhike.insight.services import settling

    written: list[object] = []
    plain = settling._write

    def killed(unit, day, units):
        if len(written) == 1:
            raise RuntimeError("killed")
        written.append(units)
        plain(unit, day, units)

    with clock.override(NIGHT):
        with monkeypatch.context() as patch:
            patch.setattr(settling, "_write", killed)
            with pytest.raises(RuntimeError):
                settle()
        assert Settlement.objects.count() == 1
        assert services.settle_missing_days() == 1
        assert Settlement.objects.count() == 3


def test_rows_behind_a_figure(cast: Cast, tuesday: dict[str, Case]):
    with clock.override(NIGHT):
        settle()
        client = cast.wang.client()
        for figure in FIGURES:
            assert client.get(f"/reports/days/{DAY}/rows/{figure.key}/").status_code == 200
            assert client.get(f"/reports/rows/{figure.key}/?from={DAY}").status_code == 200
        shown = client.get(f"/reports/rows/received/?from={DAY}&by=type:complaint")
        content = shown.content.decode()
        assert tuesday["complaint"].number in content
        assert tuesday["repair"].number not in content
        for wrong in ("nosuch/?from=2026-11-17", "received/", "received/?from=2026-11-17&by=x:y"):
            assert client.get(f"/reports/rows/{wrong}").status_code == 404
        assert (
            client.get("/reports/rows/received/?from=2026-01-01&to=2026-11-01").status_code == 404
        )


def test_over_the_api(cast: Cast, tuesday: dict[str, Case], client):
    with clock.override(NIGHT):
        headers = {"Authorization": f"Bearer {token_of(cast.admin)}"}

        def post(day: str):
            return client.post(
                "/api/v1/settlements",
                json.dumps({"day": day}),
                content_type="application/json",
                headers=headers,
            )

        assert post("2026-11-18").json()["error"]["code"] == "day_not_over"
        assert post("2026-11-18").status_code == 422
        assert post("2026-11-17").status_code == 201
        again = post("2026-11-17")
        assert (again.status_code, again.json()["error"]["code"]) == (409, "day_already_settled")
        for verb in (client.put, client.patch, client.delete):
            assert verb("/api/v1/settlements/2026-11-17", headers=headers).status_code == 405
        listed = client.get("/api/v1/settlements", headers=headers).json()
        assert [item["day"] for item in listed["items"]] == ["2026-11-17"]
        one = client.get("/api/v1/settlements/2026-11-17", headers=headers).json()
        received = next(f for f in one["figures"] if f["key"] == "received")
        assert received["rows"] == sorted(case.pk for case in tuesday.values())
        assert received["came"] == received["went"] == []
        narrow = {"Authorization": f"Bearer {token_of(cast.lin)}"}
        assert client.get("/api/v1/settlements", headers=narrow).status_code == 403
        assert client.get("/api/v1/settlements/2026-11-01", headers=headers).status_code == 404


def token_of(staff) -> str:
    _row, text = create_token(actor=JOB, grants=everything("tests"), user=staff.user, label="t")
    return text


def test_ids_are_packed_and_unpacked():
    ids = [3, 1, 900_000, 17]
    assert unpack(pack(ids, [])) == (sorted(ids), [])
    assert unpack(pack([], [5])) == ([], [5])
    assert len(pack(range(1, 200_000, 7), [])) < 1000


def test_pages_stay_within_their_budgets(
    cast: Cast, tuesday: dict[str, Case], query_budget: Budget
):
    with clock.override(NIGHT):
        settle()
        client = cast.wang.client()
        client.get("/reports/days/")
        with query_budget("insight:days"):
            client.get("/reports/days/")
        with query_budget("insight:day"):
            client.get(f"/reports/days/{DAY}/")


def test_settling_needs_no_more_statements_for_more_cases(
    cast: Cast, tuesday: dict[str, Case], query_budget: Budget
):
    with clock.override(NIGHT), query_budget("insight.settle_day"):
        services.settle_day(actor=JOB, grants=everything("tests"), day=DAY)
