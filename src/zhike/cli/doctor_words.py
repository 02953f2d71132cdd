"""Each finding of `zhike doctor` as one sentence; what is to be mended says how."""

from zhike.cli.texts import gettext as _


def sentences_of_findings() -> dict[str, str]:
    """By the codes of `core.checkup.Said`; a test finds one without words."""
    return {
        **_place(),
        **_database(),
        **_server(),
        **_running(),
        **_processes(),
        **_outside(),
        **_site(),
    }


def _place() -> dict[str, str]:
    return {
        "folder_ok": _("The data folder {folder} is closed to others."),
        "folder_open": _(
            "Other users of this machine can read the data folder {folder}. Run: chmod 700 {folder}"
        ),
        "keys_ok": _("The keys are readable, and closed to others."),
        "keys_none_yet": _("There are no keys yet: nothing has been sealed so far."),
        "keys_open": _(
            "Other users of this machine can read the keys. "
            "Run: chmod 700 {folder} && chmod 600 {file}"
        ),
        "keys_unreadable": _(
            "The keys in {file} cannot be read. Give the file to the user Zhike runs as, "
            "or put the copy from a backup there."
        ),
        "keys_lost": _(
            "The keys in {file} are gone, so personal data cannot be read. Stop Zhike and put "
            "“ring” from the keys file of your last backup there."
        ),
        "keys_turning": _(
            "A turn of the keys is not ended: {count} keys of people still need an old one. "
            "Run: zhike keys rotate"
        ),
        "keys_to_retire": _(
            "The keys were turned, and nothing needs the old ones any more. Make a backup, "
            "then run: zhike keys retire"
        ),
        "disk_ok": _("{free} GB are free on the disk of {folder}."),
        "disk_full": _(
            "Only {free} GB are free on the disk of {folder}. Make room, or move the data folder."
        ),
        "backup_ok": _("The last backup on this machine was made at {moment}."),
        "backup_none": _(
            "No backup was ever made on this machine. Run `zhike backup` every night: "
            "see docs/operate.md."
        ),
        "backup_old": _(
            "The last backup was made at {moment}. See why the nightly `zhike backup` has not run."
        ),
    }


def _database() -> dict[str, str]:
    return {
        "database_ok": _("The database answers and is up to date ({name})."),
        "database_failed": _(
            "The database cannot be used: {why}. Look at ZHIKE_DATABASE_URL and at its server."
        ),
        "database_behind": _(
            "The database is older than this version (steps to go: {count}). Run: zhike migrate"
        ),
        "postgresql_old": _("PostgreSQL {version} is too old. Move to version {least} or newer."),
        "search_function_missing": _(
            "The function zhike_tokens is missing, so search fails. Restore the last backup into "
            "an empty database."
        ),
        "clock_ok": _("This machine and the database agree on the time."),
        "clock_differs": _(
            "The clocks of this machine and of the database differ by {seconds} seconds. "
            "Set both by NTP, e.g. apt install chrony."
        ),
    }


def _server() -> dict[str, str]:
    return {
        "database_ahead": _(
            "The database was changed by a newer version ({step}, {count} in all). Install that "
            "version, or restore the backup made before it."
        ),
        "server_ok": _("PostgreSQL is set up as this program needs it."),
        "server_encoding": _(
            "The database is encoded in {encoding}, not UTF8. Restore the last backup into one "
            "made with: createdb --encoding=UTF8 --template=template0"
        ),
        "server_locale": _(
            "The database sorts by {locale}: an upgrade of the system may change that and damage "
            "its indexes. Restore the last backup into one made with: createdb --locale=C.UTF-8 "
            "--template=template0"
        ),
        "server_autovacuum": _(
            "PostgreSQL does not clean up by itself, so pages become slower. Set autovacuum = on."
        ),
        "server_unsafe": _(
            "A power cut may lose or damage data, for these are off: {names}. Set them on."
        ),
        "server_connections": _(
            "PostgreSQL takes {most} connections, and the processes that run may need {needed}. "
            "Raise max_connections and restart it, or run fewer processes."
        ),
        "server_buffers": _(
            "The database has {size} MB, but PostgreSQL keeps {buffers} MB of it in memory. "
            "Set shared_buffers to a quarter of the machine's memory."
        ),
    }


def _processes() -> dict[str, str]:
    return {
        "versions_ok": _("All processes run version {version}."),
        "versions_differ": _(
            "Different versions run side by side ({versions}); this one is {own}. Bring every "
            "machine to one version and restart: systemctl restart zhike.target"
        ),
        "figures_ok": _(
            "Figures for monitoring can be read from this machine ({count} addresses)."
        ),
        "figures_shut": _(
            "{address} does not answer this machine. Add 127.0.0.1 to ZHIKE_METRICS_ADDRESSES, or "
            "see why the process does not answer."
        ),
        "log_ok": _("The log {file} can be written and is closed to others."),
        "log_open": _("Other users of this machine can read the log. Run: chmod 640 {file}"),
        "log_unwritable": _(
            "The log {file} cannot be written. Give {folder} to the user Zhike runs as."
        ),
        "time_ok": _("The clock of this machine is set by a time server."),
        "time_alone": _(
            "Nobody sets the clock of this machine, and due times go by it. Run: apt install chrony"
        ),
    }


