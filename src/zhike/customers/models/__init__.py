from zhike.customers.models.consents import (
    Consent,
    ConsentChannel,
    ConsentPurpose,
    ContactRules,
    NoticeText,
    Outreach,
)
from zhike.customers.models.custom_fields import CustomFieldDefinition, CustomFieldValue
from zhike.customers.models.customers import Customer
from zhike.customers.models.erasures import Erasure
from zhike.customers.models.habits import Need, Preference
from zhike.customers.models.history import ChangeRow, CustomerStageChange, TimelineEntry
from zhike.customers.models.identities import Address, Identity
from zhike.customers.models.merges import MergeJournal, MergeStep
from zhike.customers.models.regions import Region
from zhike.customers.models.segments import (
    LoyaltyPriority,
    Segment,
    SegmentDay,
    SegmentMember,
)
from zhike.customers.models.tags import CustomerTag, Tag

__all__ = [
    "Address",
    "ChangeRow",
    "Consent",
    "ConsentChannel",
    "ConsentPurpose",
    "ContactRules",
    "CustomFieldDefinition",
    "CustomFieldValue",
    "Customer",
    "CustomerStageChange",
    "CustomerTag",
    "Erasure",
    "Identity",
    "LoyaltyPriority",
    "MergeJournal",
    "MergeStep",
    "Need",
    "NoticeText",
    "Outreach",
    "Preference",
    "Region",
    "Segment",
    "SegmentDay",
    "SegmentMember",
    "Tag",
    "TimelineEntry",
]
