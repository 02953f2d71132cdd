"""The customer's own way to a case: a secret link, or number and query code. Both are kept as hashes only."""

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from zhike.core.access import Grants
from zhike.core.sealing import blind
from zhike.core.work import Actor
from zhike.desk.choices import EventKind
from zhike.desk.models import Case
from zhike.desk.services.handling import handling

# A link outlives the longest warranty talk, not the customer's old telephone.
LINK_LIFE = timedelta(days=365)
# Read out on the phone and typed by hand: no sign that looks or sounds like another.
CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 6


@dataclass(frozen=True)
class Codes:
    """Shown once; nobody can read them afterwards, only issue new ones."""

    token: str
    query_code: str
    expires_at: datetime


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def code_hash(number: str, code: str) -> str:
    plain = unicodedata.normalize("NFKC", code).upper()
    kept = "".join(sign for sign in plain if sign.isalnum())
    return blind("query_code", f"{number}:{kept}")


def put_codes(case: Case, now: datetime) -> Codes:
    """New codes on an unsaved (or locked) case; older ones stop working."""
    codes = Codes(
        token=secrets.token_urlsafe(16),
        query_code="".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH)),
        expires_at=now + LINK_LIFE,
    )
    case.tracking_hash = token_hash(codes.token)
    case.query_code_hash = code_hash(case.number, codes.query_code)
    case.tracking_expires_at = codes.expires_at
    return codes


def issue_codes(*, actor: Actor, grants: Grants, case_id: int) -> Codes:
    """New link and query code for a customer who lost theirs, to be told or shown once."""
    with handling("tracking", actor=actor, grants=grants, case_id=case_id) as act:
        codes = put_codes(act.case, act.work.now)
        act.append(EventKind.TRACKING)
    return codes
