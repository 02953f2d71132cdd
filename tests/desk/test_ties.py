"""What binds two cases can be undone: from either side, by who may work here, and the record says so."""

import json

import pytest

from tests.cast import Cast, make_staff
from tests.desk.conftest import OpenCase
from zhike.core.errors import Forbidden, RuleError
from zhike.core.models import AuditRow
from zhike.desk import selectors, services
from zhike.desk.models import Case, CaseEvent, CaseLink
from zhike.desk.selectors import Tie

pytestmark = pytest.mark.django_db


def linked(cast: Cast, one: Case, other: Case, kind: str = "related") -> None:
    services.link_cases(**cast.lin.acting, case_id=one.pk, other=other.number, kind=kind)


def post(cast: Cast, case: Case, action: str, **data: str):
    return cast.lin.client().post(f"/cases/{case.number}/do/{action}/", data, follow=True)


def page(cast: Cast, case: Case) -> str:
    return cast.lin.client().get(f"/cases/{case.number}/").content.decode()


@pytest.mark.parametrize("from_here", [True, False])
def test_a_link_is_undone_from_either_side(cast: Cast, open_case: OpenCase, from_here: bool):
    one, two = open_case(), open_case()
    linked(cast, one, two)
    linked(cast, two, one, "duplicate")
    here, there = (one, two) if from_here else (two, one)
    services.unlink_cases(**cast.lin.acting, case_id=here.pk, other=there.number)
    assert not CaseLink.objects.exists()
    assert selectors.neighbours_of(cast.lin.grants, one) == []
    lines = CaseEvent.objects.filter(case=here, kind="link", data__from=there.number)
    assert {line.data["kind"] for line in lines} == {"related", "duplicate"}
    audit = AuditRow.objects.get(action="desk.case.unlink")
    assert audit.object_id == here.pk
    told = json.loads(audit.payload)["after"]["events"]
    assert set(told) == {line.seq for line in lines}


def test_undoing_what_is_not_there_is_said_and_changes_nothing(cast: Cast, open_case: OpenCase):
    one, two = open_case(), open_case()
    theirs = open_case(by=cast.zhou, customer_id=None)
    # Somebody who sees both units made this one.
    services.link_cases(**cast.admin.acting, case_id=one.pk, other=theirs.number)
    events = CaseEvent.objects.count()
    # Not linked, out of reach, never there: one answer, so that nothing is learned from it.
    for number in (two.number, theirs.number, "TS202001010001", "", "\x00"):
        with pytest.raises(RuleError) as refused:
            services.unlink_cases(**cast.lin.acting, case_id=one.pk, other=number)
        assert refused.value.code == "not_linked"
    assert CaseLink.objects.count() == 1
    assert CaseEvent.objects.count() == events


def test_where_a_case_was_split_off_stays(cast: Cast, open_case: OpenCase):
    case = open_case(text="车坏了，还想问保修期")
    said = CaseEvent.objects.get(case=case, kind="message_in")
    part = services.Part([said.pk], "保修期多久", "inquiry")
    fresh = services.split_case(**cast.wang.acting, case_id=case.pk, part=part)
    with pytest.raises(RuleError) as refused:
        services.unlink_cases(**cast.lin.acting, case_id=case.pk, other=fresh.number)
    assert refused.value.code == "link_is_origin"
    [line] = selectors.neighbours_of(cast.lin.grants, case)
    assert line.tie is Tie.LASTING
    # A link beside it shows first, can be undone, and then the origin is seen again.
    linked(cast, case, fresh)
    [line] = selectors.neighbours_of(cast.lin.grants, case)
    assert line.tie is Tie.LINKED
    services.unlink_cases(**cast.lin.acting, case_id=case.pk, other=fresh.number)
    assert CaseLink.objects.get().kind == "split_from"


def test_a_link_to_a_case_merged_since_is_undone_by_its_own_number(cast: Cast, open_case: OpenCase):
    one, gone, into = open_case(), open_case(), open_case()
    linked(cast, one, gone)
    services.merge_cases(**cast.wang.acting, into_id=into.pk, from_id=gone.pk)
    services.unlink_cases(**cast.lin.acting, case_id=one.pk, other=gone.number)
    assert not CaseLink.objects.exists()


def test_the_button_undoes_the_link_and_the_page_says_so(cast: Cast, open_case: OpenCase):
    one, two = open_case(), open_case()
    linked(cast, one, two)
    assert f'aria-label="取消与 {two.number} 的关联"' in page(cast, one)
    answer = post(cast, one, "unlink", number=two.number, back=f"/cases/{one.number}/")
    html = answer.content.decode()
    assert answer.redirect_chain == [(f"/cases/{one.number}/", 302)]
    assert f"已取消与 {two.number} 的关联。" in html
    assert "取消了关联：相关" in html
    assert f"取消与 {two.number} 的关联</" not in html
    assert not CaseLink.objects.exists()
    # A colleague was faster: the form says it and leads back.
    again = post(cast, one, "unlink", number=two.number)
    assert again.status_code == 422
    assert f"本工单没有与 {two.number} 关联" in again.content.decode()


def test_children_and_parents_are_taken_out_from_either_page(cast: Cast, open_case: OpenCase):
    above, below = open_case(), open_case()
    for case, title in ((above, "之下移出"), (below, "之下移出")):
        services.set_parent(**cast.lin.acting, case_id=below.pk, parent=above.number)
        assert title in page(cast, case)
        here = f"/cases/{case.number}/"
        answer = post(cast, below, "parent", number="", back=here)
        assert answer.redirect_chain == [(here, 302)]
        assert f"{below.number} 已移出" in answer.content.decode()
        below.refresh_from_db()
        assert below.parent_id is None
    assert "移了出来" in page(cast, below)
    assert AuditRow.objects.filter(action="desk.case.unparent", object_id=below.pk).count() == 2
    last = CaseEvent.objects.filter(case=below, kind="parent").latest("seq")
    assert last.data == {"to": None, "from": above.number}
    # Nothing above it any more: nothing to write down.
    services.set_parent(**cast.lin.acting, case_id=below.pk, parent=None)
    assert CaseEvent.objects.filter(case=below).latest("seq") == last


def test_a_way_back_out_of_the_house_is_not_taken(cast: Cast, open_case: OpenCase):
    one, two = open_case(), open_case()
    linked(cast, one, two)
    answer = post(cast, one, "unlink", number=two.number, back="//evil.example/")
    assert answer.redirect_chain == [(f"/cases/{one.number}/", 302)]


def test_a_reader_sees_the_list_without_buttons_and_may_not_post(cast: Cast, open_case: OpenCase):
    one, two = open_case(), open_case()
    linked(cast, one, two)
    reader = make_staff("9001", "钱阅", cast.company, "trainer", "all")
    html = reader.client().get(f"/cases/{one.number}/").content.decode()
    assert two.number in html
    assert "取消与" not in html
    assert (
        reader.client().post(f"/cases/{one.number}/do/unlink/", {"number": two.number}).status_code
        == 403
    )
    with pytest.raises(Forbidden):
        services.unlink_cases(**reader.acting, case_id=one.pk, other=two.number)
    assert CaseLink.objects.count() == 1


def test_a_merged_child_offers_no_button(cast: Cast, open_case: OpenCase):
    above, below, into = open_case(), open_case(), open_case()
    services.set_parent(**cast.lin.acting, case_id=below.pk, parent=above.number)
    services.merge_cases(**cast.wang.acting, into_id=into.pk, from_id=below.pk)
    [line] = selectors.neighbours_of(cast.lin.grants, above)
    assert (line.number, line.tie) == (below.number, Tie.LASTING)
