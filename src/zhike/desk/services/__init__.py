"""Everything that can be done with a case. Each call is one unit of work: right, reach, lock, rule, record."""

from zhike.desk.services.attaching import NewFile
from zhike.desk.services.callers import Caller
from zhike.desk.services.conversation import add_attachment, add_note, record_call, reply
from zhike.desk.services.customer_words import dissatisfied, receive_message, urge
from zhike.desk.services.intake import NewCase, Opened, name_customer, open_case
from zhike.desk.services.legal import (
    LegalEnd,
    LegalStart,
    end_legal_clock,
    start_legal_clock,
)
from zhike.desk.services.ownership import claim, give_back, hand_over, set_unit
from zhike.desk.services.phrases import PhraseFields, add_phrase, change_phrase, switch_phrase
from zhike.desk.services.progress import (
    change_state,
    change_type,
    close_case,
    closing_reasons,
    reopen,
    resume,
    set_priority,
    set_title,
    wait_for_customer,
)
from zhike.desk.services.reading import mark_read, save_draft
from zhike.desk.services.relations import (
    Part,
    link_cases,
    merge_cases,
    set_parent,
    split_case,
    unlink_cases,
    void_case,
)
from zhike.desk.services.tracking import Codes, issue_codes
from zhike.desk.services.types import add_type, change_type_entry
from zhike.desk.services.words import (
    NOT_KEPT,
    SETTLED,
    Kept,
    check_texts,
    check_words,
    find_words,
)

__all__ = [
    "NOT_KEPT",
    "SETTLED",
    "Caller",
    "Codes",
    "Kept",
    "LegalEnd",
    "LegalStart",
    "NewCase",
    "NewFile",
    "Opened",
    "Part",
    "PhraseFields",
    "add_attachment",
    "add_note",
    "add_phrase",
    "add_type",
    "change_phrase",
    "change_state",
    "change_type",
    "change_type_entry",
    "check_texts",
    "check_words",
    "claim",
    "close_case",
    "closing_reasons",
    "dissatisfied",
    "end_legal_clock",
    "find_words",
    "give_back",
    "hand_over",
    "issue_codes",
    "link_cases",
    "mark_read",
    "merge_cases",
    "name_customer",
    "open_case",
    "receive_message",
    "record_call",
    "reopen",
    "reply",
    "resume",
    "save_draft",
    "set_parent",
    "set_priority",
    "set_title",
    "set_unit",
    "split_case",
    "start_legal_clock",
    "switch_phrase",
    "unlink_cases",
    "urge",
    "void_case",
    "wait_for_customer",
]
