"""Indexes are seen and made by those who see and make questionnaires."""

from zhike.surveys.permissions import MANAGE, VIEW

__all__ = ["MANAGE", "VIEW"]
