from zhike.desk.models.cases import STILL_OPEN, Case
from zhike.desk.models.escalation import EscalationLevel
from zhike.desk.models.events import Attachment, CaseEvent
from zhike.desk.models.legal import LegalClock
from zhike.desk.models.links import Attempt, CaseLink, Draft, Mention
from zhike.desk.models.phrases import Phrase
from zhike.desk.models.types import CaseType

__all__ = [
    "STILL_OPEN",
    "Attachment",
    "Attempt",
    "Case",
    "CaseEvent",
    "CaseLink",
    "CaseType",
    "Draft",
    "EscalationLevel",
    "LegalClock",
    "Mention",
    "Phrase",
]
