from zhike.care.models.scripts import Question, Script, ScriptVersion
from zhike.care.models.visits import FollowUp, FollowUpAttempt, FollowUpRule

__all__ = [
    "FollowUp",
    "FollowUpAttempt",
    "FollowUpRule",
    "Question",
    "Script",
    "ScriptVersion",
]
