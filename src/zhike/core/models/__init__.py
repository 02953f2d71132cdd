from zhike.core.models.audit import AuditCheck, AuditRow, AuditSeal
from zhike.core.models.calendar import (
    CalendarDate,
    CalendarWindow,
    CalendarYear,
    DatesImport,
    DatesReminder,
    DayKind,
    DuePlan,
    DuePurpose,
    DueRecount,
    DueUnit,
    UnitCalendar,
    Weekday,
    WorkCalendar,
)
from zhike.core.models.counts import CountRow
from zhike.core.models.exports import ExportPurpose, ExportRun, ExportState
from zhike.core.models.files import StoredFile
from zhike.core.models.imports import (
    ErrorPolicy,
    ImportedRow,
    ImportFix,
    ImportIdentity,
    ImportIssue,
    ImportRun,
    ImportState,
    MappingMemory,
)
from zhike.core.models.jobs import JobProgress, PeriodicRun, WorkerBeat
from zhike.core.models.keys import PersonKey
from zhike.core.models.live import LiveEvent, LiveTopic
from zhike.core.models.notes import Notification
from zhike.core.models.numbers import NumberSeries
from zhike.core.models.outbox import OutboxAttempt, OutboxMessage, OutboxPace, OutboxState
from zhike.core.models.retention import RetentionPolicy, RetentionRun
from zhike.core.models.stamp import Stamp

__all__ = [
    "AuditCheck",
    "AuditRow",
    "AuditSeal",
    "CalendarDate",
    "CalendarWindow",
    "CalendarYear",
    "CountRow",
    "DatesImport",
    "DatesReminder",
    "DayKind",
    "DuePlan",
    "DuePurpose",
    "DueRecount",
    "DueUnit",
    "ErrorPolicy",
    "ExportPurpose",
    "ExportRun",
    "ExportState",
    "ImportFix",
    "ImportIdentity",
    "ImportIssue",
    "ImportRun",
    "ImportState",
    "ImportedRow",
    "JobProgress",
    "LiveEvent",
    "LiveTopic",
    "MappingMemory",
    "Notification",
    "NumberSeries",
    "OutboxAttempt",
    "OutboxMessage",
    "OutboxPace",
    "OutboxState",
    "PeriodicRun",
    "PersonKey",
    "RetentionPolicy",
    "RetentionRun",
    "Stamp",
    "StoredFile",
    "UnitCalendar",
    "Weekday",
    "WorkCalendar",
    "WorkerBeat",
]
