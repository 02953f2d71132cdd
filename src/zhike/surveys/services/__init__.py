from zhike.surveys.services.drafts import copy_survey, make_survey, save_draft
from zhike.surveys.services.publishing import change_state, publish

__all__ = ["change_state", "copy_survey", "make_survey", "publish", "save_draft"]