def _site() -> dict[str, str]:
    return {
        "site_ok": _("{address} answers as browsers need it."),
        "site_unreachable": _(
            "{address} cannot be reached from here: {why}. Look at nginx, its certificate and the "
            "name's entry in DNS; `zhike doctor --site URL` asks another address."
        ),
        "site_other": _(
            "{address} answers ({status}), but not from this installation. Look at where nginx "
            "sends what it gets."
        ),
        "site_name_refused": _(
            "{address} is refused, for ZHIKE_HOSTS does not name {name}, or nginx does not hand on "
            "the name: proxy_set_header Host $http_host;"
        ),
        "site_certificate": _(
            "The certificate of {address} ends in {days} days. Run: certbot renew"
        ),
        "site_plain": _(
            "{address} is HTTPS, but the program does not know it. Set ZHIKE_HTTPS=1, and in nginx "
            "proxy_set_header X-Forwarded-Proto $scheme;"
        ),
        "proxies_ok": _("Visitors are told apart by their own address ({seen} proxies)."),
        "proxies_believed": _(
            "Whoever sends X-Forwarded-For chooses the address they seem to come from: ZHIKE_PROXIES "
            "is {set}, and {seen} proxies write their own. Set it to {seen}."
        ),
        "proxies_uncounted": _(
            "Visitors pass {seen} proxies, but ZHIKE_PROXIES is {set}, so all seem to come from one "
            "address and are locked out together. Set it to {seen}."
        ),
        "assets_ok": _("Styles and scripts of the pages arrive."),
        "assets_missing": _(
            "{address} does not arrive ({status}), so pages look broken. Run `zhike migrate`, and "
            "let nginx read the folder of ZHIKE_STATIC_ROOT."
        ),
        "figures_public": _(
            "Anybody can read {address}. Close it in nginx, and see ZHIKE_METRICS_ADDRESSES."
        ),
    }


def _running() -> dict[str, str]:
    return {
        "worker_ok": _("Jobs are run: the worker answered {seconds} seconds ago."),
        "worker_none": _("No worker has ever run here. Start `zhike serve` or `zhike worker`."),
        "worker_late": _(
            "No worker has answered for {seconds} seconds. Start `zhike serve` or `zhike worker`."
        ),
        "jobs_ok": _("No job has failed, and none waits too long."),
        "jobs_failed": _(
            "{count} jobs failed within {days} days. Look at the page “Background jobs” "
            "(/jobs/) and try them again there."
        ),
        "jobs_wait": _(
            "{count} jobs have waited for more than {minutes} minutes. "
            "Start another `zhike worker`."
        ),
        "dates_ok": _("The days off of {years} are entered."),
        "dates_lack": _(
            "The days off of {years} are not complete in: {calendars}. Due times there are "
            "provisional. Run `zhike calendar import FILE --complete`, or import them under "
            "“Hours and due times”."
        ),
        "dates_soon": _(
            "The days off of {years} are to be entered by 15 December in: {calendars}. Run "
            "`zhike calendar import FILE --complete` once they are published."
        ),
        "audit_ok": _("The audit log was whole at {moment}, with {rows} rows."),
        "audit_young": _("The audit log is young and will be checked tonight."),
        "audit_unchecked": _(
            "The audit log was last checked at {moment}. The check runs at 03:40: keep a worker "
            "running then. `zhike audit verify` looks at once."
        ),
        "audit_never": _(
            "The audit log was never checked. The check runs at 03:40: keep a worker running "
            "then. `zhike audit verify` looks at once."
        ),
        "audit_fault": _(
            "The audit log was tampered with, first at row {row}. Run `zhike audit verify` "
            "and find out who may write to the database."
        ),
    }


def _outside() -> dict[str, str]:
    return {
        "reach_ok": _("It answers to {names}, and what is typed is protected on its way."),
        "hosts_any": _(
            "ZHIKE_HOSTS is “*”, so it answers to any name. Name those that browsers ask for."
        ),
        "hosts_unset": _(
            "It listens on {address}, but ZHIKE_HOSTS names this machine only. "
            "Name there what browsers ask for."
        ),
        "https_off": _(
            "{names} is reached from outside without HTTPS. Put a proxy with a certificate before "
            "it and set ZHIKE_HTTPS=1, so that sign-in cookies travel sealed."
        ),
        "debug_on": _("ZHIKE_DEBUG shows program internals to visitors. Unset it."),
        "contact_none": _(
            "No contact for finders of faults is named. Where outsiders reach this, set "
            "ZHIKE_SECURITY_CONTACT and ZHIKE_SECURITY_EXPIRES."
        ),
        "contact_ok": _("Finders of faults are told to write to {address} (until {day})."),
        "contact_old": _(
            "The contact for finders of faults ran out on {day} and is not shown any more. "
            "Set ZHIKE_SECURITY_EXPIRES anew."
        ),
        "printing_ok": _("Papers can be printed as PDF."),
        "printing_missing": _("Papers cannot be printed as PDF. Run: {line}"),
        "mail_off": _("No mail is sent, for ZHIKE_EMAIL_URL is not set."),
        "mail_ok": _("The mail server {host}:{port} answers."),
        "mail_unreachable": _(
            "The mail server {host}:{port} does not answer ({why}). "
            "Look at ZHIKE_EMAIL_URL and at the firewall."
        ),
        "links_ok": _("What is sent to customers leads to {address}."),
        "links_none_needed": _("Nothing is sent to customers that would have to lead back here."),
        "links_nowhere": _(
            "Mail is set up, but not under which address customers reach this program: no questionnaire "
            "is sent. Set ZHIKE_PUBLIC_URL."
        ),
    }
