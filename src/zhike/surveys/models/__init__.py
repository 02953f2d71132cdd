from zhike.surveys.models.answers import Link, Response, Tally
from zhike.surveys.models.surveys import Survey, SurveyVersion

__all__ = ["Link", "Response", "Survey", "SurveyVersion", "Tally"]
