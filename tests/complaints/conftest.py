from typing import Any

import pytest

from tests.cast import Cast, Staff
from tests.cast import cast_fixture as cast_fixture
from zhike.complaints.rules import Consent, Field, Step, Told, Verdict
from zhike.desk.models import Case
from zhike.desk.services import NewCase, open_case

GIVEN: dict[Step, dict[Field, Any]] = {
    Step.LISTEN: {Field.WORDS: "爬坡断电，换过一次又坏了。", Field.WISH: "换一个好的"},
    Step.APOLOGISE: {Field.APOLOGY: "让您受惊了，实在抱歉。", Field.TOLD: Told.PHONE},
    Step.FACTS: {Field.FACTS: "控制器进水", Field.SAFETY: False, Field.SEVERITY: 2},
    Step.SOLUTION: {
        Field.VERDICT: Verdict.FOUNDED,
        Field.SOLUTION: "换新批次控制器",
        Field.TOLD: Told.PHONE,
    },
    Step.AGREE: {
        Field.CONSENT: Consent.AGREED,
        Field.CUSTOMER_SAYS: "行，就这么办。",
        Field.LEARNED: "密封圈改规格",
        Field.THANKED: True,
    },
}


def open_complaint(by: Staff, customer_id: int | None = None, **fields: Any) -> Case:
    new = NewCase(
        type_code="complaint",
        channel="phone",
        text="控制器又坏了",
        customer_id=customer_id,
        **fields,
    )
    return open_case(**by.acting, new=new).case


@pytest.fixture
def complaint(cast: Cast) -> Case:
    return open_complaint(cast.lin, cast.chen.pk)
