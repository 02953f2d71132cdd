"""What a look at an installation may find. The words for the terminal stand in `cli.doctor_words`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Said(StrEnum):
    """What was found; those of `GOOD` are as they should be."""

    FOLDER_OK = "folder_ok"
    FOLDER_OPEN = "folder_open"
    KEYS_OK = "keys_ok"
    KEYS_NONE_YET = "keys_none_yet"
    KEYS_OPEN = "keys_open"
    KEYS_UNREADABLE = "keys_unreadable"
    KEYS_LOST = "keys_lost"
    KEYS_TURNING = "keys_turning"
    KEYS_TO_RETIRE = "keys_to_retire"
    DATABASE_OK = "database_ok"
    DATABASE_FAILED = "database_failed"
    DATABASE_BEHIND = "database_behind"
    POSTGRESQL_OLD = "postgresql_old"
    SEARCH_FUNCTION_MISSING = "search_function_missing"
    WORKER_OK = "worker_ok"
    WORKER_NONE = "worker_none"
    WORKER_LATE = "worker_late"
    JOBS_OK = "jobs_ok"
    JOBS_FAILED = "jobs_failed"
    JOBS_WAIT = "jobs_wait"
    AUDIT_OK = "audit_ok"
    AUDIT_YOUNG = "audit_young"
    AUDIT_UNCHECKED = "audit_unchecked"
    AUDIT_NEVER = "audit_never"
    AUDIT_FAULT = "audit_fault"
    DATES_OK = "dates_ok"
    DATES_LACK = "dates_lack"
    DATES_SOON = "dates_soon"
    DISK_OK = "disk_ok"
    DISK_FULL = "disk_full"
    CLOCK_OK = "clock_ok"
    CLOCK_DIFFERS = "clock_differs"
    REACH_OK = "reach_ok"
    HOSTS_ANY = "hosts_any"
    HOSTS_UNSET = "hosts_unset"
    HTTPS_OFF = "https_off"
    DEBUG_ON = "debug_on"
    CONTACT_NONE = "contact_none"
    CONTACT_OK = "contact_ok"
    CONTACT_OLD = "contact_old"
    PRINTING_OK = "printing_ok"
    PRINTING_MISSING = "printing_missing"
    MAIL_OFF = "mail_off"
    MAIL_OK = "mail_ok"
    MAIL_UNREACHABLE = "mail_unreachable"
    LINKS_OK = "links_ok"
    LINKS_NONE_NEEDED = "links_none_needed"
    LINKS_NOWHERE = "links_nowhere"
    BACKUP_OK = "backup_ok"
    BACKUP_NONE = "backup_none"
    BACKUP_OLD = "backup_old"
    # PostgreSQL's own settings
    SERVER_OK = "server_ok"
    SERVER_ENCODING = "server_encoding"
    SERVER_LOCALE = "server_locale"
    SERVER_AUTOVACUUM = "server_autovacuum"
    SERVER_UNSAFE = "server_unsafe"
    SERVER_CONNECTIONS = "server_connections"
    SERVER_BUFFERS = "server_buffers"
    DATABASE_AHEAD = "database_ahead"
    # Processes of this installation
    VERSIONS_OK = "versions_ok"
    VERSIONS_DIFFER = "versions_differ"
    FIGURES_OK = "figures_ok"
    FIGURES_SHUT = "figures_shut"
    LOG_OK = "log_ok"
    LOG_OPEN = "log_open"
    LOG_UNWRITABLE = "log_unwritable"
    TIME_OK = "time_ok"
    TIME_ALONE = "time_alone"
    # The site as a browser reaches it
    SITE_OK = "site_ok"
    SITE_UNREACHABLE = "site_unreachable"
    SITE_OTHER = "site_other"
    SITE_NAME_REFUSED = "site_name_refused"
    SITE_CERTIFICATE = "site_certificate"
    SITE_PLAIN = "site_plain"
    PROXIES_OK = "proxies_ok"
    PROXIES_BELIEVED = "proxies_believed"
    PROXIES_UNCOUNTED = "proxies_uncounted"
    ASSETS_OK = "assets_ok"
    ASSETS_MISSING = "assets_missing"
    FIGURES_PUBLIC = "figures_public"


GOOD = frozenset(
    {
        *(Said.FOLDER_OK, Said.KEYS_OK, Said.KEYS_NONE_YET, Said.DATABASE_OK, Said.WORKER_OK),
        *(Said.JOBS_OK, Said.AUDIT_OK, Said.AUDIT_YOUNG, Said.DATES_OK, Said.DISK_OK),
        *(
            Said.CLOCK_OK,
            Said.SERVER_OK,
            Said.VERSIONS_OK,
            Said.FIGURES_OK,
            Said.LOG_OK,
            Said.TIME_OK,
        ),
        *(Said.SITE_OK, Said.PROXIES_OK, Said.ASSETS_OK),
        *(Said.CONTACT_NONE, Said.CONTACT_OK),
        *(Said.REACH_OK, Said.PRINTING_OK, Said.MAIL_OFF, Said.MAIL_OK, Said.BACKUP_OK),
        *(Said.LINKS_OK, Said.LINKS_NONE_NEEDED),
    }
)


# To be done in time: nothing is wrong yet.
SOON = frozenset({Said.DATES_SOON})


@dataclass(frozen=True)
class Finding:
    said: Said
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        return self.said in GOOD

    @property
    def can_wait(self) -> bool:
        return self.said in SOON
