"""What the desk shows on a customer's file and under the bell."""

from django.test import RequestFactory

from tests.cast import Cast
from tests.desk.conftest import OpenCase
from zhike.core.shell import NOTICES
from zhike.customers.models import TimelineEntry
from zhike.customers.slots import ACTIONS, FIGURES, PANELS, TIMELINE_KINDS
from zhike.desk import selectors, services


def test_the_file_lists_cases_within_reach_only(cast: Cast, open_case: OpenCase):
    own = open_case()
    open_case(by=cast.zhou, customer_id=cast.chen.pk, caller=services.Caller("13812346027"))
    panel, figure = PANELS.get("cases"), FIGURES.get("open_cases")
    assert panel is not None
    assert figure is not None
    assert panel.counted_by == figure.key
    request = RequestFactory().get("/")
    shown = panel.context(request, cast.chen, cast.lin.grants)["cases"]
    assert [case.pk for case in shown] == [own.pk]
    assert [figure.value(cast.chen, one.grants).total for one in (cast.lin, cast.admin)] == [1, 2]


def test_open_cases_are_a_figure_and_a_new_one_a_button(cast: Cast, open_case: OpenCase):
    case = open_case(type_code="repair")
    open_case(type_code="repair")
    services.close_case(**cast.lin.acting, case_id=case.pk, outcome="solved", text="好")
    figure, action = FIGURES.get("open_cases"), ACTIONS.get("new_case")
    assert figure is not None
    assert action is not None
    shown = figure.value(cast.chen, cast.lin.grants)
    assert shown is not None
    assert (shown.value, shown.total) == ("1", 2)
    assert f"customer={cast.chen.pk}" in action.url(cast.chen)


def test_every_entry_and_notice_of_the_desk_has_its_words(cast: Cast, open_case: OpenCase):
    case = open_case(type_code="repair")
    services.close_case(**cast.lin.acting, case_id=case.pk, outcome="solved", text="好")
    services.reopen(**cast.lin.acting, case_id=case.pk, reason="又坏")
    entries = TimelineEntry.objects.filter(room="desk")
    assert {entry.kind for entry in entries} == {"desk.opened", "desk.closed", "desk.reopened"}
    for entry in entries:
        kind = TIMELINE_KINDS.get(entry.kind)
        assert kind is not None
        assert kind.link is not None
        assert str(case.pk) in kind.link(entry)
    for notice in ("handover", "taken_over", "mention", "urge", "dissatisfied"):
        words = NOTICES.get(f"desk.{notice}")
        assert words is not None
        assert str(words.text) % {"name": "林静", "number": "TS1", "title": "断电", "text": "看"}


def test_the_same_matter_told_again_is_offered_for_merging(cast: Cast, open_case: OpenCase):
    case = open_case()
    other_kind, same_kind = open_case(type_code="praise"), open_case()
    open_case(customer_id=None)
    offered = selectors.possibly_same(cast.lin.grants, case)
    assert [one.pk for one in offered] == [same_kind.pk, other_kind.pk]
    assert selectors.possibly_same(cast.zhou.grants, case) == []
