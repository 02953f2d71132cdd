from zhike.accounts.models.passwords import UsedPassword
from zhike.accounts.models.roles import AccessRules, Role, RoleAssignment
from zhike.accounts.models.second_factor import RecoveryCode, SecondFactor
from zhike.accounts.models.sessions import Session
from zhike.accounts.models.signins import Attempt, SignInRules
from zhike.accounts.models.single_sign_on import Match, OutsideIdentity, SingleSignOn
from zhike.accounts.models.tokens import ApiToken
from zhike.accounts.models.units import Unit
from zhike.accounts.models.users import User, UserManager

__all__ = [
    "AccessRules",
    "ApiToken",
    "Attempt",
    "Match",
    "OutsideIdentity",
    "RecoveryCode",
    "Role",
    "RoleAssignment",
    "SecondFactor",
    "Session",
    "SignInRules",
    "SingleSignOn",
    "Unit",
    "UsedPassword",
    "User",
    "UserManager",
]
