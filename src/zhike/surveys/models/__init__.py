from zhike.surveys.models.answers import Link, Response, Tally
from zhike.surveys.models.contacts import AnswerContact
from zhike.surveys.models.files import AnswerFile
from zhike.surveys.models.quotas import QuotaPlace
from zhike.surveys.models.sendings import Invitation, Sending
from zhike.surveys.models.surveys import Survey, SurveyVersion

__all__ = [
    "AnswerContact",
    "AnswerFile",
    "Invitation",
    "Link",
    "QuotaPlace",
    "Response",
    "Sending",
    "Survey",
    "SurveyVersion",
    "Tally",
]
