from zhike.surveys.services.closing import keep_results
from zhike.surveys.services.drafts import copy_survey, make_survey, save_draft
from zhike.surveys.services.keeping import move_survey, remove_draft
from zhike.surveys.services.links import change_link, make_link
from zhike.surveys.services.publishing import change_state, publish

__all__ = [
    "change_link",
    "change_state",
    "copy_survey",
    "keep_results",
    "make_link",
    "make_survey",
    "move_survey",
    "publish",
    "remove_draft",
    "save_draft",
]
