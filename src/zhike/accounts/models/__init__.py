from zhike.accounts.models.passwords import UsedPassword
from zhike.accounts.models.roles import Role, RoleAssignment
from zhike.accounts.models.second_factor import RecoveryCode, SecondFactor
from zhike.accounts.models.sessions import Session
from zhike.accounts.models.signins import Attempt, SignInRules
from zhike.accounts.models.tokens import ApiToken
from zhike.accounts.models.units import Unit
from zhike.accounts.models.users import User, UserManager

__all__ = [
    "ApiToken",
    "Attempt",
    "RecoveryCode",
    "Role",
    "RoleAssignment",
    "SecondFactor",
    "Session",
    "SignInRules",
    "Unit",
    "UsedPassword",
    "User",
    "UserManager",
]
