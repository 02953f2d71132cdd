"""What the desk tells about cases that began as a customer's words."""

from zhike.core import events
from zhike.core.work import Work
from zhike.desk.events import CaseVoided, CustomerNamed
from zhike.listening.models import Feedback
from zhike.listening.services.feedback import belong_to, count


def follow_the_case(event: CustomerNamed, work: Work) -> None:
    """The case has learnt who its customer is; so have the words it began with."""
    for row in Feedback.objects.filter(case_id=event.case_id):
        if row.customer_id != event.customer_id:
            belong_to(work, row, event.customer_id)


def release(event: CaseVoided, work: Work) -> None:
    for row in Feedback.objects.filter(case_id=event.case_id):
        count(work, row, -1)
        row.case = None
        row.save(update_fields=["case"])
        count(work, row, +1)


def subscribe() -> None:
    events.subscribe(CustomerNamed, follow_the_case)
    events.subscribe(CaseVoided, release)
