from zhike.complaints.models.causes import Cause
from zhike.complaints.models.complaints import ArchivePaper, Complaint, StepRecord, WayOutRule
from zhike.complaints.models.notices import Notice
from zhike.complaints.models.remedies import Approval, Remedy, RemedyLimit

__all__ = [
    "Approval",
    "ArchivePaper",
    "Cause",
    "Complaint",
    "Notice",
    "Remedy",
    "RemedyLimit",
    "StepRecord",
    "WayOutRule",
]
