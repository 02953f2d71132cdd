"""Everything that writes a customer file. Keyword arguments only; `actor` acts, `grants` are their rights."""

from zhike.customers.services.addresses import NewAddress, add_address, void_address
from zhike.customers.services.batches import add_tags, give_to_manager
from zhike.customers.services.consents import (
    add_notice,
    contact,
    record_consent,
    save_contact_rules,
    save_purpose,
)
from zhike.customers.services.custom_fields import define_custom_field, retire_custom_field
from zhike.customers.services.fields import FileFields
from zhike.customers.services.files import (
    change_stage,
    create_customer,
    update_customer,
    void_customer,
)
from zhike.customers.services.habits import (
    close_need,
    record_need,
    record_preference,
    void_preference,
)
from zhike.customers.services.identities import (
    NewIdentity,
    add_identity,
    reveal_address,
    reveal_identity,
    set_primary_identity,
    void_identity,
)
from zhike.customers.services.intake import Found, find_or_make
from zhike.customers.services.looks import reveal_field
from zhike.customers.services.merges import UndoReport, merge_customers, undo_merge
from zhike.customers.services.regions import change_region, create_region
from zhike.customers.services.tagging import add_tag, change_tag, set_tags
from zhike.customers.services.timeline import add_timeline_entry

__all__ = [
    "FileFields",
    "Found",
    "NewAddress",
    "NewIdentity",
    "UndoReport",
    "add_address",
    "add_identity",
    "add_notice",
    "add_tag",
    "add_tags",
    "add_timeline_entry",
    "change_region",
    "change_stage",
    "change_tag",
    "close_need",
    "contact",
    "create_customer",
    "create_region",
    "define_custom_field",
    "find_or_make",
    "give_to_manager",
    "merge_customers",
    "record_consent",
    "record_need",
    "record_preference",
    "retire_custom_field",
    "reveal_address",
    "reveal_field",
    "reveal_identity",
    "save_contact_rules",
    "save_purpose",
    "set_primary_identity",
    "set_tags",
    "undo_merge",
    "update_customer",
    "void_address",
    "void_customer",
    "void_identity",
    "void_preference",
]
