"""Everything that can be asked about cases. Each answer stays within the asking person's scope."""

from zhike.desk.selectors.news import events_since, news_since
from zhike.desk.selectors.page import (
    CaseLine,
    CasePage,
    Record,
    attachment_of,
    case_for_page,
    case_page,
    drafts_of,
    live_head,
    neighbours_of,
    others_of_customer,
    record_of,
)
from zhike.desk.selectors.queues import (
    MyDay,
    counts_by_stage,
    first_to_do,
    my_day,
    my_day_rows,
    newest,
    open_count,
    possibly_same,
    queue,
)
from zhike.desk.selectors.scope import load_case, may_see, visible_cases, visible_events
from zhike.desk.selectors.tracking import (
    PublicCase,
    find_by_number_and_code,
    find_by_token,
    public_attachment,
    public_case,
    stages_of,
)
from zhike.desk.selectors.types import active_types, case_types

__all__ = [
    "CaseLine",
    "CasePage",
    "MyDay",
    "PublicCase",
    "Record",
    "active_types",
    "attachment_of",
    "case_for_page",
    "case_page",
    "case_types",
    "counts_by_stage",
    "drafts_of",
    "events_since",
    "find_by_number_and_code",
    "find_by_token",
    "first_to_do",
    "live_head",
    "load_case",
    "may_see",
    "my_day",
    "my_day_rows",
    "neighbours_of",
    "newest",
    "news_since",
    "open_count",
    "others_of_customer",
    "possibly_same",
    "public_attachment",
    "public_case",
    "queue",
    "record_of",
    "stages_of",
    "visible_cases",
    "visible_events",
]
