import pytest

from zhike.accounts.models import Unit, User
from zhike.customers.models import Customer, Erasure
from zhike.demo import company, load
from zhike.desk.models import Case, CaseEvent, LegalClock
from zhike.desk.rules import CaseState


@pytest.mark.django_db
def test_the_demo_company_is_whole_made_by_the_rules_and_not_made_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load.load_demo(customers=40, cases=60)
    assert User.objects.count() == len(company.STAFF) == 12
    assert Unit.objects.filter(kind="dealer").count() == 6
    assert Unit.objects.filter(kind="region").count() == 3
    assert Customer.objects.count() >= 40
    assert Customer.objects.filter(name__contains="·").exists()
    # Each case has its record, numbered without a gap, in the order of time.
    for case in Case.objects.filter(merged_into=None):
        lines = list(case.events.order_by("seq").values_list("seq", "at"))
        assert [seq for seq, _at in lines] == list(range(1, case.seq + 1))
        assert [at for _seq, at in lines] == sorted(at for _seq, at in lines)
    assert CaseEvent.objects.filter(kind="handover").exists()
    assert Case.objects.filter(state=CaseState.CLOSED).count() > 30
    kinds = LegalClock.objects.values_list("kind", "result")
    assert {"legal_refund", "legal_return", "legal_authority"} <= {kind for kind, _end in kinds}
    assert LegalClock.objects.filter(is_late=True).exists()
    gone = Erasure.objects.get()
    assert gone.is_done
    assert gone.counts["desk.cases"] > 0
    assert load.is_loaded()
    monkeypatch.setattr(load, "load_demo", lambda: pytest.fail("made again"))
    assert len(load.ensure_demo()) == 12


@pytest.mark.django_db
def test_somebody_elses_data_are_not_mixed_with_the_demo(given) -> None:
    from tests.cast import make_staff, make_unit

    with given():
        make_staff("9001", "王", make_unit("别家公司", kind="company"), "administrator")
    with pytest.raises(RuntimeError, match="another company"):
        load.ensure_demo()
    assert User.objects.count() == 1
