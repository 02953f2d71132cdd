"""The API against its own description: whatever fits it, or just does not, is answered as it says."""

import logging
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.proofs import figure, rounds
from zhike.accounts.models import User
from zhike.accounts.services.tokens import create_token
from zhike.care.models import FollowUp
from zhike.complaints.models import Approval, Notice, Remedy
from zhike.core.access import everything
from zhike.core.models import ImportRun
from zhike.core.work import Actor
from zhike.customers.models import Customer, Identity
from zhike.demo.load import load_demo
from zhike.desk.models import Attachment, Case
from zhike.listening.models import Feedback

pytestmark = [
    pytest.mark.proof,
    pytest.mark.django_db,
    # The generator's own client does not close answers; the server does (tests/serving).
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SEED = 20261129
SCHEMA = "/api/v1/openapi.json"
# Who may do everything, and who answers the telephone.
CALLERS = {"administrator": "1000", "agent": "1001"}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    # As Django's own test client does: a request must not close the connection the scene lives in.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    logging.disable(logging.NOTSET)


def token_of(number: str) -> str:
    _row, text = create_token(
        actor=Actor.system("tests"),
        grants=everything("tests"),
        user=User.objects.get(staff_number=number),
        label="fuzz",
    )
    return text


def known() -> dict[str, list[Any]]:
    """Parts of addresses and bodies that lead to something, so that more than 404 is tried."""

    def ids(model: Any) -> list[int]:
        return list(model.objects.order_by("-pk").values_list("pk", flat=True)[:6])

    return {
        "number": list(Case.objects.order_by("-pk").values_list("number", flat=True)[:8]),
        "notice": list(Notice.objects.order_by("-pk").values_list("number", flat=True)[:4]),
        "customer_id": ids(Customer), "identity_id": ids(Identity), "feedback_id": ids(Feedback),
        "follow_up_id": ids(FollowUp), "remedy_id": ids(Remedy), "approval_id": ids(Approval),
        "attachment_id": ids(Attachment), "import_id": ids(ImportRun), "round_number": [1],
        "day": ["2026-11-20"], "week": ["2026-W47"], "key": ["received"], "version": [1, 2, 3],
        "expected_seq": [1, 2, 3], "user_id": ids(User), "person_id": ids(User), "to_user_id": ids(User),
    }  # fmt: skip


def _told(fault: BaseException) -> str:
    parts = fault.exceptions if isinstance(fault, BaseExceptionGroup) else (fault,)
    return "\n".join(str(part)[:1500] for part in parts)


class Run:
    """One caller's requests to every route."""

    def __init__(self, schema: Any, token: str, facts: dict[str, list[Any]]) -> None:
        self.schema, self.facts = schema, facts
        self.headers = {"Authorization": f"Bearer {token}"}
        self.random = Random()
        self.statuses: Counter[int] = Counter()
        self.faults: dict[str, str] = {}

    def fill_in(self, case: Any) -> None:
        """Half of the requests are about something that is there."""
        if self.random.random() < 0.5:
            return
        for name in list(case.path_parameters or {}):
            kind = "notice" if name == "number" and "/notices/" in case.path else name
            if self.facts.get(kind):
                case.path_parameters[name] = self.random.choice(self.facts[kind])
        if isinstance(case.body, dict):
            for name in case.body:
                if self.facts.get(name):
                    case.body[name] = self.random.choice(self.facts[name])

    def send(self, case: Any) -> None:
        self.fill_in(case)
        # A made-up token stands where ours belongs.
        for name in [name for name in case.headers or {} if name.lower() == "authorization"]:
            del case.headers[name]
        with transaction.atomic():
            answer = case.call(headers=self.headers if self.random.random() < 0.95 else None)
            transaction.set_rollback(True)
        self.statuses[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS)
        except (Exception, BaseExceptionGroup) as fault:  # noqa: BLE001
            # Each kind of fault once, all of them told at the end.
            where = f"{case.method} {case.path} {answer.status_code}"
            self.faults.setdefault(where, _told(fault))

    def every_route(self, examples: int) -> int:
        routes = 0
        for found in self.schema.get_all_operations():
            operation = found.ok()
            routes += 1
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                self._one(operation, mode, examples)
        return routes

    def _one(self, operation: Any, mode: GenerationMode, examples: int) -> None:
        # Each route its own: a new one changes nothing of what the others are sent.
        self.random.seed(f"{SEED} {operation.label} {mode.name}")
        try:
            strategy = operation.as_strategy(generation_mode=mode)
        except Exception as nothing_to_spoil:
            if mode is GenerationMode.POSITIVE:
                raise nothing_to_spoil
            return

        @settings(
            max_examples=examples, deadline=None, database=None, derandomize=True,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=strategy)
        def each(case: Any) -> None:
            self.send(case)

        each()


def test_the_api_answers_as_it_says(db: None) -> None:
    from tests.guards import given as scene

    with scene():
        load_demo(customers=15, cases=20)
    schema = schemathesis.openapi.from_wsgi(SCHEMA, get_wsgi_application())
    facts = known()
    assert all(facts[name] for name in ("number", "notice", "customer_id", "follow_up_id"))
    sent: Counter[int] = Counter()
    faults: dict[str, str] = {}
    routes = 0
    for role, number in CALLERS.items():
        run = Run(schema, token_of(number), facts)
        routes = run.every_route(rounds(short=3, long=10))
        sent += run.statuses
        faults |= {f"{role} {where}": told for where, told in run.faults.items()}
    figure("Generated requests to the API", sum(sent.values()))
    figure("Routes of the API they were sent to", routes)
    figure("Answers of 5xx from the API", sum(n for code, n in sent.items() if code >= 500))
    figure("Answers the API does not describe", len(faults))
    told = "\n\n".join(f"{where}\n{text}" for where, text in faults.items())
    assert not faults, f"{dict(sorted(sent.items()))}\n{told}"
    # It went further than the door: things were made, found and refused.
    assert {200, 201, 404, 422} <= set(sent)
