"""What can be asked about complaints. Each answer stays within the asking person's scope."""

from zhike.complaints.selectors.guide import Guide, GuideStep, guide_of
from zhike.complaints.selectors.scope import load_complaint, visible_complaints

__all__ = ["Guide", "GuideStep", "guide_of", "load_complaint", "visible_complaints"]
